import { createError, isSwitchyardError, TransportError } from '@switchyard/llm/kit'
import { expect, test, vi } from 'vitest'
import type { UpstreamCall } from '../../deployments/upstream.ts'
import { FakeUpstream, planOf } from '../testing/services.ts'
import type { FakeCall } from '../testing/services.ts'
import { receiveWhole } from './receive-whole.ts'
import type { WholeBody } from './receive-whole.ts'

async function receive(
  answer: (call: FakeCall) => void,
  read: (whole: WholeBody) => string = ({ body }) => body.toString(),
): Promise<{ outcome: unknown; call: FakeCall }> {
  const upstream = new FakeUpstream()
  let running: unknown
  const settled = vi.fn<() => void>()
  const watch = { running: (call: UpstreamCall) => (running = call), settled }
  const received = receiveWhole(upstream, planOf('http://acme.test'), watch, read)
  expect(running).toBe(upstream.last)
  answer(upstream.last)
  const outcome = await received.then(
    (text) => text,
    (error: unknown) => {
      if (!isSwitchyardError(error)) throw error
      return {
        status: error.providerStatus,
        code: error.code,
        reason: error.reason,
        provider: error.provider,
      }
    },
  )
  expect(settled).toHaveBeenCalled()
  return { outcome, call: upstream.last }
}

test('an answer in pieces is one', async () => {
  const { outcome } = await receive((call) => {
    call.head(201)
    for (const piece of ['{"a"', ':', '1}']) call.data(piece)
    call.end()
  })
  expect(outcome).toBe('{"a":1}')
})

test.each<[string, (call: FakeCall) => void, object]>([
  ['400', (call) => call.answer(400, '{"error":{"message":"no"}}'), { code: 'bad_request', status: 400 }],
  ['401', (call) => call.answer(401, 'no JSON at all'), { code: 'authentication', status: 401 }],
  ['429', (call) => call.answer(429, ''), { code: 'rate_limit', status: 429 }],
  ['503', (call) => call.answer(503, '<html>'), { code: 'service_unavailable', status: 503 }],
  ['a redirect', (call) => call.answer(307, ''), { reason: 'upstream_redirect_refused' }],
  [
    'a refused connection',
    (call) => call.fail(new TransportError('connect_refused', 'x')),
    { code: 'connection' },
  ],
  [
    'a bad certificate',
    (call) => call.fail(new TransportError('tls', 'x')),
    { reason: 'upstream_tls_error' },
  ],
  ['silence', (call) => call.fail(new TransportError('first_byte_timeout', 'x')), { code: 'timeout' }],
  ['our own end', (call) => call.abort(), { code: 'aborted' }],
])('%s is a failure of the provider', async (_name, answer, expected) => {
  expect((await receive(answer)).outcome).toMatchObject({ ...expected, provider: 'acme' })
})

test('an answer that weighs too much is refused for that, and ended', async () => {
  const piece = Buffer.alloc(64 * 1024 * 1024)
  const { outcome, call } = await receive((running) => {
    running.head()
    for (let count = 0; count < 5; count++) running.data(piece)
  })
  expect(outcome).toMatchObject({ reason: 'upstream_response_too_large' })
  expect(call.aborted).toBe(true)
})

test('an answer that cannot be read is that failure', async () => {
  const unreadable = createError({ code: 'invalid_response', reason: 'unreadable', message: 'no' })
  const { outcome } = await receive(
    (call) => call.answer(200, '{}'),
    () => {
      throw unreadable
    },
  )
  expect(outcome).toMatchObject({ reason: 'unreadable' })
})
