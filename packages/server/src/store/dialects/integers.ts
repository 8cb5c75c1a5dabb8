import type { KyselyPlugin } from 'kysely'

/**
 * Both drivers give integers as `bigint`; here they become what their column holds: money stays exact, the rest is
 * a number. The column's name decides, because the type of a sum differs between the databases.
 */
export const integersByName: KyselyPlugin = {
  transformQuery: ({ node }) => node,
  transformResult: async ({ result }) => {
    for (const row of result.rows) readIntegers(row)
    return result
  },
}

function readIntegers(row: Record<string, unknown>): void {
  for (const name in row) {
    const value = row[name]
    if (typeof value === 'bigint') {
      if (!isExact(name)) row[name] = Number(value)
    } else if (typeof value === 'number' && isExact(name) && Number.isSafeInteger(value)) {
      row[name] = BigInt(value)
    }
  }
}

/** Money, and what counters hold. A query that sums money gives the sum such a name. */
function isExact(column: string): boolean {
  return column.endsWith('_pico_usd') || column === 'settled' || column === 'reserved'
}
