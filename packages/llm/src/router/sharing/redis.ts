import type { SharedRouting } from '../engine.ts'
import type { DeploymentStates } from '../state.ts'
import { createCooldownSharing } from './cooldowns.ts'
import { createLatencySharing } from './latency.ts'
import { createUsageSharing } from './usage.ts'

/** The part of a Redis client that is used: that of `ioredis`. */
export interface RoutingRedis {
  readonly eval: (lua: string, keys: number, key: string, argument: string) => Promise<unknown>
}

/** What Redis does in one call, on one key, with one argument. What is no list is an empty one. */
export type RunScript = (lua: string, key: string, argument: unknown) => Promise<readonly unknown[]>

export interface RedisSharingInput {
  readonly redis: RoutingRedis
  /** Begins the keys; processes with the same one tell each other. */
  readonly prefix: string
  /** Names this process among them. */
  readonly owner: string
  /** Never jumps; the clock of the engine. */
  readonly nowMs: () => number
  /** Around each call: for whoever wants to leave a Redis alone that is away. */
  readonly guard?: (<Value>(work: () => Promise<Value>) => Promise<Value>) | undefined
}

/** Others are told, and asked, no more often than this. */
const EVERY_MS = 1_000
/** After this, an exchange that is not over is taken to be lost. */
const LOST_MS = 10_000

/**
 * Shares through Redis what processes know of deployments: who is left alone, requests and tokens of this minute, what
 * answers took. All of it in the background, at most once a second: a call never waits for it, and what others did in
 * the last second is not known yet. While Redis is away each process goes by what it has seen itself.
 */
export function createRedisSharing(input: RedisSharingInput): (states: DeploymentStates) => SharedRouting {
  const { redis, prefix, owner, nowMs, guard = (work) => work() } = input
  const run: RunScript = async (lua, key, argument) => {
    const reply = await guard(() => redis.eval(lua, 1, `{${prefix}}:${key}`, JSON.stringify(argument)))
    return Array.isArray(reply) ? reply : []
  }
  let sets = 0
  return (states) => {
    states.share()
    // A process that begins anew with other states hears what it has told itself before.
    const own = `${owner} ${++sets}`
    const cooldowns = createCooldownSharing(run, states, nowMs)
    const exchanges = [
      cooldowns.read,
      createUsageSharing(run, states, nowMs),
      createLatencySharing(run, states, nowMs, own),
    ]
    let beganMs = Number.NEGATIVE_INFINITY
    let isUnderWay = false
    return {
      arm: cooldowns.arm,
      clear: cooldowns.clear,
      refresh: (atMs) => {
        if (atMs - beganMs < (isUnderWay ? LOST_MS : EVERY_MS)) return
        beganMs = atMs
        isUnderWay = true
        // Whoever keeps it says that it is away.
        void Promise.allSettled(exchanges.map((exchange) => exchange())).then(() => {
          isUnderWay = false
        })
      },
    }
  }
}
