import { saverFailure } from './failures.ts'

export type Guard<Value> = (value: unknown) => value is Value

/** What each column of a row holds. */
export type Columns<Row> = { readonly [Name in keyof Row]-?: Guard<Row[Name]> }

/** Answers with a driver's row once it is known to be one. */
export type RowReader<Row> = (row: unknown) => Row

/** A 64-bit integer, which one driver has as a text and another, or the same one set up differently, as a number. */
export type Wide = string | number | bigint

export const isText: Guard<string> = (value): value is string => typeof value === 'string'

export const isTextOrNull: Guard<string | null> = (value): value is string | null =>
  value === null || typeof value === 'string'

export const isInteger: Guard<number> = (value): value is number => Number.isSafeInteger(value)

export const isWide: Guard<Wide> = (value): value is Wide =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint'

/** Whether a value is a list of such values. */
export function isListOf<Value>(guard: Guard<Value>): Guard<readonly Value[]> {
  return (value): value is readonly Value[] => Array.isArray(value) && value.every((item) => guard(item))
}

/** Whether a value is a row with such columns. */
export function isRow<Row extends object>(columns: Columns<Row>): Guard<Row> {
  const wrong = firstWrong(columns)
  return (value): value is Row => wrong(value) === undefined
}

/**
 * Checks rows where they come in, so that what follows can trust their types.
 *
 * @throws checkpoint_corrupt that names the column
 */
export function rowReader<Row extends object>(columns: Columns<Row>): RowReader<Row> {
  const wrong = firstWrong(columns)
  function assertRow(row: unknown): asserts row is Row {
    const name = wrong(row)
    if (name === undefined) return
    throw saverFailure(
      'checkpoint_corrupt',
      `A stored row cannot be read: its column "${name}" does not hold what was stored there. ` +
        'Look for changes to the tables, and for type parsers that were set for the driver.',
    )
  }
  return (row) => {
    assertRow(row)
    return row
  }
}

/** Finds the first column that does not hold what it should. */
function firstWrong<Row>(columns: Columns<Row>): (row: unknown) => string | undefined {
  const guards: readonly (readonly [string, Guard<unknown>])[] = Object.entries(columns)
  return (row) => {
    const fields = typeof row === 'object' && row !== null ? (row as Record<string, unknown>) : {}
    for (const [name, guard] of guards) if (!guard(fields[name])) return name
    return undefined
  }
}
