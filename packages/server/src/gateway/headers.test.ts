import { expect, test } from 'vitest'
import { answerHeaders, baseHeaders } from './headers.ts'
import { exchangeOf, servicesOf } from './testing/services.ts'
import type { Exchange } from './exchange.ts'

const services = await servicesOf(
  'model_list: [{model_name: gpt, litellm_params: {model: openai/m}, model_info: {id: d1}}]',
  {
    monotonicMs: () => 1_100.5,
  },
)

const toObject = (flat: readonly string[]): Record<string, string> =>
  Object.fromEntries(flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? '']] : [])))

function answered(receipt: Partial<Exchange['receipt']> = {}): Exchange {
  const exchange = exchangeOf('chat', 1_000)
  const [deployment] = services.deployments.find('gpt')
  Object.assign(exchange.receipt, {
    deployment,
    model: 'gpt',
    upstreamMs: 90,
    attempts: [{}, {}],
    ...receipt,
  })
  return exchange
}

test('every answer says which it is', () => {
  expect(toObject(baseHeaders(exchangeOf(), services))).toEqual({
    'x-request-id': 'call-1',
    'x-litellm-call-id': 'call-1',
    'x-litellm-version': '1.2.3',
    'x-litellm-attempted-retries': '0',
    'x-litellm-attempted-fallbacks': '0',
  })
})

test('an answer says who gave it, how long it took and what it cost', () => {
  const exchange = answered({ costPicoUsd: 1_500_000n })
  expect(toObject(answerHeaders(exchange, 'https://api.test/v1/x?key=secret', {}, services))).toMatchObject({
    'x-litellm-model-id': 'd1',
    'x-litellm-model-group': 'gpt',
    'x-litellm-model-api-base': 'https://api.test/v1/x',
    'x-litellm-response-duration-ms': '100.500',
    'x-litellm-overhead-duration-ms': '10.500',
    'x-litellm-response-cost': '0.0000015',
    'x-litellm-attempted-retries': '1',
  })
})

test.each<[string | undefined, string | undefined]>([
  ['m-2026-01-01', 'm-2026-01-01'],
  ['m', undefined],
  [undefined, undefined],
])('a provider that answers as %s: told as %s', (servedModel, told) => {
  const headers = toObject(answerHeaders(answered({ servedModel }), '', {}, services))
  expect(headers['x-switchyard-served-model']).toBe(told)
})

test.each<[Partial<Exchange['receipt']>]>([
  [{ costPicoUsd: undefined }],
  [{ costPicoUsd: 5n, stream: true }],
])('a cost that is not known yet is not told: %o', (receipt) => {
  const headers = toObject(answerHeaders(answered(receipt), '', {}, services))
  expect(headers).not.toHaveProperty('x-litellm-response-cost')
  expect(headers).not.toHaveProperty('x-litellm-model-api-base')
})

test('no time is less than none', () => {
  const headers = toObject(answerHeaders(answered({ upstreamMs: 500 }), '', {}, services))
  expect(headers['x-litellm-overhead-duration-ms']).toBe('0.000')
})

test("a provider's headers pass under its name, its limits under their own, too", () => {
  const headers = toObject(
    answerHeaders(
      answered(),
      '',
      { 'x-request-id': 'theirs', 'x-ratelimit-remaining-requests': '5', 'x-note': 'Ã¼' },
      services,
    ),
  )
  expect(headers).toMatchObject({
    'x-request-id': 'call-1',
    'llm_provider-x-request-id': 'theirs',
    'llm_provider-x-ratelimit-remaining-requests': '5',
    'x-ratelimit-remaining-requests': '5',
    'llm_provider-x-note': encodeURIComponent('Ã¼'),
  })
})

test.each([
  'connection',
  'transfer-encoding',
  'content-length',
  'content-encoding',
  'content-type',
  'date',
  'alt-svc',
  'authorization',
  'x-api-key',
  'openai-organization',
  'www-authenticate',
  'access-control-allow-origin',
])('%s is not passed on', (name) => {
  expect(answerHeaders(answered(), '', { [name]: 'x' }, services).join()).not.toContain(
    `llm_provider-${name}`,
  )
})

test('cookies, endless values and endless many are not passed on', () => {
  const many = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`x-${index}`, 'y']))
  const headers = answerHeaders(
    answered(),
    '',
    { 'set-cookie': ['a=b'], 'x-long': 'y'.repeat(5_000), ...many },
    services,
  )
  const names = headers.filter((name) => name.startsWith('llm_provider-'))
  expect(names).toHaveLength(64)
  expect(names).not.toContain('llm_provider-x-long')
})

test.each(['Modell-ü', 'a\r\nb: c', '\ud800'])('a name that no header can hold is encoded: %j', (model) => {
  const headers = toObject(baseHeaders(answered({ model }), services))
  expect(headers['x-litellm-model-group']).toMatch(/^[\x21-\x7e]+$/)
})

test.each<[number, string]>([
  [0, '0.000'],
  [0.0004, '0.000'],
  [1.005, '1.005'],
  [12.0421, '12.042'],
  [999.9999, '1000.000'],
  [123_456.7, '123456.700'],
])('%s ms are %s', (ms, text) => {
  const later = { ...services, monotonicMs: () => 1_000 + ms }
  const headers = toObject(answerHeaders(answered({ upstreamMs: 0 }), '', {}, later))
  expect(headers['x-litellm-response-duration-ms']).toBe(text)
})
