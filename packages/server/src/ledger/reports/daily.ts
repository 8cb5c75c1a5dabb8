import type { SelectQueryBuilder } from 'kysely'
import type { ScopeKind } from '../../policy/scope.ts'
import type { Queries } from '../../store/database.ts'
import type { DailySpendRow, Schema } from '../../store/schema.ts'
import { DAILY_SUMS, NO_TOTALS } from '../../store/tables/daily-totals.ts'
import type { DailyTotals } from '../../store/tables/daily-totals.ts'
import { matching } from '../../store/tables/filter.ts'
import type { Filter } from '../../store/tables/filter.ts'

/** What the spend of days can be divided by. */
export type Dimension = 'day' | 'scope_id' | 'key_hash' | 'model' | 'model_group' | 'provider' | 'endpoint'

export type DailySum<By extends Dimension> = Pick<DailySpendRow, By> & DailyTotals

export interface DailyQuery<By extends Dimension> {
  /** Whose days. `global` and `deployment` are not divided by key: take `key` for that. */
  readonly kind: ScopeKind
  /** `model` is looked for among the names that clients ask for, too. */
  readonly where?: Filter<Pick<DailySpendRow, Exclude<Dimension, 'day'>>> | undefined
  /** Left out of it: ids of scopes. */
  readonly except?: readonly string[] | undefined
  /** UTC days since 1970, both included. */
  readonly fromDay: number
  readonly toDay: number
  readonly by: readonly By[]
  /** Only those that cost most; left out: all, in the order of `by`. */
  readonly top?: number | undefined
}

/** What is looked at, without how it is divided. */
export type DaysWanted = Omit<DailyQuery<Dimension>, 'by' | 'top'>

/** Sums of days: what they cost to read does not depend on how many requests there were. */
export async function sumDays<By extends Dimension>(
  queries: Queries,
  { by, top, ...wanted }: DailyQuery<By>,
): Promise<DailySum<By>[]> {
  let query = daysOf(queries, wanted)
    .select(by as readonly Dimension[])
    .select(({ fn }) => DAILY_SUMS.map((column) => fn.sum(column).as(column)))
    // A corrected estimate leaves an empty row where it was.
    .having(({ eb, fn }) => eb(fn.sum('requests'), '>', 0))
  if (by.length > 0) query = query.groupBy(by as readonly Dimension[])
  if (top === undefined) for (const column of by as readonly Dimension[]) query = query.orderBy(column)
  else
    query = query
      .orderBy(({ fn }) => fn.sum('cost_pico_usd'), 'desc')
      .orderBy((by[0] ?? 'scope_id') as Dimension)
      .limit(top)
  // Columns that are selected by name, and sums that the database gives as their columns are read.
  return (await query.execute()) as unknown as DailySum<By>[]
}

/** What the days hold, undivided: the newest first. */
export async function listDays(
  queries: Queries,
  wanted: DaysWanted,
  { limit, offset }: { limit: number; offset: number },
): Promise<DailySum<Dimension>[]> {
  let query = daysOf(queries, wanted).selectAll().where('requests', '>', 0).limit(limit).offset(offset)
  query = query.orderBy('day', 'desc')
  for (const column of ['scope_id', 'key_hash', 'model', 'model_group', 'provider', 'endpoint'] as const)
    query = query.orderBy(column)
  return await query.execute()
}

/** How many rows `listDays` has. */
export async function countDays(queries: Queries, wanted: DaysWanted): Promise<number> {
  const { count } = await daysOf(queries, wanted)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('requests', '>', 0)
    .executeTakeFirstOrThrow()
  return count
}

function daysOf(
  queries: Queries,
  { kind, where, except, fromDay, toDay }: DaysWanted,
): SelectQueryBuilder<Schema, 'daily_spend', object> {
  const query = queries
    .selectFrom('daily_spend')
    .where('scope_kind', '=', kind)
    .where('day', '>=', fromDay)
    .where('day', '<=', toDay)
    .where(matching(byEitherName(where)))
  return except === undefined || except.length === 0 ? query : query.where('scope_id', 'not in', except)
}

/** Who asks about a model may mean the name that clients ask for, or the provider's own. */
function byEitherName(
  where: DaysWanted['where'],
): DaysWanted['where'] | readonly NonNullable<DaysWanted['where']>[] {
  if (where?.model === undefined || where.model_group !== undefined) return where
  const { model, ...rest } = where
  return [where, { ...rest, model_group: model }]
}

/** Sums of sums. */
export function addTotals(rows: readonly DailyTotals[]): DailyTotals {
  const total = { ...NO_TOTALS }
  for (const row of rows) {
    total.cost_pico_usd += row.cost_pico_usd
    for (const column of DAILY_SUMS) if (column !== 'cost_pico_usd') total[column] += row[column]
  }
  return total
}
