import type { Admission, BudgetLine, ParallelLine, RateLine } from '../../policy/counters.ts'
import { exactHold } from '../../policy/hold.ts'
import type { Scope } from '../../policy/scope.ts'

export const NOW: number = Date.parse('2026-11-27T12:00:00Z')
export const LEASE_MS = 30_000

const key: Scope = { kind: 'key', id: 'k' }

export function budget(
  maxPicoUsd: bigint | undefined,
  scope: Scope = key,
  windowId = '1d/2026-11-27',
): BudgetLine {
  return { scope, windowId, maxPicoUsd }
}

export function rate(
  max: number,
  unit: RateLine['unit'] = 'requests',
  amount = 1,
  scope: Scope = key,
): RateLine {
  return { scope, unit, max, amount }
}

export function parallel(max: number, scope: Scope = key): ParallelLine {
  return { scope, max }
}

let count = 0

/** An id that no other request or run of this file has. */
export function runId(): string {
  return `r${count++}`
}

/** A request that asks for nothing but what is given. */
export function ask(fields: Partial<Admission> = {}): Admission {
  return {
    requestId: runId(),
    owner: 'a',
    nowMs: NOW,
    leaseMs: LEASE_MS,
    rule: 'reserve',
    hold: exactHold(0n),
    budgets: [],
    rates: [],
    parallels: [],
    opening: () => '{}',
    ...fields,
  }
}
