import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { manualSchedule } from '../ledger/testing/manual-schedule.ts'
import { resourceTable } from './tables/resources.ts'
import { testDatabases } from './testing/databases.ts'
import type { KeyData } from './data.ts'
import { sweepRotatedKeys } from './rotated-keys.ts'

const keys = resourceTable('keys')

describe.each(testDatabases)('keys that were replaced in $dialect', ({ open }) => {
  test('are deleted when their time of grace is over, and no others', async () => {
    const { kysely } = await open()
    const time = manualSchedule(1_000_000)
    const columns = { alias: null, user_id: null, team_id: null, organization_id: null, budget_id: null }
    const made = { created_ms: 1, created_by: null, updated_ms: 1, updated_by: null, version: 1 }
    const insert = (id: string, expires_ms: number | null, data: KeyData): Promise<void> =>
      keys.insert(kysely, { ...columns, ...made, id, expires_ms, data })
    await insert('over', 4_600_000, { replaced_by: 'now' })
    await insert('in grace', 4_600_001, { replaced_by: 'now' })
    await insert('only ended', 1, { metadata: { note: 'replaced_by: nobody' } })
    await insert('now', null, { scope_id: 'over' })
    const stop = sweepRotatedKeys({
      queries: kysely,
      nowMs: time.nowMs,
      schedule: time.schedule,
      log: pino({ level: 'silent' }),
    })
    const ids = async () => (await keys.list(kysely)).map(({ id }) => id).toSorted()
    expect(await ids()).toHaveLength(4)
    time.pass(3_600_000)
    await stop()
    expect(await ids()).toEqual(['in grace', 'now', 'only ended'])
  })
})
