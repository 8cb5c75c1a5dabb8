import type { Catalog } from '../catalog/lookup.ts'
import { createError } from '../errors.ts'
import type { ProviderRegistry } from '../providers/registry.ts'
import type { RouterOptions, RoutingRedis, Strategy } from '../router/index.ts'
import { nearest } from './nearest.ts'
import type { CallOptions, ClientWorld } from './options.ts'
import type { ClientSettings } from './settings.ts'

/** One way to reach a model, as LiteLLM writes it. */
export interface DeploymentOptions {
  /** The model group: what calls name. With stars a pattern: `anthropic/*`. */
  model_name: string
  /** How it is called. `os.environ/NAME` stands for a variable of the environment. */
  litellm_params: LitellmParams
  /** What is known of it: `id`, `base_model`, prices, `max_input_tokens`, `supports_vision` … */
  model_info?: Readonly<Record<string, unknown>> | undefined
  /** These three also stand in `litellm_params`. */
  rpm?: number | undefined
  tpm?: number | undefined
  weight?: number | undefined
}

/** Settings of calls to one deployment, and what routing knows of it. */
export interface LitellmParams extends Omit<CallOptions, 'signal' | 'tags'> {
  model: string
  rpm?: number | undefined
  tpm?: number | undefined
  weight?: number | undefined
  /** Lower ones are asked first. */
  order?: number | undefined
  tags?: readonly string[] | undefined
  max_parallel_requests?: number | undefined
  /** Seconds. */
  cooldown_time?: number | undefined
  /** Model groups that get a copy of what this deployment has answered, in the background. */
  silent_model?: string | readonly string[] | undefined
  [field: string]: unknown
}

/** `alias: group`, `alias: [group, …]` or `alias: { model: group }`. */
export type AliasOption = string | readonly string[] | { readonly model: string; readonly hidden?: boolean }

/** Where processes with the same deployments, by their ids, meet. */
export interface RedisOptions {
  /** An `ioredis` client, or one with the same `eval`. It stays yours to close. */
  client: RoutingRedis
  /** Begins the keys (`switchyard:router`): routers with the same one tell each other. */
  prefix?: string | undefined
}

/** What `new Router()` takes: LiteLLM's names. */
export interface RouterSettings
  extends
    Omit<RouterOptions, 'routing_strategy' | 'retry_billed' | 'default_priority' | keyof ClientSettings>,
    Omit<ClientSettings, 'num_retries' | 'retry_policy'>,
    Pick<RouterOptions, 'num_retries' | 'retry_policy'>,
    Partial<ClientWorld> {
  model_list: readonly DeploymentOptions[]
  /** `simple-shuffle` (default), `least-busy`, `latency-based-routing`, `usage-based-routing-v2`, `cost-based-routing`, or your own. */
  routing_strategy?: string | Strategy | null | undefined
  model_group_alias?: Readonly<Record<string, AliasOption>> | null | undefined
  /** Seconds for each attempt. */
  timeout?: number | undefined
  stream_timeout?: number | undefined
  /** For deployments that do not say otherwise. */
  default_litellm_params?: Readonly<Record<string, unknown>> | undefined
  /** Write to the console what becomes of deployments. */
  set_verbose?: boolean | undefined
  /** Through which several processes tell each other what they know of their deployments. */
  redis?: RedisOptions | undefined
  registry?: ProviderRegistry | undefined
  catalog?: Catalog | undefined
}

const OPTIONS: readonly string[] = [
  'model_list',
  'routing_strategy',
  'routing_strategy_args',
  'routing_groups',
  'num_retries',
  'max_retries',
  'retry_after',
  'retry_policy',
  'model_group_retry_policy',
  'allowed_fails',
  'allowed_fails_policy',
  'cooldown_time',
  'disable_cooldowns',
  'fallbacks',
  'default_fallbacks',
  'context_window_fallbacks',
  'content_policy_fallbacks',
  'budget_fallbacks',
  'max_fallbacks',
  'enable_tag_filtering',
  'tag_filtering_match_any',
  'enable_pre_call_checks',
  'enable_pre_call_check',
  'enable_weighted_failover',
  'default_max_parallel_requests',
  'mid_stream_fallback',
  'auto_groups',
  'model_group_alias',
  'timeout',
  'stream_timeout',
  'default_litellm_params',
  'set_verbose',
  'redis',
  'callbacks',
  'success_callback',
  'failure_callback',
  'onCallbackError',
  'drop_params',
  'max_budget',
  'budget_manager',
  'cache',
  'limit',
  'registry',
  'catalog',
  'transport',
  'env',
  'nowMs',
  'newId',
  'random',
  'sleep',
  'readFile',
  'timeouts',
]

/** LiteLLM's options that would change who answers: leaving them out in silence would deceive. */
const NOT_OFFERED: ReadonlyMap<string, string> = new Map([
  ...['redis_host', 'redis_port', 'redis_password', 'redis_url', 'redis_db', 'cache_kwargs'].map(
    (name) =>
      [
        name,
        'give a client of yours: redis: { client: new Redis(url) } with ioredis; the gateway takes an address',
      ] as const,
  ),
  ['provider_budget_config', 'use max_budget, a budget_manager, or the gateway'],
  ['optional_pre_call_checks', 'use enable_pre_call_checks'],
  ['default_priority', 'nobody waits for max_parallel_requests here; use limit: { concurrency }'],
  ['cache_responses', 'give a cache: createCache({ type })'],
  ['assistants_config', 'leave it out'],
  ['alerting_config', 'use callbacks'],
])

/** @throws `bad_request` for an option that there is not, with the nearest that there is. */
export function checkOptions(options: object): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || value === null || OPTIONS.includes(name)) continue
    const instead = NOT_OFFERED.get(name)
    const meant = nearest(name, OPTIONS)
    const advice =
      instead ??
      (meant === undefined ? `known are ${OPTIONS.slice(0, 5).join(', ')} …` : `did you mean ${meant}?`)
    throw createError({
      code: 'bad_request',
      message: `Router: '${name}' is ${instead === undefined ? 'no option' : 'not offered here'}: ${advice}`,
      param: name,
    })
  }
}
