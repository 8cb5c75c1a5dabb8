import { createHash } from 'node:crypto'
import type { Redis } from 'ioredis'

export type ScriptName = 'commit' | 'load' | 'keepNewest' | 'size'

/** What has to be done in one piece, in Lua. `members.ts` says what the keys hold. */
const SCRIPTS: Readonly<Record<ScriptName, string>> = {
  /**
   * KEYS places, checkpoints, pieces, writes. ARGV: namespace, id, member of the checkpoint, expected head (`-` for
   * nobody looks), ttl, number of pieces, pieces, and of each write its key, whether it replaces, and its member.
   * Answers with nothing, or with the head that was found instead.
   */
  commit: `
    local head = redis.call('HGET', KEYS[1], ARGV[1]) or ''
    if ARGV[4] ~= '-' and head ~= ARGV[4] then
      if head == ARGV[2] then return false end
      return head
    end
    local at = 7 + tonumber(ARGV[6])
    for i = 7, at - 1 do redis.call('ZADD', KEYS[3], 0, ARGV[i]) end
    for i = at, #ARGV, 3 do
      if ARGV[i + 1] == '1' then redis.call('ZREMRANGEBYLEX', KEYS[4], '[' .. ARGV[i] .. ' ', '(' .. ARGV[i] .. '!') end
      if redis.call('ZLEXCOUNT', KEYS[4], '[' .. ARGV[i] .. ' ', '(' .. ARGV[i] .. '!') == 0 then
        redis.call('ZADD', KEYS[4], 0, ARGV[i + 2])
      end
    end
    if ARGV[3] ~= '' then
      local key = string.match(ARGV[3], '^[^ ]*')
      redis.call('ZREMRANGEBYLEX', KEYS[2], '[' .. key .. ' ', '(' .. key .. '!')
      redis.call('ZADD', KEYS[2], 0, ARGV[3])
      if ARGV[2] > head then redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) end
    end
    if ARGV[5] ~= '' then for i = 1, 4 do redis.call('PEXPIRE', KEYS[i], ARGV[5]) end end
    return false`,
  /** KEYS places, checkpoints, writes. ARGV: namespace, key of a checkpoint or '', ttl. */
  load: `
    local head = redis.call('HGET', KEYS[1], ARGV[1])
    if not head then return false end
    local key = ARGV[2]
    local row
    if key == '' then
      row = redis.call('ZREVRANGE', KEYS[2], 0, 0)[1]
      key = row and string.match(row, '^[^ ]*')
    else
      row = redis.call('ZRANGEBYLEX', KEYS[2], '[' .. key .. ' ', '(' .. key .. '!')[1]
    end
    if not row then return false end
    if ARGV[3] ~= '' then redis.call('PEXPIRE', KEYS[1], ARGV[3]) redis.call('PEXPIRE', KEYS[2], ARGV[3]) redis.call('PEXPIRE', KEYS[3], ARGV[3]) redis.call('PEXPIRE', KEYS[4], ARGV[3]) end
    return { head, row, redis.call('ZRANGEBYLEX', KEYS[3], '[' .. key .. ' ', '(' .. key .. '!') }`,
  /** KEYS places, checkpoints, pieces, writes. ARGV: namespace, head, first key that stays, logs that are needed. */
  keepNewest: `
    if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return -1 end
    local gone = redis.call('ZREMRANGEBYLEX', KEYS[2], '-', '(' .. ARGV[3])
    redis.call('ZREMRANGEBYLEX', KEYS[4], '-', '(' .. ARGV[3])
    local needed = {}
    for i = 4, #ARGV do needed[ARGV[i]] = true end
    for _, piece in ipairs(redis.call('ZRANGE', KEYS[3], 0, -1)) do
      if not needed[string.match(piece, '^[^ ]*')] then redis.call('ZREM', KEYS[3], piece) end
    end
    return gone`,
  /** KEYS sorted sets. Answers with the bytes of their members. */
  size: `
    local bytes = 0
    for _, key in ipairs(KEYS) do
      for _, member in ipairs(redis.call('ZRANGE', key, 0, -1)) do bytes = bytes + #member end
    end
    return bytes`,
}

const SHAS = Object.fromEntries(
  Object.entries(SCRIPTS).map(([name, script]) => [name, createHash('sha1').update(script).digest('hex')]),
)

/** Runs a script, which is sent once to a server that does not have it yet. */
export async function runScript(
  redis: Redis,
  name: ScriptName,
  keys: readonly string[],
  parameters: readonly string[],
): Promise<unknown> {
  const call = [keys.length, ...keys, ...parameters] as const
  try {
    return await redis.evalsha(SHAS[name] ?? '', ...call)
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
    return redis.eval(SCRIPTS[name], ...call)
  }
}
