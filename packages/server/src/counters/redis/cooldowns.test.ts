import { createDeploymentStates } from '@switchyard/llm/kit'
import type { DeploymentStates, SharedCooldowns } from '@switchyard/llm/kit'
import { randomBytes } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { createBreaker } from '../breaker.ts'
import { patientBreaker } from '../testing/breaker.ts'
import { testRedis } from '../testing/redis.ts'
import { createRedisCooldowns } from './cooldowns.ts'
import type { RedisCommands } from '../../redis/script.ts'

interface Instance {
  states: DeploymentStates
  shared: SharedCooldowns
  clock: { nowMs: number }
}

const redis = testRedis()

/** Instances of one installation, each with a clock of its own. */
function installation(): (startMs: number) => Instance {
  const prefix = `test-${randomBytes(8).toString('hex')}`
  return (startMs) => {
    const clock = { nowMs: startMs }
    const states = createDeploymentStates()
    const open = createRedisCooldowns({
      redis,
      prefix,
      breaker: patientBreaker(),
      monotonicMs: () => clock.nowMs,
    })
    return { states, shared: open(states), clock }
  }
}

const LIMITED = { ms: 60_000, code: 'rate_limit', status: 429, why: 'it is at its rate limit' } as const

test('what one instance has seen, others go by: by what is left, not by their clocks', async () => {
  const open = installation()
  const one = open(1_000)
  const two = open(9_000_000)
  one.shared.arm('a', LIMITED)
  await vi.waitFor(() => {
    two.clock.nowMs += 1_000
    two.shared.refresh(two.clock.nowMs)
    expect(two.states.of('a').cooldown).toMatchObject({ code: 'rate_limit', status: 429, why: LIMITED.why })
  })
  const leftMs = (two.states.of('a').cooldown?.untilMs ?? 0) - two.clock.nowMs
  expect(leftMs).toBeGreaterThan(30_000)
  expect(leftMs).toBeLessThanOrEqual(60_000)
})

test('what one instance has ended, others end', async () => {
  const open = installation()
  const one = open(0)
  const two = open(0)
  one.shared.arm('a', LIMITED)
  await vi.waitFor(() => {
    two.clock.nowMs += 1_000
    two.shared.refresh(two.clock.nowMs)
    expect(two.states.of('a').cooldown).toBeDefined()
  })
  one.shared.clear('a')
  await vi.waitFor(() => {
    two.clock.nowMs += 1_000
    two.shared.refresh(two.clock.nowMs)
    expect(two.states.of('a').cooldown).toBeUndefined()
  })
})

test('what an instance has seen itself does not end because others have not', async () => {
  const open = installation()
  const two = open(0)
  two.states.of('a').cooldown = { untilMs: 60_000, code: 'internal', why: 'it failed' }
  two.shared.arm('b', LIMITED)
  const three = open(0)
  await vi.waitFor(() => {
    three.clock.nowMs += 1_000
    three.shared.refresh(three.clock.nowMs)
    expect(three.states.of('b').cooldown).toBeDefined()
  })
  two.shared.refresh(1_000)
  await redis.ping()
  expect(two.states.of('a').cooldown).toMatchObject({ code: 'internal' })
})

test('it is asked for once a second, and a Redis that is away changes nothing', async () => {
  let calls = 0
  const away: RedisCommands = {
    evalsha: () => {
      calls++
      return Promise.reject(new Error('gone'))
    },
    eval: () => Promise.reject(new Error('gone')),
  }
  const breaker = createBreaker({
    deadlineMs: 50,
    monotonicMs: () => 0,
    random: () => 0,
    onChange: () => undefined,
  })
  const states = createDeploymentStates()
  const shared = createRedisCooldowns({ redis: away, prefix: 'x', breaker, monotonicMs: () => 0 })(states)
  for (const nowMs of [0, 10, 999, 1_000, 1_500, 2_000]) shared.refresh(nowMs)
  expect(calls).toBe(3)
  shared.arm('a', LIMITED)
  shared.clear('a')
  await Promise.resolve()
  expect(states.of('a').cooldown).toBeUndefined()
})
