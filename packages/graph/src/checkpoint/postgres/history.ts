import type { ListQuery, Place } from '../checkpointer.ts'
import { readListed } from './rows.ts'
import type { LoadedRow } from './rows.ts'
import { CHECKPOINT_COLUMNS } from './statements.ts'
import type { Query } from './tables.ts'

/** Rows that are read at once. A shorter page is the last one. */
export const PAGE = 50

/** The next page of checkpoints, newest first. What its filter asks of the metadata is not looked at here. */
export async function historyPage(
  query: Query,
  wanted: ListQuery,
  last: LoadedRow | undefined,
): Promise<(LoadedRow & Place)[]> {
  const values: unknown[] = []
  const conditions: string[] = ['true']
  const where = (condition: (n: number) => string, value: unknown): void => {
    if (value === undefined) return
    values.push(value)
    conditions.push(condition(values.length))
  }
  where((n) => `p.thread_id = $${n}`, wanted.thread)
  where((n) => `p.checkpoint_ns = $${n}`, wanted.namespace)
  where((n) => `c.checkpoint_id = $${n}`, wanted.checkpointId)
  where((n) => `c.checkpoint_id < $${n}`, wanted.before)
  if (last !== undefined) {
    values.push(last.id, last.placeId)
    conditions.push(`(c.checkpoint_id, c.place_id) < ($${values.length - 1}, $${values.length}::bigint)`)
  }
  const rows = await query(
    `SELECT p.thread_id AS thread, p.checkpoint_ns AS namespace, ${CHECKPOINT_COLUMNS}
     FROM {s}.graph_checkpoints c JOIN {s}.graph_places p USING (place_id)
     WHERE ${conditions.join(' AND ')} ORDER BY c.checkpoint_id DESC, c.place_id DESC LIMIT ${PAGE}`,
    values,
  )
  return rows.map(readListed)
}
