import { defaultCatalog } from '../catalog/sdk.ts'
import { providers } from '../providers/index.ts'
import { createDeploymentStates, createRedisSharing, createRouterEngine, readRules } from '../router/index.ts'
import type { RouteExplanation, RouterEvent, RouterRules, Strategy } from '../router/index.ts'
import type { BatchFunctions } from './batch.ts'
import { createBatch } from './batch.ts'
import { createCall, createCalls } from './calls.ts'
import type { Calls } from './calls.ts'
import type { CompletionFunction } from './completion.ts'
import type { ClientCore } from './core.ts'
import type { EmbeddingFunction } from './embedding.ts'
import { createExplain } from './explain.ts'
import type { ExplainParams } from './explain.ts'
import { createMirror } from './mirror.ts'
import { createPending } from './pending.ts'
import { createPurse } from './purse.ts'
import type { RerankFunction } from './rerank.ts'
import type { ResponsesFunction } from './responses.ts'
import { createRouterDeployments } from './router-deployments.ts'
import type { RedisOptions, RouterSettings } from './router-options.ts'
import { checkOptions } from './router-options.ts'
import { mayAnswer, routedCall } from './routing.ts'
import type { Routing } from './routing.ts'
import type { PriceList } from './spend.ts'
import type { TranscriptionFunction } from './transcription.ts'
import type { TextCompletionFunction } from './text-completion.ts'
import { createWorld } from './world.ts'

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
  readonly transcription: TranscriptionFunction
  readonly batchCompletion: BatchFunctions['batchCompletion']
  readonly batchCompletionModels: BatchFunctions['batchCompletionModels']
  readonly batchCompletionModelsAllResponses: BatchFunctions['batchCompletionModelsAllResponses']
  readonly currentCost: () => number
  readonly flush: () => Promise<void>
  /** The model groups and aliases that calls may name. */
  readonly modelNames: () => readonly string[]
  /**
   * Which deployment a call would be made to now, and why to none of the others. Nothing is called, and nothing counts.
   *
   * @throws `bad_request` for a model that there is not.
   */
  readonly explain: (params: ExplainParams) => Promise<RouteExplanation>

  constructor(settings: RouterSettings) {
    const { calls, routing } = createRouter(settings)
    this.explain = createExplain(routing)
    const batch = createBatch(calls.completion, settings)
    this.completion = calls.completion
    this.textCompletion = calls.textCompletion
    this.embedding = calls.embedding
    this.responses = calls.responses
    this.rerank = calls.rerank
    this.transcription = calls.transcription
    this.batchCompletion = batch.batchCompletion
    this.batchCompletionModels = batch.batchCompletionModels
    this.batchCompletionModelsAllResponses = batch.batchCompletionModelsAllResponses
    this.currentCost = calls.currentCost
    this.flush = calls.flush
    this.modelNames = () => [...routing.deployments.groups(), ...Object.keys(settings.auto_groups ?? {})]
  }
}

function createRouter(settings: RouterSettings): { calls: Calls; routing: Routing } {
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
  return { calls, routing }
}

function shareBy(
  { client, prefix = 'switchyard:router' }: RedisOptions,
  { world }: ClientCore,
  nowMs: () => number,
): ReturnType<typeof createRedisSharing> {
  return createRedisSharing({ redis: client, prefix, owner: world.newId(), nowMs })
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
