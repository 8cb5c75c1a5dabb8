import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { entryAt } from '../clients/support/models.ts'
import { entriesWhen } from './support/entries.ts'
import { startGovernedGateway } from './support/governed-gateway.ts'
import type { GovernedGateway } from './support/governed-gateway.ts'

let gateway: GovernedGateway
beforeAll(async () => {
  gateway = await startGovernedGateway({
    sections: {
      litellm_settings: { cache: true, cache_params: { type: 'local', ttl: 600 } },
      general_settings: { store_prompts_in_spend_logs: true },
    },
    models: (url) => [
      entryAt(url, 'listens', 'openai/whisper-1'),
      entryAt(url, 'hears', 'openai/gpt-4o-transcribe'),
      entryAt(url, 'chats', 'anthropic/claude-sonnet-4-5'),
      { model_name: 'demo', litellm_params: { model: 'demo/echo' } },
      { model_name: 'fixed', litellm_params: { model: 'openai/whisper-1', mock_response: 'as ever' } },
    ],
  })
})
afterAll(() => gateway.close())

let recordings = 0
/** Three seconds, for the scripted provider; none like another. */
function recording(size = 3_000): File {
  const bytes = new Uint8Array(size).fill(++recordings % 256)
  bytes.set(new TextEncoder().encode(`ID3 ${recordings}`))
  return new File([bytes], 'speech.mp3', { type: 'audio/mpeg' })
}

interface Reply {
  status: number
  headers: Headers
  text: string
}

async function send(
  fields: Record<string, string | File | undefined>,
  { key = gateway.key, path = '/v1/audio/transcriptions' }: { key?: string; path?: string } = {},
): Promise<Reply> {
  const form = new FormData()
  const wanted = { model: 'listens', file: recording(), ...fields }
  for (const [name, value] of Object.entries(wanted)) {
    if (typeof value === 'string') form.append(name, value)
    else if (value !== undefined) form.append(name, value)
  }
  const response = await fetch(`${gateway.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
    body: form,
  })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

const jsonOf = ({ text }: Reply): unknown => JSON.parse(text)

describe('POST /audio/transcriptions', () => {
  it.each([
    '/audio/transcriptions',
    '/v1/audio/transcriptions',
    '/openai/deployments/listens/audio/transcriptions',
  ])('%s sends the recording on, and answers in OpenAI’s shape', async (path) => {
    const asked = gateway.provider.exchanges.length
    const reply = await send(
      { language: 'en', prompt: '12', temperature: '0', num_retries: '0', 'metadata[mine]': '1' },
      { path },
    )
    expect([reply.status, jsonOf(reply)]).toEqual([
      200,
      { text: 'You sent speech.mp3.', usage: { type: 'duration', seconds: 3 } },
    ])
    // Three seconds at $0.36 an hour.
    expect(reply.headers.get('x-litellm-response-cost')).toBe('0.0003')
    const { json, path: sentTo } = await gateway.provider.exchange(asked)
    expect(sentTo).toBe('/v1/audio/transcriptions')
    expect(json).toEqual({
      model: 'whisper-1',
      language: 'en',
      prompt: '12',
      response_format: 'verbose_json',
      temperature: '0',
      file: { name: 'speech.mp3', type: 'audio/mpeg', size: 3_000 },
    })
  })

  it.each([
    ['text', 'text/plain; charset=utf-8', 'You sent speech.mp3.\n'],
    [
      'srt',
      'application/x-subrip; charset=utf-8',
      '1\n00:00:00,000 --> 00:00:03,000\nYou sent speech.mp3.\n\n',
    ],
    ['vtt', 'text/vtt; charset=utf-8', 'WEBVTT\n\n00:00:00.000 --> 00:00:03.000\nYou sent speech.mp3.\n\n'],
  ])('writes %s, and from the cache the same', async (format, type, text) => {
    const file = recording()
    for (const hit of ['false', 'true']) {
      const reply = await send({ response_format: format, file })
      expect([reply.status, reply.headers.get('content-type'), reply.text]).toEqual([200, type, text])
      expect(reply.headers.get('x-litellm-cache-hit')).toBe(hit)
    }
  })

  it('writes a stream in one piece, and not to those who want none', async () => {
    const file = recording()
    const whole = await send({ model: 'hears', file })
    const reply = await send({ model: 'hears', file, stream: 'true' })
    expect(reply.headers.get('content-type')).toBe('text/event-stream')
    const events = reply.text.trim().split('\n\n')
    expect(events.at(-1)).toBe('data: [DONE]')
    const { text, usage } = jsonOf(whole) as { text: string; usage: object }
    expect(events.slice(0, -1).map((event): unknown => JSON.parse(event.slice('data: '.length)))).toEqual([
      { type: 'transcript.text.delta', delta: text },
      { type: 'transcript.text.done', text, usage },
    ])
  })

  it('is paid by the token where the model is sold so', async () => {
    const reply = await send({ model: 'hears' })
    expect(jsonOf(reply)).toMatchObject({ usage: { type: 'tokens', input_tokens: 30, output_tokens: 4 } })
    // 30 at $6 and 4 at $10 a million.
    expect(reply.headers.get('x-litellm-response-cost')).toBe('0.00022')
  })

  it('brings the recording along to a fallback with other fields', async () => {
    gateway.provider.script('whisper-1', ['status-500'])
    const asked = gateway.provider.exchanges.length
    const reply = await send({ fallbacks: JSON.stringify([{ model: 'hears', language: 'de' }]) })
    expect([reply.status, reply.headers.get('x-litellm-model-group')]).toEqual([200, 'hears'])
    const { json } = await gateway.provider.exchange(asked + 1)
    expect(json).toMatchObject({ model: 'gpt-4o-transcribe', language: 'de', file: { name: 'speech.mp3' } })
  })

  it.each<[string, Record<string, string | undefined>, number, string]>([
    ['no recording', { file: undefined }, 400, 'file'],
    ['a recording that is a text', { file: 'a path' }, 400, 'file'],
    ['no model', { model: undefined }, 400, 'model'],
    ['a form that nobody knows', { response_format: 'xml' }, 400, 'response_format'],
    ['a temperature that is no number', { temperature: 'hot' }, 400, 'temperature'],
    ['a model that does not listen', { model: 'chats' }, 400, 'model'],
    ['an address', { api_base: 'http://localhost' }, 400, 'api_base'],
    ['an unknown field, strictly', { strict: 'true', lang: 'en' }, 400, 'lang'],
  ])('refuses %s', async (_name, fields, status, param) => {
    const reply = await send(fields)
    expect([reply.status, jsonOf(reply)]).toEqual([
      status,
      { error: expect.objectContaining({ param }) as unknown },
    ])
  })

  it('takes no JSON', async () => {
    const response = await fetch(`${gateway.url}/v1/audio/transcriptions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${gateway.key}`, 'content-type': 'application/json' },
      body: '{"model":"listens"}',
    })
    expect(response.status).toBe(415)
  })

  it('takes recordings larger than other requests, but not any', async () => {
    const asked = gateway.provider.exchanges.length
    expect((await send({ file: recording(12_000_000) })).status).toBe(200)
    expect((await send({ file: recording(28_000_000) })).status).toBe(413)
    expect(gateway.provider.exchanges).toHaveLength(asked + 1)
  })

  it('is tried again with the whole recording, and by another model when that is named', async () => {
    gateway.provider.script('whisper-1', ['status-500'])
    const asked = gateway.provider.exchanges.length
    const again = await send({ num_retries: '1' })
    expect([again.status, again.headers.get('x-litellm-attempted-retries')]).toEqual([200, '1'])
    const { json } = await gateway.provider.exchange(asked + 1)
    expect(json).toMatchObject({ file: { size: 3_000 } })
    gateway.provider.script('whisper-1', ['status-500'])
    const other = await send({ fallbacks: '["demo"]' })
    expect(other.status).toBe(200)
    expect(jsonOf(other)).toMatchObject({ text: 'A recording of 3000 bytes, called speech.mp3.' })
  })

  it.each([
    ['of the entry', { model: 'fixed' }, 'as ever'],
    ['of the request', { mock_response: 'for once' }, 'for once'],
  ])('answers with the mock %s', async (_name, fields, text) => {
    expect(jsonOf(await send(fields))).toMatchObject({ text })
  })
})

describe('a key', () => {
  it('may be bound to other models, or to other routes', async () => {
    const ofModel = await gateway.newKey({ models: ['demo'] })
    const ofRoute = await gateway.newKey({ allowed_routes: ['/v1/rerank'] })
    const mayListen = await gateway.newKey({ allowed_routes: ['/v1/audio/transcriptions'] })
    const replies = await Promise.all([ofModel, ofRoute, mayListen].map((key) => send({}, { key })))
    expect(replies.map(({ status }) => status)).toEqual([403, 403, 200])
  })

  it('pays by the second, and is refused a recording that may be more than is left', async () => {
    const key = await gateway.newKey({ max_budget: 0.001 })
    const first = await send({}, { key })
    const long = await send({ file: recording(30_000) }, { key })
    expect([first.status, long.status]).toEqual([200, 429])
    const { database } = gateway.governance.store
    const entries = await entriesWhen(database, key, (all) =>
      all.some(({ cost_pico_usd: cost }) => cost > 0n),
    )
    expect(entries.filter(({ cost_pico_usd: cost }) => cost > 0n)).toMatchObject([
      { state: 'settled', cost_pico_usd: 300_000_000n },
    ])
    const log = await gateway.logOf(String(first.headers.get('x-litellm-call-id')))
    expect(log).toMatchObject({
      call_type: 'atranscription',
      spend: 0.0003,
      model_group: 'listens',
      custom_llm_provider: 'openai',
      response: expect.objectContaining({ text: 'You sent speech.mp3.' }) as unknown,
    })
    expect(JSON.stringify(log['messages'])).toContain('sha256:')
  })
})

describe('the cache', () => {
  it('knows a recording by its bytes, whatever it is called', async () => {
    const file = recording()
    const first = await send({ file })
    const renamed = new File([await file.arrayBuffer()], 'other.wav', { type: 'audio/wav' })
    const second = await send({ file: renamed })
    expect([second.text, second.headers.get('x-litellm-cache-hit')]).toEqual([first.text, 'true'])
    expect(second.headers.get('x-litellm-response-cost')).toBe('0')
    const other = await send({ file, language: 'de' })
    expect(other.headers.get('x-litellm-cache-hit')).toBe('false')
  })
})

it('is in the interface’s description, as a form', async () => {
  const document = await gateway.admin('/openapi.json')
  expect(document['paths']).toMatchObject({
    '/v1/audio/transcriptions': { post: { requestBody: { content: { 'multipart/form-data': {} } } } },
  })
  const page = await (await fetch(`${gateway.url}/docs`)).text()
  expect(page).toContain('-F &#39;file=@speech.mp3&#39;')
})
