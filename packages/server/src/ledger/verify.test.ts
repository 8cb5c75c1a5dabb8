import { beforeEach, describe, expect, it } from 'vitest'
import type { BudgetKey } from '../policy/counters.ts'
import type { Database } from '../store/database.ts'
import { testDatabases } from '../store/testing/databases.ts'
import { createIngest } from './ingest.ts'
import { estimate } from './pairing.ts'
import { NOON_MS, opening, pair } from './testing/records.ts'
import { verify } from './verify.ts'

describe.each(testDatabases)('verifying in $dialect', ({ open }) => {
  let database: Database
  beforeEach(async () => {
    database = await open()
    const everyone = { userId: 'u', organizationId: 'o', endUserId: 'e', agentId: 'a', tags: ['x', 'y'] }
    await createIngest(
      database,
      () => NOON_MS,
    )([
      pair('r1', { opening: { parties: everyone } }),
      pair('r2', { opening: { parties: everyone, atMs: NOON_MS + 86_400_000 } }),
      pair('r3', { closing: { state: 'released', costPicoUsd: 0n, log: { deploymentId: undefined } } }),
      estimate(opening('r4'), NOON_MS),
    ])
  })

  it('finds nothing where nothing is wrong', async () => {
    expect(await verify(database)).toEqual({ entries: 4, totalPicoUsd: 1_500_000n, drifts: [] })
  })

  it('finds a changed balance, a missing one, and one that nothing stands for', async () => {
    const { kysely } = database
    await kysely
      .updateTable('balances')
      .set({ settled_pico_usd: 1_500_001n })
      .where('scope_kind', '=', 'key')
      .execute()
    await kysely.deleteFrom('balances').where('scope_kind', '=', 'team').execute()
    await kysely
      .insertInto('balances')
      .values({
        scope_kind: 'user',
        scope_id: 'nobody',
        window_id: 'all',
        settled_pico_usd: 5n,
        requests: 1,
        tokens: 0,
        updated_ms: 0,
      })
      .execute()
    const { drifts } = await verify(database)
    expect(drifts).toEqual([
      {
        in: 'balances',
        scope: 'key:key-1',
        period: 'all',
        expectedPicoUsd: 1_500_000n,
        foundPicoUsd: 1_500_001n,
        expectedRequests: 4,
        foundRequests: 4,
      },
      expect.objectContaining({ scope: 'team:team-1', expectedPicoUsd: 1_500_000n, foundPicoUsd: 0n }),
      expect.objectContaining({ scope: 'user:nobody', expectedPicoUsd: 0n, foundPicoUsd: 5n }),
    ])
  })

  it('finds days that do not agree', async () => {
    await database.kysely
      .updateTable('daily_spend')
      .set({ requests: 3 })
      .where('scope_kind', '=', 'tag')
      .where('scope_id', '=', 'x')
      .execute()
    const { drifts } = await verify(database)
    expect(drifts).toMatchObject([
      { in: 'daily_spend', scope: 'tag:x', period: '2026-11-27', expectedRequests: 1, foundRequests: 3 },
      { in: 'daily_spend', scope: 'tag:x', period: '2026-11-28' },
    ])
  })

  it('compares counters with balances', async () => {
    const { drifts } = await verify(database, {
      read: async (keys: readonly BudgetKey[]) =>
        keys.map(({ scope }) => ({
          settledPicoUsd: scope.kind === 'team' ? 7n : 1_500_000n,
          reservedPicoUsd: 0n,
        })),
    })
    expect(drifts).toMatchObject([{ in: 'counters', scope: 'team:team-1', foundPicoUsd: 7n }])
  })
})
