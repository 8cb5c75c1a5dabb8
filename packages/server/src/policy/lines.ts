import type { BudgetLine, ParallelLine, RateLine } from './counters.ts'
import type { BudgetLimit, ScopeLimits } from './limits.ts'
import { scopeName } from './scope.ts'
import type { Scope } from './scope.ts'
import type { Window, Windows } from './windows.ts'

/** What a request has to find room in. */
export interface Lines {
  readonly budgets: readonly PlannedBudget[]
  readonly rates: readonly RateLine[]
  readonly parallels: readonly ParallelLine[]
  /** Where its cost is written, whether limited or not: `lines` of the ledger's opening record. */
  readonly ledger: readonly (readonly [scope: string, windowId: string])[]
}

export interface PlannedBudget extends BudgetLine {
  readonly limit: BudgetLimit
  readonly window: Window
}

/** How many tokens a request counts for where tokens per minute are limited. */
export interface TokenGuess {
  readonly inputTokens: number
  /** Of all answers together, as the client named it. */
  readonly maxOutputTokens?: number | undefined
}

/** Of a request that names no `max_tokens`; corrected when the answer is there. */
const GUESSED_OUTPUT_TOKENS = 4_096

/**
 * The lines of all scopes, in their order. A scope whose money is counted in one window twice has the smaller
 * limit; one without any budget is counted for ever.
 */
export function linesOf(
  limits: readonly ScopeLimits[],
  at: { readonly nowMs: number; readonly windows: Windows; readonly tokens: TokenGuess },
): Lines {
  const budgets = new Map<string, PlannedBudget>()
  const ledger = new Map<string, readonly [string, string]>()
  const rates = new Map<string, RateLine>()
  const parallels = new Map<string, ParallelLine>()
  const tokens = guessTokens(limits, at.tokens)
  for (const { scope, budgets: own, rpm, tpm, maxParallelRequests } of limits) {
    const name = scopeName(scope)
    for (const limit of own.length === 0 ? [UNLIMITED] : own) {
      const window = at.windows.at(limit.duration, at.nowMs, limit.sinceMs)
      const line = { scope, windowId: window.id, maxPicoUsd: limit.maxPicoUsd, limit, window }
      const lineName = `${name}\n${window.id}`
      ledger.set(lineName, [name, window.id])
      if (isAsked(scope, limit)) keepSmaller(budgets, lineName, line, ({ maxPicoUsd }) => maxPicoUsd)
    }
    const maxOf = ({ max }: { max: number }): number => max
    if (rpm !== undefined)
      keepSmaller(rates, `r${name}`, { scope, unit: 'requests', max: rpm, amount: 1 }, maxOf)
    if (tpm !== undefined) {
      // One that is larger than the limit passes when nobody else does, else it would never pass.
      const amount = Math.max(1, Math.min(tokens, tpm))
      keepSmaller(rates, `t${name}`, { scope, unit: 'tokens', max: tpm, amount }, maxOf)
    }
    if (maxParallelRequests !== undefined)
      keepSmaller(parallels, name, { scope, max: maxParallelRequests }, maxOf)
  }
  return {
    budgets: [...budgets.values()],
    rates: [...rates.values()],
    parallels: [...parallels.values()],
    ledger: [...ledger.values()],
  }
}

const UNLIMITED: BudgetLimit = {}

/** Counters need not keep what no limit looks at; what a key has spent is told with each answer. */
function isAsked({ kind }: Scope, { maxPicoUsd, softPicoUsd }: BudgetLimit): boolean {
  return maxPicoUsd !== undefined || softPicoUsd !== undefined || kind === 'key'
}

function keepSmaller<Line>(
  lines: Map<string, Line>,
  name: string,
  line: Line,
  limitOf: (line: Line) => bigint | number | undefined,
): void {
  const known = lines.get(name)
  const limit = limitOf(line)
  if (known !== undefined) {
    const other = limitOf(known)
    if (limit === undefined || (other !== undefined && other <= limit)) return
  }
  lines.set(name, line)
}

function guessTokens(limits: readonly ScopeLimits[], { inputTokens, maxOutputTokens }: TokenGuess): number {
  if (maxOutputTokens !== undefined) return inputTokens + maxOutputTokens
  let tightest = Number.POSITIVE_INFINITY
  for (const { tpm } of limits) if (tpm !== undefined && tpm < tightest) tightest = tpm
  return inputTokens + Math.min(GUESSED_OUTPUT_TOKENS, Math.ceil(tightest / 4))
}
