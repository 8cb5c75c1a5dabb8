import { beforeEach, expect, test } from 'vitest'
import type { PlannedBudget } from './lines.ts'
import { createSoftBudgets } from './soft-budgets.ts'
import type { PassedSoftBudget, SoftBudgets } from './soft-budgets.ts'

let passed: PassedSoftBudget[]
let soft: SoftBudgets
beforeEach(() => {
  passed = []
  soft = createSoftBudgets((one) => void passed.push(one))
})

function budget(softPicoUsd: bigint | undefined, windowId = 'day-1', id = 't'): PlannedBudget {
  return {
    scope: { kind: 'team', id },
    windowId,
    limit: { softPicoUsd },
    window: { id: windowId, startMs: 0, endMs: 86_400_000 },
  }
}

const spent = (settledPicoUsd: bigint) => [{ settledPicoUsd, reservedPicoUsd: 0n }]

test.each<[string, bigint | undefined, bigint, bigint, boolean]>([
  ['below it', 10n, 5n, 4n, false],
  ['exactly at it', 10n, 5n, 5n, true],
  ['by this request', 10n, 9n, 100n, true],
  ['by others before', 10n, 10n, 0n, true],
  ['without one', undefined, 10n, 10n, false],
])('passed: %s', (_name, limit, before, cost, expected) => {
  soft.note([budget(limit)], spent(before), cost)
  expect(passed).toHaveLength(expected ? 1 : 0)
})

test('is told once a window, with what there is to know', () => {
  for (const window of ['day-1', 'day-1', 'day-2']) soft.note([budget(10n, window)], spent(9n), 5n)
  const one = { scope: { kind: 'team', id: 't' }, spentPicoUsd: 14n, softPicoUsd: 10n, resetMs: 86_400_000 }
  expect(passed).toEqual([one, one])
})

test('remembers a bounded number', () => {
  for (let index = 0; index <= 10_000; index++) soft.note([budget(1n, 'day-1', `t-${index}`)], spent(1n), 0n)
  passed = []
  soft.note([budget(1n, 'day-1', 't-1')], spent(1n), 0n)
  expect(passed).toEqual([])
  soft.note([budget(1n, 'day-1', 't-0')], spent(1n), 0n)
  expect(passed).toHaveLength(1)
})
