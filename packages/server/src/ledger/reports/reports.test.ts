import { beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../../store/database.ts'
import { testDatabases } from '../../store/testing/databases.ts'
import { createIngest } from '../ingest.ts'
import { estimate } from '../pairing.ts'
import { dayOf } from '../rows.ts'
import { NOON_MS, opening, pair } from '../testing/records.ts'
import { addTotals, sumDays } from './daily.ts'
import { countLogs, findLogs } from './logs.ts'
import type { LogSearch } from './logs.ts'
import { readStatement, totalBefore } from './statement.ts'
import type { StatementScope } from './statement.ts'

const DAY_MS = 86_400_000
const TODAY = dayOf(NOON_MS)

describe.each(testDatabases)('reports of $dialect', ({ open }) => {
  let database: Database
  beforeAll(async () => {
    database = await open()
    const ingest = createIngest(database, () => NOON_MS)
    // Two keys by turns, ten requests a day for three days, the last of each day failed.
    await ingest(
      Array.from({ length: 30 }, (_, index) => {
        const atMs = NOON_MS + Math.floor(index / 10) * DAY_MS + (index % 10) * 1_000
        const failed = index % 10 === 9
        return pair(`r${String(index).padStart(2, '0')}`, {
          opening: {
            atMs,
            modelGroup: index % 3 === 0 ? 'claude' : 'gpt',
            parties: {
              keyHash: `key-${index % 2}`,
              userId: 'ada',
              teamId: undefined,
              tags: index % 5 === 0 ? ['batch'] : [],
            },
          },
          closing: {
            costPicoUsd: failed ? 0n : BigInt(index + 1),
            log: {
              startedMs: atMs,
              status: failed ? 'failure' : 'success',
              statusCode: failed ? 429 : 200,
              cacheHit: index === 4,
              model: index % 3 === 0 ? 'claude-5' : 'gpt-5',
            },
          },
        })
      }),
    )
    await ingest([estimate(opening('late', { atMs: NOON_MS, parties: { userId: 'ada' } }), NOON_MS)])
    await ingest([pair('late', { opening: { parties: { userId: 'ada' } }, closing: { costPicoUsd: 100n } })])
  })

  describe('of days', () => {
    it('are summed by what is asked for', async () => {
      const period = { fromDay: TODAY, toDay: TODAY + 2 }
      const { kysely } = database
      const days = await sumDays(kysely, { kind: 'global', ...period, by: ['day'] })
      expect(days.map(({ day, cost_pico_usd }) => [day - TODAY, cost_pico_usd])).toEqual([
        [0, 145n],
        [1, 135n],
        [2, 225n],
      ])
      expect(days[0]).toMatchObject({
        requests: 11,
        successful_requests: 10,
        failed_requests: 1,
        rate_limited_requests: 1,
        cached_requests: 1,
        cached_output_tokens: 5,
      })
      expect(addTotals(days)).toMatchObject({ cost_pico_usd: 505n, requests: 31, failed_requests: 3 })
      const models = await sumDays(kysely, { kind: 'user', ...period, by: ['model'] })
      expect(models.map(({ model }) => model)).toEqual(['claude-5', 'gpt-5'])
      const keys = await sumDays(kysely, { kind: 'key', ...period, by: ['key_hash'], top: 2 })
      expect(keys.map(({ key_hash }) => key_hash)).toEqual(['key-1', 'key-0'])
    })

    it.each([
      ['a day', { fromDay: TODAY + 1, toDay: TODAY + 1 }, undefined, 135n],
      ['a key', { fromDay: TODAY, toDay: TODAY + 9 }, { scope_id: 'key-0' }, 225n],
      ['a key and a model', { fromDay: TODAY, toDay: TODAY }, { scope_id: 'key-0', model: 'claude-5' }, 8n],
      [
        'a key and a name that clients ask for',
        { fromDay: TODAY, toDay: TODAY },
        { scope_id: 'key-0', model: 'claude' },
        8n,
      ],
      ['nobody', { fromDay: TODAY, toDay: TODAY }, { scope_id: [] }, 0n],
    ])('are of %s', async (_, period, where, expected) => {
      const rows = await sumDays(database.kysely, { kind: 'key', where, ...period, by: [] })
      expect(addTotals(rows).cost_pico_usd).toBe(expected)
    })
  })

  describe('of requests', () => {
    const search = async (by: LogSearch): Promise<string[]> =>
      (await findLogs(database.kysely, by, { limit: 100 })).map((log) => log.request_id)

    it.each<[string, LogSearch, string[]]>([
      ['our own id', { id: 'r03' }, ['r03']],
      ["the answer's id", { id: 'chatcmpl-r03' }, ['r03']],
      ['a key and a status', { where: { key_hash: 'key-1', status: 'failure' } }, ['r29', 'r19', 'r09']],
      ['a key of another', { visible: [{ key_hash: 'key-7' }, { team_id: 'x' }] }, []],
      [
        'a time, both ends included',
        { fromMs: NOON_MS + DAY_MS + 8_000, toMs: NOON_MS + 2 * DAY_MS },
        ['r20', 'r19', 'r18'],
      ],
    ])('are found by %s', async (_, by, expected) => {
      expect(await search(by)).toEqual(expected)
      expect(await countLogs(database.kysely, by, 2)).toBe(Math.min(2, expected.length))
    })

    it.each(['asc', 'desc'] as const)('are turned over by place, %s', async (order) => {
      const seen: string[] = []
      for (let after: Awaited<ReturnType<typeof findLogs>>[number] | undefined; ;) {
        const page = await findLogs(database.kysely, {}, { limit: 7, order, after })
        seen.push(...page.map((log) => log.request_id))
        after = page.at(-1)
        if (after === undefined) break
      }
      expect(seen).toHaveLength(31)
      expect(new Set(seen).size).toBe(31)
    })

    it('are sorted by cost', async () => {
      const [most] = await findLogs(database.kysely, {}, { limit: 1, sort: 'cost' })
      expect(most?.request_id).toBe('late')
    })
  })

  describe('of a scope', () => {
    const all = { fromMs: 0, toMs: NOON_MS + 9 * DAY_MS, limit: 100 }
    it.each<[StatementScope, number, bigint]>([
      [{ kind: 'key', id: 'key-1' }, 16, 280n],
      [{ kind: 'user', id: 'ada' }, 31, 505n],
      [{ kind: 'tag', id: 'batch' }, 6, 81n],
      [{ kind: 'global', id: '' }, 31, 505n],
      [{ kind: 'team', id: 'nobody' }, 0, 0n],
    ])('$kind are its entries and their sum', async (scope, count, total) => {
      const lines = await readStatement(database.kysely, scope, all)
      expect(lines).toHaveLength(count)
      const sum = lines.reduce((before, line) => before + line.cost_pico_usd, 0n)
      expect([sum, await totalBefore(database.kysely, scope, all.toMs)]).toEqual([total, total])
    })

    it('are turned over in the order of admission', async () => {
      const scope = { kind: 'tag', id: 'batch' } as const
      const first = await readStatement(database.kysely, scope, { ...all, limit: 4 })
      const next = await readStatement(database.kysely, scope, { ...all, limit: 4, after: first.at(-1) })
      expect([...first, ...next].map((line) => line.request_id)).toEqual([
        'r00',
        'r05',
        'r10',
        'r15',
        'r20',
        'r25',
      ])
    })
  })
})
