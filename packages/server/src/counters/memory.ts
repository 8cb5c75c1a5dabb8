import { hasRoom, holdOf } from '../policy/hold.ts'
import { scopeName } from '../policy/scope.ts'
import type {
  Admission,
  AdmissionResult,
  Admitted,
  BudgetState,
  LoadBalances,
  Orphan,
  RateLine,
  RateState,
  Settlement,
} from '../policy/counters.ts'
import { createBalances } from './balances.ts'
import type { Balance } from './balances.ts'
import { RATE_WINDOW_MS } from './rate-window.ts'
import type { SharedCounters } from './shared-counters.ts'

/** Requests that are over and still known, so that telling their end twice changes nothing. */
const MAX_CLOSED = 10_000
/** Balances that nobody asked for in this time are read anew from the ledger. */
const IDLE_MS = 3_600_000

interface Rate {
  used: number
  resetMs: number
}

interface Running {
  count: number
}

interface Hold {
  owner: string
  leaseMs: number
  leaseUntilMs: number
  picoUsd: bigint
  costPicoUsd: bigint
  readonly lines: readonly { readonly balance: Balance; readonly maxPicoUsd: bigint | undefined }[]
  readonly tokens: readonly { readonly rate: Rate; readonly amount: number; readonly resetMs: number }[]
  readonly running: readonly Running[]
  opening: () => string
}

/** Of a request that is over. */
const noOpening = (): string => ''

/**
 * Counters of one process. After the first request of a scope's window, which asks the ledger where to start from,
 * everything is decided at once, without waiting.
 */
export function createMemoryCounters({ load }: { load: LoadBalances }): SharedCounters {
  const balances = createBalances(load)
  const rates = { requests: new Map<string, Rate>(), tokens: new Map<string, Rate>() }
  const running = new Map<string, Running>()
  const open = new Map<string, Hold>()
  const presumed = new Map<string, Hold>()
  /** What was held for requests that are over. */
  const closed = new Map<string, bigint>()
  // A ring: to look for the oldest in the map would pass by all that were deleted.
  const closedIds: string[] = []
  let closedCount = 0

  function rateOf({ scope, unit }: RateLine): Rate {
    const name = scopeName(scope)
    let rate = rates[unit].get(name)
    if (rate === undefined) rates[unit].set(name, (rate = { used: 0, resetMs: 0 }))
    return rate
  }

  function runningOf(name: string): Running {
    let found = running.get(name)
    if (found === undefined) running.set(name, (found = { count: 0 }))
    return found
  }

  function admit(admission: Admission): AdmissionResult | Promise<AdmissionResult> {
    const { requestId, nowMs } = admission
    const lines: { balance: Balance; maxPicoUsd: bigint | undefined }[] = []
    for (const line of admission.budgets) {
      const balance = balances.find(line)
      if (balance === undefined) return balances.load(admission.budgets, nowMs).then(() => admit(admission))
      lines.push({ balance, maxPicoUsd: line.maxPicoUsd })
    }
    const heldPicoUsd = (open.get(requestId) ?? presumed.get(requestId))?.picoUsd ?? closed.get(requestId)
    if (heldPicoUsd === undefined) return decide(admission, lines)
    return answerOf(
      heldPicoUsd,
      lines,
      admission.rates.map((line) => windowOf(rateOf(line), nowMs)),
    )
  }

  /** Looks at every line before it takes from any. */
  function decide(admission: Admission, lines: Hold['lines']): AdmissionResult {
    const { nowMs, rates: asked, parallels } = admission
    let left: bigint | undefined
    let index = 0
    for (const { balance, maxPicoUsd } of lines) {
      if (maxPicoUsd !== undefined) {
        const has = maxPicoUsd - balance.settled - balance.reserved
        if (!hasRoom(admission, has))
          return { admitted: false, line: { type: 'budget', index, state: stateOf(balance) } }
        if (left === undefined || has < left) left = has
      }
      index++
    }
    const windows: Rate[] = []
    for (const line of asked) {
      const rate = rateOf(line)
      if (usedOf(rate, nowMs) + line.amount > line.max)
        return {
          admitted: false,
          line: { type: 'rate', index: windows.length, state: windowOf(rate, nowMs) },
        }
      windows.push(rate)
    }
    const calls: Running[] = []
    for (const { scope, max } of parallels) {
      const call = runningOf(scopeName(scope))
      if (call.count >= max)
        return { admitted: false, line: { type: 'parallel', index: calls.length, running: call.count } }
      calls.push(call)
    }
    return take(admission, lines, windows, calls, holdOf(admission, left) ?? 0n)
  }

  function take(
    admission: Admission,
    lines: Hold['lines'],
    windows: readonly Rate[],
    calls: readonly Running[],
    holdPicoUsd: bigint,
  ): Admitted {
    const { requestId, owner, nowMs, leaseMs, rule, opening } = admission
    for (const { balance } of lines) {
      balance.reserved += holdPicoUsd
      balance.usedMs = nowMs
    }
    const tokens: { rate: Rate; amount: number; resetMs: number }[] = []
    const states: RateState[] = []
    for (const [index, rate] of windows.entries()) {
      const { used, resetMs } = windowOf(rate, nowMs)
      const { unit = 'requests', amount = 0 } = admission.rates[index] ?? {}
      rate.used = used + amount
      rate.resetMs = resetMs
      states.push({ used: rate.used, resetMs })
      if (unit === 'tokens') tokens.push({ rate, amount, resetMs })
    }
    for (const call of calls) call.count++
    open.set(requestId, {
      owner,
      leaseMs,
      leaseUntilMs: nowMs + leaseMs,
      picoUsd: holdPicoUsd,
      costPicoUsd: 0n,
      lines: rule === 'postpaid' ? lines.map(({ balance }) => ({ balance, maxPicoUsd: undefined })) : lines,
      tokens,
      running: calls,
      opening,
    })
    return answerOf(holdPicoUsd, lines, states)
  }

  function extend(requestId: string, morePicoUsd: bigint): boolean {
    const hold = open.get(requestId)
    if (hold === undefined) return false
    const full = hold.lines.some(
      ({ balance, maxPicoUsd }) =>
        maxPicoUsd !== undefined && balance.settled + balance.reserved + morePicoUsd > maxPicoUsd,
    )
    if (full) return false
    for (const { balance } of hold.lines) balance.reserved += morePicoUsd
    hold.picoUsd += morePicoUsd
    return true
  }

  function settle({ requestId, nowMs, costPicoUsd, isPresumed = false, tokens }: Settlement): void {
    const hold = open.get(requestId)
    const guess = hold === undefined && !isPresumed ? presumed.get(requestId) : undefined
    const ending = hold ?? guess
    if (ending === undefined) return
    for (const { balance } of ending.lines) {
      if (hold !== undefined) balance.reserved -= hold.picoUsd
      balance.settled += costPicoUsd - ending.costPicoUsd
      balance.usedMs = nowMs
    }
    ending.costPicoUsd = costPicoUsd
    // A table that a Map has outgrown keeps what was in it until a whole collection, and this would keep the request.
    ending.opening = noOpening
    if (hold !== undefined) {
      for (const call of hold.running) call.count--
      if (tokens !== undefined) correctTokens(hold, tokens)
    }
    open.delete(requestId)
    presumed.delete(requestId)
    if (isPresumed) presumed.set(requestId, ending)
    else remember(requestId, ending.picoUsd)
  }

  function correctTokens({ tokens: taken }: Hold, tokens: number): void {
    for (const { rate, amount, resetMs } of taken)
      if (rate.resetMs === resetMs) rate.used = Math.max(0, rate.used + tokens - amount)
  }

  function remember(requestId: string, heldPicoUsd: bigint): void {
    closed.set(requestId, heldPicoUsd)
    const oldest = closedIds[closedCount % MAX_CLOSED]
    if (oldest !== undefined) closed.delete(oldest)
    closedIds[closedCount++ % MAX_CLOSED] = requestId
  }

  /** Forgets what is not in use, so that scopes that come and go do not pile up. */
  function sweep(nowMs: number): void {
    balances.sweep(nowMs - IDLE_MS)
    for (const ofUnit of [rates.requests, rates.tokens])
      for (const [name, { resetMs }] of ofUnit) if (nowMs >= resetMs) ofUnit.delete(name)
    for (const [name, { count }] of running) if (count === 0) running.delete(name)
    for (const [requestId, { leaseUntilMs }] of presumed)
      if (nowMs - leaseUntilMs > IDLE_MS) presumed.delete(requestId)
  }

  return {
    admit,
    extend,
    settle,
    read: async (keys) => {
      await balances.load(keys, 0)
      return keys.map((key) => stateOf(balances.find(key)))
    },
    renew: (owner, nowMs) => {
      for (const hold of open.values()) if (hold.owner === owner) hold.leaseUntilMs = nowMs + hold.leaseMs
      sweep(nowMs)
    },
    takeOrphans: (owner, nowMs, limit) => {
      const found: Orphan[] = []
      for (const [requestId, hold] of open) {
        if (found.length >= limit) break
        if (hold.leaseUntilMs > nowMs || hold.owner === owner) continue
        found.push({ requestId, owner: hold.owner, holdPicoUsd: hold.picoUsd, opening: hold.opening() })
        hold.owner = owner
        hold.leaseUntilMs = nowMs + hold.leaseMs
      }
      return Promise.resolve(found)
    },
    instances: () => 1,
    addSpent: ({ requestId, nowMs, keys, costPicoUsd }) => {
      if (closed.has(requestId)) return
      remember(requestId, 0n)
      for (const key of keys) {
        const balance = balances.find(key)
        if (balance === undefined) continue
        balance.settled += costPicoUsd
        balance.usedMs = nowMs
      }
    },
    close: () => Promise.resolve(),
  }
}

function answerOf(holdPicoUsd: bigint, lines: Hold['lines'], rates: readonly RateState[]): Admitted {
  return { admitted: true, holdPicoUsd, budgets: lines.map(({ balance }) => stateOf(balance)), rates }
}

/** The window that is open, or the one that this request would open. */
function windowOf(rate: Rate, nowMs: number): RateState {
  return {
    used: usedOf(rate, nowMs),
    resetMs: nowMs >= rate.resetMs ? nowMs + RATE_WINDOW_MS : rate.resetMs,
  }
}

function usedOf({ used, resetMs }: Rate, nowMs: number): number {
  return nowMs >= resetMs ? 0 : used
}

function stateOf(balance: Balance | undefined): BudgetState {
  return { settledPicoUsd: balance?.settled ?? 0n, reservedPicoUsd: balance?.reserved ?? 0n }
}
