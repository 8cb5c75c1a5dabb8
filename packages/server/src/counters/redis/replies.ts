import type { Admission, AdmissionResult, BudgetKey, Orphan } from '../../policy/counters.ts'
import { scopeName } from '../../policy/scope.ts'

/** A budget, as keys in Redis name it. */
export function nameOf({ scope, windowId }: BudgetKey): string {
  return `${scopeName(scope)}\n${windowId}`
}

/** What `admit` gives after `ok`: the hold, then two numbers a line. */
export function admittedOf({ budgets, rates }: Admission, reply: readonly unknown[]): AdmissionResult {
  const [hold, ...states] = reply.map(String)
  const at = (index: number): string => states[index] ?? '0'
  return {
    admitted: true,
    holdPicoUsd: BigInt(hold ?? '0'),
    budgets: budgets.map((_, index) => ({
      settledPicoUsd: BigInt(at(2 * index)),
      reservedPicoUsd: BigInt(at(2 * index + 1)),
    })),
    rates: rates.map((_, index) => ({
      used: Number(at(2 * (budgets.length + index))),
      resetMs: Number(at(2 * (budgets.length + index) + 1)),
    })),
  }
}

/** What `admit` gives after `no`. */
export function refusedOf(reply: readonly unknown[]): AdmissionResult {
  const [type, at, first = '0', second = '0'] = reply.map(String)
  const index = Number(at)
  if (type === 'budget')
    return {
      admitted: false,
      line: { type, index, state: { settledPicoUsd: BigInt(first), reservedPicoUsd: BigInt(second) } },
    }
  if (type === 'rate')
    return { admitted: false, line: { type, index, state: { used: Number(first), resetMs: Number(second) } } }
  return { admitted: false, line: { type: 'parallel', index, running: Number(first) } }
}

/** What `takeOrphans` gives: four texts each. */
export function orphansOf(reply: readonly unknown[]): Orphan[] {
  const texts = reply.map(String)
  return Array.from({ length: texts.length / 4 }, (_, index) => {
    const [requestId = '', owner = '', hold = '0', opening = ''] = texts.slice(4 * index, 4 * index + 4)
    return { requestId, owner, holdPicoUsd: BigInt(hold), opening }
  })
}
