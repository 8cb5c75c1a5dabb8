import { gzipSync } from 'node:zlib'
import { connect } from 'node:net'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { startTestGateway } from '../clients/support/gateway.ts'
import type { TestGateway } from '../clients/support/gateway.ts'
import { entryAt } from '../clients/support/models.ts'
import { ask, chatBody, hello, messagesBody } from './support/ask.ts'
import type { AskOptions, Reply } from './support/ask.ts'
import { watched } from './support/watched.ts'

const maxMegabytes = 1
const tooLarge = 'x'.repeat((maxMegabytes << 20) + 1)
const deep = '['.repeat(100_000)

let gateway: TestGateway
watched(
  async () =>
    (gateway = await startTestGateway({
      models: (url) => {
        const narrow = { model_info: { max_input_tokens: 1_000 } }
        return [
          { ...entryAt(url, 'narrow', 'openai/narrow'), ...narrow },
          { ...entryAt(url, 'mixed', 'openai/narrow'), ...narrow },
          { ...entryAt(url, 'mixed', 'openai/wide'), model_info: { max_input_tokens: 100_000 } },
        ]
      },
      sections: { general_settings: { max_request_size_mb: maxMegabytes } },
    })),
)

interface Refusal extends AskOptions {
  fault: string
  body: unknown
  status: number
  code: string
  param?: string
}

const withField = (field: string): string =>
  `{"model":"gpt","messages":[{"role":"user","content":"hi"}],${field}}`

const refusals: Refusal[] = [
  { fault: 'F1 malformed JSON', body: '{"model":', status: 400, code: 'invalid_json' },
  { fault: 'F1 empty body', body: '', status: 400, code: 'invalid_body' },
  { fault: 'F1 null', body: 'null', status: 400, code: 'invalid_body' },
  { fault: 'F1 a list', body: '[]', status: 400, code: 'invalid_body' },
  { fault: 'F1 a string', body: '"x"', status: 400, code: 'invalid_body' },
  {
    fault: 'F2 too large, announced',
    body: withField(`"user":"${tooLarge}"`),
    status: 413,
    code: 'request_too_large',
  },
  {
    fault: 'F7 invalid UTF-8',
    body: Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
    status: 400,
    code: 'invalid_encoding',
  },
  {
    fault: 'F7 lone surrogate',
    body: withField(String.raw`"user":"\ud800"`),
    status: 400,
    code: 'invalid_unicode',
  },
  { fault: 'F8 too deep', body: withField(`"metadata":${deep}`), status: 400, code: 'json_too_deep' },
  { fault: 'F9 model twice', body: withField('"model":"claude"'), status: 400, code: 'duplicate_key' },
  {
    fault: 'F9 max_tokens twice',
    body: withField('"max_tokens":1,"max_tokens":2'),
    status: 400,
    code: 'duplicate_key',
  },
  {
    fault: 'F11 text as temperature',
    body: chatBody('gpt', { temperature: 'hot' }),
    status: 400,
    code: 'invalid_type',
    param: 'temperature',
  },
  {
    fault: 'F11 messages as object',
    body: { model: 'gpt', messages: {} },
    status: 400,
    code: 'invalid_type',
    param: 'messages',
  },
  {
    fault: 'F11 text as stream',
    body: chatBody('gpt', { stream: 'yes' }),
    status: 400,
    code: 'invalid_type',
    param: 'stream',
  },
  { fault: 'F11 a half n', body: chatBody('gpt', { n: 1.5 }), status: 400, code: 'invalid_type', param: 'n' },
  {
    fault: 'F11 negative max_tokens',
    body: chatBody('gpt', { max_tokens: -1 }),
    status: 400,
    code: 'out_of_range',
    param: 'max_tokens',
  },
  { fault: 'F11 NaN', body: withField('"temperature":NaN'), status: 400, code: 'invalid_json' },
  {
    fault: 'F11 1e400',
    body: withField('"temperature":1e400'),
    status: 400,
    code: 'invalid_type',
    param: 'temperature',
  },
  {
    fault: 'F11 top_p of 2',
    body: chatBody('gpt', { top_p: 2 }),
    status: 400,
    code: 'out_of_range',
    param: 'top_p',
  },
  {
    fault: 'F11 a model that is no text',
    body: { model: 7, messages: hello },
    status: 400,
    code: 'invalid_type',
    param: 'model',
  },
  {
    fault: 'F11 no messages',
    body: { model: 'gpt' },
    status: 400,
    code: 'missing_required_parameter',
    param: 'messages',
  },
  {
    fault: 'F11 no model',
    body: { messages: hello },
    status: 400,
    code: 'missing_required_parameter',
    param: 'model',
  },
  ...['api_base', 'base_url', 'api_key', 'custom_host', 'aws_secret_access_key', 'vertex_credentials'].map(
    (name) => ({
      fault: `F12 ${name}`,
      body: chatBody('gpt', { [name]: 'http://10.0.0.1/' }),
      status: 400,
      code: 'parameter_not_allowed',
      param: name,
    }),
  ),
  {
    fault: 'F12 headers.host',
    body: chatBody('gpt', { headers: { host: 'evil' } }),
    status: 400,
    code: 'parameter_not_allowed',
    param: 'headers',
  },
  {
    fault: 'F12 an unknown parameter, read strictly',
    body: chatBody('gpt', { temprature: 1, strict: true }),
    status: 400,
    code: 'unknown_parameter',
    param: 'temprature',
  },
  {
    fault: 'F12 extra_headers.host',
    body: chatBody('gpt', { extra_headers: { Host: 'evil' } }),
    status: 400,
    code: 'parameter_not_allowed',
    param: 'extra_headers.Host',
  },
  {
    fault: 'F12 extra_body.api_base',
    body: chatBody('gpt', { extra_body: { api_base: 'http://evil' } }),
    status: 400,
    code: 'parameter_not_allowed',
    param: 'api_base',
  },
  {
    fault: 'F4 line break in extra_headers',
    body: chatBody('gpt', { extra_headers: { 'x-a': 'b\r\nx-c: d' } }),
    status: 400,
    code: 'invalid_header',
    param: 'extra_headers.x-a',
  },
  {
    fault: 'F13 unknown model',
    body: chatBody('nope'),
    status: 404,
    code: 'model_not_found',
    param: 'model',
  },
  {
    fault: 'F14 n',
    body: chatBody('gpt', { n: 1_000_000 }),
    status: 400,
    code: 'limit_exceeded',
    param: 'n',
  },
  {
    fault: 'F14 max_tokens',
    body: chatBody('gpt', { max_tokens: 1e9 }),
    status: 400,
    code: 'limit_exceeded',
    param: 'max_tokens',
  },
  {
    fault: 'F14 tools',
    body: chatBody('gpt', { tools: Array.from({ length: 10_000 }, () => ({})) }),
    status: 400,
    code: 'limit_exceeded',
    param: 'tools',
  },
  {
    fault: 'F14 messages',
    body: { model: 'gpt', messages: Array.from({ length: 10_000 }, () => hello[0]) },
    status: 400,
    code: 'limit_exceeded',
    param: 'messages',
  },
  {
    fault: 'F16 image at a private address',
    body: chatWithImage('http://169.254.169.254/latest'),
    status: 400,
    code: 'url_not_allowed',
  },
  {
    fault: 'F16 image at a private address in disguise',
    body: chatWithImage('http://0x7f.1/x.png'),
    status: 400,
    code: 'url_not_allowed',
  },
  {
    fault: 'F16 image as a file',
    body: chatWithImage('file:///etc/passwd'),
    status: 400,
    code: 'url_not_allowed',
  },
  {
    fault: 'F17 no content type',
    body: chatBody('gpt'),
    headers: { 'content-type': undefined },
    status: 415,
    code: 'unsupported_media_type',
  },
  {
    fault: 'F17 text',
    body: chatBody('gpt'),
    headers: { 'content-type': 'text/plain' },
    status: 415,
    code: 'unsupported_media_type',
  },
  {
    fault: 'F18 a bomb',
    body: gzipSync(Buffer.alloc(64 << 20)),
    headers: { 'content-encoding': 'gzip' },
    status: 413,
    code: 'request_too_large',
  },
  {
    fault: 'F18 unknown encoding',
    body: chatBody('gpt'),
    headers: { 'content-encoding': 'lzma' },
    status: 415,
    code: 'unsupported_encoding',
  },
  {
    fault: 'F18 truncated',
    body: gzipSync(JSON.stringify(chatBody('gpt'))).subarray(0, 30),
    headers: { 'content-encoding': 'gzip' },
    status: 400,
    code: 'invalid_content_encoding',
  },
  {
    fault: 'F25 no key',
    body: chatBody('gpt'),
    headers: { authorization: undefined },
    status: 401,
    code: 'missing_api_key',
  },
  {
    fault: 'F25 two keys',
    body: chatBody('gpt'),
    headers: { 'x-api-key': 'sk-other' },
    status: 400,
    code: 'conflicting_credentials',
  },
]

function chatWithImage(url: string): object {
  return { model: 'gpt', messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }] }
}

describe.each(refusals)('$fault', ({ body, headers, status, code, param }) => {
  it(`is refused with ${status} ${code}, and nobody is asked`, async () => {
    const asked = gateway.provider.exchanges.length
    const reply = await ask(gateway, '/v1/chat/completions', body, headers === undefined ? {} : { headers })
    expect({ status: reply.status, error: reply.json }).toEqual({
      status,
      error: {
        error: {
          message: expect.any(String),
          type: status === 401 ? 'auth_error' : status === 404 ? 'not_found_error' : 'invalid_request_error',
          param: param ?? (code === 'url_not_allowed' ? expect.any(String) : expectedParam(reply)),
          code,
        },
      },
    })
    expect(reply.headers['x-gateway-error']).toBe(code)
    expect(reply.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
    expect(reply.headers['x-should-retry']).toBe('false')
    expect(reply.text).not.toContain('etc/passwd')
    expect(gateway.provider.exchanges).toHaveLength(asked)
  })
})

/** Where the table names no parameter, any will do. */
function expectedParam({ json }: Reply): unknown {
  const { error } = json as { error?: { param?: unknown } }
  return error?.param ?? null
}

describe("the same refusals in Anthropic's words", () => {
  it.each([
    { fault: 'F1', body: '{"model":', status: 400, type: 'invalid_request_error' },
    {
      fault: 'F2',
      body: { ...messagesBody('claude'), metadata: { user_id: tooLarge } },
      status: 413,
      type: 'request_too_large',
    },
    {
      fault: 'F11',
      body: messagesBody('claude', { temperature: 1.5 }),
      status: 400,
      type: 'invalid_request_error',
    },
    {
      fault: 'F12',
      body: messagesBody('claude', { api_key: 'x' }),
      status: 400,
      type: 'invalid_request_error',
    },
    { fault: 'F13', body: messagesBody('nope'), status: 404, type: 'not_found_error' },
    {
      fault: 'F25',
      body: messagesBody('claude'),
      key: 'sk-wrong',
      status: 401,
      type: 'authentication_error',
    },
  ])('$fault is $status $type', async ({ body, key, status, type }) => {
    const headers = key === undefined ? {} : { authorization: `Bearer ${key}` }
    const reply = await ask(gateway, '/v1/messages', body, { headers })
    expect(reply.status).toBe(status)
    expect(reply.json).toEqual({
      type: 'error',
      error: { type, message: expect.any(String) },
      request_id: reply.headers['x-request-id'],
    })
  })
})

describe('F15 a prompt that is too long', () => {
  const words = (count: number): object[] => [{ role: 'user', content: 'word '.repeat(count) }]

  it.each(['/v1/chat/completions', '/v1/messages'])(
    'is refused before anyone is asked (%s)',
    async (path) => {
      const asked = gateway.provider.exchanges.length
      const reply = await ask(gateway, path, { model: 'narrow', max_tokens: 10, messages: words(3_000) })
      expect(reply).toMatchObject({
        status: 400,
        headers: { 'x-gateway-error': 'context_length_exceeded', 'x-should-retry': 'false' },
        json: { error: { type: 'invalid_request_error' } },
      })
      expect(gateway.provider.exchanges).toHaveLength(asked)
    },
  )

  it('goes to the deployment that can hold it', async () => {
    for (let time = 0; time < 5; time++) {
      const reply = await ask(gateway, '/v1/chat/completions', { model: 'mixed', messages: words(3_000) })
      expect(reply).toMatchObject({ status: 200, json: { model: 'wide' } })
    }
  })

  it('is for the provider to judge where it may just fit', async () => {
    const reply = await ask(gateway, '/v1/chat/completions', { model: 'narrow', messages: words(1_050) })
    expect(reply.status).toBe(200)
  })
})

describe('what only looks wrong', () => {
  it('F7 a byte order mark is overlooked', async () => {
    const reply = await ask(gateway, '/v1/chat/completions', `\uFEFF${JSON.stringify(chatBody('gpt'))}`)
    expect(reply.status).toBe(200)
  })

  it('F7 NUL in a text is text', async () => {
    const reply = await ask(gateway, '/v1/chat/completions', {
      model: 'gpt',
      messages: [{ role: 'user', content: 'a\0b' }],
    })
    expect(reply.json).toMatchObject({ choices: [{ message: { content: 'You said: a\0b' } }] })
  })

  it('F10 keys of prototypes pollute nothing', async () => {
    const reply = await ask(
      gateway,
      '/v1/chat/completions',
      withField('"metadata":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'),
    )
    expect([200, 400]).toContain(reply.status)
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })

  it('F12 unknown parameters pass untouched', async () => {
    const asked = gateway.provider.exchanges.length
    const unknown = { future_parameter: { deep: [1, { two: 2.5e-7 }] }, seed_2: null }
    await ask(gateway, '/v1/chat/completions', chatBody('gpt', unknown))
    expect((await gateway.provider.exchange(asked)).json).toEqual({ ...chatBody('gpt-4o-mini'), ...unknown })
  })

  it('F12 a strict request passes without the word, when all of it is known', async () => {
    const asked = gateway.provider.exchanges.length
    await ask(gateway, '/v1/chat/completions', chatBody('gpt', { temperature: 0, strict: true }))
    const exchange = await gateway.provider.exchange(asked)
    expect(exchange.json).toEqual({ ...chatBody('gpt-4o-mini'), temperature: 0 })
  })

  it('F17 parameters and cases of the content type', async () => {
    const headers = { 'content-type': 'Application/JSON; charset=UTF-8' }
    expect((await ask(gateway, '/v1/chat/completions', chatBody('gpt'), { headers })).status).toBe(200)
  })

  it('F18 a body that is compressed', async () => {
    const reply = await ask(gateway, '/v1/chat/completions', gzipSync(JSON.stringify(chatBody('gpt'))), {
      headers: { 'content-encoding': 'gzip' },
    })
    expect(reply.status).toBe(200)
  })
})

/** Sends exactly these bytes and reads until the server closes. */
async function raw(...parts: string[]): Promise<string> {
  const socket = connect(gateway.port, '127.0.0.1')
  let received = ''
  socket.on('data', (bytes) => (received += bytes.toString('latin1')))
  socket.on('error', () => {})
  for (const part of parts) socket.write(part)
  await once(socket, 'close')
  return received
}

describe('on the wire', () => {
  const head = 'POST /v1/chat/completions HTTP/1.1\r\nhost: gateway\r\ncontent-type: application/json\r\n'

  it.each([
    {
      fault: 'F2 an endless chunked body',
      bytes: `${head}authorization: Bearer KEY\r\ntransfer-encoding: chunked\r\n\r\n${'10000\r\n'.concat('x'.repeat(0x10000), '\r\n').repeat(20)}`,
      status: 413,
    },
    { fault: 'F4 NUL in a header', bytes: `${head}x-a: b\0c\r\n\r\n`, status: 400 },
    { fault: 'F5 a header of 20 kB', bytes: `${head}x-a: ${'b'.repeat(20_000)}\r\n\r\n`, status: 431 },
    {
      fault: 'F5 100 headers of 4 kB',
      bytes: `${head}${Array.from({ length: 100 }, (_, at) => `x-${at}: ${'b'.repeat(4_096)}\r\n`).join('')}\r\n`,
      status: 431,
    },
    {
      fault: 'F5 an address of 16 kB',
      bytes: `POST /${'a'.repeat(16_384)} HTTP/1.1\r\nhost: gateway\r\n\r\n`,
      status: 414,
    },
    {
      fault: 'F6 length and chunked',
      bytes: `${head}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: gateway\r\n\r\n`,
      status: 400,
    },
    {
      fault: 'F6 two lengths',
      bytes: `${head}content-length: 5\r\ncontent-length: 6\r\n\r\nhello`,
      status: 400,
    },
    { fault: 'F6 a folded header', bytes: `${head}x-a: b\r\n c\r\n\r\n`, status: 400 },
  ])('$fault is $status and ends the connection', async ({ bytes, status }) => {
    const received = await raw(bytes.replace('KEY', gateway.key))
    expect(received.match(/HTTP\/1\.1 \d{3}/g)).toEqual([`HTTP/1.1 ${status}`])
  })
})
