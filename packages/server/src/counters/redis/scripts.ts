import { script } from '../../redis/script.ts'
import type { Script } from '../../redis/script.ts'

/**
 * What counters in Redis do, each in one call. All keys begin with one prefix in braces, so that a cluster keeps them
 * in one place:
 *
 * - `:epoch` tells whether everything was lost
 * - `:b:<scope>\n<window>` money: `s` settled, `r` reserved
 * - `:r:<unit>/<scope>` a rate: `u` used, `t` when its window ends
 * - `:p:<scope>` calls under way
 * - `:h:<request>` a hold: owner, state, hold, cost, lines, opening
 * - `:owners` until when each owner's lease is, `:o:<owner>` what it holds
 * - `:members` when each instance was heard of, `:flushed:<epoch>` and `:told:<epoch>` which have done that after a loss,
 * - `:settled` the epoch in which all have
 */

/**
 * Redis counts in 64 bits, Lua in doubles, which hold less. So money is compared as dollars and pico-dollars, and
 * added by Redis.
 */
const money = `
local E12 = 1000000000000
local function money(text)
  if not text then return { 0, 0 } end
  local sign = 1
  if string.sub(text, 1, 1) == '-' then sign = -1; text = string.sub(text, 2) end
  local n = #text
  if n <= 12 then return { 0, sign * tonumber(text) } end
  return { sign * tonumber(string.sub(text, 1, n - 12)), sign * tonumber(string.sub(text, n - 11)) }
end
local function minus(x, y)
  local low = x[2] - y[2]
  local carry = math.floor(low / E12)
  return { x[1] - y[1] + carry, low - carry * E12 }
end
local function less(x, y)
  return x[1] < y[1] or (x[1] == y[1] and x[2] < y[2])
end
local function smaller(x, y) if less(x, y) then return x end return y end
local function larger(x, y) if less(x, y) then return y end return x end
local function tenth(x)
  local high = math.floor(x[1] / 10)
  return { high, math.floor(((x[1] - high * 10) * E12 + x[2]) / 10) }
end
local function text(x)
  if x[1] == 0 then return string.format('%.0f', x[2]) end
  return string.format('%.0f%012.0f', x[1], x[2])
end
local function add(key, field, amount)
  if amount ~= '0' then redis.call('HINCRBY', key, field, amount) end
end
local function negated(amount)
  if string.sub(amount, 1, 1) == '-' then return string.sub(amount, 2) end
  if amount == '0' then return amount end
  return '-' .. amount
end
`

const head = `
local P = KEYS[1]
local a = cjson.decode(ARGV[1])
if redis.call('GET', P .. ':epoch') ~= a.epoch then return { 'epoch' } end
local function budget(name) return P .. ':b:' .. name end
local function rate(name) return P .. ':r:' .. name end
local function parallel(name) return P .. ':p:' .. name end
local function hold(id) return P .. ':h:' .. id end
local function seed()
  -- What was loaded before everything was lost is too old to begin with.
  if a.seedsOf ~= a.epoch then return end
  for _, s in ipairs(a.seeds) do
    redis.call('HSETNX', budget(s[1]), 's', s[2])
    redis.call('PEXPIRE', budget(s[1]), a.idleMs)
  end
end
local function keep(id, owner, amount, lines, opening, untilMs)
  redis.call('HSET', hold(id), 'o', owner, 's', 'open', 'h', amount, 'c', '0', 'l', lines, 'x', opening)
  redis.call('SADD', P .. ':o:' .. owner, id)
  redis.call('ZADD', P .. ':owners', 'GT', untilMs, owner)
end
`

/** Gives `ok` with the hold and all states, `no` with the line, or `missing` with budgets to be seeded. */
export const admit: Script = script(`${money}${head}
seed()
local left = nil
local refused = nil
local states = {}
local missing = { 'missing' }
for _, b in ipairs(a.budgets) do
  local v = redis.call('HMGET', budget(b[1]), 's', 'r')
  if not v[1] then missing[#missing + 1] = b[1] end
  states[#states + 1] = { v[1] or '0', v[2] or '0' }
end
if #missing > 1 then return missing end
for _, r in ipairs(a.rates) do
  local v = redis.call('HMGET', rate(r[1]), 'u', 't')
  if not v[2] or a.now >= tonumber(v[2]) then v = { '0', string.format('%.0f', a.now + a.windowMs) } end
  states[#states + 1] = { v[1], v[2] }
end
local function answer(amount)
  local result = { 'ok', amount }
  for _, s in ipairs(states) do
    result[#result + 1] = s[1]
    result[#result + 1] = s[2]
  end
  return result
end

local known = redis.call('HGET', hold(a.id), 'h')
if known then return answer(known) end

local least = money(a.least)
for i, b in ipairs(a.budgets) do
  if b[2] then
    local has = minus(minus(money(b[2]), money(states[i][1])), money(states[i][2]))
    local empty = less(has, least)
    if a.postpaid then empty = not less({ 0, 0 }, has) end
    if empty then return { 'no', 'budget', i - 1, states[i][1], states[i][2] } end
    if left then left = smaller(left, has) else left = has end
  end
end
for i, r in ipairs(a.rates) do
  local s = states[#a.budgets + i]
  if tonumber(s[1]) + r[3] > r[2] then return { 'no', 'rate', i - 1, s[1], s[2] } end
end
for i, p in ipairs(a.parallels) do
  local running = tonumber(redis.call('GET', parallel(p[1])) or '0')
  if running >= p[2] then return { 'no', 'parallel', i - 1, running, 0 } end
end

local amount = money(a.wanted)
if left and not a.postpaid then
  amount = larger(least, smaller(smaller(amount, larger(money(a.floor), tenth(left))), left))
end
amount = text(amount)
local lines = { b = {}, t = {}, p = {} }
for i, b in ipairs(a.budgets) do
  add(budget(b[1]), 'r', amount)
  redis.call('PEXPIRE', budget(b[1]), a.idleMs)
  states[i][2] = redis.call('HGET', budget(b[1]), 'r') or '0'
  lines.b[i] = b[1]
end
for i, r in ipairs(a.rates) do
  local s = states[#a.budgets + i]
  s[1] = string.format('%.0f', tonumber(s[1]) + r[3])
  redis.call('HSET', rate(r[1]), 'u', s[1], 't', s[2])
  redis.call('PEXPIRE', rate(r[1]), 2 * a.windowMs)
  if r[4] then lines.t[#lines.t + 1] = { r[1], r[3], s[2] } end
end
for i, p in ipairs(a.parallels) do
  redis.call('INCR', parallel(p[1]))
  lines.p[i] = p[1]
end
keep(a.id, a.owner, amount, cjson.encode(lines), a.opening, a.untilMs)
return answer(amount)
`)

export const extend: Script = script(`${money}${head}
if redis.call('HGET', hold(a.id), 's') ~= 'open' then return { 'no' } end
local more = money(a.more)
for _, b in ipairs(a.budgets) do
  if b[2] then
    local v = redis.call('HMGET', budget(b[1]), 's', 'r')
    if less(minus(minus(money(b[2]), money(v[1])), money(v[2])), more) then return { 'no' } end
  end
end
for _, b in ipairs(a.budgets) do add(budget(b[1]), 'r', a.more) end
add(hold(a.id), 'h', a.more)
return { 'ok' }
`)

/** The end of a request that nobody knows is remembered: its beginning may be on its way still, too late. */
export const settle: Script = script(`${money}${head}
local h = hold(a.id)
local v = redis.call('HMGET', h, 's', 'h', 'c', 'l', 'o')
local state = v[1]
if not state then
  redis.call('HSET', h, 's', 'closed', 'h', '0', 'c', '0')
  redis.call('PEXPIRE', h, a.closedMs)
  return { 'ok' }
end
if state == 'closed' or (state == 'presumed' and a.isPresumed) then return { 'ok' } end
local lines = cjson.decode(v[4])
for _, name in ipairs(lines.b) do
  -- One that is gone begins anew from the ledger.
  if redis.call('HEXISTS', budget(name), 's') == 1 then
    if state == 'open' then add(budget(name), 'r', negated(v[2])) end
    add(budget(name), 's', a.cost)
    add(budget(name), 's', negated(v[3]))
    redis.call('HSET', budget(name), 'm', a.now)
  end
end
if state == 'open' then
  for _, t in ipairs(lines.t) do
    local r = redis.call('HMGET', rate(t[1]), 'u', 't')
    if a.tokens and r[2] == t[3] then
      redis.call('HSET', rate(t[1]), 'u', string.format('%.0f', math.max(0, tonumber(r[1]) + a.tokens - t[2])))
    end
  end
  for _, name in ipairs(lines.p) do
    if redis.call('DECR', parallel(name)) <= 0 then redis.call('DEL', parallel(name)) end
  end
  redis.call('SREM', P .. ':o:' .. v[5], a.id)
end
redis.call('HSET', h, 's', a.isPresumed and 'presumed' or 'closed', 'c', a.cost)
redis.call('HDEL', h, 'x')
redis.call('PEXPIRE', h, a.isPresumed and a.presumedMs or a.closedMs)
return { 'ok' }
`)

/** Counts what was spent unseen, once, in budgets that are there. */
export const addSpent: Script = script(`${money}${head}
local h = hold(a.id)
if redis.call('HSETNX', h, 's', 'closed') == 0 then return { 'ok' } end
redis.call('HSET', h, 'h', '0', 'c', a.cost)
redis.call('PEXPIRE', h, a.closedMs)
for _, name in ipairs(a.names) do
  if redis.call('HEXISTS', budget(name), 's') == 1 then
    add(budget(name), 's', a.cost)
    redis.call('HSET', budget(name), 'm', a.now)
  end
end
return { 'ok' }
`)

/** Tells again of what is held, after everything was lost. */
export const register: Script = script(`${money}${head}
seed()
for _, item in ipairs(a.holds) do
  if redis.call('EXISTS', hold(item.id)) == 0 then
    for _, name in ipairs(item.lines.b) do add(budget(name), 'r', item.hold) end
    for _, name in ipairs(item.lines.p) do redis.call('INCR', parallel(name)) end
    keep(item.id, item.owner, item.hold, cjson.encode(item.lines), item.opening, a.untilMs)
  end
end
return { 'ok' }
`)

/** Renews a lease. Gives which of the doubtful budgets are in use and stay. */
export const renew: Script = script(`${head}
redis.call('ZADD', P .. ':owners', 'GT', a.untilMs, a.owner)
local result = { 'ok' }
for _, name in ipairs(a.doubtful) do
  local v = redis.call('HMGET', budget(name), 'r', 'm')
  if (not v[1] or v[1] == '0') and (not v[2] or a.now - tonumber(v[2]) > a.quietMs) then
    redis.call('DEL', budget(name))
  else
    result[#result + 1] = name
  end
end
return result
`)

/** Gives id, old owner, hold and opening of each. */
export const takeOrphans: Script = script(`${head}
local found = { 'ok' }
local dead = redis.call('ZRANGEBYSCORE', P .. ':owners', '-inf', a.now)
for _, owner in ipairs(dead) do
  local room = a.limit - (#found - 1) / 4
  if room <= 0 then break end
  if owner ~= a.owner then
    local from = P .. ':o:' .. owner
    for _, id in ipairs(redis.call('SPOP', from, room)) do
      local v = redis.call('HMGET', hold(id), 's', 'h', 'x')
      if v[1] == 'open' then
        redis.call('HSET', hold(id), 'o', a.owner)
        redis.call('SADD', P .. ':o:' .. a.owner, id)
        for _, text in ipairs({ id, owner, v[2], v[3] or '' }) do found[#found + 1] = text end
      end
    end
    if redis.call('EXISTS', from) == 0 then redis.call('ZREM', P .. ':owners', owner) end
  end
end
if #found > 1 then redis.call('ZADD', P .. ':owners', 'GT', a.untilMs, a.owner) end
return found
`)

export const read: Script = script(`${head}
local states = { 'ok' }
for _, name in ipairs(a.names) do
  local v = redis.call('HMGET', budget(name), 's', 'r')
  states[#states + 1] = v[1] or ''
  states[#states + 1] = v[2] or '0'
end
return states
`)

const clock = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local function told(step, epoch) return P .. ':' .. step .. ':' .. epoch end
local function isReady(step, epoch)
  if redis.call('GET', P .. ':settled') == epoch then return true end
  local expected, untilMs = string.match(epoch, '/(%d+)/(%d+)$')
  local done = redis.call('SCARD', told(step, epoch))
  if done >= tonumber(expected) then return true end
  -- Whoever was not heard of in this time is gone.
  return now >= tonumber(untilMs) and done >= redis.call('ZCOUNT', P .. ':members', now - a.patienceMs, '+inf')
end
`

/**
 * Says that an instance lives. Gives the epoch, made where there is none, how many instances live, and 1 when nobody
 * has to wait: an epoch that follows a loss names how many there were, and until when to wait for those not heard of.
 */
export const join: Script = script(`
local P = KEYS[1]
local a = cjson.decode(ARGV[1])
${clock}
local epoch = redis.call('GET', P .. ':epoch')
if not epoch then
  local expected, untilMs = 0, now
  if a.expected then expected, untilMs = a.expected, now + a.patienceMs end
  epoch = string.format('%s/%.0f/%.0f', a.fresh, expected, untilMs)
  redis.call('SET', P .. ':epoch', epoch)
end
redis.call('ZREMRANGEBYSCORE', P .. ':members', '-inf', now - a.patienceMs)
redis.call('ZADD', P .. ':members', now, a.me)
return { epoch, redis.call('ZCARD', P .. ':members'), isReady('told', epoch) and 1 or 0 }
`)

/** Says that an instance has done a step after a loss. Gives 1 when all have, or nobody waits any longer. */
export const step: Script = script(`${head}${clock}
redis.call('ZADD', P .. ':members', now, a.me)
redis.call('SADD', told(a.step, a.epoch), a.me)
redis.call('PEXPIRE', told(a.step, a.epoch), 4 * a.patienceMs)
local ready = isReady(a.step, a.epoch)
if ready and a.step == 'told' then redis.call('SET', P .. ':settled', a.epoch) end
return { 'ok', ready and 1 or 0 }
`)
