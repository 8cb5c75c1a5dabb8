import { formatUsd } from '@switchyard/llm/kit'
import type { PlannedAdmission } from './admission.ts'
import type { Admitted, BudgetLine, RateLine, RateState } from './counters.ts'
import { rememberBy } from './remember.ts'
import type { Scope } from './scope.ts'
import { descriptorOf, partOf } from './scope-words.ts'

/**
 * What an admitted request tells its client of its limits, as name, value, name, value …
 *
 * @param costPicoUsd Of this request, where it is known: `x-litellm-key-spend` has it in.
 */
export function limitHeaders(
  { lines }: Pick<PlannedAdmission, 'lines'>,
  { budgets, rates }: Admitted,
  { nowMs, costPicoUsd = 0n }: { nowMs: number; costPicoUsd?: bigint | undefined },
): string[] {
  const headers = rateHeaders(lines.rates, rates, nowMs)
  for (const { scope, unit, max } of lines.rates)
    if (scope.kind === 'key')
      headers.push(unit === 'tokens' ? 'x-litellm-key-tpm-limit' : 'x-litellm-key-rpm-limit', String(max))
  let index = 0
  for (const line of lines.budgets) {
    if (line.scope.kind === 'key') {
      if (line.maxPicoUsd !== undefined) headers.push('x-litellm-key-max-budget', maxInUsd(line))
      const state = budgets[index]
      if (state !== undefined)
        headers.push('x-litellm-key-spend', formatUsd(state.settledPicoUsd + costPicoUsd))
      break
    }
    index++
  }
  return headers
}

const maxInUsd = rememberBy(({ maxPicoUsd = 0n }: BudgetLine) => formatUsd(maxPicoUsd))

/** LiteLLM's headers for each limit, and OpenAI's for the tightest of each unit. */
export function rateHeaders(
  lines: readonly RateLine[],
  states: readonly RateState[],
  nowMs: number,
): string[] {
  const headers: string[] = []
  let requests: Left | undefined
  let tokens: Left | undefined
  let index = 0
  for (const { scope, unit, max } of lines) {
    const state = states[index++]
    if (state === undefined) continue
    const left = Math.max(0, max - state.used)
    const { limit, remaining, ofModel } = namesOf(scope)[unit]
    const leftText = String(left)
    headers.push(limit, String(max), remaining, leftText)
    if (ofModel !== undefined) headers.push(ofModel, leftText)
    const { resetMs } = state
    if (unit === 'requests') {
      if (requests === undefined || left < requests.left) requests = { max, left, resetMs }
    } else if (tokens === undefined || left < tokens.left) tokens = { max, left, resetMs }
  }
  if (requests !== undefined) pushTightest(headers, TIGHTEST.requests, requests, nowMs)
  if (tokens !== undefined) pushTightest(headers, TIGHTEST.tokens, tokens, nowMs)
  return headers
}

interface Left {
  readonly max: number
  readonly left: number
  readonly resetMs: number
}

type TightestNames = (typeof TIGHTEST)[RateLine['unit']]

const TIGHTEST = {
  requests: ['x-ratelimit-limit-requests', 'x-ratelimit-remaining-requests', 'x-ratelimit-reset-requests'],
  tokens: ['x-ratelimit-limit-tokens', 'x-ratelimit-remaining-tokens', 'x-ratelimit-reset-tokens'],
} as const

function pushTightest(
  headers: string[],
  [limit, remaining, reset]: TightestNames,
  { max, left, resetMs }: Left,
  nowMs: number,
): void {
  const seconds = Math.max(0, Math.ceil((resetMs - nowMs) / 1000))
  headers.push(limit, String(max), remaining, String(left), reset, `${seconds}s`)
}

const namesOf = rememberBy((scope: Scope) => ({
  requests: namesFor(scope, 'requests'),
  tokens: namesFor(scope, 'tokens'),
}))

function namesFor(scope: Scope, unit: RateLine['unit']): HeaderNames {
  const descriptor = descriptorOf(scope)
  return {
    limit: `x-ratelimit-${descriptor}-limit-${unit}`,
    remaining: `x-ratelimit-${descriptor}-remaining-${unit}`,
    ofModel:
      scope.kind === 'key_model'
        ? `x-litellm-key-remaining-${unit}-${inHeaderName(partOf(scope.id))}`
        : undefined,
  }
}

interface HeaderNames {
  readonly limit: string
  readonly remaining: string
  readonly ofModel: string | undefined
}

/** Names of models hold slashes and more; names of headers may not. */
function inHeaderName(model: string): string {
  return model.replaceAll(/[^\w.-]/g, '-')
}
