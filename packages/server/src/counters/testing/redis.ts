import { Redis } from 'ioredis'
import { randomBytes } from 'node:crypto'
import type { BudgetKey } from '../../policy/counters.ts'
import { scopeName } from '../../policy/scope.ts'
import { afterFile } from '../../store/testing/after-file.ts'
import { createRedisCounters } from '../redis/redis.ts'
import type { RedisCountersInput } from '../redis/redis.ts'
import type { SharedCounters } from '../shared-counters.ts'
import { patientBreaker } from './breaker.ts'

/** The Redis that `scripts/services.sh` started. Closed after the file. */
export function testRedis(): Redis {
  const url = process.env['SWITCHYARD_TEST_REDIS_URL']
  if (url === undefined || url === '')
    throw new Error(
      'SWITCHYARD_TEST_REDIS_URL is not set. Run `npm test`, or `eval "$(scripts/services.sh start <folder>)"`.',
    )
  const redis = new Redis(url)
  afterFile(() => redis.disconnect())
  return redis
}

/** A part of Redis that no other test uses, with a ledger that a test writes by hand. */
export interface RedisPlace {
  readonly prefix: string
  readonly ledger: Map<string, bigint>
  readonly open: (fields?: Partial<RedisCountersInput>) => SharedCounters
  /** What FLUSHALL does, for this part alone. */
  readonly flush: () => Promise<void>
}

export function redisPlace(redis: Redis): RedisPlace {
  const prefix = `test-${randomBytes(8).toString('hex')}`
  const ledger = new Map<string, bigint>()
  const flush = async (): Promise<void> => await loseAll(redis, `{${prefix}}*`)
  afterFile(flush)
  return {
    prefix,
    ledger,
    flush,
    open: (fields = {}) => {
      const counters = createRedisCounters({
        redis,
        prefix,
        breaker: patientBreaker(),
        load: (keys) => Promise.resolve(keys.map((key) => ledger.get(balanceName(key)) ?? 0n)),
        flushLedger: () => Promise.resolve(),
        newId: () => randomBytes(8).toString('hex'),
        nowMs: () => 0,
        heartbeatMs: 10,
        ...fields,
      })
      afterFile(counters.close)
      return counters
    },
  }
}

/** All keys of a pattern, in one step. */
export async function loseAll(redis: Redis, pattern: string): Promise<void> {
  const script = "for _, key in ipairs(redis.call('KEYS', ARGV[1])) do redis.call('DEL', key) end"
  await redis.eval(script, 0, pattern)
}

export function balanceName({ scope, windowId }: BudgetKey): string {
  return `${scopeName(scope)} ${windowId}`
}
