import { createError } from '@switchyard/llm/kit'
import { expect, test } from 'vitest'
import { Loopback } from '../../http/testing/loopback.ts'
import type { LlmOperation } from '../routes/routes.ts'
import { exchangeOf, routeOf, servicesOf } from '../testing/services.ts'
import { refuse } from './refuse.ts'

const services = await servicesOf('model_list: []')

async function answerTo(
  init: Parameters<typeof createError>[0],
  operation: LlmOperation = 'chat',
): Promise<{ status: number; headers: Headers; body: unknown }> {
  await using server = await Loopback.listen((request, response) => {
    const exchange = { ...exchangeOf(operation), request, response, route: routeOf(operation) }
    refuse(exchange, createError(init).toFailure(), services)
    expect(exchange.receipt.status).toBe(response.statusCode)
    expect(exchange.receipt.failure?.message).toBe(init.message)
  })
  const answer = await fetch(server.url('/'))
  return { status: answer.status, headers: answer.headers, body: await answer.json() }
}

test('says what failed in the words of OpenAI', async () => {
  const answer = await answerTo({
    code: 'bad_request',
    reason: 'out_of_range',
    message: 'too much',
    param: 'n',
  })
  expect(answer).toMatchObject({
    status: 400,
    body: { error: { message: 'too much', type: 'invalid_request_error', param: 'n', code: 'out_of_range' } },
  })
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-type': 'application/json',
    'x-gateway-error': 'out_of_range',
    'x-should-retry': 'false',
    'x-request-id': 'call-1',
    'x-litellm-call-id': 'call-1',
    'x-litellm-attempted-retries': '0',
  })
  expect(answer.headers.has('retry-after')).toBe(false)
})

test('says what failed in the words of Anthropic', async () => {
  const answer = await answerTo({ code: 'overloaded', message: 'busy', provider: 'anthropic' }, 'messages')
  expect(answer).toMatchObject({
    status: 529,
    body: { type: 'error', error: { type: 'overloaded_error', message: expect.stringContaining('busy') } },
  })
  expect(answer.headers.get('request-id')).toBe('call-1')
})

test.each<[Parameters<typeof createError>[0], string | null, string | null]>([
  [{ code: 'rate_limit', message: 'x', retryAfterMs: 1_500 }, '2', null],
  [{ code: 'rate_limit', message: 'x', retryAfterMs: 1 }, '1', null],
  [{ code: 'rate_limit', message: 'x' }, '1', null],
  [{ code: 'service_unavailable', message: 'x' }, '1', null],
  [{ code: 'timeout', message: 'x' }, null, null],
  [{ code: 'quota_exceeded', message: 'x' }, null, 'false'],
  [{ code: 'authentication', message: 'x' }, null, 'false'],
])('says when to try again: %j', async (init, wait, retry) => {
  const { headers } = await answerTo(init)
  expect(headers.get('retry-after')).toBe(wait)
  expect(headers.get('x-should-retry')).toBe(retry)
})

test('lists how each attempt failed, and not who was asked', async () => {
  await using server = await Loopback.listen((request, response) => {
    const exchange = { ...exchangeOf(), request, response }
    exchange.receipt.attempts.push(
      { deploymentId: 'secret-1', code: 'upstream_rate_limited', ms: 1 },
      { deploymentId: 'secret-2', code: 'upstream_unavailable', ms: 1 },
    )
    refuse(exchange, createError({ code: 'connection', message: 'not there' }).toFailure(), services)
  })
  const text = await (await fetch(server.url('/'))).text()
  expect(text).toContain('not there (tried 2 times: upstream_rate_limited, upstream_unavailable)')
  expect(text).not.toContain('secret')
})

test.each(['request_too_large', 'request_timeout'])(
  'closes where a body was left unread: %s',
  async (reason) => {
    const { headers } = await answerTo({ code: 'bad_request', reason, message: 'x' })
    expect(headers.get('connection')).toBe('close')
  },
)

test('to a client that has left nothing is said', () => {
  const exchange = exchangeOf()
  exchange.response.destroy()
  refuse(exchange, createError({ code: 'aborted', message: 'gone' }).toFailure(), services)
  expect(exchange.receipt).toMatchObject({ status: 499, failure: { message: 'gone' } })
  expect(exchange.response.headersSent).toBe(false)
})
