import type { CallbackSettings } from '../callbacks/callback.ts'

/** What holds for every call of a client; LiteLLM's module settings. */
export interface ClientSettings extends CallbackSettings {
  /** Leave out settings that a model does not take, in every call that does not say otherwise. */
  drop_params?: boolean | undefined
}

let current: ClientSettings = {}

/**
 * Settings for every client of the process, those of `createClient()` and `new Router()` included; a client's own win,
 * callbacks add up. Given ones replace those of the same name, `undefined` takes one back.
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
