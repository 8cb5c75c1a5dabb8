import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { selfSignedCertificate } from './certificate.ts'
import { coveredRows, planFault } from './fault-plan.ts'
import { startFaultProvider } from './fault-provider.ts'
import type { FaultProvider } from './fault-provider.ts'
import { refusingUrl, startSilentServer } from './loopback.ts'
import { synthesize } from './synthesize.ts'

const weatherTool = {
  type: 'object',
  properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 2 }, unit: { enum: ['c', 'f'] } },
}
const hello = [{ role: 'user', content: 'hello there' }]

let provider: FaultProvider
beforeAll(async () => {
  provider = await startFaultProvider()
})
afterAll(() => provider.close())

function post(path: string, body: unknown, init: RequestInit = {}): Promise<Response> {
  return fetch(`${provider.url}${path}`, { method: 'POST', body: JSON.stringify(body), ...init })
}

function chat(model: string, fields: object = {}, init: RequestInit = {}): Promise<Response> {
  return post('/v1/chat/completions', { model, messages: hello, ...fields }, init)
}

async function events(response: Response): Promise<Array<Record<string, unknown>>> {
  const blocks = (await response.text()).split('\n\n').filter((block) => block !== '')
  return blocks.map((block) =>
    JSON.parse(block.replace(/^[^]*?data: /, '').replace('[DONE]', '{"done":true}')),
  )
}

/** What arrives until the connection ends, and whether it ended as HTTP says it should. */
async function drain(response: Response): Promise<{ text: string; broken: boolean }> {
  const decoder = new TextDecoder('utf-8', { fatal: false })
  let text = ''
  try {
    for await (const bytes of response.body ?? []) text += decoder.decode(bytes, { stream: true })
    return { text, broken: false }
  } catch {
    return { text, broken: true }
  }
}

describe('flawless answers', () => {
  it('echoes over chat completions, with usage', async () => {
    expect(await (await chat('echo')).json()).toMatchObject({
      object: 'chat.completion',
      model: 'echo',
      choices: [{ message: { role: 'assistant', content: 'You said: hello there' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 2, completion_tokens: 4, total_tokens: 6 },
    })
  })

  it('streams chat completions, with usage only when asked', async () => {
    const plain = await events(await chat('echo', { stream: true }))
    expect(plain.at(-1)).toEqual({ done: true })
    expect(plain.some((chunk) => 'usage' in chunk)).toBe(false)
    const counted = await events(
      await chat('echo', { stream: true, stream_options: { include_usage: true } }),
    )
    expect(counted.at(-2)).toMatchObject({ choices: [], usage: { total_tokens: 6 } })
  })

  it('calls the first tool, then reads its result', async () => {
    const tools = [{ type: 'function', function: { name: 'weather', parameters: weatherTool } }]
    const called = await (await chat('echo', { tools })).json()
    expect(called).toMatchObject({
      choices: [
        {
          finish_reason: 'tool_calls',
          message: {
            content: null,
            tool_calls: [{ function: { name: 'weather', arguments: '{"city":"city","days":2,"unit":"c"}' } }],
          },
        },
      ],
    })
    const messages = [...hello, { role: 'tool', tool_call_id: 'x', content: 'sunny' }]
    const answered = await (await chat('echo', { tools, messages })).json()
    expect(answered).toMatchObject({ choices: [{ message: { content: 'The tool said: sunny' } }] })
  })

  it('counts images, obeys max_tokens and the response schema', async () => {
    const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } }
    const messages = [{ role: 'user', content: [{ type: 'text', text: 'look' }, image] }]
    expect(await (await chat('echo', { messages })).json()).toMatchObject({
      choices: [{ message: { content: 'You said: look (images: 1)' } }],
    })
    expect(await (await chat('echo', { max_tokens: 1 })).json()).toMatchObject({
      choices: [{ message: { content: 'You' }, finish_reason: 'length' }],
    })
    const response_format = { type: 'json_schema', json_schema: { name: 'w', schema: weatherTool } }
    expect(await (await chat('echo', { response_format })).json()).toMatchObject({
      choices: [{ message: { content: '{"city":"city","days":2,"unit":"c"}' } }],
    })
  })

  it('speaks Anthropic messages', async () => {
    const body = { model: 'echo', max_tokens: 50, messages: hello }
    expect(await (await post('/v1/messages', body)).json()).toMatchObject({
      type: 'message',
      content: [{ type: 'text', text: 'You said: hello there' }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 2, output_tokens: 4 },
    })
    const tools = [{ name: 'weather', input_schema: weatherTool }]
    const streamed = await events(await post('/v1/messages', { ...body, tools, stream: true }))
    expect(streamed.map(({ type }) => type)).toEqual([
      'message_start',
      'content_block_start',
      'ping',
      ...Array.from({ length: 5 }, () => 'content_block_delta'),
      'content_block_stop',
      'message_delta',
      'message_stop',
    ])
    expect(await (await post('/v1/messages/count_tokens', body)).json()).toEqual({ input_tokens: 2 })
  })

  it('speaks responses and keeps their state to itself', async () => {
    const body = { model: 'fault-encrypted-reasoning', input: 'hello there' }
    const first = (await (await post('/v1/responses', body)).json()) as { id: string; output: unknown[] }
    expect(first).toMatchObject({
      status: 'completed',
      output: [
        { type: 'reasoning' },
        { type: 'message', content: [{ type: 'output_text', text: 'You said: hello there' }] },
      ],
      usage: { total_tokens: 6 },
    })
    const other = await startFaultProvider({ name: 'other' })
    const followUps = [
      { ...body, previous_response_id: first.id },
      { ...body, input: first.output },
    ]
    for (const followUp of followUps) {
      expect((await post('/v1/responses', followUp)).status).toBe(200)
      const init = { method: 'POST', body: JSON.stringify(followUp) }
      expect((await fetch(`${other.url}/v1/responses`, init)).status).toBe(400)
    }
    await other.close()
    const streamed = await events(await post('/v1/responses', { ...body, stream: true }))
    expect(streamed.at(-1)).toMatchObject({
      type: 'response.completed',
      response: { usage: { total_tokens: 6 } },
    })
  })

  it('embeds the same text alike, as numbers and as base64', async () => {
    const body = { model: 'embed', input: ['a', 'b', 'a'], dimensions: 4 }
    const { data } = (await (await post('/v1/embeddings', body)).json()) as {
      data: Array<{ embedding: number[] }>
    }
    expect(data[0]?.embedding).toEqual(data[2]?.embedding)
    expect(data[0]?.embedding).not.toEqual(data[1]?.embedding)
    const packed = (await (await post('/v1/embeddings', { ...body, encoding_format: 'base64' })).json()) as {
      data: Array<{ embedding: string }>
    }
    const bytes = Buffer.from(packed.data[0]?.embedding ?? '', 'base64')
    expect([0, 4, 8, 12].map((at) => bytes.readFloatLE(at))).toEqual(data[0]?.embedding)
  })

  it('completes text and lists models', async () => {
    expect(await (await post('/v1/completions', { model: 'echo', prompt: 'hi' })).json()).toMatchObject({
      object: 'text_completion',
      choices: [{ text: 'You said: hi', finish_reason: 'stop' }],
    })
    expect(await (await fetch(`${provider.url}/v1/models`)).json()).toMatchObject({ data: [{ id: 'echo' }] })
  })
})

describe('faults of a whole answer', () => {
  it.each<[fault: string, status: number, headers: Record<string, string>]>([
    ['status-503', 503, {}],
    ['status-429-retry-after-1', 429, { 'retry-after': '1' }],
    ['status-429-retry-after--5', 429, { 'retry-after': '-5' }],
    ['status-429-retry-after-1000000000', 429, { 'retry-after': '1000000000' }],
    ['status-429-retry-after-ms-250', 429, { 'retry-after-ms': '250' }],
    ['html', 200, { 'content-type': 'text/html' }],
    ['html-502', 502, { 'content-type': 'text/html' }],
    ['200-error-body', 200, { 'content-type': 'application/json' }],
    ['set-cookie', 200, { 'x-api-key': 'sk-provider-secret' }],
  ])('%s', async (fault, status, headers) => {
    const response = await chat(`fault-${fault}`)
    expect(response.status).toBe(status)
    expect(Object.fromEntries(response.headers)).toMatchObject(headers)
    await response.arrayBuffer()
  })

  it.each([
    ['choices-empty', /"choices":\[\]/],
    ['empty-200', /^$/],
    ['null-200', /^null$/],
    ['truncated-json', /^\{[^}]*[^}]$/],
    ['trailing-garbage', /<!-- -->$/],
    ['no-usage', /^(?!.*"usage")/],
    ['usage-negative', /"prompt_tokens":-2/],
    ['usage-absurd', /"prompt_tokens":1000000000000000/],
    ['unknown-finish', /"finish_reason":"finished_somehow"/],
    ['other-model', /"model":"another-model-2"/],
    ['empty-id', /"id":""/],
    ['bad-created', /"created":-9000000000000000/],
    ['gzip', /You said/],
    ['br', /You said/],
    ['one-byte', /You said/],
    ['gzip+one-byte', /You said/],
  ])('%s', async (fault, expected) => {
    expect(await (await chat(`fault-${fault}`)).text()).toMatch(expected)
  })

  it.each(['reset', 'cut-after-0', 'length-long', 'claims-gzip', 'header-1mb', 'header-flood'])(
    '%s breaks the answer',
    async (fault) => {
      await expect(chat(`fault-${fault}`).then((response) => response.text())).rejects.toThrow()
    },
  )

  it('is worded in the dialect of the endpoint', async () => {
    const body = { model: 'fault-status-529', max_tokens: 5, messages: hello }
    expect(await (await post('/v1/messages', body)).json()).toMatchObject({
      type: 'error',
      error: { type: 'overloaded_error' },
    })
  })

  it('redirects to another origin, and sees who follows', async () => {
    const response = await chat('fault-redirect-307', {}, { redirect: 'manual' })
    expect(response.status).toBe(307)
    expect(response.headers.get('location')).toMatch(/^http:\/\/localhost:\d+\/redirected\/v1\/chat/)
  })

  it('is chosen by header, by query and by script as well', async () => {
    expect((await chat('echo', {}, { headers: { 'x-fault': 'status-500' } })).status).toBe(500)
    expect((await post('/v1/chat/completions?fault=status-502', { model: 'echo' })).status).toBe(502)
    provider.script('echo', ['status-503', 'ok'])
    expect((await chat('echo')).status).toBe(503)
    expect((await chat('echo')).status).toBe(200)
  })

  it('refuses a fault it does not know', async () => {
    expect((await chat('fault-statsu-503')).status).toBe(400)
    expect(() => planFault('statsu')).toThrow('no fault is called "statsu"')
  })
})

describe('faults of a stream', () => {
  const stream = { stream: true }

  it.each([
    ['cut-after-3', 3, true],
    ['reset-after-0', 0, true],
    ['end-after-3', 3, false],
    ['no-done', 6, false],
    ['no-finish', 5, false],
    ['error-event', 4, false],
    ['unknown-event', 8, false],
  ])('%s delivers %i events (broken: %s)', async (fault, count, broken) => {
    const streamed = await drain(await chat(`fault-${fault}`, stream))
    expect(streamed.text.split('\n\n').length - 1).toBe(count)
    expect(streamed.broken).toBe(broken)
  })

  it('cuts inside a character and inside an event', async () => {
    const character = await drain(await chat('fault-cut-mid-utf8', stream))
    expect(character.broken).toBe(true)
    expect(character.text).toMatch(/"content":"Gr$/)
    const event = await drain(await chat('fault-cut-mid-json', stream))
    expect(event.broken).toBe(true)
    expect(event.text.split('\n\n').at(-1)).toMatch(/^data: \{"id"/)
  })

  it.each([
    ['sse-crlf', 'data: [DONE]\r\n\r\n'],
    ['sse-cr', 'data: [DONE]\r\r'],
    ['sse-no-space', 'data:[DONE]\n\n'],
    ['sse-comments', ': still working\n\ndata: [DONE]\n\n'],
    ['sse-fields', 'id: 6\nretry: 3000\ndata: [DONE]\n\n'],
    ['sse-one-packet', 'data: [DONE]\n\n'],
    ['split-7', 'data: [DONE]\n\n'],
    ['one-byte', 'data: [DONE]\n\n'],
    ['gzip', 'data: [DONE]\n\n'],
    ['gzip-unflushed', 'data: [DONE]\n\n'],
  ])('%s', async (fault, ending) => {
    const { text } = await drain(await chat(`fault-${fault}`, stream))
    expect(text.slice(-ending.length)).toBe(ending)
  })

  it('breaks data over two lines without changing it, and puts data first', async () => {
    const broken = await (await chat('fault-sse-multi-line', stream)).text()
    const [first = ''] = broken.split('\n\n')
    expect(JSON.parse(first.replaceAll('data: ', ''))).toMatchObject({ object: 'chat.completion.chunk' })
    const body = { model: 'fault-sse-data-first', max_tokens: 9, messages: hello, ...stream }
    expect(await (await post('/v1/messages', body)).text()).toMatch(/^data: .*\nevent: message_start\n\n/)
  })

  it('sends a line of a megabyte', async () => {
    expect((await (await chat('fault-1mb-line', stream)).text()).length).toBeGreaterThan(1 << 20)
  })

  it.each([
    ['tools-interleaved', [0, 1, 0, 1]],
    ['tools-same-index', [0, 0, 0, 0]],
  ])('%s', async (fault, indices) => {
    const tools = [{ type: 'function', function: { name: 'now', parameters: { type: 'object' } } }]
    const text = await (await chat(`fault-${fault}`, { ...stream, tools })).text()
    expect([...text.matchAll(/"tool_calls":\[\{"index":(\d)/g)].map(([, index]) => Number(index))).toEqual(
      indices,
    )
  })
})

describe('gates and aborts', () => {
  let own: FaultProvider
  beforeAll(async () => {
    own = await startFaultProvider()
  })
  afterEach(() => void own.exchanges.splice(0))
  afterAll(() => own.close())

  function ask(model: string, signal?: AbortSignal): Promise<Response> {
    const body = JSON.stringify({ model, stream: true, messages: hello })
    return fetch(`${own.url}/v1/chat/completions`, { method: 'POST', body, ...(signal ? { signal } : {}) })
  }

  it.each(['hang', 'hang-after-2', 'slow-first-byte-60000'])('%s goes on when released', async (fault) => {
    const answer = ask(`fault-${fault}`).then((response) => response.text())
    const exchange = await own.exchange(0)
    await exchange.atGate
    exchange.release()
    expect(await answer).toMatch(/\[DONE\]\n\n$/)
    expect(await exchange.whenDone).toBe('complete')
  })

  it('tells when the client left, and how much was written until then', async () => {
    const controller = new AbortController()
    const response = await ask('fault-hang-after-2', controller.signal)
    const exchange = await own.exchange(0)
    await exchange.atGate
    const leftAtMs = performance.now()
    controller.abort()
    await expect(response.text()).rejects.toThrow()
    const abort = await exchange.whenAborted
    expect(abort.atMs).toBeGreaterThanOrEqual(leftAtMs)
    expect(abort.bytesWritten).toBe(exchange.bytesWritten)
    expect(await exchange.whenDone).toBe('aborted')
  })

  it('stops writing while the client does not read', async () => {
    const client = httpRequest(`${own.url}/v1/chat/completions`, { method: 'POST' })
    client.end(JSON.stringify({ model: 'fault-flood-64', stream: true, messages: hello }))
    const [response]: [IncomingMessage] = await once(client, 'response').then(([first]) => [first])
    const exchange = await own.exchange(0)
    await vi.waitFor(() => expect(exchange.waitingForDrain).toBe(true))
    expect(exchange.bytesWritten).toBeLessThan(64 << 20)
    response.destroy()
    expect(await exchange.whenDone).toBe('aborted')
  })
})

describe('connections that never get that far', () => {
  it('are refused', async () => {
    await expect(fetch(refusingUrl)).rejects.toThrow('fetch failed')
  })

  it('are silent', async () => {
    const silent = await startSilentServer('http')
    const signal = AbortSignal.timeout(50)
    await expect(fetch(silent.url, { signal })).rejects.toThrow()
    await silent.close()
  })

  it.each([
    ['trusted', {}, undefined],
    ['expired', { notAfter: new Date(0), notBefore: new Date(0) }, 'CERT_HAS_EXPIRED'],
    ['for another host', { hosts: ['example.com'] }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ])('have a certificate that is %s', async (_, options, code) => {
    const tls = selfSignedCertificate(options)
    const secure = await startFaultProvider({ tls })
    const outcome = await new Promise<unknown>((resolve) => {
      const client = httpsRequest(`${secure.url}/v1/models`, { ca: tls.cert }, (response) => {
        response.resume()
        resolve(undefined)
      })
      client.once('error', (error: NodeJS.ErrnoException) => resolve(error.code))
      client.end()
    })
    expect(outcome).toBe(code)
    await secure.close()
  })
})

describe('the fault table', () => {
  it('covers what a provider can do wrong', () => {
    // F30 is name resolution, F31 a certificate, F34 to F36 are statuses: they need no row of their own.
    const others = ['F30', 'F31', 'F34', 'F35', 'F36']
    const all = Array.from({ length: 28 }, (_, at) => `F${29 + at}`)
    expect([...coveredRows, ...others].toSorted()).toEqual(all)
  })
})

describe('synthesize', () => {
  it.each<[string, unknown, unknown]>([
    ['a constant', { const: 5 }, 5],
    ['a nullable type', { type: ['null', 'integer'], minimum: 3 }, 3],
    ['a list', { type: 'array', items: { type: 'boolean' }, minItems: 2 }, [true, true]],
    ['a choice', { anyOf: [{ type: 'string', format: 'date' }, { type: 'null' }] }, '2026-01-02'],
    ['a reference', { $ref: '#/$defs/a', $defs: { a: { type: 'string', minLength: 7 } } }, 'valuexx'],
    [
      'an intersection',
      { allOf: [{ properties: { a: { const: 1 } } }, { properties: { b: { const: 2 } } }] },
      { a: 1, b: 2 },
    ],
  ])('%s', (_, schema, value) => {
    expect(synthesize(schema)).toEqual(value)
  })

  it('ends a recursive schema', () => {
    const node = { type: 'object', properties: { next: { $ref: '#/$defs/node' } } }
    expect(JSON.stringify(synthesize({ $ref: '#/$defs/node', $defs: { node } }))).toMatch(
      /^(\{"next":)+\{\}+$/,
    )
  })
})
