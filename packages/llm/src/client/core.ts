import type { Catalog } from '../catalog/lookup.ts'
import type { ProviderRegistry } from '../providers/registry.ts'
import type { AuthContext } from '../types/auth.ts'
import type { JsonObject } from '../types/json.ts'
import type { Timeouts } from '../types/transport.ts'
import { splitOptions } from './options.ts'
import type { CallOptions, ClientWorld, SplitOptions } from './options.ts'
import { withoutOwnSettings } from './own-settings.ts'
import type { Pending } from './pending.ts'
import type { PrepareContext, PrepareRules } from './prepare.ts'
import type { ResolvedTarget } from './resolve.ts'
import { resolveTarget } from './resolve.ts'
import { modelInfoOf, ratesOf } from './price.ts'
import type { Purse } from './purse.ts'
import type { ClientSettings } from './settings.ts'
import { settingOf } from './settings.ts'
import type { WatchedPlace } from './watch.ts'

/** What every call is made with. */
export interface ClientCore {
  world: ClientWorld
  registry: ProviderRegistry
  catalog: Catalog
  /** Settings that calls fall back to. */
  settings: ClientSettings
  pending: Pending
  /** What the client's own `max_budget` is spent from. */
  purse: Purse
  /** Its calls are copies of others: no limit counts them, and no cache has to do with them. */
  isShadow?: boolean | undefined
}

/**
 * Sorts what a caller gives, and takes out what is no provider's business.
 *
 * @throws `unsupported_params` for a setting of LiteLLM's that is not offered here.
 */
export function readCall(core: ClientCore, params: object): SplitOptions {
  const split = splitOptions(params)
  const { dropParams = false } = rulesOf(core, split.call)
  return { ...split, rest: withoutOwnSettings(split.rest, dropParams) }
}

/** Finds where a call goes from what its caller says. */
export function resolveCall(
  core: ClientCore,
  model: string,
  call: CallOptions,
  cloud: Record<string, string | undefined>,
): ResolvedTarget {
  return resolveTarget(
    {
      model,
      customProvider: call.custom_llm_provider,
      apiKey: call.api_key,
      apiBase: call.api_base ?? call.base_url,
      apiVersion: call.api_version,
      organization: call.organization,
      headers: call.extra_headers,
      options: cloud,
    },
    {
      registry: core.registry,
      env: core.world.env,
      providerOfModel: (name) => core.catalog.providerOfBareModel(name),
    },
  )
}

export function authContextOf({ world }: ClientCore): AuthContext {
  return { transport: world.transport, nowMs: world.nowMs, env: world.env, readFile: world.readFile }
}

export function prepareContextOf(core: ClientCore, resolved: ResolvedTarget): PrepareContext {
  const { provider, target } = resolved
  const info = core.catalog.findModel(target.model, { provider: provider.id })
  return {
    env: core.world.env,
    newId: core.world.newId,
    ...(info?.maxOutputTokens === undefined ? {} : { maxOutputTokens: info.maxOutputTokens }),
  }
}

/** Where an attempt goes, for the record of its call. */
export function placeOf(core: ClientCore, resolved: ResolvedTarget, call: CallOptions): WatchedPlace {
  const { provider, target } = resolved
  const rates = ratesOf(modelInfoOf(core, resolved, call)?.rates, call)
  return { model: target.model, provider: provider.id, apiBase: target.apiBase ?? provider.baseUrl, rates }
}

/** The place of an answer that nobody is asked for: what can be told of it without a key or an address. */
export function mockedPlace(core: ClientCore, model: string, call: CallOptions): WatchedPlace {
  const info = core.catalog.findModel(model, {
    provider: call.custom_llm_provider,
    baseModel: call.base_model,
  })
  return { model: info?.model ?? model, provider: info?.provider ?? '', rates: ratesOf(info?.rates, call) }
}

export function rulesOf(core: ClientCore, call: CallOptions): PrepareRules {
  const environment = core.world.env('LITELLM_DROP_PARAMS')
  return {
    dropParams:
      call.drop_params ?? settingOf(core.settings, 'drop_params') ?? environment?.toLowerCase() === 'true',
    additionalDropParams: call.additional_drop_params,
    allowedParams: call.allowed_openai_params,
    extraBody: call.extra_body as JsonObject | undefined,
  }
}

export function timeoutsOf({ world }: ClientCore, call: CallOptions, stream = false): Timeouts {
  const seconds = (stream ? call.stream_timeout : undefined) ?? call.timeout ?? call.request_timeout
  if (seconds === undefined) return world.timeouts
  const totalMs = seconds * 1000
  return { ...world.timeouts, totalMs, firstByteMs: Math.min(world.timeouts.firstByteMs, totalMs) }
}

export function retriesOf(call: CallOptions): number {
  return call.num_retries ?? call.max_retries ?? 0
}
