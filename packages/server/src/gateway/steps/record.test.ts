import { createError } from '@switchyard/llm/kit'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import type { RequestOutcome } from '../../metrics.ts'
import type { Services } from '../../services.ts'
import { exchangeOf, servicesOf } from '../testing/services.ts'
import { record } from './record.ts'

const yaml = `
model_list:
  - {model_name: gpt, litellm_params: {model: openai/m}}
  - {model_name: fixed, litellm_params: {model: openai/m, mock_response: hi}}
  - {model_name: demo, litellm_params: {model: demo/echo}}
`

async function watched(
  level = 'info',
): Promise<{ services: Services; counted: RequestOutcome[]; lines: unknown[] }> {
  const counted: RequestOutcome[] = []
  const lines: unknown[] = []
  const log = pino({ level, base: null, timestamp: false }, { write: (line) => lines.push(JSON.parse(line)) })
  const metrics = {
    record: (outcome: RequestOutcome) => counted.push(outcome),
    softBudgetPassed: () => {},
    deploymentCooled: () => {},
    watchLedger: () => {},
    render: () => Promise.resolve(''),
    contentType: '',
  }
  const services = await servicesOf(yaml, { log, metrics, monotonicMs: () => 1_250 })
  return { services, counted, lines }
}

test.each([
  ['gpt', 'openai'],
  ['fixed', 'mock'],
  ['demo', 'local'],
])('an answer of %s is counted for %s, and makes no line', async (group, provider) => {
  const { services, counted, lines } = await watched()
  const exchange = exchangeOf('chat', 1_000)
  Object.assign(exchange.receipt, {
    status: 200,
    deployment: services.deployments.find(group)[0],
    usage: { inputTokens: 3, outputTokens: 2, source: 'provider' },
    costPicoUsd: 7n,
  })
  record(exchange, services)
  expect(counted).toEqual([
    { group, provider, status: 200, durationMs: 250, inputTokens: 3, outputTokens: 2, costPicoUsd: 7n },
  ])
  expect(lines).toEqual([])
})

test('for those who look closely it makes one', async () => {
  const { services, lines } = await watched('debug')
  const exchange = exchangeOf('chat', 1_000)
  Object.assign(exchange.receipt, { status: 200, model: 'gpt' })
  record(exchange, services)
  expect(lines).toMatchObject([{ id: 'call-1', model: 'gpt', status: 200, durationMs: 250, msg: 'request' }])
})

test('a failure makes a line and is counted, too', async () => {
  const { services, counted, lines } = await watched()
  const exchange = exchangeOf('chat', 1_000)
  const failure = createError({
    code: 'rate_limit',
    message: 'slow down',
    provider: 'openai',
    providerStatus: 429,
  })
  Object.assign(exchange.receipt, { status: 429, model: 'gpt', failure: failure.toFailure() })
  record(exchange, services)
  expect(counted).toMatchObject([{ group: '', provider: '', status: 429, inputTokens: 0, costPicoUsd: 0n }])
  expect(lines).toMatchObject([
    {
      level: 40,
      id: 'call-1',
      code: 'rate_limit',
      provider: 'openai',
      providerStatus: 429,
      msg: 'slow down',
    },
  ])
})
