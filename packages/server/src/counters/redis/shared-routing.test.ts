import { createDeploymentStates, createRedisSharing, strategies } from '@switchyard/llm/kit'
import type { DeploymentStates, RoutingRedis, SharedRouting } from '@switchyard/llm/kit'
import { randomBytes } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { testRedis } from '../testing/redis.ts'

interface Instance {
  states: DeploymentStates
  shared: SharedRouting
  clock: { nowMs: number }
}

/** Lets seconds go by until all of them have heard what is expected. */
async function hear(instances: readonly Instance[], expected: () => void): Promise<void> {
  await vi.waitFor(() => {
    for (const { shared, clock } of instances) {
      clock.nowMs += 1_000
      shared.refresh(clock.nowMs)
    }
    expected()
  }, PATIENCE)
}

/** A machine under load takes its time. */
const PATIENCE = { timeout: 15_000, interval: 20 }

const redis = testRedis()

/** Instances of one installation, each with a clock of its own. */
function installation(from: RoutingRedis = redis): (startMs: number) => Instance {
  const prefix = `test-${randomBytes(8).toString('hex')}`
  let owners = 0
  return (startMs) => {
    const clock = { nowMs: startMs }
    const states = createDeploymentStates()
    const open = createRedisSharing({
      redis: from,
      prefix,
      owner: `instance-${++owners}`,
      nowMs: () => clock.nowMs,
    })
    return { states, shared: open(states), clock }
  }
}

const LIMITED = { ms: 60_000, code: 'rate_limit', status: 429, why: 'it is at its rate limit' } as const

test('whom one instance leaves alone, others do: by what is left, not by their clocks', async () => {
  const open = installation()
  const one = open(1_000)
  const two = open(9_000_000)
  one.shared.arm('a', LIMITED)
  await hear([two], () =>
    expect(two.states.of('a').cooldown).toMatchObject({ code: 'rate_limit', status: 429, why: LIMITED.why }),
  )
  const leftMs = (two.states.of('a').cooldown?.untilMs ?? 0) - two.clock.nowMs
  expect(leftMs).toBeGreaterThan(30_000)
  expect(leftMs).toBeLessThanOrEqual(60_000)
  one.shared.clear('a')
  await hear([two], () => expect(two.states.of('a').cooldown).toBeUndefined())
})

test('what an instance has seen itself does not end because others have not', async () => {
  const open = installation()
  const two = open(0)
  two.states.of('a').cooldown = { untilMs: 60_000_000, code: 'internal', why: 'it failed' }
  two.shared.arm('b', LIMITED)
  const three = open(0)
  await hear([three], () => expect(three.states.of('b').cooldown).toBeDefined())
  two.states.of('b')
  await hear([two], () => expect(two.states.of('b').cooldown).toBeDefined())
  expect(two.states.of('a').cooldown).toMatchObject({ code: 'internal' })
})

/** So that no minute ends in the middle of a test. */
const inOneMinute: RoutingRedis = {
  eval: (lua, ...rest) => redis.eval(lua.replace("redis.call('TIME')", "{ '1700000010', '0' }"), ...rest),
}

test('requests and tokens of a minute are those of all instances', async () => {
  const open = installation(inOneMinute)
  const [one, two] = [open(0), open(5_000_000)]
  for (const { states, clock } of [one, two]) {
    for (let count = 0; count < 3; count++) states.of('a').begin(clock.nowMs)
    states.of('a').measure({ totalTokens: 100 }, clock.nowMs)
  }
  two.states.of('b').begin(two.clock.nowMs)
  one.states.of('b')
  await hear([one, two], () => {
    for (const { states, clock } of [one, two]) {
      expect(states.of('a').requests(clock.nowMs)).toBe(6)
      expect(states.of('a').tokens(clock.nowMs)).toBe(200)
      expect(states.of('b').requests(clock.nowMs)).toBe(1)
    }
  })
  // One more is known at once to whoever made it.
  one.states.of('a').begin(one.clock.nowMs)
  expect(one.states.of('a').requests(one.clock.nowMs)).toBe(7)
  const picked = strategies.get('usage-based-routing-v2')?.pick(
    ['a', 'b'].map((id) => ({ id, state: one.states.of(id) })),
    { nowMs: one.clock.nowMs, random: () => 0, stream: false, inputTokens: () => 1, args: {} },
  )
  expect(picked?.id).toBe('b')
})

test('an instance that is configured anew hears what it told before', async () => {
  const share = createRedisSharing({
    redis,
    prefix: `test-${randomBytes(8).toString('hex')}`,
    owner: 'only',
    nowMs: () => 0,
  })
  const [before, after] = [createDeploymentStates(), createDeploymentStates()]
  const [first, second] = [share(before), share(after)]
  after.of('a')
  before.of('a').measure({ durationMs: 700 }, 0)
  let nowMs = 0
  await vi.waitFor(() => {
    nowMs += 1_000
    first.refresh(nowMs)
    second.refresh(nowMs)
    expect(after.of('a').latency(0, { count: 10, ageMs: 3_600_000 })).toBe(700)
  }, PATIENCE)
})

test('what answers took at one instance counts at the others, once', async () => {
  const open = installation()
  const [one, two] = [open(0), open(5_000_000)]
  const window = { count: 10, ageMs: 3_600_000 }
  const latencyOf = ({ states, clock }: Instance): number | undefined =>
    states.of('a').latency(clock.nowMs, window)
  two.states.of('a').measure({ durationMs: 300 }, two.clock.nowMs)
  one.states.of('a').measure({ durationMs: 1_000, outputTokens: 10, firstTokenMs: 500 }, 0)
  await hear([one, two], () => expect([one, two].map(latencyOf)).toEqual([200, 200]))
  expect(two.states.of('a').firstToken(two.clock.nowMs, window)).toBe(50)
  const late = open(0)
  late.states.of('a')
  await hear([late], () => expect(latencyOf(late)).toBe(200))
  one.states.of('a').measure({ durationMs: 500 }, one.clock.nowMs)
  const all = [one, two, late]
  await hear(all, () => expect(all.map(latencyOf)).toEqual([300, 300, 300]))
})
