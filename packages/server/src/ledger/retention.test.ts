import { describe, expect, it } from 'vitest'
import { testDatabases } from '../store/testing/databases.ts'
import { createIngest } from './ingest.ts'
import { createRetention } from './retention.ts'
import { dayOf } from './rows.ts'
import { manualSchedule } from './testing/manual-schedule.ts'
import { NOON_MS, pair } from './testing/records.ts'
import { verify } from './verify.ts'

const DAY_MS = 86_400_000

describe.each(testDatabases)('old logs in $dialect', ({ open }) => {
  it('are deleted by whole days, and nothing that was spent is', async () => {
    const database = await open()
    const time = manualSchedule(NOON_MS + 3 * DAY_MS)
    const pairs = Array.from({ length: 4 * 30 }, (_, index) =>
      pair(`r${index}`, { opening: { atMs: NOON_MS + (index % 4) * DAY_MS } }),
    )
    await createIngest(database, time.nowMs)(pairs)
    const retention = createRetention({
      database,
      keep: { count: 36, unit: 'h' },
      everyMs: DAY_MS,
      nowMs: time.nowMs,
      schedule: time.schedule,
      log: { info: () => {}, warn: () => {} },
    })
    const days = async (): Promise<number[]> => {
      const rows = await database.kysely
        .selectFrom('request_logs')
        .select('day')
        .distinct()
        .orderBy('day')
        .execute()
      return rows.map(({ day }) => day - dayOf(NOON_MS))
    }
    retention.start()
    expect(await days()).toEqual([0, 1, 2, 3])
    time.pass(60_000)
    await retention.stop()
    expect(await days()).toEqual([1, 2, 3])
    expect(await verify(database)).toMatchObject({ entries: 120, drifts: [] })
    // What comes late for a day that is gone is written all the same.
    await createIngest(database, time.nowMs)([pair('late', { opening: { atMs: NOON_MS } })])
    expect(await days()).toEqual([0, 1, 2, 3])
  })
})
