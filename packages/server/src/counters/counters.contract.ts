import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Admission, AdmissionResult, BudgetKey, Counters, RateLine } from '../policy/counters.ts'
import { exactHold } from '../policy/hold.ts'
import type { Scope } from '../policy/scope.ts'
import type { SharedCounters } from './shared-counters.ts'
import { createModel } from './testing/model.ts'
import { ask, budget, NOW, parallel, rate, LEASE_MS, runId } from './testing/requests.ts'
import { step } from './testing/steps.ts'

/** One shared state, as many counters over it as a test likes. */
export interface CountersPlace<Kind extends Counters = Counters> {
  readonly open: () => Promise<Kind>
  /** Says what the ledger has, for counters that nobody asked for yet. */
  readonly spent: (key: BudgetKey, picoUsd: bigint) => Promise<void>
}

const CENT = 10_000_000_000n

const key: Scope = { kind: 'key', id: 'k' }
const team: Scope = { kind: 'team', id: 't' }

/** What came of it, in a word. */
function wordOf(result: AdmissionResult): string {
  return result.admitted ? 'admitted' : `${result.line.type} ${result.line.index}`
}

function passed(results: readonly AdmissionResult[]): number {
  return results.filter(({ admitted }) => admitted).length
}

/** What all counters have to do, wherever they keep what they know. */
export function describeCounters(name: string, openPlace: () => Promise<CountersPlace>): void {
  describe(name, () => {
    let place: CountersPlace
    let counters: Counters
    beforeEach(async () => {
      place = await openPlace()
      counters = await place.open()
    })

    const admit = async (fields: Partial<Admission>): Promise<AdmissionResult> =>
      await counters.admit(ask(fields))
    const stateOf = async (line: BudgetKey): Promise<string> => {
      const [state] = await counters.read([line])
      return `${state?.settledPicoUsd} settled, ${state?.reservedPicoUsd} held`
    }

    describe('money', () => {
      it('lets exactly as many of 1,000 at once through as the budget pays for', async () => {
        const cost = CENT / 25n
        const results = await Promise.all(
          Array.from(
            { length: 1_000 },
            async () => await admit({ hold: exactHold(cost), budgets: [budget(CENT)] }),
          ),
        )
        expect(passed(results)).toBe(25)
        expect(results.filter(({ admitted }) => !admitted).map(wordOf)).toEqual(
          Array.from({ length: 975 }, () => 'budget 0'),
        )
        expect(await stateOf(budget(CENT))).toBe(`0 settled, ${CENT} held`)
      })

      it('starts from what the ledger has, asked once by many', async () => {
        await place.spent(budget(100n), 70n)
        const results = await Promise.all(
          Array.from(
            { length: 8 },
            async () => await admit({ hold: exactHold(10n), budgets: [budget(100n)] }),
          ),
        )
        expect(passed(results)).toBe(3)
      })

      it('keeps windows apart', async () => {
        const before = budget(10n, key, '1d/2026-11-27')
        const after = budget(10n, key, '1d/2026-11-28')
        expect(wordOf(await admit({ hold: exactHold(10n), budgets: [before] }))).toBe('admitted')
        expect(wordOf(await admit({ hold: exactHold(10n), budgets: [before] }))).toBe('budget 0')
        expect(wordOf(await admit({ hold: exactHold(10n), budgets: [after] }))).toBe('admitted')
      })

      it('takes from all scopes or from none', async () => {
        const wide = budget(100n)
        const narrow = budget(5n, team)
        expect(wordOf(await admit({ hold: exactHold(10n), budgets: [wide, narrow] }))).toBe('budget 1')
        expect(await stateOf(wide)).toBe('0 settled, 0 held')
      })

      it('takes no money when a rate has no room', async () => {
        const line = budget(100n)
        expect(wordOf(await admit({ hold: exactHold(10n), budgets: [line], rates: [rate(0)] }))).toBe(
          'rate 0',
        )
        expect(wordOf(await admit({ hold: exactHold(10n), budgets: [line], parallels: [parallel(0)] }))).toBe(
          'parallel 0',
        )
        expect(await stateOf(line)).toBe('0 settled, 0 held')
      })

      it('counts what has no limit, beyond what a double can hold', async () => {
        const line = budget(undefined)
        const much = 9_007_199_254_740_993n
        const result = await admit({ requestId: 'much', hold: exactHold(much), budgets: [line] })
        expect(result).toMatchObject({
          holdPicoUsd: much,
          budgets: [{ settledPicoUsd: 0n, reservedPicoUsd: much }],
        })
        await counters.settle({ requestId: 'much', nowMs: NOW, costPicoUsd: much })
        expect(await stateOf(line)).toBe(`${much} settled, 0 held`)
      })

      it('compares exactly beyond what a double can hold', async () => {
        const much = 90_071_992_547_409_931n
        await place.spent(budget(much), much - 3n)
        expect(wordOf(await admit({ hold: exactHold(4n), budgets: [budget(much)] }))).toBe('budget 0')
        expect(wordOf(await admit({ hold: exactHold(3n), budgets: [budget(much)] }))).toBe('admitted')
        expect(wordOf(await admit({ hold: exactHold(1n), budgets: [budget(much)] }))).toBe('budget 0')
      })

      const range = { wantedPicoUsd: 1_000n, floorPicoUsd: 40n, leastPicoUsd: 2n }
      it.each<[bigint, bigint | undefined, string]>([
        [100_000n, 1_000n, 'plenty is left: what the model can need'],
        [5_005n, 500n, 'a tenth of what is left'],
        [300n, 40n, 'the floor, where a tenth is less'],
        [30n, 30n, 'all that is left'],
        [2n, 2n, 'the least'],
        [1n, undefined, 'not even the least'],
      ])('of %s picodollars, %s are held: %s', async (max, held) => {
        const result = await admit({ hold: range, budgets: [budget(max), budget(undefined, team)] })
        expect(result.admitted ? result.holdPicoUsd : undefined).toBe(held)
      })

      it('lets requests in by the older rule until the limit is reached, those under way counted', async () => {
        const fields = { rule: 'postpaid', hold: exactHold(30n), budgets: [budget(100n)] } as const
        const results = await Promise.all(Array.from({ length: 8 }, async () => await admit(fields)))
        expect(passed(results)).toBe(4)
      })

      it('lets a request of unknown price in while something is left', async () => {
        const unknown = { rule: 'postpaid', hold: exactHold(0n), budgets: [budget(10n)] } as const
        expect(wordOf(await admit(unknown))).toBe('admitted')
        await admit({ hold: exactHold(10n), budgets: [budget(10n)] })
        expect(wordOf(await admit(unknown))).toBe('budget 0')
      })

      it('goes by the limit of each request: lowered, raised, reset while others are under way', async () => {
        const hold = exactHold(40n)
        await admit({ requestId: 'first', hold, budgets: [budget(100n)] })
        expect(wordOf(await admit({ hold, budgets: [budget(50n)] }))).toBe('budget 0')
        expect(wordOf(await admit({ hold, budgets: [budget(80n)] }))).toBe('admitted')
        await counters.settle({ requestId: 'first', nowMs: NOW, costPicoUsd: 30n })
        expect(await stateOf(budget(0n))).toBe('30 settled, 40 held')
        const reset = budget(40n, key, '1d/2026-11-27@later')
        expect(wordOf(await admit({ hold, budgets: [reset] }))).toBe('admitted')
        expect(await stateOf(reset)).toBe('0 settled, 40 held')
      })

      it('gives back what was not used', async () => {
        const line = budget(100n)
        await admit({ requestId: 'a', hold: exactHold(100n), budgets: [line] })
        expect(wordOf(await admit({ hold: exactHold(1n), budgets: [line] }))).toBe('budget 0')
        await counters.settle({ requestId: 'a', nowMs: NOW, costPicoUsd: 20n })
        expect(wordOf(await admit({ hold: exactHold(80n), budgets: [line] }))).toBe('admitted')
      })

      it('grows a hold as far as there is room', async () => {
        const lines = [budget(100n), budget(60n, team)]
        await admit({ requestId: 'a', hold: exactHold(40n), budgets: lines })
        expect(await counters.extend('a', 20n)).toBe(true)
        expect(await counters.extend('a', 1n)).toBe(false)
        expect(await stateOf(budget(100n))).toBe('0 settled, 60 held')
        await counters.settle({ requestId: 'a', nowMs: NOW, costPicoUsd: 55n })
        expect(await stateOf(budget(100n))).toBe('55 settled, 0 held')
        expect(await counters.extend('a', 1n)).toBe(false)
        expect(await counters.extend('nobody', 1n)).toBe(false)
      })
    })

    describe('ends', () => {
      type Told = readonly [word: 'told' | 'presumed', cost: bigint]
      it.each<[string, readonly Told[], bigint]>([
        [
          'a settlement told twice counts once',
          [
            ['told', 7n],
            ['told', 9n],
          ],
          7n,
        ],
        [
          'what is presumed twice counts once',
          [
            ['presumed', 7n],
            ['presumed', 9n],
          ],
          7n,
        ],
        [
          'what is told corrects what was presumed',
          [
            ['presumed', 7n],
            ['told', 3n],
          ],
          3n,
        ],
        [
          'and only once',
          [
            ['presumed', 7n],
            ['told', 3n],
            ['told', 5n],
          ],
          3n,
        ],
        [
          'what is presumed after that changes nothing',
          [
            ['told', 3n],
            ['presumed', 7n],
          ],
          3n,
        ],
        [
          'what was presumed may turn out as nothing',
          [
            ['presumed', 7n],
            ['told', 0n],
          ],
          0n,
        ],
      ])('%s', async (_, told, settled) => {
        const line = budget(100n)
        await admit({ requestId: 'a', hold: exactHold(10n), budgets: [line] })
        for (const [word, costPicoUsd] of told)
          await counters.settle({
            requestId: 'a',
            nowMs: NOW,
            costPicoUsd,
            isPresumed: word === 'presumed',
          })
        expect(await stateOf(line)).toBe(`${settled} settled, 0 held`)
      })

      it('an id that is asked for again takes nothing more, open or closed', async () => {
        const fields = { requestId: 'same', hold: exactHold(10n), budgets: [budget(100n)], rates: [rate(5)] }
        const [first, second] = await Promise.all([admit(fields), admit(fields)])
        expect([first, second]).toMatchObject([
          { admitted: true, holdPicoUsd: 10n },
          { admitted: true, holdPicoUsd: 10n },
        ])
        expect(await stateOf(budget(100n))).toBe('0 settled, 10 held')
        await counters.settle({ requestId: 'same', nowMs: NOW, costPicoUsd: 4n })
        expect(await admit(fields)).toMatchObject({ admitted: true, holdPicoUsd: 10n })
        expect(await stateOf(budget(100n))).toBe('4 settled, 0 held')
      })

      it('the end of a request that nobody knows changes nothing', async () => {
        await counters.settle({ requestId: 'nobody', nowMs: NOW, costPicoUsd: 5n })
        expect(await stateOf(budget(1n))).toBe('0 settled, 0 held')
      })
    })

    describe('rates', () => {
      it('lets exactly 60 of 400 at once through', async () => {
        const results = await Promise.all(
          Array.from({ length: 400 }, async () => await admit({ rates: [rate(60)] })),
        )
        expect(passed(results)).toBe(60)
      })

      it('has windows of a minute that the first request opens, and counts no refused request', async () => {
        const at = async (afterMs: number): Promise<string> => {
          const result = await admit({ nowMs: NOW + afterMs, rates: [rate(2)] })
          const state = result.admitted ? result.rates[0] : result.line.type === 'rate' && result.line.state
          return state ? `${wordOf(result)}: ${state.used} until ${state.resetMs - NOW}` : wordOf(result)
        }
        const seen: string[] = []
        for (const afterMs of [5_000, 20_000, 30_000, 64_999, 65_000, 70_000]) seen.push(await at(afterMs))
        expect(seen).toEqual([
          'admitted: 1 until 65000',
          'admitted: 2 until 65000',
          'rate 0: 2 until 65000',
          'rate 0: 2 until 65000',
          'admitted: 1 until 125000',
          'admitted: 2 until 125000',
        ])
      })

      it('reserves tokens and corrects them', async () => {
        const tokens = (amount: number): RateLine[] => [rate(100, 'tokens', amount), rate(9)]
        await admit({ requestId: 'a', rates: tokens(80) })
        expect(wordOf(await admit({ rates: tokens(30) }))).toBe('rate 0')
        await counters.settle({ requestId: 'a', nowMs: NOW, costPicoUsd: 0n, tokens: 20 })
        expect(await admit({ rates: tokens(30) })).toMatchObject({
          admitted: true,
          rates: [{ used: 50 }, { used: 2 }],
        })
      })

      it('corrects tokens in the window that they were taken from only', async () => {
        await admit({ requestId: 'a', rates: [rate(100, 'tokens', 80)] })
        const later = NOW + 60_000
        await admit({ nowMs: later, rates: [rate(100, 'tokens', 10)] })
        await counters.settle({
          requestId: 'a',
          nowMs: later,
          costPicoUsd: 0n,
          tokens: 500,
        })
        expect(await admit({ nowMs: later, rates: [rate(100, 'tokens', 10)] })).toMatchObject({
          rates: [{ used: 20 }],
        })
      })

      it('keeps requests and tokens, and scopes, apart', async () => {
        const rates = [rate(1), rate(10, 'tokens', 10), rate(1, 'requests', 1, team)]
        expect(wordOf(await admit({ rates }))).toBe('admitted')
        expect(wordOf(await admit({ rates: rates.slice(1) }))).toBe('rate 0')
        expect(wordOf(await admit({ rates: rates.slice(2) }))).toBe('rate 0')
      })
    })

    describe('calls under way', () => {
      it('are as many as may be, and leave when they end', async () => {
        const ids = ['a', 'b', 'c', 'd']
        const parallels = [parallel(3), parallel(9, team)]
        const words = []
        for (const requestId of ids) words.push(wordOf(await admit({ requestId, parallels })))
        expect(words).toEqual(['admitted', 'admitted', 'admitted', 'parallel 0'])
        await counters.settle({ requestId: 'b', nowMs: NOW, costPicoUsd: 0n })
        await counters.settle({ requestId: 'b', nowMs: NOW, costPicoUsd: 0n })
        expect(wordOf(await admit({ parallels }))).toBe('admitted')
        expect(await admit({ parallels })).toMatchObject({ line: { running: 3 } })
      })
    })

    describe('leases', () => {
      const line = budget(100n)
      const held = {
        requestId: 'lost',
        owner: 'dead',
        hold: exactHold(10n),
        budgets: [line],
        parallels: [parallel(1)],
        opening: () => '{"type":"opening"}',
      }

      it('an orphan is given to one, who settles it; its owner may still tell the truth', async () => {
        await admit(held)
        expect(await counters.takeOrphans('b', NOW + LEASE_MS - 1, 9)).toEqual([])
        const other = await place.open()
        const later = NOW + LEASE_MS
        const found = await Promise.all([
          counters.takeOrphans('b', later, 9),
          other.takeOrphans('c', later, 9),
        ])
        expect(found.flat()).toEqual([
          { requestId: 'lost', owner: 'dead', holdPicoUsd: 10n, opening: '{"type":"opening"}' },
        ])
        await counters.settle({ requestId: 'lost', nowMs: later, costPicoUsd: 10n, isPresumed: true })
        expect(await stateOf(line)).toBe('10 settled, 0 held')
        expect(wordOf(await admit({ parallels: [parallel(1)] }))).toBe('admitted')
        await counters.settle({ requestId: 'lost', nowMs: later, costPicoUsd: 6n })
        expect(await stateOf(line)).toBe('6 settled, 0 held')
      })

      it('a lease that is renewed does not end', async () => {
        await admit(held)
        await counters.renew('dead', NOW + 20_000)
        expect(await counters.takeOrphans('b', NOW + 45_000, 9)).toEqual([])
        expect(await counters.takeOrphans('b', NOW + 50_000, 9)).toHaveLength(1)
      })

      it('who took an orphan has a lease too', async () => {
        await admit(held)
        await counters.takeOrphans('b', NOW + LEASE_MS, 9)
        expect(await counters.takeOrphans('c', NOW + LEASE_MS + 1, 9)).toEqual([])
        expect(await counters.takeOrphans('c', NOW + 2 * LEASE_MS, 9)).toMatchObject([{ owner: 'b' }])
      })

      it('nobody is given its own, whose end it knows itself', async () => {
        await admit(held)
        expect(await counters.takeOrphans('dead', NOW + LEASE_MS, 9)).toEqual([])
        expect(await counters.takeOrphans('b', NOW + LEASE_MS, 9)).toHaveLength(1)
      })

      it('no more are given than asked for', async () => {
        for (const requestId of ['1', '2', '3']) await admit({ requestId, owner: 'dead' })
        expect(await counters.takeOrphans('b', NOW + LEASE_MS, 2)).toHaveLength(2)
        expect(await counters.takeOrphans('b', NOW + LEASE_MS, 2)).toHaveLength(1)
      })

      it('what has ended is no orphan', async () => {
        await admit(held)
        await counters.settle({ requestId: 'lost', nowMs: NOW, costPicoUsd: 1n })
        expect(await counters.takeOrphans('b', NOW + LEASE_MS, 9)).toEqual([])
      })
    })

    it('does what the plain model does', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
          const run = runId()
          const model = createModel()
          const real: unknown[] = []
          const expected: unknown[] = []
          for (const [index, make] of steps.entries()) {
            const doing = make(`${run}-`, index)
            expected.push(await doing(model))
            real.push(await doing(counters))
          }
          expect(real).toEqual(expected)
        }),
        { numRuns: 25 },
      )
    })
  })
}

/** What counters have to do beside that when others use them too. */
export function describeSharedCounters(
  name: string,
  openPlace: () => Promise<CountersPlace<SharedCounters>>,
): void {
  describeCounters(name, openPlace)

  describe(`${name}, shared`, () => {
    it('what was spent unseen is counted once; a budget that nobody counts yet begins with it', async () => {
      const { open, spent } = await openPlace()
      const counters = await open()
      const keys = [budget(100n), budget(100n, team)]
      await spent(budget(100n), 30n)
      await counters.admit(ask({ budgets: [budget(100n)] }))
      const unseen = { requestId: 'unseen', nowMs: NOW, keys, costPicoUsd: 7n }
      await counters.addSpent(unseen)
      await counters.addSpent(unseen)
      await spent(budget(100n, team), 7n)
      expect((await counters.read(keys)).map(({ settledPicoUsd }) => settledPicoUsd)).toEqual([37n, 7n])
    })
  })
}
