import { CompiledQuery } from 'kysely'

/** One statement for many rows of values: SQLite runs it for each of them without a word in between. */
export interface ManyRowsQuery extends CompiledQuery<number> {
  readonly manyRows: readonly (readonly unknown[])[]
}

/** The query gives the places in `rows` of those that changed something. Only the driver of SQLite knows it. */
export function manyRowsQuery(sql: string, rows: readonly (readonly unknown[])[]): ManyRowsQuery {
  return { ...CompiledQuery.raw(sql), manyRows: rows } as ManyRowsQuery
}

export function isManyRows(query: CompiledQuery): query is ManyRowsQuery {
  return 'manyRows' in query
}
