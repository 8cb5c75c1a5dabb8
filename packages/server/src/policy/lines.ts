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
  const lines: { [Kind in keyof Lines]: Lines[Kind][number][] } = {
    budgets: [],
    rates: [],
    parallels: [],
    ledger: [],
  }
  const tokens = guessTokens(limits, at.tokens)
  for (const limit of limits) {
    const { scope, tpm } = limit
    const { budgets, ledger, requests, parallels } = prepare(limit, at)
    for (const entry of ledger)
      if (!lines.ledger.some(([name, windowId]) => name === entry[0] && windowId === entry[1]))
        lines.ledger.push(entry)
    addAll(lines.budgets, budgets, isSameBudget)
    addAll(lines.rates, requests, isSameRate)
    // One that is larger than the limit passes when nobody else does, else it would never pass.
    if (tpm !== undefined)
      addAll(
        lines.rates,
        [{ scope, unit: 'tokens', max: tpm, amount: Math.max(1, Math.min(tokens, tpm)) }],
        isSameRate,
      )
    addAll(lines.parallels, parallels, isSameScope)
  }
  return lines
}

interface Prepared {
  readonly windows: Windows
  readonly startMs: number
  readonly endMs: number
  readonly budgets: readonly PlannedBudget[]
  readonly ledger: Lines['ledger']
  readonly requests: readonly RateLine[]
  readonly parallels: readonly ParallelLine[]
}

/** Limits never change, so what follows from them holds until a window ends. */
const prepared = new WeakMap<ScopeLimits, Prepared>()

function prepare(limits: ScopeLimits, { nowMs, windows }: { nowMs: number; windows: Windows }): Prepared {
  const known = prepared.get(limits)
  if (known?.windows === windows && nowMs >= known.startMs && nowMs < known.endMs) return known
  const { scope, rpm, maxParallelRequests } = limits
  const name = scopeName(scope)
  const all = (limits.budgets.length === 0 ? [UNLIMITED] : limits.budgets).map((limit): PlannedBudget => {
    const window = windows.at(limit.duration, nowMs, limit.sinceMs)
    return { scope, windowId: window.id, maxPicoUsd: limit.maxPicoUsd, limit, window }
  })
  const fresh: Prepared = {
    windows,
    startMs: Math.max(...all.map(({ window }) => window.startMs)),
    endMs: Math.min(...all.map(({ window }) => window.endMs ?? Number.POSITIVE_INFINITY)),
    budgets: all.filter(isAsked),
    ledger: all.map(({ windowId }) => [name, windowId]),
    requests: rpm === undefined ? [] : [{ scope, unit: 'requests', max: rpm, amount: 1 }],
    parallels: maxParallelRequests === undefined ? [] : [{ scope, max: maxParallelRequests }],
  }
  prepared.set(limits, fresh)
  return fresh
}

const UNLIMITED: BudgetLimit = {}

/** Counters need not keep what no limit looks at; what a key has spent is told with each answer. */
function isAsked({ scope, limit: { maxPicoUsd, softPicoUsd } }: PlannedBudget): boolean {
  return maxPicoUsd !== undefined || softPicoUsd !== undefined || scope.kind === 'key'
}

/** Adds lines; of two that count the same, the one with the smaller limit stays. There are few. */
function addAll<Line extends { readonly max?: number; readonly maxPicoUsd?: bigint | undefined }>(
  lines: Line[],
  more: readonly Line[],
  isSame: (one: Line, two: Line) => boolean,
): void {
  for (const line of more) {
    const at = lines.findIndex((known) => isSame(known, line))
    const known = lines[at]
    if (known === undefined) lines.push(line)
    else if (limitOf(line) < limitOf(known)) lines[at] = line
  }
}

function limitOf({ max, maxPicoUsd }: { max?: number; maxPicoUsd?: bigint | undefined }): bigint | number {
  return max ?? maxPicoUsd ?? Number.POSITIVE_INFINITY
}

function isSameScope({ scope: one }: { scope: Scope }, { scope: two }: { scope: Scope }): boolean {
  return one.kind === two.kind && one.id === two.id
}

function isSameBudget(one: PlannedBudget, two: PlannedBudget): boolean {
  return isSameScope(one, two) && one.windowId === two.windowId
}

function isSameRate(one: RateLine, two: RateLine): boolean {
  return isSameScope(one, two) && one.unit === two.unit
}

function guessTokens(limits: readonly ScopeLimits[], { inputTokens, maxOutputTokens }: TokenGuess): number {
  if (maxOutputTokens !== undefined) return inputTokens + maxOutputTokens
  let tightest = Number.POSITIVE_INFINITY
  for (const { tpm } of limits) if (tpm !== undefined && tpm < tightest) tightest = tpm
  return inputTokens + Math.min(GUESSED_OUTPUT_TOKENS, Math.ceil(tightest / 4))
}
