import type { Usage } from '@switchyard/llm/kit'
import { expect, test } from 'vitest'
import { createReceipt } from './exchange.ts'
import { believableUsage, meter, usageSoFar } from './meter.ts'
import { callOf, chatBody, servicesOf } from './testing/services.ts'

const usage = (inputTokens: number, outputTokens: number): Usage => ({
  inputTokens,
  outputTokens,
  source: 'provider',
})

test.each<[string, Usage]>([
  ['both', usage(3, 2)],
  ['no output', usage(3, 0)],
  ['no input', usage(0, 2)],
])('usage of %s is believed', (_name, given) => {
  expect(believableUsage(given, callOf(chatBody()), () => 'x')).toBe(given)
})

test('usage of searches alone is believed', () => {
  const searches: Usage = { ...usage(0, 0), searchUnits: 1 }
  expect(
    believableUsage(searches, callOf({ model: 'r', query: 'q', documents: ['d'] }, 'rerank'), () => ''),
  ).toBe(searches)
})

test.each<[string, Usage | undefined]>([
  ['missing', undefined],
  ['zero', usage(0, 0)],
  ['negative', usage(-3, 2)],
  ['negative, too', usage(3, -2)],
  ['absurd', usage(1e12, 2)],
  ['no number', usage(Number.NaN, 2)],
])('usage that is %s is estimated', (_name, given) => {
  const estimated = believableUsage(given, callOf(chatBody()), () => 'one two three four')
  expect(estimated.source).toBe('estimated')
  expect(estimated.inputTokens).toBeGreaterThan(0)
  expect(estimated.outputTokens).toBeGreaterThanOrEqual(4)
})

test.each<[string, Usage | undefined, Partial<Usage>]>([
  [
    'has told the input and the first token',
    { ...usage(3, 1), totalTokens: 4 },
    { inputTokens: 3, source: 'estimated' },
  ],
  [
    'has told more than was delivered',
    usage(3, 90),
    { inputTokens: 3, outputTokens: 90, source: 'provider' },
  ],
  ['has told nothing', undefined, { source: 'estimated' }],
])('a provider that %s before the answer broke off', (_name, given, expected) => {
  const told = usageSoFar(given, callOf(chatBody()), () => 'one two three four')
  expect(told).toMatchObject(expected)
  expect(told.outputTokens).toBeGreaterThanOrEqual(4)
  expect(told.totalTokens).toBeUndefined()
})

test('of an embedding only the input counts', () => {
  const call = callOf({ model: 'e', input: 'x'.repeat(400) }, 'embeddings')
  expect(believableUsage(undefined, call, () => 'vectors')).toMatchObject({ outputTokens: 0 })
})

const yaml = `
model_list:
  - model_name: priced
    litellm_params: {model: openai/own, input_cost_per_token: 0.000001, output_cost_per_token: 0.000002}
  - {model_name: unknown, litellm_params: {model: openai/own}}
  - {model_name: demo, litellm_params: {model: demo/echo}}
`

test.each<[string, bigint | undefined]>([
  ['priced', 7_000_000n],
  ['unknown', undefined],
  ['demo', 0n],
  ['nobody', undefined],
])('the cost of an answer of %s', async (group, expected) => {
  const services = await servicesOf(yaml)
  const receipt = { ...createReceipt(), deployment: services.deployments.find(group)[0] }
  meter(receipt, usage(3, 2), 'm-2')
  expect(receipt).toMatchObject({ usage: usage(3, 2), servedModel: 'm-2' })
  expect(receipt).toHaveProperty('costPicoUsd', expected)
})
