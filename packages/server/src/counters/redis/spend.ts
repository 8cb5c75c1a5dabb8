import type { ShareSpend } from '../../policy/share-spend.ts'
import { runScript, script } from '../../redis/script.ts'
import type { RedisCommands } from '../../redis/script.ts'
import type { Breaker } from '../breaker.ts'

export interface RedisSpendInput {
  readonly redis: RedisCommands
  /** Begins the key; instances with the same one share their sums. */
  readonly prefix: string
  readonly breaker: Breaker
}

/**
 * Sums up what instances spend through deployments. A call whose answer is lost may have counted: then a sum is too
 * large for the rest of its window, which is the safe side.
 */
export function createRedisSpend({ redis, prefix, breaker }: RedisSpendInput): ShareSpend {
  const key = `{${prefix}}:routing-spend`
  return async (unsent) => {
    // As texts: sums are longer than the whole numbers of Lua's floating point.
    const told = unsent.map(({ key: name, endMs, picoUsd }) => [name, String(endMs), String(picoUsd)])
    const sums = await breaker.run(() => runScript(redis, add, key, told))
    return new Map(unsent.map(({ key: name }, index) => [name, BigInt(String(sums[index] ?? 0))]))
  }
}

/** Fields bear the end of their window, so that whoever comes later can forget them. */
const add = script(`
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local sums = {}
for i, told in ipairs(cjson.decode(ARGV[1])) do
  local field = told[2] .. ' ' .. told[1]
  if told[3] ~= '0' then redis.call('HINCRBY', KEYS[1], field, told[3]) end
  sums[i] = redis.call('HGET', KEYS[1], field) or '0'
end
for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
  local ends = tonumber(string.match(field, '^%d+'))
  if ends > 0 and ends < now - 60000 then redis.call('HDEL', KEYS[1], field) end
end
return sums
`)
