import { isSwitchyardError } from '../errors.ts'
import {
  createDeploymentStates,
  createRouterEngine,
  DEFAULT_RULES,
  MOCK_FIELDS,
  readRules,
  readTargets,
} from '../router/index.ts'
import type { FallbackTarget, MockFailure, RouterOptions, RouterRules } from '../router/index.ts'
import type { ModelInfo, Rates } from '../types/model.ts'
import type { ClientCore } from './core.ts'
import { resolveCall } from './core.ts'
import type { CallDeployment } from './deployment.ts'
import { readAmount } from './estimate.ts'
import type { BareCall } from './layers.ts'
import type { CallOptions } from './options.ts'
import { ROUTING_FIELDS, splitOptions, withoutPlace } from './options.ts'
import { modelInfoOf, ratesOf } from './price.ts'
import type { ResolvedTarget } from './resolve.ts'
import { callRouted } from './routed.ts'
import { settingOf } from './settings.ts'

type Params = Readonly<Record<string, unknown>>

/** Nobody is asked again unless somebody says so, and one that failed is not left alone: there is no other. */
const CLIENT_RULES: RouterRules = {
  ...DEFAULT_RULES,
  retries: { ...DEFAULT_RULES.retries, numRetries: 0 },
  cooldowns: { ...DEFAULT_RULES.cooldowns, disabled: true },
}

/** Settings of a client that decide who is asked. */
const SETTINGS = [
  'fallbacks',
  'context_window_fallbacks',
  'content_policy_fallbacks',
  'default_fallbacks',
  'retry_policy',
] as const

/** Adds to a call of one model the models to ask when it fails, retries by class of failure, and a bound of its cost. */
export function fallingBack(core: ClientCore, bare: BareCall<object>): BareCall<object> {
  return async (given, watch) => {
    const params = withDefaults(core, given)
    if (!decidesWho(core, params)) return bare(params, watch)
    const call = params as CallOptions & Params
    const plain: Params = {
      ...params,
      ...Object.fromEntries(ROUTING_FIELDS.map((name) => [name, undefined])),
    }
    const model = String(params['model'] ?? '')
    const { rules, own } = planOf(core, call, model)
    const states = createDeploymentStates()
    const deployment = (name: string, elsewhere: Params): CallDeployment => {
      const rates = (): Rates | undefined => ratesFor(core, { ...plain, ...elsewhere, model: name })
      const apply = (asked: Params): Params => ({ ...asked, ...elsewhere, ...ONCE })
      return { id: name, state: states.of(name), group: name, model: name, apply, rates }
    }
    return callRouted(createRouterEngine(core.world), core.world, bare, {
      params: plain,
      watch,
      group: model,
      candidates: [deployment(model, {})],
      rules,
      numRetries: call.num_retries ?? call.max_retries,
      own,
      disableFallbacks: call.disable_fallbacks,
      mock: mockOf(params),
      maxPicoUsd: call.max_cost === undefined ? undefined : readAmount(call.max_cost, 'max_cost'),
      tags: [],
      signal: call.signal,
      enter: (target) => ({ candidates: [deployment(target.model, placeFor(core, plain, target))] }),
    })
  }
}

/** The engine tries again, not the attempt itself. */
export const ONCE: Params = { num_retries: 0, max_retries: 0 }

function withDefaults(core: ClientCore, params: object): Params {
  const retries = settingOf(core.settings, 'num_retries')
  return retries === undefined || 'num_retries' in params || 'max_retries' in params
    ? { ...params }
    : { ...params, num_retries: retries }
}

function decidesWho(core: ClientCore, params: Params): boolean {
  return (
    ROUTING_FIELDS.some((name) => params[name] !== undefined && params[name] !== null) ||
    SETTINGS.some((name) => settingOf(core.settings, name) !== undefined)
  )
}

interface Plan {
  rules: RouterRules
  /** The call's own list. */
  own: readonly FallbackTarget[] | undefined
}

function planOf(core: ClientCore, call: CallOptions & Params, model: string): Plan {
  const settings: RouterOptions = Object.fromEntries(
    SETTINGS.map((name) => [name, settingOf(core.settings, name)]),
  )
  const context = call.context_window_fallbacks ?? call.context_window_fallback_dict
  const policy = call.content_policy_fallbacks
  const own: RouterOptions = {
    retry_policy: call.retry_policy,
    context_window_fallbacks: context,
    content_policy_fallbacks: policy,
  }
  const rules = readRules(own, readRules(settings, CLIENT_RULES))
  const { fallbacks } = call
  if (fallbacks === undefined || fallbacks === null) return { rules, own: undefined }
  const targets = readTargets(fallbacks, 'fallbacks')
  if (context === undefined && policy === undefined) return { rules, own: targets }
  // Beside lists for single kinds of failure it is the one for all others.
  const general = new Map([[model, targets]])
  return { rules: { ...rules, fallbacks: { ...rules.fallbacks, general } }, own: undefined }
}

export function mockOf(params: Params): MockFailure | undefined {
  const asked = ROUTING_FIELDS.find((name) => params[name] === true && Object.hasOwn(MOCK_FIELDS, name))
  return asked === undefined ? undefined : MOCK_FIELDS[asked]
}

/** A key and an address are one provider's: nobody else gets to see them. */
function placeFor(core: ClientCore, params: Params, { model }: FallbackTarget): Params {
  const first = providerOf(core, params)
  const next = providerOf(core, { ...params, ...withoutPlace(params), model })
  return first !== undefined && first === next ? {} : withoutPlace(params)
}

/** The provider of a model string that says nothing else; `undefined` where nothing tells. */
export function ownerOf(core: ClientCore, model: string): string | undefined {
  return providerOf(core, { model })
}

function providerOf(core: ClientCore, params: Params): string | undefined {
  return resolved(core, params)?.target.provider.id
}

/** What a model costs; `undefined` also where nobody knows whose it is: asking it will say so. */
export function ratesFor(core: ClientCore, params: Params): Rates | undefined {
  const found = resolved(core, params)
  return found && ratesOf(modelInfoOf(core, found.target, found.call)?.rates, found.call)
}

/** What is known of a model; `undefined` also where nobody knows whose it is. */
export function infoFor(core: ClientCore, params: Params): ModelInfo | undefined {
  const found = resolved(core, params)
  return found && modelInfoOf(core, found.target, found.call)
}

function resolved(
  core: ClientCore,
  params: Params,
): { target: ResolvedTarget; call: CallOptions } | undefined {
  const { call, cloud } = splitOptions(params)
  try {
    return { target: resolveCall(core, String(params['model'] ?? ''), call, cloud), call }
  } catch (error) {
    if (isSwitchyardError(error)) return undefined
    throw error
  }
}

/** Prices of everybody whom a call may end up with. */
export function pricesOf(core: ClientCore, given: Params): readonly (Rates | undefined)[] {
  const params = withDefaults(core, given)
  const own = ratesFor(core, params)
  const written = params['fallbacks']
  const targets = Array.isArray(written) ? readTargets(written, 'fallbacks') : []
  const others = targets.map((target) => {
    const elsewhere = { ...params, ...placeFor(core, params, target), ...target.params, model: target.model }
    return ratesFor(core, elsewhere)
  })
  return [own, ...others]
}
