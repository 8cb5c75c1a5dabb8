import type { ArmedCooldown, DeploymentStates, SharedCooldowns } from '@switchyard/llm/kit'
import { runScript, script } from '../../redis/script.ts'
import type { RedisCommands, Script } from '../../redis/script.ts'
import type { Breaker } from '../breaker.ts'

/** What others tell is asked for no more often than this. */
const READ_MS = 1_000
/** Times that differ by less are the same. */
const TOLERANCE_MS = 100

export interface RedisCooldownsInput {
  readonly redis: RedisCommands
  /** Begins the key; instances with the same one tell each other. */
  readonly prefix: string
  readonly breaker: Breaker
  /** Never jumps. */
  readonly monotonicMs: () => number
}

/** Cooldowns of deployments that several instances share, for one set of deployments. */
export type OpenCooldowns = (states: DeploymentStates) => SharedCooldowns

/**
 * Tells other instances which deployments are left alone, and hears of theirs, both in the background: a request never
 * waits for it. While Redis is away each instance goes by what it has seen itself. Times are told as what is left of
 * them, so that clocks may differ.
 */
export function createRedisCooldowns({
  redis,
  prefix,
  breaker,
  monotonicMs,
}: RedisCooldownsInput): OpenCooldowns {
  const key = `{${prefix}}:cooldowns`

  const send = (told: Script, fields: object): Promise<readonly unknown[]> =>
    breaker.run(() => runScript(redis, told, key, fields))
  /** Nobody waits for it, and the breaker says when Redis is away. */
  const tell = (told: Script, fields: object): void => {
    send(told, fields).catch(() => undefined)
  }

  return (states) => {
    let readMs = Number.NEGATIVE_INFINITY
    /** Deployments that are left alone because others said so. */
    let heard = new Set<string>()

    const take = (reply: readonly unknown[]): void => {
      const nowMs = monotonicMs()
      const told = new Set<string>()
      for (let index = 0; index + 2 < reply.length; index += 3) {
        const deployment = String(reply[index])
        told.add(deployment)
        const untilMs = nowMs + Number(reply[index + 1])
        const state = states.of(deployment)
        if (state.cooldown !== undefined && state.cooldown.untilMs >= untilMs - TOLERANCE_MS) continue
        const { code, status, why } = JSON.parse(String(reply[index + 2])) as ArmedCooldown
        state.cooldown = { untilMs, code, status, why }
        heard.add(deployment)
      }
      // What others have ended before its time is over here, too.
      for (const deployment of heard) {
        const state = states.of(deployment)
        if (told.has(deployment)) continue
        if (state.cooldown !== undefined && state.cooldown.untilMs > nowMs + TOLERANCE_MS)
          state.cooldown = undefined
      }
      heard = new Set([...heard].filter((deployment) => told.has(deployment)))
    }

    return {
      arm: (deployment, { ms, code, status, why }) => {
        heard.delete(deployment)
        tell(arm, { deployment, ms: Math.ceil(ms), what: JSON.stringify({ ms, code, status, why }) })
      },
      clear: (deployment) => {
        heard.delete(deployment)
        tell(clear, { deployment })
      },
      refresh: (nowMs) => {
        if (nowMs - readMs < READ_MS) return
        readMs = nowMs
        send(read, {})
          .then(take)
          .catch(() => undefined)
      },
    }
  }
}

const clock = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
`

/** A later end wins over an earlier one. */
const arm = script(`
local a = cjson.decode(ARGV[1])
${clock}
local untilMs = now + a.ms
local known = redis.call('HGET', KEYS[1], a.deployment)
if known and tonumber(string.match(known, '^%d+')) >= untilMs then return {} end
redis.call('HSET', KEYS[1], a.deployment, string.format('%.0f', untilMs) .. ' ' .. a.what)
if redis.call('PTTL', KEYS[1]) < a.ms then redis.call('PEXPIRE', KEYS[1], a.ms) end
return {}
`)

const clear = script(`
local a = cjson.decode(ARGV[1])
redis.call('HDEL', KEYS[1], a.deployment)
return {}
`)

/** Gives, for each deployment, what is left in milliseconds and what was told. Forgets what is over. */
const read = script(`
${clock}
local found = {}
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local untilMs, what = string.match(all[i + 1], '^(%d+) (.*)$')
  local left = tonumber(untilMs) - now
  if left > 0 then
    table.insert(found, all[i])
    table.insert(found, string.format('%.0f', left))
    table.insert(found, what)
  else
    redis.call('HDEL', KEYS[1], all[i])
  end
end
return found
`)
