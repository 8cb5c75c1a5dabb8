import { z } from 'zod'
import { sumDays } from '../../ledger/reports/daily.ts'
import { countLogs, findLogs } from '../../ledger/reports/logs.ts'
import type { LogPlace } from '../../ledger/reports/logs.ts'
import type { RestRoute } from '../../rest/route.ts'
import { action } from '../action.ts'
import type { Admin } from '../admin.ts'
import { pageFields, pageOf, pagesOf } from '../paging.ts'
import { badRequest, notFound } from '../refusals.ts'
import { logFields, logSearch } from './log-search.ts'
import { requiredPeriod } from './period.ts'
import { renderLog } from './render-log.ts'
import { summarizeDays } from './summary.ts'
import { whoseByKey } from './whose.ts'

/** LiteLLM gives all there are; nobody can use more than this in one answer. */
const MOST_LOGS = 10_000
/** Counting goes no further. */
const MOST_COUNTED = 100_000

const logRows = z.array(z.looseObject({ request_id: z.string() }))

export function createLogRoutes(admin: Admin): readonly RestRoute[] {
  return [spendLogs(admin), logPages(admin), sessionLogs(admin), logDetails(admin)]
}

function spendLogs(admin: Admin): RestRoute {
  return action(admin, {
    method: 'GET',
    paths: ['/spend/logs'],
    tag: 'Spend',
    summary: 'Requests, the newest first; with a start and an end date, their sums by day',
    access: 'spend:read',
    query: z.object({
      ...logFields,
      summarize: z
        .enum(['true', 'false'], 'expected true or false')
        .default('true')
        .meta({ description: 'false: requests, although there are dates' }),
      limit: z.coerce.number().int().min(1).max(MOST_LOGS).default(MOST_LOGS),
    }),
    answer: { description: 'Requests, or days', schema: z.array(z.looseObject({})) },
    run: async ({ query }, { db, principal }) => {
      const { start_date, end_date, request_id, summarize, limit } = query
      if (
        start_date !== undefined &&
        end_date !== undefined &&
        request_id === undefined &&
        summarize === 'true'
      ) {
        const period = requiredPeriod(query)
        const wanted = whoseByKey(query, principal)
        const users = await sumDays(db, {
          ...period,
          ...wanted,
          by: ['day', 'scope_id', 'key_hash', 'model'],
        })
        return summarizeDays(users, wanted.kind === 'user', period)
      }
      const logs = await findLogs(db, logSearch(query, principal), { limit })
      return logs.map(renderLog)
    },
  })
}

function logPages(admin: Admin): RestRoute {
  const { page, size } = pageFields(50, 100)
  return action(admin, {
    method: 'GET',
    paths: ['/spend/logs/v2', '/spend/logs/ui'],
    tag: 'Spend',
    summary: 'Requests by page, with filters',
    access: 'spend:read',
    query: z.object({
      ...logFields,
      page,
      page_size: size,
      sort_by: z.enum(['startTime', 'endTime', 'spend', 'total_tokens']).default('startTime'),
      sort_order: z.enum(['asc', 'desc']).default('desc'),
      cursor: z
        .string()
        .optional()
        .meta({ description: '`next_cursor` of the page before: costs the same however far it is' }),
    }),
    answer: {
      description: 'One page',
      schema: z.looseObject({ data: logRows, total: z.int(), page: z.int(), total_pages: z.int() }),
    },
    run: async ({ query }, { db, principal }) => {
      const { start_date, end_date, page, page_size, sort_by, sort_order, cursor } = query
      if (start_date === undefined || end_date === undefined)
        throw badRequest('Start date and end date are required.', 'start_date')
      const search = logSearch(query, principal)
      const sort = sort_by === 'spend' ? 'cost' : sort_by === 'total_tokens' ? 'tokens' : 'time'
      const place =
        cursor === undefined
          ? pageOf({ page, size: page_size })
          : { limit: page_size, after: readCursor(cursor) }
      const logs = await findLogs(db, search, { ...place, sort, order: sort_order })
      const last = logs.length < page_size ? undefined : logs.at(-1)
      const isAll = page === 1 && cursor === undefined && last === undefined
      const total = isAll ? logs.length : await countLogs(db, search, MOST_COUNTED)
      return {
        data: logs.map(renderLog),
        total,
        page,
        page_size,
        total_pages: pagesOf(total, page_size),
        next_cursor: last === undefined || sort !== 'time' ? null : renderCursor(last),
      }
    },
  })
}

function sessionLogs(admin: Admin): RestRoute {
  return action(admin, {
    method: 'GET',
    paths: ['/spend/logs/session/ui'],
    tag: 'Spend',
    summary: 'The requests of a session, in their order',
    access: 'spend:read',
    query: z.object({ session_id: z.string() }),
    answer: { description: 'Requests', schema: logRows },
    run: async ({ query }, { db, principal }) => {
      const search = logSearch(query, principal)
      return (await findLogs(db, search, { limit: MOST_LOGS, order: 'asc' })).map(renderLog)
    },
  })
}

function logDetails(admin: Admin): RestRoute {
  return action(admin, {
    method: 'GET',
    paths: ['/spend/logs/ui/:request_id'],
    params: { request_id: 'The id of the answer, or of the call' },
    tag: 'Spend',
    summary: 'What a request said and was answered, where that is kept',
    access: 'spend:read',
    query: z.object({ start_date: logFields.start_date, end_date: logFields.end_date }),
    answer: { description: 'The request and its answer', schema: z.looseObject({}) },
    run: async ({ query, params }, { db, principal }) => {
      const { request_id } = params
      const [log] = await findLogs(db, logSearch({ ...query, request_id }, principal), { limit: 1 })
      if (log === undefined) throw notFound('There is no such request, or its log was deleted.', 'request_id')
      const { messages, response, proxy_server_request } = renderLog(log)
      return { messages, response, proxy_server_request }
    },
  })
}

function renderCursor({ started_ms, request_id }: LogPlace): string {
  return Buffer.from(JSON.stringify([started_ms, request_id])).toString('base64url')
}

const cursorShape = z.tuple([z.int(), z.string()])

function readCursor(cursor: string): LogPlace {
  try {
    const [started_ms, request_id] = cursorShape.parse(
      JSON.parse(Buffer.from(cursor, 'base64url').toString()),
    )
    return { started_ms, request_id }
  } catch {
    throw badRequest('This is no cursor. Take next_cursor of the page before.', 'cursor')
  }
}
