import { CountersUnavailable } from '../policy/counters.ts'
import type { Admission, AdmissionResult, Counters, Settlement } from '../policy/counters.ts'
import { ledgerUnavailable } from '../policy/refusal.ts'
import { createMemoryCounters } from './memory.ts'
import type { SharedCounters, Spent } from './shared-counters.ts'

export interface SteadyCountersInput {
  /** Counters in memory are shared with nobody, and need the ledger all the same. */
  readonly shared: SharedCounters
  /** `allow_requests_on_db_unavailable`: budgets that cannot be checked let requests pass. */
  readonly allowUnchecked: boolean
  /** Told once when more waits to be told than is kept; the ledger knows it all the same. */
  readonly onDropped: () => void
}

/** What waits to be told to a store that is away. */
const MAX_WAITING = 100_000

/**
 * Counters that may be away, or the ledger that they begin with. Meanwhile rates are counted here, with a fair share of each limit; requests with
 * a limited budget are refused, because nobody knows what is left; all others go on. What ends meanwhile is told
 * when the store is back, and what was spent unseen is told then too.
 *
 * @throws `ledger_unavailable` from `admit`
 */
export function createSteadyCounters({ shared, ...input }: SteadyCountersInput): Counters {
  const local = createMemoryCounters({ load: (keys) => Promise.resolve(keys.map(() => 0n)) })
  /** Admitted here alone. */
  const alone = new Map<string, Admission>()
  const ends = new Map<string, Settlement>()
  const late = new Map<string, Spent>()
  let isTelling = false
  let hasDropped = false

  function admit(admission: Admission): AdmissionResult | Promise<AdmissionResult> {
    const told = shared.admit(admission)
    // Counters in memory answer at once, and nothing is made to wait for them.
    if (told instanceof Promise) return told.then(goOn, (error: unknown) => admitWithout(admission, error))
    return goOn(told)
  }

  function goOn(result: AdmissionResult): AdmissionResult {
    if (!isTelling && ends.size + late.size > 0) void tell()
    return result
  }

  async function admitWithout(admission: Admission, error: unknown): Promise<AdmissionResult> {
    if (!(error instanceof CountersUnavailable)) throw error
    const { requestId, nowMs } = admission
    // It may still arrive and hold what nobody will settle.
    if (error.wasAsked) wait(ends, requestId, { requestId, nowMs, costPicoUsd: 0n })
    return await admitAlone(admission, error)
  }

  async function admitAlone(admission: Admission, cause: unknown): Promise<AdmissionResult> {
    const isLimited = admission.budgets.some(({ maxPicoUsd }) => maxPicoUsd !== undefined)
    if (isLimited && !input.allowUnchecked) throw ledgerUnavailable(cause)
    const result = await local.admit({
      ...admission,
      budgets: [],
      rates: admission.rates.map((line) => {
        const max = shareOf(line.max)
        return { ...line, max, amount: Math.min(line.amount, Math.max(max, 1)) }
      }),
      parallels: admission.parallels.map((line) => ({ ...line, max: shareOf(line.max) })),
    })
    if (result.admitted) alone.set(admission.requestId, admission)
    return result
  }

  function shareOf(max: number): number {
    return max === 0 ? 0 : Math.max(1, Math.floor(max / shared.instances()))
  }

  function settle(settlement: Settlement): void | Promise<void> {
    const { requestId, nowMs, costPicoUsd } = settlement
    const admission = alone.get(requestId)
    if (admission === undefined)
      return shared.settle(settlement)?.catch((error: unknown) => {
        if (!(error instanceof CountersUnavailable)) throw error
        wait(ends, requestId, settlement)
      })
    alone.delete(requestId)
    if (admission.budgets.length > 0 && costPicoUsd > 0n)
      wait(late, requestId, { requestId: `${requestId}~unseen`, nowMs, keys: admission.budgets, costPicoUsd })
    return local.settle(settlement)
  }

  function wait<Value>(waiting: Map<string, Value>, requestId: string, value: Value): void {
    waiting.set(requestId, value)
    if (waiting.size <= MAX_WAITING) return
    waiting.delete(requestId)
    if (!hasDropped) input.onDropped()
    hasDropped = true
  }

  /** Until the store is away again. */
  async function tell(): Promise<void> {
    isTelling = true
    try {
      for (const [requestId, end] of ends) {
        await shared.settle(end)
        if (ends.get(requestId) === end) ends.delete(requestId)
      }
      for (const [requestId, spent] of late) {
        await shared.addSpent(spent)
        late.delete(requestId)
      }
      hasDropped = false
    } catch {
      // The next success or renewal tries again.
    } finally {
      isTelling = false
    }
  }

  async function orElse<Value>(ask: () => Value | Promise<Value>, otherwise: Value): Promise<Value> {
    try {
      return await ask()
    } catch (error) {
      if (error instanceof CountersUnavailable) return otherwise
      throw error
    }
  }

  return {
    admit,
    settle,
    // A request that nobody counts may grow; one whose budget nobody knows may not.
    extend: async (requestId, morePicoUsd) =>
      alone.has(requestId) || (await orElse(() => shared.extend(requestId, morePicoUsd), false)),
    read: shared.read,
    renew: async (owner, nowMs) => {
      await local.renew(owner, nowMs)
      await orElse(async () => {
        await shared.renew(owner, nowMs)
        if (!isTelling) await tell()
      }, undefined)
    },
    takeOrphans: async (owner, nowMs, limit) =>
      await orElse(() => shared.takeOrphans(owner, nowMs, limit), []),
    close: async () => {
      await shared.close()
      await local.close()
    },
  }
}
