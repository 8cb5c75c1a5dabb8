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
  const { lines, leastTpm } = planOf(limits, at)
  if (leastTpm === undefined) return lines
  const tokens = guessTokens(leastTpm, at.tokens)
  return {
    ...lines,
    rates: lines.rates.map((line) =>
      line.unit === 'tokens' ? { ...line, amount: share(tokens, line) } : line,
    ),
  }
}

/** One that is larger than the limit passes when nobody else does, else it would never pass. */
function share(tokens: number, { max }: RateLine): number {
  return Math.max(1, Math.min(tokens, max))
}

/** All that does not depend on the request. */
interface Plan {
  readonly windows: Windows
  readonly startMs: number
  readonly endMs: number
  readonly lines: Lines
  readonly leastTpm: number | undefined
}

/** Limits never change, so what follows from them holds until a window ends. */
const plans = new WeakMap<readonly ScopeLimits[], Plan>()

function planOf(limits: readonly ScopeLimits[], at: Instant): Plan {
  const known = plans.get(limits)
  if (known?.windows === at.windows && at.nowMs >= known.startMs && at.nowMs < known.endMs) return known
  const fresh = makePlan(limits, at)
  plans.set(limits, fresh)
  return fresh
}

interface Instant {
  readonly nowMs: number
  readonly windows: Windows
}

function makePlan(limits: readonly ScopeLimits[], at: Instant): Plan {
  const lines: { [Kind in keyof Lines]: Lines[Kind][number][] } = {
    budgets: [],
    rates: [],
    parallels: [],
    ledger: [],
  }
  let startMs = Number.NEGATIVE_INFINITY
  let endMs = Number.POSITIVE_INFINITY
  let leastTpm: number | undefined
  for (const limit of limits) {
    const { scope, tpm } = limit
    const prepared = prepare(limit, at)
    startMs = Math.max(startMs, prepared.startMs)
    endMs = Math.min(endMs, prepared.endMs)
    for (const entry of prepared.ledger)
      if (!lines.ledger.some(([name, windowId]) => name === entry[0] && windowId === entry[1]))
        lines.ledger.push(entry)
    addAll(lines.budgets, prepared.budgets, isSameBudget)
    addAll(lines.rates, prepared.requests, isSameRate)
    if (tpm !== undefined) {
      leastTpm = Math.min(tpm, leastTpm ?? tpm)
      addAll(lines.rates, [{ scope, unit: 'tokens', max: tpm, amount: 1 }], isSameRate)
    }
    addAll(lines.parallels, prepared.parallels, isSameScope)
  }
  return { windows: at.windows, startMs, endMs, lines, leastTpm }
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

/** Of each scope, as lists of limits are often put together for one request. */
const prepared = new WeakMap<ScopeLimits, Prepared>()

function prepare(limits: ScopeLimits, { nowMs, windows }: Instant): Prepared {
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

function guessTokens(leastTpm: number, { inputTokens, maxOutputTokens }: TokenGuess): number {
  return inputTokens + (maxOutputTokens ?? Math.min(GUESSED_OUTPUT_TOKENS, Math.ceil(leastTpm / 4)))
}
