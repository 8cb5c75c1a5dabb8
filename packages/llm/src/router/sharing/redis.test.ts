import { expect, test } from 'vitest'
import { createDeploymentStates } from '../state.ts'
import { createRedisSharing } from './redis.ts'
import type { RoutingRedis } from './redis.ts'

const LIMITED = { ms: 60_000, code: 'rate_limit', status: 429, why: 'it is at its rate limit' } as const

/** The server's tests ask a real one. */
function sharingWith(answer: (key: string) => Promise<unknown>) {
  const keys: string[] = []
  const redis: RoutingRedis = {
    eval: (_lua, _keys, key) => {
      keys.push(key)
      return answer(key)
    },
  }
  const states = createDeploymentStates()
  const shared = createRedisSharing({ redis, prefix: 'x', owner: 'me', nowMs: () => 0 })(states)
  return { keys, states, shared }
}

test('others are asked once a second, and a Redis that is away changes nothing', async () => {
  const { keys, states, shared } = sharingWith(() => Promise.reject(new Error('gone')))
  states.of('a').begin(0)
  for (const nowMs of [0, 10, 999, 1_000, 1_500, 2_000]) {
    shared.refresh(nowMs)
    await new Promise(setImmediate)
  }
  const once = ['{x}:cooldowns', '{x}:usage', '{x}:latency']
  expect(keys).toEqual([...once, ...once, ...once])
  shared.arm('a', LIMITED)
  shared.clear('a')
  await new Promise(setImmediate)
  expect(states.of('a').cooldown).toBeUndefined()
  expect(states.of('a').requests(0)).toBe(1)
})

test('one that does not answer is not asked again for a while', () => {
  const { keys, shared } = sharingWith(() => new Promise(() => undefined))
  for (const nowMs of [0, 1_000, 5_000, 9_999]) shared.refresh(nowMs)
  expect(keys).toHaveLength(3)
  shared.refresh(10_000)
  expect(keys).toHaveLength(6)
})

test('what makes no sense is not taken for news', async () => {
  const { states, shared } = sharingWith(() => Promise.resolve('OK'))
  states.of('a').begin(0)
  shared.refresh(0)
  await new Promise(setImmediate)
  expect(states.of('a').requests(0)).toBe(1)
})
