import { createError } from '../errors.ts'
import { readRules, readTargets } from '../router/index.ts'
import type { Entered, FallbackTarget, RouterEngine, RouterRules } from '../router/index.ts'
import { autoModel } from './auto-model.ts'
import type { AutoContext } from './auto-model.ts'
import type { ClientCore } from './core.ts'
import type { CallDeployment } from './deployment.ts'
import { readAmount } from './estimate.ts'
import { mockOf, ownerOf } from './falling-back.ts'
import type { BareCall } from './layers.ts'
import type { Mirror } from './mirror.ts'
import { nearest } from './nearest.ts'
import type { CallOptions } from './options.ts'
import { ROUTING_FIELDS } from './options.ts'
import { callRouted } from './routed.ts'
import type { RouterDeployments } from './router-deployments.ts'

type Params = Readonly<Record<string, unknown>>

/** What a router's calls have in common. */
export interface Routing {
  readonly core: ClientCore
  readonly engine: RouterEngine
  readonly deployments: RouterDeployments
  readonly rules: RouterRules
}

/** Everybody whom a name may lead to. */
export function mayAnswer({ deployments, rules }: Routing, model: string): readonly CallDeployment[] {
  const behind = rules.autoGroups.get(model)
  return behind === undefined
    ? deployments.find(model)
    : behind.flatMap((rule) => deployments.find(rule.model))
}

/** A call, as far as a router reads it before it looks for somebody. */
interface Asking extends AutoContext {
  /** As the call names it. */
  readonly model: string
  /** The call's own list. */
  readonly fallbacks: readonly FallbackTarget[] | undefined
}

/** @throws `bad_request` for a `max_cost` or `fallbacks` that cannot be. */
export function readAsking({ engine, deployments, rules }: Routing, params: Params): Asking {
  const { model, max_cost: maxCost, fallbacks } = params as CallOptions & Params
  return {
    model: String(model ?? ''),
    find: deployments.find,
    engine,
    rules,
    tags: tagsOf(params),
    maxPicoUsd: maxCost === undefined ? undefined : readAmount(maxCost, 'max_cost'),
    fallbacks:
      fallbacks === undefined || fallbacks === null ? undefined : readTargets(fallbacks, 'fallbacks'),
  }
}

/**
 * The group that a name stands for, and its deployments.
 *
 * @throws `bad_request` where there are none.
 */
export function groupFor(
  { deployments }: Routing,
  model: string,
): { group: string; candidates: readonly CallDeployment[] } {
  const group = deployments.groupOf(model)
  const candidates = deployments.find(group)
  if (candidates.length === 0) throw noSuchGroup(group, deployments.groups())
  return { group, candidates }
}

/** Has a call answered by a deployment of the group that it names, or by one that stands in. */
export function routedCall(routing: Routing, bare: BareCall<object>, mirror?: Mirror): BareCall<object> {
  const { core, engine } = routing
  return (given, watch) => {
    const params: Params = { ...given }
    const call = params as CallOptions & Params
    const asking = readAsking(routing, params)
    const { group, candidates } = groupFor(routing, autoModel(asking.model, params, asking))
    return callRouted(engine, core.world, bare, {
      params: { ...params, ...Object.fromEntries(ROUTING_FIELDS.map((name) => [name, undefined])) },
      watch,
      group,
      candidates,
      rules: readRules(
        {
          retry_policy: call.retry_policy,
          context_window_fallbacks: call.context_window_fallbacks ?? call.context_window_fallback_dict,
          content_policy_fallbacks: call.content_policy_fallbacks,
        },
        routing.rules,
      ),
      numRetries: call.num_retries ?? call.max_retries,
      own: asking.fallbacks,
      disableFallbacks: call.disable_fallbacks,
      mock: mockOf(params),
      maxPicoUsd: asking.maxPicoUsd,
      tags: asking.tags,
      signal: call.signal,
      enter: (target) => enter(routing, target),
      onAnswered: (deployment) => mirror?.(deployment, params, watch.record),
    })
  }
}

/** A fallback is a group; where there is none of that name, a model that is called as it is named. */
function enter({ core, deployments }: Routing, { model }: FallbackTarget): Entered<CallDeployment> {
  const candidates = deployments.find(model)
  if (candidates.length > 0) return { candidates }
  if (ownerOf(core, model) !== undefined) return { candidates: [deployments.single(model)] }
  return { skipped: `no model group '${model}'` }
}

function tagsOf({ tags, metadata }: Params): readonly string[] {
  const more = typeof metadata === 'object' && metadata !== null && 'tags' in metadata ? metadata.tags : []
  return [tags, more].flat().filter((tag) => typeof tag === 'string')
}

function noSuchGroup(group: string, known: readonly string[]): Error {
  const meant = nearest(group, known)
  return createError({
    code: 'bad_request',
    message: `Router: no model group '${group}'${meant === undefined ? '' : `; did you mean '${meant}'?`} model_list has ${known.join(', ')}`,
    model: group,
    param: 'model',
  })
}
