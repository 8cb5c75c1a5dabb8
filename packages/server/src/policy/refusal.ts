import { createError, formatUsd } from '@switchyard/llm/kit'
import type { SwitchyardError } from '@switchyard/llm/kit'
import type { PlannedAdmission } from './admission.ts'
import type { BudgetState, ParallelLine, RateLine, RateState, Refused } from './counters.ts'
import { rateHeaders } from './limit-headers.ts'
import type { PlannedBudget } from './lines.ts'
import { descriptorOf, nameInBudget, nameInRate } from './scope-words.ts'

/** An error, and headers beside those that follow from it, as name, value, name, value … */
export interface Refusal {
  readonly error: SwitchyardError
  readonly headers: readonly string[]
}

export interface RefusalOptions {
  readonly nowMs: number
  /** `legacy`: an exhausted budget is 400 with the code `400`, as in LiteLLM's older releases. */
  readonly statuses?: 'current' | 'legacy' | undefined
}

/** What the client is told when a line had no room. */
export function refusalOf(
  { lines, price }: Pick<PlannedAdmission, 'lines' | 'price'>,
  { line }: Refused,
  options: RefusalOptions,
): Refusal {
  switch (line.type) {
    case 'budget':
      return {
        error: overBudget(lines.budgets[line.index], line.state, price.hold.leastPicoUsd, options),
        headers: [],
      }
    case 'rate':
      return overRate(lines.rates[line.index], line.state, options.nowMs)
    case 'parallel':
      return overParallel(lines.parallels[line.index], line.running)
  }
}

/** Budgets that cannot be checked are taken for exhausted, but nobody is to blame and trying again may help. */
export function ledgerUnavailable(cause: unknown): SwitchyardError {
  return createError({
    code: 'service_unavailable',
    reason: 'ledger_unavailable',
    retryAfterMs: 5_000,
    message:
      'The gateway cannot check the budgets of this request, because the store that counts them does not answer. ' +
      'Try again; an administrator may set general_settings.allow_requests_on_db_unavailable.',
    cause,
  })
}

/** LiteLLM's words first, then what they leave out. */
function overBudget(
  line: PlannedBudget | undefined,
  { settledPicoUsd, reservedPicoUsd }: BudgetState,
  leastPicoUsd: bigint,
  { statuses }: RefusalOptions,
): SwitchyardError {
  const spent = formatUsd(settledPicoUsd)
  const max = formatUsd(line?.maxPicoUsd ?? 0n)
  const who = line === undefined ? undefined : nameInBudget(line.scope)
  const isPerson = line?.scope.kind === 'user' || line?.scope.kind === 'end_user'
  const sentences = [
    ...(isPerson ? [`ExceededBudget: ${who} over budget. Spend=${spent}, Budget=${max}.`] : []),
    `Budget has been exceeded!${who === undefined ? '' : ` ${who}`} Current cost: ${spent}, Max budget: ${max}.`,
    ...(line?.scope.kind === 'key'
      ? [`ExceededTokenBudget: Current spend for token: ${spent}; Max Budget for Token: ${max}.`]
      : []),
    ...(reservedPicoUsd > 0n ? [`${formatUsd(reservedPicoUsd)} USD are held for requests under way.`] : []),
    ...(settledPicoUsd + reservedPicoUsd < (line?.maxPicoUsd ?? 0n)
      ? [`This request needs at least ${formatUsd(leastPicoUsd)} USD.`]
      : []),
    line?.window.endMs === undefined
      ? 'The budget does not reset by itself.'
      : `The budget resets at ${new Date(line.window.endMs).toISOString()}.`,
  ]
  const message = sentences.join(' ')
  // Without a reason `error.code` is the status, as LiteLLM's older clients expect.
  return statuses === 'legacy'
    ? createError({ code: 'budget_exceeded', status: 400, message })
    : createError({ code: 'budget_exceeded', status: 429, reason: 'budget_exceeded', message })
}

function overRate(line: RateLine | undefined, state: RateState, nowMs: number): Refusal {
  const { scope, unit, max } = line ?? { scope: { kind: 'key', id: '' }, unit: 'requests', max: 0 }
  const resetAt = new Date(state.resetMs).toISOString()
  const remaining = Math.max(0, max - state.used)
  const error = createError({
    code: 'rate_limit',
    reason: 'rate_limit_exceeded',
    retryAfterMs: Math.max(0, state.resetMs - nowMs),
    message:
      `Rate limit exceeded for ${descriptorOf(scope)}: ${nameInRate(scope)}. Limit type: ${unit}. ` +
      `Current limit: ${max}, Remaining: ${remaining}. Limit resets at: ${resetAt}`,
  })
  const headers = ['rate_limit_type', unit, 'reset_at', String(Math.ceil(state.resetMs / 1000))]
  if (line !== undefined) headers.push(...rateHeaders([line], [state], nowMs))
  return { error, headers }
}

function overParallel(line: ParallelLine | undefined, running: number): Refusal {
  const { scope, max } = line ?? { scope: { kind: 'key', id: '' }, max: 0 }
  const error = createError({
    code: 'rate_limit',
    reason: 'too_many_parallel_requests',
    message:
      `Rate limit exceeded for ${descriptorOf(scope)}: ${nameInRate(scope)}. Limit type: max_parallel_requests. ` +
      `Current limit: ${max}, Remaining: ${Math.max(0, max - running)}. Try again when one of the requests under way has ended.`,
  })
  return { error, headers: ['rate_limit_type', 'max_parallel_requests'] }
}
