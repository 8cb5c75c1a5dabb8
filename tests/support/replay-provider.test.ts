import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadFixtures, responseBytes } from './fixtures.ts'
import type { Fixture } from './fixtures.ts'
import { frameChunks } from './framing.ts'
import { startReplayProvider } from './replay-provider.ts'
import type { ReplayProvider } from './replay-provider.ts'

describe('frameChunks', () => {
  const typed = ['{"type":"a"}', '{"type":"b"}']
  const framings: Array<[wire: string, alt: boolean, lines: string[], body: string]> = [
    ['openai-chat', false, ['{"n":1}', '{'], 'data: {"n":1}\n\ndata: {\n\ndata: [DONE]\n\n'],
    ['openai-responses', false, typed, 'event: a\ndata: {"type":"a"}\n\nevent: b\ndata: {"type":"b"}\n\n'],
    ['anthropic-messages', false, typed, 'event: a\ndata: {"type":"a"}\n\nevent: b\ndata: {"type":"b"}\n\n'],
    ['cohere-v2', false, ['{"type":"a"}'], 'event: a\ndata: {"type":"a"}\n\ndata: [DONE]\n\n'],
    [
      'gemini-interactions',
      false,
      ['{"event_type":"a"}'],
      'event: a\ndata: {"event_type":"a"}\n\nevent: done\ndata: [DONE]\n\n',
    ],
    ['gemini', true, ['{"n":1}', '{"n":2}'], 'data: {"n":1}\r\n\r\ndata: {"n":2}\r\n\r\n'],
    ['gemini', false, ['{"n":1}', '{"n":2}'], '[{"n":1}\n,\r\n{"n":2}\n]\n'],
    ['ollama', false, ['{"n":1}', '{"n":2}'], '{"n":1}\n{"n":2}\n'],
  ]
  it.each(framings)('frames %s (alt=sse: %s)', (wire, alt, lines, body) => {
    expect(Buffer.concat(frameChunks(wire, lines, alt).frames).toString()).toBe(body)
  })

  it.each([
    ['contentBlockDelta', ':event-type', 'event'],
    ['throttlingException', ':exception-type', 'exception'],
  ])('frames the Bedrock message %s', (name, typeHeader, messageType) => {
    const message = frameChunks('bedrock-converse', [`{"${name}":{"text":"é"}}`], false).frames[0] as Buffer
    expect(message.readUInt32BE(0)).toBe(message.length)
    expect(message.readUInt32BE(8)).toBe(crc32(message.subarray(0, 8)))
    expect(message.readUInt32BE(message.length - 4)).toBe(crc32(message.subarray(0, -4)))
    const headers: Record<string, string> = {}
    const end = 12 + message.readUInt32BE(4)
    for (let at = 12; at < end;) {
      const valueAt = at + 1 + message.readUInt8(at) + 3
      const length = message.readUInt16BE(valueAt - 2)
      headers[message.toString('utf8', at + 1, valueAt - 3)] = message.toString(
        'utf8',
        valueAt,
        valueAt + length,
      )
      at = valueAt + length
    }
    expect(headers).toEqual({
      [typeHeader]: name,
      ':content-type': 'application/json',
      ':message-type': messageType,
    })
    expect(message.toString('utf8', end, message.length - 4)).toBe('{"text":"é"}')
  })
})

describe('loadFixtures', () => {
  it('is empty where there are no recordings', () => {
    expect(loadFixtures('/nowhere')).toEqual({
      available: false,
      root: '/nowhere',
      fixtures: [],
      expected: {},
    })
  })
})

describe('startReplayProvider', () => {
  const root = mkdtempSync(join(tmpdir(), 'switchyard-replay-'))
  const fixtures: Fixture[] = [
    fixture({
      id: 'openai/limited.chat',
      status: 429,
      encoding: 'json',
      http: {
        method: 'POST',
        path: '/v1/chat/completions',
        response_headers: { 'content-type': 'application/json; charset=utf-8', 'retry-after': '7' },
      },
    }),
    fixture({ id: 'gemini/ab.chat.stream', wire: 'gemini', stream: true, encoding: 'chunks' }),
  ]
  let provider: ReplayProvider

  beforeAll(async () => {
    writeFileSync(join(root, 'limited.json'), '{"error":{"message":"slow down"}}')
    writeFileSync(join(root, 'ab.txt'), '{"n":"é"}\n{"n":2}\n')
    provider = await startReplayProvider({ fixtures: { root, fixtures } })
  })
  afterAll(async () => {
    await provider.close()
    rmSync(root, { recursive: true })
  })

  it('answers any path under the mount and records the request', async () => {
    const response = await fetch(`${provider.baseFor('openai/limited.chat')}/chat/completions?x=1`, {
      method: 'POST',
      headers: { authorization: 'Bearer k' },
      body: '{"model":"m"}',
    })
    expect(response.status).toBe(429)
    expect(response.headers.get('retry-after')).toBe('7')
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(await response.json()).toEqual({ error: { message: 'slow down' } })
    expect(provider.requests.at(-1)).toMatchObject({
      fixtureId: 'openai/limited.chat',
      method: 'POST',
      path: '/chat/completions?x=1',
      headers: { authorization: 'Bearer k' },
      json: { model: 'm' },
    })
  })

  it('takes an id whose slash was decoded on the way', async () => {
    expect((await fetch(`${provider.url}/f/openai/limited.chat/v1/messages`)).status).toBe(429)
    expect(provider.requests.at(-1)?.path).toBe('/v1/messages')
  })

  it('answers 404 for what is not mounted', async () => {
    expect((await fetch(`${provider.url}/f/openai%2Fother`)).status).toBe(404)
  })

  it.each([1, 3, 1000])('keeps the bytes when it splits them by %i', async (splitBytes) => {
    const base = provider.baseFor('gemini/ab.chat.stream', { splitBytes })
    const streamed = await fetch(`${base}/models/m:streamGenerateContent?alt=sse`)
    expect(await streamed.text()).toBe('data: {"n":"é"}\r\n\r\ndata: {"n":2}\r\n\r\n')
    expect(await (await fetch(`${base}/models/m:streamGenerateContent`)).json()).toEqual([
      { n: 'é' },
      { n: 2 },
    ])
  })

  function fixture(fields: Partial<Fixture> & { id: string }): Fixture {
    const name = fields.id.split('/')[1]?.split('.')[0]
    return {
      provider: 'openai',
      model: 'm',
      model_string: null,
      endpoint: 'chat',
      wire: 'openai-chat',
      stream: false,
      encoding: 'json',
      status: 200,
      response: `${name}.${fields.encoding === 'chunks' ? 'txt' : 'json'}`,
      request: null,
      http: { method: 'POST', path: '/' },
      exercises: [],
      finish: [],
      about: '',
      core: false,
      ...fields,
    }
  }
})

const recordings = loadFixtures()

describe.skipIf(!recordings.available)('the recordings on this machine', () => {
  it('are all served with their status, and whole bodies byte for byte', async () => {
    const provider = await startReplayProvider({ fixtures: recordings })
    try {
      for (const fixture of recordings.fixtures) {
        const response = await fetch(`${provider.baseFor(fixture.id)}/x?alt=sse`)
        const body = Buffer.from(await response.arrayBuffer())
        expect([fixture.id, response.status]).toEqual([fixture.id, fixture.status])
        const served = fixture.encoding === 'chunks' ? body.length > 0 : body.equals(stored(fixture))
        expect([fixture.id, served]).toEqual([fixture.id, true])
      }
    } finally {
      await provider.close()
    }
  })

  function stored(fixture: Fixture): Buffer {
    return responseBytes(recordings.root, fixture)
  }
})
