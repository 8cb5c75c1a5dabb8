import type { Queries } from '../database.ts'
import type { AuditRow } from '../schema.ts'
import { matching } from './filter.ts'
import type { Filter } from './filter.ts'

export interface AuditQuery {
  readonly where?: Filter<AuditRow> | undefined
  readonly limit: number
  readonly offset?: number | undefined
}

/** Adds what was changed; nothing changes or deletes it. Give the transaction that makes the change. */
export async function insertAudit(queries: Queries, rows: readonly AuditRow[]): Promise<void> {
  if (rows.length > 0)
    await queries
      .insertInto('audit_log')
      .values([...rows])
      .execute()
}

/** The newest first. */
export async function listAudit(
  queries: Queries,
  { where, limit, offset = 0 }: AuditQuery,
): Promise<AuditRow[]> {
  return await queries
    .selectFrom('audit_log')
    .selectAll()
    .where(matching(where))
    .orderBy('at_ms', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .offset(offset)
    .execute()
}

export async function countAudit(queries: Queries, where?: Filter<AuditRow>): Promise<number> {
  const { count } = await queries
    .selectFrom('audit_log')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where(matching(where))
    .executeTakeFirstOrThrow()
  return count
}
