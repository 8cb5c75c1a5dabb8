import { vi } from 'vitest'
import { hashKey } from '../../../packages/server/src/auth/virtual-key.ts'
import { verify } from '../../../packages/server/src/ledger/verify.ts'
import type { Database } from '../../../packages/server/src/store/database.ts'

export interface Entry {
  request_id: string
  state: string
  cost_pico_usd: bigint
  key_hash: string
}

export async function entriesOf({ kysely }: Database, key: string): Promise<Entry[]> {
  return await kysely
    .selectFrom('ledger_entries')
    .select(['request_id', 'state', 'cost_pico_usd', 'key_hash'])
    .where('key_hash', '=', hashKey(key))
    .execute()
}

/** The ledger's entries of a key, as soon as they are what is looked for. */
export async function entriesWhen(
  database: Database,
  key: string,
  fits: (entries: readonly Entry[]) => boolean,
): Promise<Entry[]> {
  return await vi.waitFor(
    async () => {
      const entries = await entriesOf(database, key)
      if (!fits(entries)) throw new Error(`the ledger has ${entries.length} entries: ${tell(entries)}`)
      return entries
    },
    { timeout: 30_000, interval: 50 },
  )
}

/** Sums of days, balances and entries agree: what `switchyard ledger verify` looks at. */
export async function driftsOf(database: Database): Promise<readonly object[]> {
  return (await verify(database)).drifts
}

export function sumOf(entries: readonly Entry[]): bigint {
  return entries.reduce((sum, entry) => sum + entry.cost_pico_usd, 0n)
}

function tell(entries: readonly Entry[]): string {
  const states = new Map<string, number>()
  for (const { state } of entries) states.set(state, (states.get(state) ?? 0) + 1)
  return JSON.stringify([...states])
}
