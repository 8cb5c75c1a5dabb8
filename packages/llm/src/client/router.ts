import { defaultCatalog } from '../catalog/sdk.ts'
import { createError } from '../errors.ts'
import { providers } from '../providers/index.ts'
import type {
  ChoiceRequest,
  Entered,
  FallbackTarget,
  RouterEngine,
  RouterEvent,
  RouterRules,
  Strategy,
} from '../router/index.ts'
import {
  createDeploymentStates,
  createRedisSharing,
  createRouterEngine,
  readRules,
  readTargets,
} from '../router/index.ts'
import { autoModel } from './auto-model.ts'
import type { BatchFunctions } from './batch.ts'
import { createBatch } from './batch.ts'
import { createCall, createCalls } from './calls.ts'
import type { Calls } from './calls.ts'
import type { CompletionFunction } from './completion.ts'
import type { ClientCore } from './core.ts'
import type { CallDeployment } from './deployment.ts'
import type { EmbeddingFunction } from './embedding.ts'
import { readAmount } from './estimate.ts'
import { mockOf, ownerOf } from './falling-back.ts'
import type { BareCall } from './layers.ts'
import { createMirror } from './mirror.ts'
import type { Mirror } from './mirror.ts'
import { nearest } from './nearest.ts'
import type { CallOptions } from './options.ts'
import { ROUTING_FIELDS } from './options.ts'
import { createPending } from './pending.ts'
import { createPurse } from './purse.ts'
import type { RerankFunction } from './rerank.ts'
import type { ResponsesFunction } from './responses.ts'
import { callRouted } from './routed.ts'
import type { RouterDeployments } from './router-deployments.ts'
import { createRouterDeployments } from './router-deployments.ts'
import type { RedisOptions, RouterSettings } from './router-options.ts'
import { checkOptions } from './router-options.ts'
import type { PriceList } from './spend.ts'
import type { TextCompletionFunction } from './text-completion.ts'
import { createWorld } from './world.ts'

type Params = Readonly<Record<string, unknown>>

/**
 * Spreads calls over deployments: several ways to one model, tried again and replaced when they fail. LiteLLM's `Router`,
 * with its options; its calls are those of a client, with the name of a model group as `model`.
 *
 * @example
 * const router = new Router({
 *   model_list: [
 *     { model_name: 'gpt-4', litellm_params: { model: 'openai/gpt-4o', api_key: process.env.OPENAI_API_KEY } },
 *     { model_name: 'gpt-4', litellm_params: { model: 'azure/gpt-4o', api_base: process.env.AZURE_API_BASE } },
 *   ],
 *   routing_strategy: 'least-busy',
 * })
 * await router.completion({ model: 'gpt-4', messages: [{ role: 'user', content: 'Hello' }] })
 *
 * @throws `bad_request` for an option or a deployment that cannot be.
 */
export class Router implements Calls, BatchFunctions {
  readonly completion: CompletionFunction
  readonly textCompletion: TextCompletionFunction
  readonly embedding: EmbeddingFunction
  readonly responses: ResponsesFunction
  readonly rerank: RerankFunction
  readonly batchCompletion: BatchFunctions['batchCompletion']
  readonly batchCompletionModels: BatchFunctions['batchCompletionModels']
  readonly batchCompletionModelsAllResponses: BatchFunctions['batchCompletionModelsAllResponses']
  readonly currentCost: () => number
  readonly flush: () => Promise<void>
  /** The model groups and aliases that calls may name. */
  readonly modelNames: () => readonly string[]

  constructor(settings: RouterSettings) {
    const { calls, deployments } = createRouter(settings)
    const batch = createBatch(calls.completion, settings)
    this.completion = calls.completion
    this.textCompletion = calls.textCompletion
    this.embedding = calls.embedding
    this.responses = calls.responses
    this.rerank = calls.rerank
    this.batchCompletion = batch.batchCompletion
    this.batchCompletionModels = batch.batchCompletionModels
    this.batchCompletionModelsAllResponses = batch.batchCompletionModelsAllResponses
    this.currentCost = calls.currentCost
    this.flush = calls.flush
    this.modelNames = () => [...deployments.groups(), ...Object.keys(settings.auto_groups ?? {})]
  }
}

interface Routing {
  readonly core: ClientCore
  readonly engine: RouterEngine
  readonly deployments: RouterDeployments
  readonly rules: RouterRules
}

function createRouter(settings: RouterSettings): { calls: Calls; deployments: RouterDeployments } {
  checkOptions(settings)
  const core: ClientCore = {
    world: createWorld(settings),
    registry: settings.registry ?? providers,
    catalog: settings.catalog ?? defaultCatalog,
    // What decides who is asked is the router's business, which asks one deployment at a time.
    settings: {
      callbacks: settings.callbacks,
      success_callback: settings.success_callback,
      failure_callback: settings.failure_callback,
      onCallbackError: settings.onCallbackError,
      drop_params: settings.drop_params,
      max_budget: settings.max_budget,
      budget_manager: settings.budget_manager,
      cache: settings.cache,
      limit: settings.limit,
    },
    pending: createPending(),
    purse: createPurse(),
  }
  const nowMs = settings.nowMs ?? (() => performance.now())
  const states = createDeploymentStates()
  const deployments = createRouterDeployments(core, settings, states, nowMs)
  const engine = createRouterEngine({
    nowMs,
    random: core.world.random,
    shared: settings.redis && shareBy(settings.redis, core, nowMs)(states),
    onEvent: settings.set_verbose === true ? tellEvent : undefined,
  })
  const routing: Routing = { core, engine, deployments, rules: rulesOf(settings) }
  const prices: PriceList = (params) =>
    mayAnswer(routing, String(params['model'])).map(({ rates }) => rates())
  const mirror = createMirror(core, (own, callType, params) =>
    createCall(own, callType, (bare) => routedCall(routing, bare), prices)(params),
  )
  const calls = createCalls(core, (bare) => routedCall(routing, bare, mirror), prices)
  return { calls, deployments }
}

function shareBy(
  { client, prefix = 'switchyard:router' }: RedisOptions,
  { world }: ClientCore,
  nowMs: () => number,
): ReturnType<typeof createRedisSharing> {
  return createRedisSharing({ redis: client, prefix, owner: world.newId(), nowMs })
}

/** Everybody whom a name may lead to. */
function mayAnswer({ deployments, rules }: Routing, model: string): readonly CallDeployment[] {
  const behind = rules.autoGroups.get(model)
  return behind === undefined
    ? deployments.find(model)
    : behind.flatMap((rule) => deployments.find(rule.model))
}

function rulesOf(settings: RouterSettings): RouterRules {
  const { routing_strategy: strategy } = settings
  if (typeof strategy !== 'object' || strategy === null)
    return readRules({ ...settings, routing_strategy: strategy })
  const own = new Map<string, Strategy>([[strategy.id, strategy]])
  return readRules({ ...settings, routing_strategy: strategy.id }, undefined, own)
}

function tellEvent(event: RouterEvent): void {
  const what =
    event.type === 'cooled_down' ? `is left alone for ${event.ms} ms: ${event.why}` : 'answers again'
  console.debug(`switchyard: deployment ${event.deployment.id} ${what}`)
}

function routedCall(routing: Routing, bare: BareCall<object>, mirror?: Mirror): BareCall<object> {
  const { core, engine, deployments } = routing
  return (given, watch) => {
    const params: Params = { ...given }
    const call = params as CallOptions & Params
    const maxPicoUsd = call.max_cost === undefined ? undefined : readAmount(call.max_cost, 'max_cost')
    const tags = tagsOf(params)
    const { find } = deployments
    const asked = autoModel(String(params['model'] ?? ''), params, {
      find,
      engine,
      rules: routing.rules,
      tags,
      maxPicoUsd,
    })
    const group = deployments.groupOf(asked)
    const candidates = deployments.find(group)
    if (candidates.length === 0) throw noSuchGroup(group, deployments.groups())
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
      own: call.fallbacks === undefined ? undefined : readTargets(call.fallbacks, 'fallbacks'),
      disableFallbacks: call.disable_fallbacks,
      mock: mockOf(params),
      maxPicoUsd,
      tags,
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

function tagsOf({ tags, metadata }: Params): ChoiceRequest['tags'] {
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
