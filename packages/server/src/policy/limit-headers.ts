import { formatUsd } from '@switchyard/llm/kit'
import type { PlannedAdmission } from './admission.ts'
import type { Admitted, RateLine, RateState } from './counters.ts'
import { descriptorOf, modelOf } from './scope-words.ts'

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
      headers.push(`x-litellm-key-${unit === 'tokens' ? 'tpm' : 'rpm'}-limit`, String(max))
  const at = lines.budgets.findIndex(({ scope }) => scope.kind === 'key')
  const { maxPicoUsd } = lines.budgets[at] ?? {}
  if (maxPicoUsd !== undefined) headers.push('x-litellm-key-max-budget', formatUsd(maxPicoUsd))
  const state = budgets[at]
  if (state !== undefined) headers.push('x-litellm-key-spend', formatUsd(state.settledPicoUsd + costPicoUsd))
  return headers
}

/** LiteLLM's headers for each limit, and OpenAI's for the tightest of each unit. */
export function rateHeaders(
  lines: readonly RateLine[],
  states: readonly RateState[],
  nowMs: number,
): string[] {
  const headers: string[] = []
  const tightest: Partial<Record<RateLine['unit'], { max: number; left: number; resetMs: number }>> = {}
  for (const [index, { scope, unit, max }] of lines.entries()) {
    const state = states[index]
    if (state === undefined) continue
    const left = Math.max(0, max - state.used)
    const descriptor = descriptorOf(scope)
    headers.push(`x-ratelimit-${descriptor}-limit-${unit}`, String(max))
    headers.push(`x-ratelimit-${descriptor}-remaining-${unit}`, String(left))
    if (scope.kind === 'key_model')
      headers.push(`x-litellm-key-remaining-${unit}-${inHeaderName(modelOf(scope.id))}`, String(left))
    if (left < (tightest[unit]?.left ?? Number.POSITIVE_INFINITY))
      tightest[unit] = { max, left, resetMs: state.resetMs }
  }
  for (const unit of ['requests', 'tokens'] as const) {
    const line = tightest[unit]
    if (line === undefined) continue
    headers.push(`x-ratelimit-limit-${unit}`, String(line.max))
    headers.push(`x-ratelimit-remaining-${unit}`, String(line.left))
    headers.push(`x-ratelimit-reset-${unit}`, `${Math.max(0, Math.ceil((line.resetMs - nowMs) / 1000))}s`)
  }
  return headers
}

/** Names of models hold slashes and more; names of headers may not. */
function inHeaderName(model: string): string {
  return model.replaceAll(/[^\w.-]/g, '-')
}
