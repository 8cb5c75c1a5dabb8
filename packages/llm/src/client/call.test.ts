import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { isSwitchyardError } from '../errors.ts'
import type { SwitchyardError } from '../errors.ts'
import type { StreamEvent } from '../types/event.ts'
import { createClient } from './client.ts'
import type { Client } from './client.ts'

const answer = {
  id: 'c',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
}
const piece = (content: string): string =>
  `data: ${JSON.stringify({ id: 'c', model: 'm', choices: [{ index: 0, delta: { content } }] })}\n\n`

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

async function serve(handler: Handler): Promise<{ api_base: string; asked: () => number }> {
  let asked = 0
  const server = createServer((request, response) => {
    asked++
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => handler(request, response, body))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { api_base: `http://127.0.0.1:${port}/v1`, asked: () => asked }
}

const client: Client = createClient({
  env: () => undefined,
  sleep: async () => {},
  timeouts: { connectMs: 1000, firstByteMs: 300, idleMs: 300, totalMs: 5000 },
})
const hello = {
  model: 'openai/m',
  messages: [{ role: 'user' as const, content: 'Hello' }],
  api_key: 'sk-secret-key-123',
}

async function failureOf(call: Promise<unknown>): Promise<SwitchyardError> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!isSwitchyardError(error)) throw new Error(`expected one of our errors, got ${String(error)}`)
  expect(JSON.stringify(error.toFailure())).not.toContain('secret-key')
  return error
}

async function lastOf(events: AsyncIterable<StreamEvent>): Promise<StreamEvent | undefined> {
  let last: StreamEvent | undefined
  for await (const event of events) last = event
  return last
}

const json = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}
const sse = (response: ServerResponse): ServerResponse =>
  response.writeHead(200, { 'content-type': 'text/event-stream' })

test('a call is signed, sent and read', async () => {
  let seen: unknown
  const { api_base } = await serve((request, response, body) => {
    seen = { path: request.url, key: request.headers.authorization, body: JSON.parse(body) as unknown }
    json(response, 200, answer)
  })
  const completion = await client.completion({ ...hello, api_base, temperature: 0.5 })
  expect(completion.choices[0]?.message.content).toBe('Hi')
  expect(seen).toEqual({
    path: '/v1/chat/completions',
    key: 'Bearer sk-secret-key-123',
    body: { model: 'm', messages: [{ role: 'user', content: 'Hello' }], temperature: 0.5 },
  })
})

describe('whole answers that are none', () => {
  test.each<[string, Handler, object]>([
    [
      'a page with status 200',
      (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
      { code: 'invalid_response', status: 502, reason: 'upstream_invalid_content_type' },
    ],
    [
      'half of a JSON',
      (_, response) => json(response, 200, '{"choices":[{'),
      { code: 'invalid_response', reason: 'upstream_invalid_response' },
    ],
    ['another JSON', (_, response) => json(response, 200, { ok: true }), { code: 'invalid_response' }],
    [
      'an error with status 200',
      (_, response) => json(response, 200, { error: { message: 'full', code: 429 } }),
      { code: 'rate_limit', status: 429 },
    ],
    [
      'a body that is cut',
      (_, response) =>
        void response
          .writeHead(200, { 'content-type': 'application/json', 'content-length': '999' })
          .write('{"id"', () => response.destroy()),
      { code: 'stream_interrupted', retryable: true },
    ],
    [
      'a bad key',
      (_, response) =>
        json(response, 401, { error: { message: 'Incorrect API key provided: sk-secret-key-123' } }),
      { code: 'authentication', status: 401, providerStatus: 401 },
    ],
    [
      'too many requests',
      (_, response) => json(response, 429, { error: { message: 'slow down' } }, { 'retry-after': '7' }),
      { code: 'rate_limit', retryAfterMs: 7000 },
    ],
    [
      'a page with status 502',
      (_, response) => response.writeHead(502, { 'content-type': 'text/html' }).end('<html>'),
      { code: 'bad_gateway', status: 502 },
    ],
    ['silence', () => {}, { code: 'timeout', reason: 'upstream_timeout' }],
  ])('%s', async (_name, handler, wanted) => {
    const { api_base } = await serve(handler)
    expect(await failureOf(client.completion({ ...hello, api_base }))).toMatchObject({
      provider: 'openai',
      model: 'm',
      ...wanted,
    })
  })

  test('nobody there', async () => {
    const error = await failureOf(client.completion({ ...hello, api_base: 'http://127.0.0.1:1/v1' }))
    expect(error).toMatchObject({ code: 'connection', reason: 'upstream_unavailable', retryable: true })
  })

  test('no key', async () => {
    const { api_key: _key, ...rest } = hello
    const error = await failureOf(client.completion(rest))
    expect(error).toMatchObject({ code: 'authentication', status: 401, provider: 'openai' })
    expect(error.message).toContain('OPENAI_API_KEY')
  })
})

describe('streams', () => {
  const ask = { ...hello, stream: true as const }

  test('come as chunks', async () => {
    const { api_base } = await serve((_, response) => {
      sse(response).end(
        `: hello\n\n${piece('Hi')}${piece('!')}data: {"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n`,
      )
    })
    let text = ''
    for await (const chunk of await client.completion({ ...ask, api_base }))
      text += chunk.choices[0]?.delta.content ?? ''
    expect(text).toBe('Hi!')
  })

  test('may be answered with one JSON', async () => {
    const { api_base } = await serve((_, response) => json(response, 200, answer))
    const stream = await client.completion({ ...ask, api_base })
    expect(await lastOf(stream.events)).toMatchObject({
      type: 'finish',
      reason: 'stop',
      usage: { totalTokens: 2 },
    })
  })

  test.each<[string, Handler, object]>([
    [
      'are cut in the middle',
      (_, response) => void sse(response).write(piece('Hi'), () => response.destroy()),
      { code: 'stream_interrupted' },
    ],
    ['end too early', (_, response) => sse(response).end(piece('Hi')), { code: 'stream_interrupted' }],
    [
      'fall silent',
      (_, response) => void sse(response).write(piece('Hi')),
      { code: 'timeout', reason: 'upstream_timeout' },
    ],
    [
      'turn to nonsense',
      (_, response) => sse(response).end(`${piece('Hi')}data: {"id":\n\n`),
      { code: 'invalid_response' },
    ],
    [
      'fail',
      (_, response) => sse(response).end(`${piece('Hi')}data: {"error":{"message":"full","code":503}}\n\n`),
      { code: 'service_unavailable' },
    ],
    [
      'are a page',
      (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
      { code: 'invalid_response', reason: 'upstream_invalid_content_type' },
    ],
  ])('%s: an event, or thrown from the chunks', async (_name, handler, wanted) => {
    const { api_base } = await serve(handler)
    const stream = await client.completion({ ...ask, api_base })
    expect(await lastOf(stream.events)).toMatchObject({
      type: 'error',
      failure: { provider: 'openai', ...wanted },
    })
    const again = await client.completion({ ...ask, api_base })
    const reading = (async () => {
      for await (const chunk of again) expect(chunk.object).toBe('chat.completion.chunk')
    })()
    expect(await failureOf(reading)).toMatchObject(wanted)
  })

  test('are whole when the connection breaks after their end', async () => {
    const { api_base } = await serve((_, response) => {
      sse(response).write(
        `${piece('Hi')}data: {"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n`,
        () => response.destroy(),
      )
    })
    expect(await lastOf((await client.completion({ ...ask, api_base })).events)).toMatchObject({
      type: 'finish',
    })
  })

  test('that are refused throw before they begin', async () => {
    const { api_base } = await serve((_, response) =>
      json(response, 404, { error: { message: 'no such model' } }),
    )
    expect(await failureOf(client.completion({ ...ask, api_base }))).toMatchObject({ code: 'not_found' })
  })

  test('that are left close the call', async () => {
    const closed = Promise.withResolvers<void>()
    const { api_base } = await serve((_, response) => {
      response.on('close', () => closed.resolve())
      sse(response).write(piece('Hi'))
    })
    for await (const chunk of await client.completion({ ...ask, api_base })) {
      expect(chunk.id).toBe('c')
      break
    }
    await closed.promise
  })
})

test('a signal ends the call, and its wait', async () => {
  const controller = new AbortController()
  const { api_base, asked } = await serve(() => controller.abort())
  const error = await failureOf(
    client.completion({ ...hello, api_base, signal: controller.signal, num_retries: 3 }),
  )
  expect(error).toMatchObject({ code: 'aborted', retryable: false })
  expect(asked()).toBe(1)
})

test('failures that may pass are tried again', async () => {
  let turn = 0
  const { api_base, asked } = await serve((_, response) =>
    turn++ < 2 ? json(response, 503, {}) : json(response, 200, answer),
  )
  const completion = await client.completion({ ...hello, api_base, num_retries: 2 })
  expect([completion.choices[0]?.message.content, asked()]).toEqual(['Hi', 3])
})

test('embeddings are asked for in parts and put together', async () => {
  const { api_base, asked } = await serve((_, response, body) => {
    const { input } = JSON.parse(body) as { input: string[] }
    json(response, 200, {
      model: 'e',
      data: input.map((text, index) => ({ index, embedding: [Number(text)] })),
      usage: { prompt_tokens: input.length, total_tokens: input.length },
    })
  })
  const input = Array.from({ length: 2050 }, (_, index) => String(index))
  const result = await client.embedding({ model: 'openai/e', input, api_base, api_key: 'k' })
  expect(asked()).toBe(2)
  expect(result.data.map(({ embedding }) => embedding[0])).toEqual(input.map(Number))
  expect(result.usage).toEqual({ prompt_tokens: 2050, total_tokens: 2050 })
})
