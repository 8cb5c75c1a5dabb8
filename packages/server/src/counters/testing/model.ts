import type { Admission, BudgetKey, BudgetState, Counters, RateState } from '../../policy/counters.ts'
import { holdOf } from '../../policy/hold.ts'
import { scopeName } from '../../policy/scope.ts'

interface Entry {
  readonly admission: Admission
  readonly rates: readonly RateState[]
  picoUsd: bigint
  costPicoUsd: bigint
  state: 'open' | 'presumed' | 'closed'
}

/** Counters said as plainly as can be: a list of what happened, added up anew for every question. */
export function createModel(): Pick<Counters, 'admit' | 'extend' | 'settle' | 'read'> {
  const entries: Entry[] = []
  const windows = new Map<string, RateState>()

  const find = (requestId: string): Entry | undefined =>
    entries.find(({ admission }) => admission.requestId === requestId)

  const stateOf = (key: BudgetKey): BudgetState => {
    const of = entries.filter(({ admission }) => admission.budgets.some((line) => isSame(line, key)))
    const open = of.filter(({ state }) => state === 'open')
    return {
      settledPicoUsd: of.reduce((sum, { costPicoUsd }) => sum + costPicoUsd, 0n),
      reservedPicoUsd: open.reduce((sum, { picoUsd }) => sum + picoUsd, 0n),
    }
  }

  const leftOf = (line: Admission['budgets'][number]): bigint | undefined => {
    const { settledPicoUsd, reservedPicoUsd } = stateOf(line)
    return line.maxPicoUsd === undefined ? undefined : line.maxPicoUsd - settledPicoUsd - reservedPicoUsd
  }

  const windowAt = (name: string, nowMs: number): RateState => {
    const window = windows.get(name)
    return window !== undefined && nowMs < window.resetMs ? window : { used: 0, resetMs: nowMs + 60_000 }
  }

  return {
    admit: (admission) => {
      const { budgets, rates, parallels, nowMs } = admission
      for (const [index, line] of budgets.entries())
        if (holdOf(admission, leftOf(line)) === undefined)
          return { admitted: false, line: { type: 'budget', index, state: stateOf(line) } }
      for (const [index, line] of rates.entries()) {
        const state = windowAt(rateName(line), nowMs)
        if (state.used + line.amount > line.max)
          return { admitted: false, line: { type: 'rate', index, state } }
      }
      for (const [index, { scope, max }] of parallels.entries()) {
        const running = entries.filter(
          ({ admission: other, state }) =>
            state === 'open' && other.parallels.some((line) => scopeName(line.scope) === scopeName(scope)),
        ).length
        if (running >= max) return { admitted: false, line: { type: 'parallel', index, running } }
      }
      const lefts = budgets.map(leftOf).filter((left) => left !== undefined)
      const tightest = lefts.length === 0 ? undefined : lefts.reduce((one, two) => (one < two ? one : two))
      const picoUsd = holdOf(admission, tightest) ?? 0n
      const states = rates.map((line) => {
        const { used, resetMs } = windowAt(rateName(line), nowMs)
        const state = { used: used + line.amount, resetMs }
        windows.set(rateName(line), state)
        return state
      })
      entries.push({ admission, rates: states, picoUsd, costPicoUsd: 0n, state: 'open' })
      return { admitted: true, holdPicoUsd: picoUsd, budgets: budgets.map(stateOf), rates: states }
    },
    extend: (requestId, morePicoUsd) => {
      const entry = find(requestId)
      if (entry?.state !== 'open') return false
      const { rule, budgets } = entry.admission
      const full = budgets.some((line) => (leftOf(line) ?? morePicoUsd) < morePicoUsd)
      if (rule === 'reserve' && full) return false
      entry.picoUsd += morePicoUsd
      return true
    },
    settle: ({ requestId, costPicoUsd, isPresumed = false, tokens }) => {
      const entry = find(requestId)
      if (entry === undefined || entry.state === 'closed') return
      if (entry.state === 'presumed' && isPresumed) return
      if (entry.state === 'open' && tokens !== undefined)
        for (const [index, line] of entry.admission.rates.entries()) {
          const window = windows.get(rateName(line))
          if (
            line.unit !== 'tokens' ||
            window?.resetMs !== entry.rates[index]?.resetMs ||
            window === undefined
          )
            continue
          windows.set(rateName(line), { ...window, used: Math.max(0, window.used + tokens - line.amount) })
        }
      entry.costPicoUsd = costPicoUsd
      entry.state = isPresumed ? 'presumed' : 'closed'
    },
    read: (keys) => Promise.resolve(keys.map(stateOf)),
  }
}

function isSame(one: BudgetKey, two: BudgetKey): boolean {
  return scopeName(one.scope) === scopeName(two.scope) && one.windowId === two.windowId
}

function rateName({ scope, unit }: Admission['rates'][number]): string {
  return `${unit} ${scopeName(scope)}`
}
