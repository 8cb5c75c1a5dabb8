import { CountersUnavailable } from '../policy/counters.ts'
import type { BudgetKey, LoadBalances } from '../policy/counters.ts'
import { rememberBy } from '../policy/remember.ts'

/** Money of one scope in one window. */
export interface Balance {
  settled: bigint
  reserved: bigint
  usedMs: number
}

/** Balances that begin with what the ledger has, and are kept as long as they are used. */
export interface Balances {
  readonly find: (key: BudgetKey) => Balance | undefined
  /**
   * Makes those that are missing. The ledger is asked once, however many ask for the same.
   *
   * @throws `CountersUnavailable`
   */
  readonly load: (keys: readonly BudgetKey[], nowMs: number) => Promise<void>
  /** Forgets those that hold nothing and were last used before this time. */
  readonly sweep: (beforeMs: number) => void
}

export function createBalances(load: LoadBalances): Balances {
  const balances = new Map<string, Balance>()
  const loading = new Map<string, Promise<void>>()

  async function make(keys: readonly BudgetKey[], nowMs: number): Promise<void> {
    const spent = await load(keys).catch(unknownBalances)
    for (const [index, key] of keys.entries())
      balances.set(nameOf(key), { settled: spent[index] ?? 0n, reserved: 0n, usedMs: nowMs })
  }

  return {
    find: (key) => balances.get(nameOf(key)),
    load: async (keys, nowMs) => {
      const fresh = keys.filter((key) => !balances.has(nameOf(key)) && !loading.has(nameOf(key)))
      const made = fresh.length === 0 ? undefined : make(fresh, nowMs)
      for (const key of fresh) if (made !== undefined) loading.set(nameOf(key), made)
      try {
        await Promise.all(keys.map((key) => loading.get(nameOf(key))))
      } finally {
        for (const key of fresh) loading.delete(nameOf(key))
      }
    },
    sweep: (beforeMs) => {
      for (const [name, { reserved, usedMs }] of balances)
        if (reserved === 0n && usedMs < beforeMs) balances.delete(name)
    },
  }
}

/** For a ledger that does not answer. */
export function unknownBalances(cause: unknown): never {
  throw new CountersUnavailable('The ledger could not say what was spent so far.', { wasAsked: false, cause })
}

const nameOf = rememberBy(({ scope, windowId }: BudgetKey) => `${scope.kind}:${scope.id}\n${windowId}`)
