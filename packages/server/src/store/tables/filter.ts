import { sql } from 'kysely'
import type { RawBuilder } from 'kysely'

/** What columns have to hold, all of them together. A column that is `undefined` may hold anything. */
export type Filter<Row> = { readonly [Column in keyof Row]?: Condition<Row[Column]> | undefined }

/** A value, any of several, a part of a text in any case, or a range. */
export type Condition<Value> =
  | Value
  | readonly NonNullable<Value>[]
  | { readonly contains: string }
  | { readonly from?: NonNullable<Value> | undefined; readonly to?: NonNullable<Value> | undefined }

/** The condition as SQL. Without filters, and for a filter without conditions: every row; for no alternative: none. */
export function matching<Row>(
  where: Filter<Row> | readonly Filter<Row>[] | undefined,
  table?: string,
): RawBuilder<boolean> {
  if (where === undefined) return sql<boolean>`1 = 1`
  const alternatives = (isList(where) ? where : [where]).map((filter) => all(filter, table))
  return joined(alternatives, 'or', sql<boolean>`1 = 0`)
}

function all<Row>(filter: Filter<Row>, table: string | undefined): RawBuilder<boolean> {
  const conditions = Object.entries<unknown>(filter)
    .filter(([, condition]) => condition !== undefined)
    .map(([column, condition]) =>
      one(sql.ref(table === undefined ? column : `${table}.${column}`), condition),
    )
  return joined(conditions, 'and', sql<boolean>`1 = 1`)
}

function one(column: RawBuilder<unknown>, condition: unknown): RawBuilder<boolean> {
  if (condition === null) return sql<boolean>`${column} is null`
  if (Array.isArray(condition))
    return condition.length === 0 ? sql<boolean>`1 = 0` : sql<boolean>`${column} in (${sql.join(condition)})`
  if (typeof condition !== 'object') return sql<boolean>`${column} = ${condition}`
  if ('contains' in condition)
    return sql<boolean>`lower(${column}) like ${`%${escaped(String(condition.contains).toLowerCase())}%`} escape '\\'`
  const { from, to } = condition as { from?: unknown; to?: unknown }
  const limits = [
    ...(from === undefined ? [] : [sql<boolean>`${column} >= ${from}`]),
    ...(to === undefined ? [] : [sql<boolean>`${column} <= ${to}`]),
  ]
  return joined(limits, 'and', sql<boolean>`1 = 1`)
}

function joined(
  conditions: readonly RawBuilder<boolean>[],
  word: 'and' | 'or',
  none: RawBuilder<boolean>,
): RawBuilder<boolean> {
  if (conditions.length === 0) return none
  return sql<boolean>`(${sql.join(conditions, word === 'and' ? sql` and ` : sql` or `)})`
}

function escaped(text: string): string {
  return text.replace(/[%_\\]/g, String.raw`\$&`)
}

function isList<Item>(value: Item | readonly Item[]): value is readonly Item[] {
  return Array.isArray(value)
}
