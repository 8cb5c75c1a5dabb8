import type { Accounts } from '../../accounts.ts'
import { createMemoryCounters } from '../../counters/memory.ts'
import type { LedgerRecord } from '../../ledger/entry.ts'
import type { ScopeLimits } from '../../policy/limits.ts'
import { createWindows } from '../../policy/windows.ts'

/** Accounts in memory, and every record that was written. */
export function accountsOf(parts: Partial<Accounts> = {}): { accounts: Accounts; records: LedgerRecord[] } {
  const records: LedgerRecord[] = []
  const write = (record: LedgerRecord): void => void records.push(record)
  const accounts: Accounts = {
    owner: 'test',
    counters: createMemoryCounters({ load: (keys) => Promise.resolve(keys.map(() => 0n)) }),
    ledger: { open: write, close: write },
    windows: createWindows('UTC'),
    rule: 'reserve',
    leaseMs: 60_000,
    countedTokens: 'total',
    keepsContent: false,
    ...parts,
  }
  return { accounts, records }
}

/** A key with a budget. */
export function budgetOf(maxPicoUsd: bigint, parts: Partial<ScopeLimits> = {}): ScopeLimits {
  return { scope: { kind: 'key', id: 'k' }, budgets: [{ maxPicoUsd }], ...parts }
}
