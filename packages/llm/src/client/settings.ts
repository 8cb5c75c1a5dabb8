import type { BudgetManager } from '../budget/budget-manager.ts'
import type { CallbackSettings } from '../callbacks/callback.ts'
import type { LimitOptions } from '../limit/limiter.ts'
import type { WrittenCounts, WrittenFallbacks, WrittenTarget } from '../router/index.ts'
import type { ClientCache } from './client-cache.ts'

/** What holds for every call of a client; LiteLLM's module settings. */
export interface ClientSettings extends CallbackSettings {
  /** Leave out settings that a model does not take, in every call that does not say otherwise. */
  drop_params?: boolean | undefined
  /** Retries of calls that do not say otherwise (default 0). */
  num_retries?: number | undefined
  /** Retries by class of failure: `{ RateLimitError: 3, AuthenticationError: 0 }`. */
  retry_policy?: WrittenCounts | undefined
  /** Whom to ask when a model fails: `[{ 'gpt-4o': ['claude-sonnet-4-5'] }]`. */
  fallbacks?: WrittenFallbacks | undefined
  /** … when the request is too long for it. */
  context_window_fallbacks?: WrittenFallbacks | undefined
  /** … when its provider would not answer such a thing. */
  content_policy_fallbacks?: WrittenFallbacks | undefined
  /** For models that have none of their own. */
  default_fallbacks?: readonly WrittenTarget[] | undefined
  /**
   * USD. A call that could pass it, with everything spent and every call under way, is refused as `budget_exceeded`
   * before it is made. In `configure()`: for the whole process, until it ends.
   */
  max_budget?: number | string | undefined
  /** Budgets by user: calls with a `user` that has one are held to it and charged to it. */
  budget_manager?: BudgetManager | undefined
  /** Calls above it wait their turn. */
  limit?: LimitOptions | undefined
  /** Answers that are given again, see `createCache()`; left out: none are kept. */
  cache?: ClientCache | undefined
}

let current: ClientSettings = {}

/**
 * Settings for every client of the process, those of `createClient()` and `new Router()` included; a client's own win,
 * callbacks and budgets add up. Given ones replace those of the same name, `undefined` takes one back.
 *
 * @example configure({ success_callback: [(kwargs) => console.log(kwargs.model, kwargs.response_cost)] })
 */
export function configure(settings: ClientSettings): void {
  current = { ...current, ...settings }
}

/** What `configure()` has set. */
export function configured(): Readonly<ClientSettings> {
  return current
}

/** A setting of a client, or of the process. */
export function settingOf<Name extends keyof ClientSettings>(
  own: ClientSettings,
  name: Name,
): ClientSettings[Name] {
  return own[name] ?? current[name]
}
