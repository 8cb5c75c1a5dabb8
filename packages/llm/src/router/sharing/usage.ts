import type { MinuteUsage, SharedFigures } from '../shared-figures.ts'
import type { DeploymentStates } from '../state.ts'
import type { RunScript } from './redis.ts'

const NOTHING: MinuteUsage = { requests: 0, tokens: 0 }

/** Requests and tokens of this minute, by the clock of Redis: tells this process's, and hears what all have together. */
export function createUsageSharing(
  run: RunScript,
  states: DeploymentStates,
  nowMs: () => number,
): () => Promise<void> {
  return async () => {
    const askedMs = nowMs()
    const told = new Map<SharedFigures, MinuteUsage>()
    const message: [deployment: string, requests: number, tokens: number][] = []
    for (const state of states.all()) {
      const usage = state.shared?.untold(state.own(askedMs), askedMs)
      if (state.shared === undefined || usage === undefined) continue
      if (usage.requests === 0 && usage.tokens === 0) continue
      told.set(state.shared, usage)
      message.push([state.key, usage.requests, usage.tokens])
    }
    const [left, ...fields] = await run(TELL, 'usage', message)
    if (left === undefined) return
    const atMs = nowMs()
    const untilMs = atMs + Number(left)
    const sums = sumsIn(fields)
    for (const { key, shared } of states.all())
      shared?.hear(sums.get(key) ?? NOTHING, told.get(shared) ?? NOTHING, untilMs, atMs)
  }
}

/** Names begin with what is counted: `r` or `t`. */
function sumsIn(fields: readonly unknown[]): ReadonlyMap<string, MinuteUsage> {
  const sums = new Map<string, { requests: number; tokens: number }>()
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const name = String(fields[index])
    const count = Number(fields[index + 1])
    const key = name.slice(1)
    let sum = sums.get(key)
    if (sum === undefined) sums.set(key, (sum = { requests: 0, tokens: 0 }))
    if (name.startsWith('r')) sum.requests = count
    else if (name.startsWith('t')) sum.tokens = count
  }
  return sums
}

/** Adds to this minute's sums; gives what is left of it in milliseconds, and all sums. A new minute begins with none. */
const TELL = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local minute = string.format('%.0f', math.floor(now / 60000))
if redis.call('HGET', KEYS[1], 'minute') ~= minute then
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[1], 'minute', minute)
  redis.call('PEXPIRE', KEYS[1], 120000)
end
for _, told in ipairs(cjson.decode(ARGV[1])) do
  redis.call('HINCRBY', KEYS[1], 'r' .. told[1], told[2])
  redis.call('HINCRBY', KEYS[1], 't' .. told[1], told[3])
end
local found = redis.call('HGETALL', KEYS[1])
table.insert(found, 1, string.format('%.0f', 60000 - now % 60000))
return found
`
