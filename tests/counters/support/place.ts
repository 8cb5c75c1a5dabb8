import { createBreaker } from '../../../packages/server/src/counters/breaker.ts'
import { createPostgresCounters } from '../../../packages/server/src/counters/postgres.ts'
import { connectRedis } from '../../../packages/server/src/redis/connect.ts'
import { createRedisCounters } from '../../../packages/server/src/counters/redis/redis.ts'
import type { Admission, Counters } from '../../../packages/server/src/policy/counters.ts'
import { exactHold } from '../../../packages/server/src/policy/hold.ts'
import { openDatabase } from '../../../packages/server/src/store/database.ts'

/** Where processes share their counters: a database with a schema, or a Redis with a prefix. */
export interface Place {
  readonly kind: 'postgres' | 'redis'
  readonly url: string
  readonly prefix: string
}

const silent = { warn: () => undefined }

export async function openCounters(
  place: Place,
): Promise<{ counters: Counters; close: () => Promise<void> }> {
  const breaker = createBreaker({
    // The machine may be busy: this is about counting.
    deadlineMs: 30_000,
    monotonicMs: () => performance.now(),
    random: () => 0,
    onChange: () => undefined,
  })
  if (place.kind === 'postgres') {
    const database = await openDatabase({ url: place.url, log: silent, limits: { connections: 5 } })
    return { counters: await createPostgresCounters({ database, breaker }), close: database.close }
  }
  const redis = await connectRedis(place.url, { whileAway: 'a test goes on' }, silent)
  const counters = createRedisCounters({
    redis,
    prefix: place.prefix,
    breaker,
    load: (keys) => Promise.resolve(keys.map(() => 0n)),
    flushLedger: () => Promise.resolve(),
    newId: () => `${process.pid}`,
    nowMs: () => NOW,
    heartbeatMs: 50,
  })
  const close = async (): Promise<void> => {
    await counters.close()
    redis.disconnect()
  }
  return { counters, close }
}

export const NOW: number = Date.parse('2026-11-27T12:00:00Z')
export const LEASE_MS = 30_000
/** $0.01 pays for 25 calls of $0.0004. */
export const BUDGET_PICO_USD = 10_000_000_000n
export const COST_PICO_USD = 400_000_000n

/** Requests that are all alike: against a budget, or against 60 requests a minute. */
export interface Task {
  /** Whose budget or rate it is; other tasks have others. */
  readonly scope: string
  readonly what: 'money' | 'rate'
  readonly requests: number
}

export function budgetsOf(scope: string): Admission['budgets'] {
  return [
    { scope: { kind: 'team', id: scope }, windowId: 'all', maxPicoUsd: 1_000n * BUDGET_PICO_USD },
    { scope: { kind: 'key', id: scope }, windowId: '1d/2026-11-27', maxPicoUsd: BUDGET_PICO_USD },
  ]
}

export function ask(
  requestId: string,
  owner: string,
  { scope, what }: Pick<Task, 'scope' | 'what'>,
): Admission {
  return {
    requestId,
    owner,
    nowMs: NOW,
    leaseMs: LEASE_MS,
    rule: 'reserve',
    hold: exactHold(what === 'money' ? COST_PICO_USD : 0n),
    budgets: what === 'money' ? budgetsOf(scope) : [],
    rates:
      what === 'rate' ? [{ scope: { kind: 'key', id: scope }, unit: 'requests', max: 60, amount: 1 }] : [],
    parallels: [],
    opening: () => JSON.stringify({ type: 'opening', requestId }),
  }
}
