import type { ModelList, Principal } from '../auth/principal.ts'
import { denyingList } from '../policy/model-access.ts'
import type { AskedModel } from '../policy/model-access.ts'
import type { Services } from '../services.ts'

type Models = Pick<Services, 'config' | 'deployments'>

/** The first of a caller's lists that does not allow a model; undefined when all do. */
export function denyingListOf(
  { modelLists }: Principal,
  model: string,
  models: Models,
): ModelList | undefined {
  // Most lists name the model itself: nothing more has to be known of it.
  if (modelLists.every((list) => list.models.includes(model))) return undefined
  return denyingList(modelLists, askedModel(model, models))
}

/** Whether a caller may use a model, in any of their teams. */
export function mayUse(principal: Principal, model: string, models: Models): boolean {
  return [principal, ...(principal.otherTeams ?? [])].some(
    (place) => denyingListOf(place, model, models) === undefined,
  )
}

function askedModel(name: string, { config, deployments }: Models): AskedModel {
  const found = deployments.find(name)
  const alias = Object.hasOwn(config.aliases, name) ? config.aliases[name] : undefined
  const [first] = found
  return {
    name,
    targets: alias?.groups,
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
