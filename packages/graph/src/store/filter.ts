import { sameData } from '../same-data.ts'
import type { StoreValue } from './store.ts'

/** Below 0, 0 or above it; `undefined` when the two cannot be put in order. */
function order(left: unknown, right: unknown): number | undefined {
  if (typeof left === 'number' && typeof right === 'number') return left - right
  if (typeof left === 'string' && typeof right === 'string') return left < right ? -1 : left > right ? 1 : 0
  return undefined
}

type Operator = (actual: unknown, wanted: unknown) => boolean

const OPERATORS: Readonly<Record<string, Operator>> = {
  $eq: sameData,
  $ne: (actual, wanted) => !sameData(actual, wanted),
  $gt: (actual, wanted) => (order(actual, wanted) ?? 0) > 0,
  $gte: (actual, wanted) => (order(actual, wanted) ?? -1) >= 0,
  $lt: (actual, wanted) => (order(actual, wanted) ?? 0) < 0,
  $lte: (actual, wanted) => (order(actual, wanted) ?? 1) <= 0,
}

/** The operators of a condition; `undefined` when it is a value to equal. */
function operatorsOf(condition: unknown): [name: string, wanted: unknown][] | undefined {
  if (typeof condition !== 'object' || condition === null || Array.isArray(condition)) return undefined
  const entries = Object.entries(condition)
  return entries.some(([name]) => name.startsWith('$')) ? entries : undefined
}

/** @throws {TypeError} when a filter names an operator that there is not. */
export function checkFilter(filter: Readonly<Record<string, unknown>>): void {
  for (const [field, condition] of Object.entries(filter)) {
    for (const [name] of operatorsOf(condition) ?? []) {
      if (Object.hasOwn(OPERATORS, name)) continue
      throw new TypeError(
        `store.search: the filter of "${field}" names the operator "${name}". There are ${Object.keys(OPERATORS).join(', ')}.`,
      )
    }
  }
}

/** Whether a value meets every condition of a filter. */
export function meetsFilter(value: StoreValue, filter: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(filter).every(([field, condition]) => {
    const actual = Object.hasOwn(value, field) ? value[field] : undefined
    const operators = operatorsOf(condition)
    if (operators === undefined) return sameData(actual, condition)
    return operators.every(([name, wanted]) => OPERATORS[name]?.(actual, wanted) === true)
  })
}

/** The part of a filter that says what fields equal, for a database that can look it up. */
export function equalities(filter: Readonly<Record<string, unknown>>): StoreValue {
  const simple = Object.entries(filter).filter(
    ([, condition]) =>
      typeof condition === 'string' || typeof condition === 'number' || typeof condition === 'boolean',
  )
  return Object.fromEntries(simple)
}
