import { expect, test } from 'vitest'
import { createMemoryCounters } from '../counters/memory.ts'
import { decide, planAdmission } from './admission.ts'
import type { AdmissionRequest } from './admission.ts'
import type { Counters } from './counters.ts'
import { createWindows } from './windows.ts'

const M = 1_000_000n
const model = { rates: { inputPicoUsd: M, outputPicoUsd: 10n * M }, maxOutputTokens: 8_192 }
const key = { kind: 'key', id: 'k' } as const
let count = 0

function request(maxPicoUsd: bigint | undefined, fields: Partial<AdmissionRequest> = {}): AdmissionRequest {
  return {
    requestId: `r${count++}`,
    owner: 'a',
    nowMs: 0,
    leaseMs: 1,
    rule: 'reserve',
    limits: [{ scope: key, budgets: [{ maxPicoUsd }] }],
    windows: createWindows(),
    call: { inputTokens: 1_000 },
    models: [model],
    opening: (lines) => JSON.stringify(lines),
    ...fields,
  }
}

function counters(spent = 0n): Counters {
  return createMemoryCounters({ load: (keys) => Promise.resolve(keys.map(() => spent)) })
}

test.each<[string, bigint | undefined, Partial<AdmissionRequest>, number | undefined]>([
  ['without a limit the answer is as long as it likes', undefined, {}, undefined],
  ['with plenty left too', 1_000_000n * M, {}, undefined],
  ['with little left it is as long as a tenth pays for', 520_000n * M, {}, 5_100],
  ['or 4,096 tokens', 200_000n * M, {}, 4_096],
  ['or what is left', 11_000n * M, {}, 1_000],
  ['the client’s own bound stays', 200_000n * M, { call: { inputTokens: 10, maxTokens: 5_000 } }, undefined],
  ['by the older rule nothing is bound', 11_000n * M, { rule: 'postpaid' }, undefined],
])('%s', async (_, max, fields, tokens) => {
  const decision = await decide(counters(), request(max, fields))
  expect([decision.result.admitted, decision.maxTokens]).toEqual([true, tokens])
})

test.each([
  ['a large budget takes the size of the body', 1_000_000_000n, 0n, 0, true],
  ['a tight one has the input counted', 10_000n, 0n, 1, true],
  ['so does a large one that is nearly spent', 1_000_000_000n, 999_999_500n, 1, true],
  ['and what does not fit then is refused', 1_000_000_000n, 999_999_900n, 1, false],
])('%s', async (_, max, spent, times, admitted) => {
  let counted = 0
  const ask = request(max * M, { call: { inputTokens: 1_000, maxTokens: 0 } })
  const { result } = await decide(counters(spent * M), ask, () => {
    counted++
    return 250
  })
  expect([counted, result.admitted]).toEqual([times, admitted])
})

test('a free model asks no budget; its rates are asked', () => {
  const free = { rates: { inputPicoUsd: 0n, outputPicoUsd: 0n } }
  const limits = [{ scope: key, budgets: [{ maxPicoUsd: 0n }], rpm: 5 }]
  const { admission, price, lines } = planAdmission(request(0n, { models: [free], limits }))
  expect([price.state, admission.budgets, admission.rates.length]).toEqual(['free', [], 1])
  expect(lines.ledger).toEqual([['key:k', 'all']])
})

test('a model of unknown price goes on while something is left', async () => {
  const unknown = (max: bigint): AdmissionRequest => request(max, { models: [{}] })
  expect(planAdmission(unknown(5n)).admission).toMatchObject({
    rule: 'postpaid',
    hold: { wantedPicoUsd: 0n },
  })
  expect(await decide(counters(4n), unknown(5n))).toMatchObject({ result: { admitted: true } })
  expect(await decide(counters(5n), unknown(5n))).toMatchObject({ result: { admitted: false } })
})

test('what is loaded is decided at once', async () => {
  const memory = counters()
  await decide(memory, request(1_000_000n * M))
  expect(decide(memory, request(1_000_000n * M))).not.toBeInstanceOf(Promise)
})

test('the opening record names where the cost is written', () => {
  expect(planAdmission(request(5n)).admission.opening()).toBe('[["key:k","all"]]')
})
