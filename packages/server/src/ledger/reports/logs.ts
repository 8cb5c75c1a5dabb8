import { sql } from 'kysely'
import type { RawBuilder, SelectQueryBuilder } from 'kysely'
import type { Queries } from '../../store/database.ts'
import type { RequestLogRow, Schema } from '../../store/schema.ts'
import { matching } from '../../store/tables/filter.ts'
import type { Filter } from '../../store/tables/filter.ts'
import { dayOf } from '../rows.ts'

/** A log's place in the order of time. */
export type LogPlace = Pick<RequestLogRow, 'started_ms' | 'request_id'>

export interface LogSearch {
  /** What they are. */
  readonly where?: Filter<RequestLogRow> | undefined
  /** Only what one of these says as well: what somebody may see. */
  readonly visible?: readonly Filter<RequestLogRow>[] | undefined
  /** The answer's id or our own. */
  readonly id?: string | undefined
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
}

export interface LogPage {
  /** Default: the newest first. */
  readonly order?: 'asc' | 'desc' | undefined
  readonly sort?: 'time' | 'cost' | 'tokens' | undefined
  readonly limit: number
  /** Goes on behind this log; costs the same on every page. Only for the order of time. */
  readonly after?: LogPlace | undefined
  /** Skips so many, for pages by number. */
  readonly offset?: number | undefined
}

export async function findLogs(queries: Queries, search: LogSearch, page: LogPage): Promise<RequestLogRow[]> {
  const { order = 'desc', sort = 'time', limit, after, offset } = page
  let query = searched(queries, search).selectAll()
  if (sort === 'cost') query = query.orderBy('cost_pico_usd', order)
  if (sort === 'tokens') query = query.orderBy(sql`input_tokens + output_tokens`, order)
  query = query.orderBy('started_ms', order).orderBy('request_id', order).limit(limit)
  if (offset !== undefined && offset > 0) query = query.offset(offset)
  if (after !== undefined)
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(
        refTuple('started_ms', 'request_id'),
        order === 'desc' ? '<' : '>',
        tuple(after.started_ms, after.request_id),
      ),
    )
  return await query.execute()
}

/** How many there are, or `most` when there are more: counting all of very many takes too long. */
export async function countLogs(queries: Queries, search: LogSearch, most: number): Promise<number> {
  const some = searched(queries, search)
    .select(sql`1`.as('one'))
    .limit(most)
  const { count } = await queries
    .selectFrom(some.as('some'))
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

function searched(
  queries: Queries,
  { where, visible, id, fromMs, toMs }: LogSearch,
): SelectQueryBuilder<Schema, 'request_logs', object> {
  let query = queries.selectFrom('request_logs').where(matching(where)).where(matching(visible))
  if (id !== undefined) query = query.where(hasId(id))
  // The day is that of admission, which can be a moment before the start.
  if (fromMs !== undefined)
    query = query.where('started_ms', '>=', fromMs).where('day', '>=', dayOf(fromMs) - 1)
  if (toMs !== undefined) query = query.where('started_ms', '<=', toMs).where('day', '<=', dayOf(toMs))
  return query
}

function hasId(id: string): RawBuilder<boolean> {
  return sql<boolean>`(request_id = ${id} or response_id = ${id})`
}
