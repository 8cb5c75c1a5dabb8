import fc from 'fast-check'
import type { Admission, Counters } from '../../policy/counters.ts'
import type { Scope } from '../../policy/scope.ts'
import { ask, budget, NOW, parallel, rate } from './requests.ts'

type Stepped = Pick<Counters, 'admit' | 'extend' | 'settle' | 'read'>
/** Does it to some counters, and gives what they say. */
export type Doing = (counters: Stepped) => unknown

/** A step of a run: every run has scopes and requests of its own. */
export const step: fc.Arbitrary<(run: string, index: number) => Doing> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .record({
        wanted: fc.bigInt(0n, 60n),
        floor: fc.bigInt(0n, 60n),
        least: fc.bigInt(0n, 60n),
        rule: fc.constantFrom('reserve', 'postpaid'),
        maxes: fc.array(fc.option(fc.bigInt(0n, 200n), { nil: undefined }), { maxLength: 3 }),
        requests: fc.array(fc.integer({ min: 0, max: 8 }), { maxLength: 2 }),
        tokens: fc.integer({ min: 0, max: 30 }),
        running: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 2 }),
        laterMs: fc.integer({ min: 0, max: 90_000 }),
      })
      .map((fields) => (run: string, index: number) => {
        const [least = 0n, floor = 0n, wanted = 0n] = [fields.wanted, fields.floor, fields.least].sort(
          (one, two) => Number(one - two),
        )
        const scope = (at: number): Scope => ({ kind: 'tag', id: `${run}${at}` })
        const admission = ask({
          requestId: `${run}${index}`,
          nowMs: NOW + fields.laterMs,
          rule: fields.rule as Admission['rule'],
          hold: { leastPicoUsd: least, floorPicoUsd: floor, wantedPicoUsd: wanted },
          budgets: fields.maxes.map((max, at) => budget(max, scope(at), 'w')),
          rates: [
            ...fields.requests.map((max, at) => rate(max, 'requests', 1, scope(at))),
            rate(60, 'tokens', fields.tokens, scope(0)),
          ],
          parallels: fields.running.map((max, at) => parallel(max, scope(at))),
        })
        return async (counters: Stepped) => await counters.admit(admission)
      }),
  },
  fc
    .record({ of: fc.nat(24), cost: fc.bigInt(0n, 60n), tokens: fc.option(fc.nat(50), { nil: undefined }) })
    .chain(({ of, cost, tokens }) =>
      fc.boolean().map((isPresumed) => (run: string, index: number) => {
        return async (counters: Stepped) => {
          await counters.settle({
            requestId: `${run}${of % Math.max(index, 1)}`,
            nowMs: NOW,
            costPicoUsd: cost,
            isPresumed,
            tokens,
          })
        }
      }),
    ),
  fc.record({ of: fc.nat(24), more: fc.bigInt(0n, 60n) }).map(
    ({ of, more }) =>
      (run: string, index: number) =>
      async (counters: Stepped) =>
        await counters.extend(`${run}${of % Math.max(index, 1)}`, more),
  ),
  fc.nat(2).map((at) => (run: string) => async (counters: Stepped) => {
    return await counters.read([{ scope: { kind: 'tag', id: `${run}${at}` }, windowId: 'w' }])
  }),
)
