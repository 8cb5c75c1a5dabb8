import { createRedisSharing } from '@switchyard/llm/kit'
import type { DeploymentStates, SharedRouting } from '@switchyard/llm/kit'
import type { Logger } from 'pino'
import type { Counters, LoadBalances } from '../policy/counters.ts'
import { connectRedis } from '../redis/connect.ts'
import type { Database } from '../store/database.ts'
import { storeError } from '../store/store-error.ts'
import { createBreaker } from './breaker.ts'
import type { Breaker } from './breaker.ts'
import { createMemoryCounters } from './memory.ts'
import { withOwnSettlements } from './settling.ts'
import type { SharedCounters } from './shared-counters.ts'
import type { ShareSpend } from '../policy/share-spend.ts'
import { createSteadyCounters } from './steady.ts'

export interface OpenCountersInput {
  /** `memory` is for one instance only. */
  readonly kind: 'memory' | 'postgres' | 'redis'
  readonly database: Database
  /** A secret, as it may hold a password. */
  readonly redisUrl?: { readonly reveal: () => string } | undefined
  /** How long an answer of Redis is waited for; 50 ms when left out. */
  readonly redisTimeoutMs?: number | undefined
  /** Instances that share a Redis and not their accounts need different ones. */
  readonly redisPrefix?: string | undefined
  /** How long holds outlive the instance that made them. */
  readonly leaseMs: number
  readonly load: LoadBalances
  /** Brings everything that this instance has settled into the ledger's database. */
  readonly flushLedger: () => Promise<void>
  /** `allow_requests_on_db_unavailable` */
  readonly allowUnchecked: boolean
  readonly nowMs: () => number
  readonly monotonicMs: () => number
  readonly random: () => number
  readonly newId: () => string
  readonly log: Pick<Logger, 'info' | 'warn'>
}

const REDIS_DEADLINE_MS = 50
/** A commit waits for a disk, and the first one for a connection. */
const POSTGRES_DEADLINE_MS = 3_000

/**
 * The counters that the configuration asks for. They go on by themselves while their store or the ledger is away.
 *
 * @throws `db_unavailable` when what they need is not configured.
 */
export async function openCounters(input: OpenCountersInput): Promise<Counters> {
  return createSteadyCounters({
    shared: await openShared(input),
    allowUnchecked: input.allowUnchecked,
    onDropped: () =>
      input.log.warn('too much waits to be told to the shared counters; the ledger has it all'),
  })
}

const AWAY = { whileAway: 'counters of this instance go on alone' }

async function openShared(input: OpenCountersInput): Promise<SharedCounters> {
  if (input.kind === 'memory') return createMemoryCounters(input)
  return withOwnSettlements(input.kind === 'redis' ? await openRedis(input) : await openPostgres(input))
}

async function openRedis(input: OpenCountersInput): Promise<SharedCounters> {
  if (input.redisUrl === undefined)
    throw storeError('db_unavailable', 'Counters are to be in Redis, but no Redis is configured.')
  const { createRedisCounters } = await import('./redis/redis.ts')
  const redis = await connectRedis(input.redisUrl.reveal(), AWAY, input.log)
  const counters = createRedisCounters({
    ...input,
    redis,
    prefix: input.redisPrefix ?? 'switchyard',
    breaker: breakerFor('Redis', input.redisTimeoutMs ?? REDIS_DEADLINE_MS, input),
  })
  return {
    ...counters,
    close: async () => {
      await counters.close()
      redis.disconnect()
    },
  }
}

/** What instances tell each other of deployments, and how that ends. */
export interface OpenedRoutingState {
  readonly share: (states: DeploymentStates) => SharedRouting
  readonly shareSpend: ShareSpend
  readonly close: () => void
}

/** Shares what was seen of deployments with the other instances of a Redis. */
export async function openRoutingState(
  input: Pick<
    OpenCountersInput,
    'redisTimeoutMs' | 'redisPrefix' | 'monotonicMs' | 'random' | 'newId' | 'log'
  > & {
    readonly redisUrl: { readonly reveal: () => string }
  },
): Promise<OpenedRoutingState> {
  const { createRedisSpend } = await import('./redis/spend.ts')
  const { monotonicMs, random, newId, log } = input
  const redis = await connectRedis(input.redisUrl.reveal(), AWAY, log)
  const breaker = createBreaker({
    deadlineMs: input.redisTimeoutMs ?? REDIS_DEADLINE_MS,
    monotonicMs,
    random,
    onChange: (state, error) => {
      if (state === 'closed') log.info('what is known of deployments is shared again')
      else log.warn({ error }, 'what is known of deployments is not shared: Redis is away')
    },
  })
  const prefix = input.redisPrefix ?? 'switchyard'
  return {
    share: createRedisSharing({ redis, prefix, owner: newId(), nowMs: monotonicMs, guard: breaker.run }),
    shareSpend: createRedisSpend({ redis, prefix, breaker }),
    close: () => redis.disconnect(),
  }
}

async function openPostgres(input: OpenCountersInput): Promise<SharedCounters> {
  if (input.database.dialect !== 'postgres')
    throw storeError(
      'db_unavailable',
      'Counters are to be in PostgreSQL, but the database is SQLite. Name one in general_settings.database_url.',
    )
  const { createPostgresCounters } = await import('./postgres.ts')
  return await createPostgresCounters({
    database: input.database,
    leaseMs: input.leaseMs,
    breaker: breakerFor('PostgreSQL', POSTGRES_DEADLINE_MS, input),
  })
}

function breakerFor(name: string, deadlineMs: number, input: OpenCountersInput): Breaker {
  const { monotonicMs, random, log } = input
  return createBreaker({
    deadlineMs,
    monotonicMs,
    random,
    onChange: (state, error) => {
      if (state === 'closed') log.info(`counters in ${name} are there again`)
      else log.warn({ error }, `counters in ${name} are away: rates are counted by this instance alone`)
    },
  })
}
