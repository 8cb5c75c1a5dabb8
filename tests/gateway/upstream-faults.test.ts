import { lookup } from 'node:dns/promises'
import { createServer } from 'node:http'
import { describe, expect, it } from 'vitest'
import { startTestGateway } from '../clients/support/gateway.ts'
import type { TestGateway } from '../clients/support/gateway.ts'
import { entryAt } from '../clients/support/models.ts'
import { selfSignedCertificate } from '../support/certificate.ts'
import { startFaultProvider } from '../support/fault-provider.ts'
import type { FaultProvider } from '../support/fault-provider.ts'
import { listen, refusingUrl, startSilentServer } from '../support/loopback.ts'
import type { Listening } from '../support/loopback.ts'
import { ask, chatBody, messagesBody } from './support/ask.ts'
import { watched } from './support/watched.ts'

let gateway: TestGateway
let tls: FaultProvider
let expired: FaultProvider
let silent: Listening
let silentTls: Listening
let garbage: Listening
let hidden: FaultProvider
watched(
  async () => {
    const dayMs = 86_400_000
    const past = { notBefore: new Date(Date.now() - 2 * dayMs), notAfter: new Date(Date.now() - dayMs) }
    tls = await startFaultProvider({ tls: selfSignedCertificate() })
    expired = await startFaultProvider({ tls: selfSignedCertificate(past) })
    silent = await startSilentServer('http')
    silentTls = await startSilentServer('https')
    garbage = await listen(createServer((request) => request.socket.end('this is no HTTP\r\n\r\n')))
    hidden = await startFaultProvider()
    const { port } = new URL(hidden.url)
    const refusing = refusingUrl
    return (gateway = await startTestGateway({
      // Public names, as far as one can tell, that lead to this machine.
      resolve: (name, options) =>
        name.endsWith('.example.com')
          ? Promise.resolve([{ address: '127.0.0.1', family: 4 }])
          : lookup(name, options),
      sections: { network: { allow_private: [`listed.example.com:${port}`] } },
      models: (url) => [
        entryAt(refusing, 'refusing', 'openai/echo'),
        entryAt('http://no-such-host.invalid', 'no-host', 'openai/echo'),
        entryAt(`http://hidden.example.com:${port}`, 'hidden', 'openai/echo'),
        entryAt(`http://hidden.example.com:${port}`, 'half-hidden', 'openai/echo'),
        entryAt(url, 'half-hidden', 'openai/echo'),
        entryAt(`http://listed.example.com:${port}`, 'listed', 'openai/echo'),
        entryAt(`http://localhost:${port}`, 'local', 'openai/echo'),
        entryAt(tls.url, 'self-signed', 'openai/echo'),
        entryAt(expired.url, 'expired', 'openai/echo'),
        entryAt(silent.url, 'silent', 'openai/echo', { timeout: 0.2 }),
        entryAt(silentTls.url, 'silent-tls', 'openai/echo', { timeout: 0.2 }),
        entryAt(garbage.url, 'garbage', 'openai/echo'),
        entryAt(url, 'impatient', 'openai/fault-hang', { timeout: 0.2 }),
        entryAt(url, 'slow-stream', 'openai/fault-hang', { timeout: 30, stream_timeout: 0.2 }),
      ],
    }))
  },
  () => [tls, expired, silent, silentTls, garbage, hidden],
)

interface Row {
  fault: string
  model: string
  status: number
  code: string
  /** OpenAI's word for the kind, and Anthropic's. */
  type?: [string, string]
  /** The provider's own status. */
  upstream?: number
  retryAfter?: string
  mayRetry?: boolean
  /** What Anthropic never says, or does not mean as a failure. */
  onlyOpenai?: true
  /** Where clients of Anthropic see another status. */
  anthropicStatus?: number
}

const serverError: [string, string] = ['server_error', 'api_error']

const rows: Row[] = [
  {
    fault: 'F29 refused',
    model: 'refusing',
    status: 503,
    code: 'upstream_unavailable',
    retryAfter: '1',
    mayRetry: true,
  },
  {
    fault: 'F29 reset',
    model: 'fault/reset',
    status: 503,
    code: 'upstream_unavailable',
    retryAfter: '1',
    mayRetry: true,
  },
  {
    fault: 'F30 no such host',
    model: 'no-host',
    status: 503,
    code: 'upstream_unavailable',
    retryAfter: '1',
    mayRetry: true,
  },
  { fault: 'F30 a private address', model: 'hidden', status: 502, code: 'upstream_address_forbidden' },
  { fault: 'F31 self-signed', model: 'self-signed', status: 502, code: 'upstream_tls_error' },
  {
    fault: 'F31 a handshake that hangs',
    model: 'silent-tls',
    status: 504,
    code: 'upstream_timeout',
    mayRetry: true,
  },
  { fault: 'F31 expired', model: 'expired', status: 502, code: 'upstream_tls_error' },
  {
    fault: 'F32 no wait',
    model: 'fault/status-429',
    status: 429,
    code: 'upstream_rate_limited',
    upstream: 429,
    retryAfter: '1',
    mayRetry: true,
  },
  {
    fault: 'F32 seconds',
    model: 'fault/status-429-retry-after-7',
    status: 429,
    code: 'upstream_rate_limited',
    upstream: 429,
    retryAfter: '7',
    mayRetry: true,
  },
  {
    fault: 'F32 milliseconds',
    model: 'fault/status-429-retry-after-ms-1500',
    status: 429,
    code: 'upstream_rate_limited',
    upstream: 429,
    retryAfter: '2',
    mayRetry: true,
  },
  {
    fault: 'F32 a date',
    model: 'fault/status-429-retry-after-date-60',
    status: 429,
    code: 'upstream_rate_limited',
    upstream: 429,
    retryAfter: expect.stringMatching(/^(59|60)$/),
    mayRetry: true,
  },
  {
    fault: 'F32 absurd',
    model: 'fault/status-429-retry-after-1000000000',
    status: 429,
    code: 'upstream_rate_limited',
    upstream: 429,
    retryAfter: '3600',
    mayRetry: true,
  },
  {
    fault: 'F32 negative',
    model: 'fault/status-429-retry-after--5',
    status: 429,
    code: 'upstream_rate_limited',
    upstream: 429,
    retryAfter: '1',
    mayRetry: true,
  },
  {
    fault: 'F33 500',
    model: 'fault/status-500',
    status: 502,
    code: 'upstream_error',
    upstream: 500,
    mayRetry: true,
  },
  {
    fault: 'F33 502',
    model: 'fault/status-502',
    status: 502,
    code: 'upstream_error',
    upstream: 502,
    mayRetry: true,
  },
  {
    fault: 'F33 503',
    model: 'fault/status-503',
    status: 503,
    type: ['server_error', 'overloaded_error'],
    code: 'upstream_unavailable',
    upstream: 503,
    retryAfter: '1',
    mayRetry: true,
  },
  {
    fault: 'F33 504',
    model: 'fault/status-504',
    status: 504,
    code: 'upstream_timeout',
    upstream: 504,
    mayRetry: true,
  },
  {
    fault: 'F33 529',
    model: 'fault/status-529',
    status: 503,
    anthropicStatus: 529,
    code: 'upstream_overloaded',
    type: ['overloaded_error', 'overloaded_error'],
    upstream: 529,
    retryAfter: '1',
    mayRetry: true,
  },
  {
    fault: 'F34 400',
    model: 'fault/status-400',
    status: 400,
    code: '400',
    type: ['invalid_request_error', 'invalid_request_error'],
    upstream: 400,
  },
  {
    fault: 'F34 422',
    model: 'fault/status-422',
    status: 422,
    code: '422',
    type: ['invalid_request_error', 'invalid_request_error'],
    upstream: 422,
    onlyOpenai: true,
  },
  { fault: 'F35 401', model: 'fault/status-401', status: 502, code: 'upstream_auth_failed', upstream: 401 },
  { fault: 'F35 403', model: 'fault/status-403', status: 502, code: 'upstream_auth_failed', upstream: 403 },
  {
    fault: 'F36 404',
    model: 'fault/status-404',
    status: 502,
    code: 'upstream_model_not_found',
    upstream: 404,
  },
  {
    fault: 'F37 an error with 200',
    model: 'fault/200-error-body',
    status: 502,
    code: 'upstream_error',
    mayRetry: true,
  },
  {
    fault: 'F37 no choices',
    model: 'fault/choices-empty',
    status: 502,
    code: 'upstream_error',
    mayRetry: true,
    onlyOpenai: true,
  },
  {
    fault: 'F38 truncated',
    model: 'fault/truncated-json',
    status: 502,
    code: 'upstream_invalid_response',
    mayRetry: true,
  },
  {
    fault: 'F38 trailing garbage',
    model: 'fault/trailing-garbage',
    status: 502,
    code: 'upstream_invalid_response',
    mayRetry: true,
  },
  {
    fault: 'F38 empty',
    model: 'fault/empty-200',
    status: 502,
    code: 'upstream_invalid_response',
    mayRetry: true,
  },
  {
    fault: 'F38 null',
    model: 'fault/null-200',
    status: 502,
    code: 'upstream_invalid_response',
    mayRetry: true,
  },
  { fault: 'F38 no HTTP', model: 'garbage', status: 502, code: 'upstream_invalid_response', mayRetry: true },
  {
    fault: 'F39 a login page',
    model: 'fault/html',
    status: 502,
    code: 'upstream_invalid_content_type',
    mayRetry: true,
  },
  {
    fault: 'F39 plain text',
    model: 'fault/text-plain',
    status: 502,
    code: 'upstream_invalid_content_type',
    mayRetry: true,
  },
  {
    fault: 'F39 a page with 502',
    model: 'fault/html-502',
    status: 502,
    code: 'upstream_error',
    upstream: 502,
    mayRetry: true,
  },
  { fault: 'F44 hanging', model: 'impatient', status: 504, code: 'upstream_timeout', mayRetry: true },
  { fault: 'F44 a silent server', model: 'silent', status: 504, code: 'upstream_timeout', mayRetry: true },
  {
    fault: 'F48 claims gzip',
    model: 'fault/claims-gzip',
    status: 502,
    code: 'upstream_invalid_response',
    mayRetry: true,
  },
  {
    fault: 'F48 shorter than announced',
    model: 'fault/length-long',
    status: 502,
    code: expect.stringMatching(/^upstream_(invalid_response|stream_interrupted)$/),
    mayRetry: true,
  },
  {
    fault: 'F52 redirect',
    model: 'fault/redirect',
    status: 502,
    code: 'upstream_redirect_refused',
    mayRetry: true,
  },
  {
    fault: 'F52 redirect 302',
    model: 'fault/redirect-302',
    status: 502,
    code: 'upstream_redirect_refused',
    mayRetry: true,
  },
  {
    fault: 'F53 header of 1 MB',
    model: 'fault/header-1mb',
    status: 502,
    code: 'upstream_invalid_response',
    mayRetry: true,
  },
]

const limited: [string, string] = ['rate_limit_error', 'rate_limit_error']

function typeOf({ status, type }: Row): [string, string] {
  if (type !== undefined) return type
  if (status === 504) return ['timeout_error', 'timeout_error']
  return status === 429 ? limited : serverError
}

function expectHeaders(
  headers: Record<string, unknown>,
  { code, upstream, retryAfter, mayRetry = false }: Row,
): void {
  expect({
    code: headers['x-gateway-error'],
    upstream: headers['x-upstream-status'],
    wait: headers['retry-after'],
    retry: headers['x-should-retry'],
    id: headers['x-request-id'],
  }).toEqual({
    code: typeof code === 'string' && /^\d+$/.test(code) ? undefined : code,
    upstream: upstream === undefined ? undefined : String(upstream),
    wait: retryAfter,
    retry: mayRetry ? undefined : 'false',
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
  })
}

describe.each(rows)('$fault', (row) => {
  const { model, status, code } = row

  it(`is ${status} ${String(code)} in OpenAI's words`, async () => {
    const reply = await ask(gateway, '/v1/chat/completions', chatBody(model))
    expect({ status: reply.status, json: reply.json }).toEqual({
      status,
      json: { error: { message: expect.any(String), type: typeOf(row)[0], param: null, code } },
    })
    expectHeaders(reply.headers, row)
    expect(reply.text).not.toMatch(/127\.0\.0\.1|localhost|<h1>|<!doctype/i)
  })

  it('is the same to a stream that has not begun', async () => {
    const reply = await ask(gateway, '/v1/chat/completions', chatBody(model, { stream: true }))
    // What is no fault of a stream is an answer, whole or cut short.
    if (/choices-empty|truncated-json|trailing-garbage|claims-gzip|length-long/.test(model)) {
      expect([200, status]).toContain(reply.status)
      return
    }
    expect(reply.status).toBe(status)
    expect(reply.json).toMatchObject({ error: { code } })
  })

  it("is in Anthropic's words on its routes", async () => {
    const reply = await ask(gateway, '/v1/messages', messagesBody(model))
    expect({ status: reply.status, json: reply.json }).toEqual({
      status: row.anthropicStatus ?? status,
      json: {
        type: 'error',
        error: { type: typeOf(row)[1], message: expect.any(String) },
        request_id: reply.headers['x-request-id'],
      },
    })
    expectHeaders(reply.headers, row)
  })
})

describe.each(rows.filter(({ model, onlyOpenai }) => model.startsWith('fault/') && onlyOpenai === undefined))(
  '$fault, from a provider of another format',
  (row) => {
    it('is the same', async () => {
      const reply = await ask(gateway, '/v1/chat/completions', chatBody(`claude-${row.model}`))
      expect(reply.status).toBe(row.status)
      expect(reply.json).toMatchObject({ error: { code: row.code, type: typeOf(row)[0] } })
      expectHeaders(reply.headers, row)
    })
  },
)

describe.each([
  { fault: 'F48 gzip', model: 'fault/gzip' },
  { fault: 'F48 gzip, unflushed', model: 'fault/gzip-unflushed' },
  { fault: 'F48 br', model: 'fault/br' },
  { fault: 'F48 zstd', model: 'fault/zstd' },
  { fault: 'F53 many headers', model: 'fault/set-cookie' },
  { fault: 'F51 unknown finish', model: 'fault/unknown-finish' },
  { fault: 'F55 a garbled clock', model: 'fault/bad-created' },
])('$fault', ({ model }) => {
  it.each([false, true])('is no failure (stream: %s)', async (stream) => {
    const reply = await ask(gateway, '/v1/chat/completions', chatBody(model, { stream }))
    expect(reply.status).toBe(200)
    expect(reply.text.replaceAll(/"\}.*?"content":"/gs, '')).toMatch(/You said:|You/)
  })
})

describe('F30 public names of private addresses', () => {
  it('are not tried again, and nothing reaches what is behind them', async () => {
    const asked = hidden.exchanges.length
    await ask(gateway, '/v1/chat/completions', chatBody('hidden', { num_retries: 5 }))
    const [line = ''] = gateway.log().trim().split('\n').slice(-1)
    expect(JSON.parse(line)).toMatchObject({
      code: 'upstream_address_forbidden',
      attempts: [{ code: 'upstream_address_forbidden' }],
    })
    expect(hidden.exchanges).toHaveLength(asked)
  })

  it('leave the other deployments of a model', async () => {
    for (let time = 0; time < 5; time++) {
      const body = chatBody('half-hidden', { num_retries: 1 })
      expect((await ask(gateway, '/v1/chat/completions', body)).status).toBe(200)
    }
  })

  it.each(['listed', 'local'])('are called where the configuration means it: %s', async (model) => {
    expect((await ask(gateway, '/v1/chat/completions', chatBody(model))).status).toBe(200)
  })
})

describe('what a provider must not say to clients', () => {
  it('F53 cookies, keys and accounts stay here', async () => {
    const { headers } = await ask(gateway, '/v1/chat/completions', chatBody('fault/set-cookie'))
    const names = Object.keys(headers)
    expect(names).not.toContain('set-cookie')
    expect(names.filter((name) => /cookie|api-key|organization/.test(name))).toEqual([])
    expect(JSON.stringify(headers)).not.toContain('secret')
  })

  it('F54 the model that answered is shown and priced', async () => {
    const reply = await ask(gateway, '/v1/chat/completions', chatBody('fault/other-model'))
    expect(reply.json).toMatchObject({ model: 'another-model-2' })
  })
})

describe('ids', () => {
  it('F55 are ours, whatever the provider repeats or leaves out', async () => {
    const replies = await Promise.all(
      ['fault/same-id', 'fault/same-id', 'claude-fault/empty-id', 'claude-fault/empty-id'].map((model) =>
        ask(gateway, '/v1/chat/completions', chatBody(model)),
      ),
    )
    expect(new Set(replies.map(({ headers }) => headers['x-litellm-call-id'])).size).toBe(4)
    const bodies = replies.map(({ json }) => json as { id: string })
    expect(bodies.every(({ id }, at) => at < 2 || id.length > 8)).toBe(true)
    expect(bodies[2]?.id).not.toBe(bodies[3]?.id)
  })
})
