import type { ModelList, Principal } from '../auth/principal.ts'
import type { Deployment } from '../deployments/deployments.ts'
import { denyingList } from '../policy/model-access.ts'
import type { AskedModel } from '../policy/model-access.ts'
import type { Services } from '../services.ts'

type Models = Pick<Services, 'config' | 'deployments'>

/** The first of a caller's lists that does not allow a model; undefined when all do. */
export function denyingListOf(
  { modelLists, teamId }: Principal,
  model: string,
  models: Models,
): ModelList | undefined {
  // Most lists name the model itself: nothing more has to be known of it.
  if (modelLists.every((list) => list.models.includes(model))) return undefined
  return denyingList(modelLists, askedModel(model, teamId, models))
}

/** Whether a caller may use a model, in any of their teams. */
export function mayUse(principal: Principal, model: string, models: Models): boolean {
  const found = models.deployments.find(model)
  return [principal, ...(principal.otherTeams ?? [])].some(
    (place) =>
      (found.length === 0 || servedTo(place, found).length > 0) &&
      denyingListOf(place, model, models) === undefined,
  )
}

/** Those of a model's deployments that are not another team's own. */
export function servedTo(
  { teamId, role }: Principal,
  deployments: readonly Deployment[],
): readonly Deployment[] {
  if (role === 'proxy_admin' || deployments.every((one) => one.teamId === undefined)) return deployments
  return deployments.filter((one) => one.teamId === undefined || one.teamId === teamId)
}

/** The names that a caller may ask for: a model of their team's own by its public one. */
export function namesFor(principal: Principal, models: Models): readonly string[] {
  const publicNames = new Map(
    models.deployments
      .all()
      .flatMap((one) => (one.teamId === undefined ? [] : [[one.group, publicNameOf(one)] as const])),
  )
  const names = models.deployments.names().filter((name) => mayUse(principal, name, models))
  if (principal.role === 'proxy_admin') return names
  return [...new Set(names.map((name) => publicNames.get(name) ?? name))]
}

/** What the team calls a deployment of its own: `model_info.team_public_model_name`. */
function publicNameOf({ group, config: { modelInfo } }: Deployment): string {
  const { team_public_model_name: name } = modelInfo
  return typeof name === 'string' ? name : group
}

function askedModel(name: string, teamId: string | undefined, { config, deployments }: Models): AskedModel {
  const found = deployments.find(name)
  const own = found.filter((one) => one.teamId !== undefined && one.teamId === teamId)
  const alias = Object.hasOwn(config.aliases, name) ? config.aliases[name] : undefined
  const [first] = found
  return {
    name,
    targets: [...(alias?.groups ?? []), ...own.map(publicNameOf)],
    accessGroups: found.flatMap(({ config: { modelInfo } }) => accessGroupsOf(modelInfo)),
    provider: first?.place.type === 'provider' ? first.place.resolved.provider.id : undefined,
  }
}

/** `model_info.access_groups` */
export function accessGroupsOf({
  access_groups: groups,
}: Readonly<Record<string, unknown>>): readonly string[] {
  return Array.isArray(groups) ? groups.filter((group) => typeof group === 'string') : []
}
