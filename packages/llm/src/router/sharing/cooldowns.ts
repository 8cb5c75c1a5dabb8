import type { ArmedCooldown, SharedRouting } from '../engine.ts'
import type { DeploymentStates } from '../state.ts'
import type { RunScript } from './redis.ts'

/** Times that differ by less are the same. */
const TOLERANCE_MS = 100

export interface CooldownSharing extends Pick<SharedRouting, 'arm' | 'clear'> {
  /** Takes over what others have told. */
  readonly read: () => Promise<void>
}

/** Which deployments are left alone. Times are told as what is left of them, so that clocks may differ. */
export function createCooldownSharing(
  run: RunScript,
  states: DeploymentStates,
  nowMs: () => number,
): CooldownSharing {
  /** Deployments that are left alone because others said so. */
  let heard = new Set<string>()
  /** Nobody waits for it. */
  const tell = (lua: string, fields: object): void => {
    run(lua, KEY, fields).catch(() => undefined)
  }

  const take = (reply: readonly unknown[]): void => {
    const atMs = nowMs()
    const told = new Set<string>()
    for (let index = 0; index + 2 < reply.length; index += 3) {
      const deployment = String(reply[index])
      told.add(deployment)
      const untilMs = atMs + Number(reply[index + 1])
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
      if (state.cooldown !== undefined && state.cooldown.untilMs > atMs + TOLERANCE_MS)
        state.cooldown = undefined
    }
    heard = new Set([...heard].filter((deployment) => told.has(deployment)))
  }

  return {
    arm: (deployment, { ms, code, status, why }) => {
      heard.delete(deployment)
      tell(ARM, { deployment, ms: Math.ceil(ms), what: JSON.stringify({ ms, code, status, why }) })
    },
    clear: (deployment) => {
      heard.delete(deployment)
      tell(CLEAR, { deployment })
    },
    read: async () => take(await run(READ, KEY, {})),
  }
}

const KEY = 'cooldowns'

const CLOCK = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
`

/** A later end wins over an earlier one. */
const ARM = `
local a = cjson.decode(ARGV[1])
${CLOCK}
local untilMs = now + a.ms
local known = redis.call('HGET', KEYS[1], a.deployment)
if known and tonumber(string.match(known, '^%d+')) >= untilMs then return {} end
redis.call('HSET', KEYS[1], a.deployment, string.format('%.0f', untilMs) .. ' ' .. a.what)
if redis.call('PTTL', KEYS[1]) < a.ms then redis.call('PEXPIRE', KEYS[1], a.ms) end
return {}
`

const CLEAR = `
local a = cjson.decode(ARGV[1])
redis.call('HDEL', KEYS[1], a.deployment)
return {}
`

/** Gives, for each deployment, what is left in milliseconds and what was told. Forgets what is over. */
const READ = `
${CLOCK}
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
`
