import { beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../database.ts'
import { testDatabases } from '../testing/databases.ts'
import { readBalances } from './balances.ts'

describe.each(testDatabases)('balances in $dialect', ({ open }) => {
  let database: Database
  beforeAll(async () => {
    database = await open()
    const rows = [
      ['key', 'a', 'all', 1n],
      ['key', 'a', '1d/2026-11-27', 2n],
      ['key', 'b', 'all', 9_007_199_254_740_993n],
      ['team', 'a', 'all', 4n],
    ] as const
    for (const [scope_kind, scope_id, window_id, settled_pico_usd] of rows)
      await database.kysely
        .insertInto('balances')
        .values({
          scope_kind,
          scope_id,
          window_id,
          settled_pico_usd,
          started_pico_usd: 0n,
          requests: 1,
          tokens: 0,
          updated_ms: 0,
        })
        .execute()
  })

  const key = (kind: string, id: string, windowId: string) => ({ scope: { kind, id }, windowId })

  it.each([
    { what: 'nothing', keys: [], spent: [] },
    {
      what: 'in the order of the keys',
      keys: [key('team', 'a', 'all'), key('key', 'b', 'all'), key('key', 'a', 'all')],
      spent: [4n, 9_007_199_254_740_993n, 1n],
    },
    {
      what: '0 for what nobody has spent in',
      keys: [key('key', 'b', '1d/2026-11-27'), key('user', 'a', 'all'), key('key', 'a', '1d/2026-11-27')],
      spent: [0n, 0n, 2n],
    },
  ])('$what', async ({ keys, spent }) => {
    expect(await readBalances(database.kysely, keys)).toEqual(spent)
  })
})
