import fc from 'fast-check'
import { expect, test } from 'vitest'
import { candidateOf, contextOf, randomFrom } from './testing/candidates.ts'
import { CHOICE, worldOf } from './testing/run.ts'
import type { Step } from './testing/run.ts'
import { choose } from './choose.ts'
import { mayAsk } from './cooldown.ts'
import { DEFAULT_RULES } from './read-rules.ts'
import { simpleShuffle, strategies } from './strategies/index.ts'

const step = fc.constantFrom<Step>(
  'answer',
  'internal',
  'timeout',
  'rate_limit',
  'authentication',
  'not_found',
  'connection',
  'bad_request',
)

test('nobody who cools down is chosen, whatever the strategy, and somebody is while anybody is well', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...strategies.values()),
      fc.array(fc.record({ coolsFor: fc.option(fc.integer({ min: 1, max: 60_000 })), inFlight: fc.nat(5) }), {
        minLength: 1,
        maxLength: 12,
      }),
      fc.integer({ min: 0, max: 70_000 }),
      fc.integer(),
      (strategy, members, nowMs, seed) => {
        const candidates = members.map(({ coolsFor, inFlight }, index) => {
          const candidate = candidateOf(`d${index}`)
          for (let call = 0; call < inFlight; call++) candidate.state.begin(0)
          if (coolsFor !== null)
            candidate.state.cooldown = { untilMs: coolsFor, code: 'internal', why: 'it failed' }
          return candidate
        })
        const rules = { ...DEFAULT_RULES.choice, strategy }
        const chosen = choose(candidates, CHOICE, rules, { nowMs, random: randomFrom(seed) })
        const open = candidates.filter(({ state }) => mayAsk(state, nowMs))
        if (open.length === 0) expect(chosen).toBeUndefined()
        else expect(open).toContain(chosen)
      },
    ),
  )
})

test('attempts never pass what retries, orders and fallbacks allow, and none is left counted as under way', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 }),
      fc.nat(4),
      fc.integer({ min: 1, max: 6 }),
      fc.integer(),
      async (scripts, retries, requests, seed) => {
        const ids = scripts.map((_, index) => `d${index}`)
        const world = worldOf({
          groups: { g: ids, spare: ['spare'] },
          script: Object.fromEntries(ids.map((id, index) => [id, scripts[index] ?? []])),
          options: { num_retries: retries, fallbacks: [{ g: ['spare'] }] },
          random: randomFrom(seed),
        })
        for (let request = 0; request < requests; request++) {
          const before = world.attempts.length
          await world.send('g')
          const attempts = world.attempts.slice(before)
          const inGroup = attempts.filter(({ group }) => group === 'g')
          expect(inGroup.length).toBeLessThanOrEqual(1 + retries)
          expect(attempts.length - inGroup.length).toBeLessThanOrEqual(1 + retries)
        }
        for (const { state } of [...world.groups.values()].flat()) expect(state.inFlight).toBe(0)
      },
    ),
    { numRuns: 60 },
  )
})

test('by class, a policy is never passed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(3), fc.nat(5), async (byPolicy, retries) => {
      const world = worldOf({
        groups: { g: ['a', 'b', 'c', 'd', 'e'] },
        script: Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((id) => [id, ['timeout'] as const])),
        options: { num_retries: retries, retry_policy: { TimeoutErrorRetries: byPolicy } },
      })
      await world.send('g')
      expect(world.attempts.length).toBe(1 + byPolicy)
    }),
  )
})

test('picks come as often as weights say', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 2, maxLength: 6 }),
      fc.integer(),
      (weights, seed) => {
        const total = weights.reduce((sum, weight) => sum + weight, 0)
        fc.pre(total > 0)
        const candidates = weights.map((weight, index) => candidateOf(`d${index}`, { weight }))
        const context = contextOf({ random: randomFrom(seed) })
        const counts = new Map<string, number>()
        const draws = 4_000
        for (let draw = 0; draw < draws; draw++) {
          const id = simpleShuffle.pick(candidates, context)?.id ?? ''
          counts.set(id, (counts.get(id) ?? 0) + 1)
        }
        for (const [index, weight] of weights.entries()) {
          const share = (counts.get(`d${index}`) ?? 0) / draws
          expect(Math.abs(share - weight / total)).toBeLessThan(0.05)
        }
      },
    ),
    { numRuns: 30 },
  )
})
