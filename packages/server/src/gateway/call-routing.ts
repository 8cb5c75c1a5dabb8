import { createError, MOCK_FIELDS, picoUsdFromUsd } from '@switchyard/llm/kit'
import type { MockFailure, RouterOptions, SwitchyardError } from '@switchyard/llm/kit'
import type { JsonScan } from '../http/scan-json.ts'

/** What a client says about how its request is routed. */
export interface CallRouting {
  /** As it is written: names, objects with `model`, or maps by group. */
  readonly fallbacks?: unknown
  readonly disableFallbacks?: boolean | undefined
  readonly mock?: MockFailure | undefined
  /** What its answer may cost. */
  readonly maxPicoUsd?: bigint | undefined
  /** Among those that wait for a deployment to have room: 0 comes first. */
  readonly priority?: number | undefined
  /** Settings of the router that are others for this request. */
  readonly settings?: RouterOptions | undefined
}

/** Body fields about routing. */
export const ROUTING_FIELDS: readonly string[] = [
  'fallbacks',
  'context_window_fallbacks',
  'content_policy_fallbacks',
  'disable_fallbacks',
  'router_settings_override',
  'max_cost',
  'priority',
  ...Object.keys(MOCK_FIELDS),
]

/** Settings that a client may change for its own request: none of these change what others get. */
const OPEN_SETTINGS: ReadonlySet<string> = new Set([
  'fallbacks',
  'default_fallbacks',
  'context_window_fallbacks',
  'content_policy_fallbacks',
  'num_retries',
  'max_retries',
  'retry_after',
  'retry_policy',
  'model_group_retry_policy',
  'routing_strategy',
  'routing_strategy_args',
  'enable_weighted_failover',
  'mid_stream_fallback',
  'timeout',
])

/**
 * Reads what a body says about routing; `undefined` where it says nothing.
 *
 * @throws 400 for an override that is no object, or of a setting that is not the client's, and for a `max_cost` that
 * is no amount.
 */
export function readRouting(scan: JsonScan): CallRouting | undefined {
  if (!ROUTING_FIELDS.some((field) => scan.has(field))) return undefined
  const override = overrideOf(scan)
  const settings = {
    ...override,
    ...given(scan, 'context_window_fallbacks'),
    ...given(scan, 'content_policy_fallbacks'),
  }
  return {
    fallbacks: scan.has('fallbacks') ? scan.json('fallbacks') : undefined,
    disableFallbacks: scan.boolean('disable_fallbacks'),
    mock: mockOf(scan),
    maxPicoUsd: maxCostOf(scan),
    priority: priorityOf(scan),
    settings: Object.keys(settings).length === 0 ? undefined : settings,
  }
}

function overrideOf(scan: JsonScan): Readonly<Record<string, unknown>> {
  const override = scan.has('router_settings_override') ? scan.json('router_settings_override') : undefined
  if (override === undefined || override === null) return {}
  if (typeof override !== 'object' || Array.isArray(override))
    throw refused('router_settings_override', 'invalid_type', 'expected an object')
  for (const name of Object.keys(override))
    if (!OPEN_SETTINGS.has(name))
      throw refused(`router_settings_override.${name}`, 'parameter_not_allowed', 'a client cannot set it')
  return override as Readonly<Record<string, unknown>>
}

function given(scan: JsonScan, field: string): Readonly<Record<string, unknown>> {
  return scan.has(field) ? { [field]: scan.json(field) } : {}
}

function mockOf(scan: JsonScan): MockFailure | undefined {
  for (const [field, kind] of Object.entries(MOCK_FIELDS)) if (scan.boolean(field) === true) return kind
  return undefined
}

function maxCostOf(scan: JsonScan): bigint | undefined {
  const written: unknown = scan.has('max_cost') ? scan.json('max_cost') : undefined
  if (written === undefined || written === null) return undefined
  if (typeof written === 'number' || typeof written === 'string')
    try {
      const picoUsd = picoUsdFromUsd(written)
      if (picoUsd > 0n) return picoUsd
    } catch {
      // Said below, as for 0 and less.
    }
  throw refused('max_cost', 'invalid_type', 'expected an amount in USD, more than 0')
}

function priorityOf(scan: JsonScan): number | undefined {
  const written: unknown = scan.has('priority') ? scan.json('priority') : undefined
  if (written === undefined || written === null) return undefined
  if (typeof written === 'number' && Number.isInteger(written) && written >= 0 && written <= 255)
    return written
  throw refused('priority', 'invalid_type', 'expected a whole number from 0 to 255')
}

function refused(param: string, reason: string, why: string): SwitchyardError {
  return createError({
    code: 'bad_request',
    reason,
    param,
    message: `Invalid value for '${param}': ${why}.`,
  })
}
