import type { Filter } from '../store/tables/filter.ts'

/** Rows for which both hold: where both say what a column holds, what they have in common. */
export function narrowed<Row>(wanted: Filter<Row>, visible: Filter<Row>): Filter<Row> {
  const merged: Record<string, unknown> = { ...wanted }
  for (const [column, allowed] of Object.entries<unknown>(visible)) {
    const asked = merged[column]
    merged[column] = asked === undefined ? allowed : common(listOf(asked), listOf(allowed))
  }
  return merged as Filter<Row>
}

function common(some: readonly unknown[], others: readonly unknown[]): readonly unknown[] {
  return some.filter((value) => others.includes(value))
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value]
}
