import { createActivity } from '../../packages/server/src/admin/spend/activity.ts'
import { listDays, sumDays } from '../../packages/server/src/ledger/reports/daily.ts'
import { countLogs, findLogs } from '../../packages/server/src/ledger/reports/logs.ts'
import { readStatement } from '../../packages/server/src/ledger/reports/statement.ts'
import type { Database, Queries } from '../../packages/server/src/store/database.ts'
import { DAYS, LAST_DAY } from './generate.ts'

/** A report as a route of the gateway makes it. */
export interface Report {
  readonly name: string
  readonly run: (queries: Queries) => Promise<unknown>
}

const DAY_MS = 86_400_000
const month = { fromDay: LAST_DAY - 29, toDay: LAST_DAY }
const all = { fromDay: LAST_DAY - DAYS + 1, toDay: LAST_DAY }
const key = '7b'.padStart(64, '0')

/** @param known ids of a request in the middle of the time. */
export async function createReports({ kysely }: Database): Promise<Report[]> {
  const middleMs = (LAST_DAY - DAYS / 2) * DAY_MS
  const [some] = await findLogs(kysely, { fromMs: middleMs, toMs: middleMs + DAY_MS }, { limit: 1 })
  if (some === undefined) throw new Error('there are no requests: generate them first')
  const logs = { fromMs: month.fromDay * DAY_MS, toMs: (month.toDay + 1) * DAY_MS }
  const activity = async (queries: Queries, wanted: Parameters<typeof listDays>[1]): Promise<unknown> => {
    const gathered = createActivity(true)
    for (const row of await listDays(queries, wanted, { limit: 1_000, offset: 0 })) gathered.add(row)
    return gathered.render(() => ({}))
  }
  return [
    { name: 'request by our id', run: (db) => findLogs(db, { id: some.request_id }, { limit: 10 }) },
    {
      name: "request by the answer's id",
      run: (db) => findLogs(db, { id: some.response_id ?? '' }, { limit: 10 }),
    },
    { name: 'newest 50 requests', run: (db) => findLogs(db, {}, { limit: 50 }) },
    { name: '50 requests of a month, by page', run: (db) => findLogs(db, logs, { limit: 50, offset: 500 }) },
    { name: '50 requests behind a place', run: (db) => findLogs(db, {}, { limit: 50, after: some }) },
    {
      name: '50 requests of a key',
      run: (db) => findLogs(db, { ...logs, where: { key_hash: key } }, { limit: 50 }),
    },
    {
      name: '50 requests of a user',
      run: (db) => findLogs(db, { ...logs, where: { user_id: 'user-7' } }, { limit: 50 }),
    },
    {
      name: '50 requests of a team and a model',
      run: (db) => findLogs(db, { ...logs, where: { team_id: 'team-7', model: 'model-8' } }, { limit: 50 }),
    },
    {
      name: '50 failures of a month',
      run: (db) => findLogs(db, { ...logs, where: { status: 'failure' } }, { limit: 50 }),
    },
    {
      name: 'count requests of a key',
      run: (db) => countLogs(db, { ...logs, where: { key_hash: key } }, 100_000),
    },
    { name: 'count requests of a month, at most 100,000', run: (db) => countLogs(db, logs, 100_000) },
    { name: 'spend of a month', run: (db) => sumDays(db, { kind: 'global', ...month, by: [] }) },
    { name: 'spend by day, 90 days', run: (db) => sumDays(db, { kind: 'global', ...all, by: ['day'] }) },
    {
      name: 'spend by model',
      run: (db) => sumDays(db, { kind: 'global', ...month, by: ['model'], top: 100 }),
    },
    {
      name: 'spend by provider',
      run: (db) => sumDays(db, { kind: 'global', ...month, by: ['provider'], top: 100 }),
    },
    {
      name: 'spend by key, the first 100',
      run: (db) => sumDays(db, { kind: 'key', ...month, by: ['key_hash'], top: 100 }),
    },
    {
      name: 'spend by team and day',
      run: (db) => sumDays(db, { kind: 'team', ...month, by: ['day', 'scope_id'] }),
    },
    {
      name: 'spend by user',
      run: (db) => sumDays(db, { kind: 'user', ...month, by: ['scope_id'], top: 100 }),
    },
    {
      name: 'spend by organization',
      run: (db) => sumDays(db, { kind: 'organization', ...month, by: ['scope_id'], top: 100 }),
    },
    { name: 'spend by tag', run: (db) => sumDays(db, { kind: 'tag', ...month, by: ['scope_id'], top: 100 }) },
    {
      name: 'spend by agent',
      run: (db) => sumDays(db, { kind: 'agent', ...month, by: ['scope_id'], top: 100 }),
    },
    {
      name: 'spend by customer, the first 100',
      run: (db) => sumDays(db, { kind: 'end_user', ...month, by: ['scope_id'], top: 100 }),
    },
    {
      name: 'spend of a key by model',
      run: (db) => sumDays(db, { kind: 'key', where: { scope_id: key }, ...month, by: ['model'] }),
    },
    {
      name: 'daily activity of a user',
      run: (db) => activity(db, { kind: 'user', where: { scope_id: 'user-7' }, ...month }),
    },
    { name: 'daily activity of all teams, a page', run: (db) => activity(db, { kind: 'team', ...month }) },
    { name: 'daily activity of everyone, a page', run: (db) => activity(db, { kind: 'key', ...month }) },
    {
      name: 'statement of a key',
      run: (db) =>
        readStatement(
          db,
          { kind: 'key', id: key },
          { fromMs: 0, toMs: logs.toMs, limit: 100, after: { at_ms: middleMs, request_id: '' } },
        ),
    },
    {
      name: 'statement of a tag',
      run: (db) =>
        readStatement(
          db,
          { kind: 'tag', id: 'tag-7' },
          { fromMs: 0, toMs: logs.toMs, limit: 100, after: { at_ms: middleMs, request_id: '' } },
        ),
    },
  ]
}
