import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import type { StandardLoggingPayload } from '../callbacks/payload.ts'
import { createCatalog } from '../catalog/lookup.ts'
import type { HttpRequest } from '../types/transport.ts'
import { audioFile } from './audio.ts'
import { createCache } from './client-cache.ts'
import { createClient } from './client.ts'
import type { Client, ClientOptions } from './client.ts'
import { Router } from './router.ts'
import type { ListenParams } from './transcription.ts'
import { estimateAudioMs, mostTranscriptionUsage } from './transcription-usage.ts'

interface Sent {
  url: string
  type: string
  key: string
  form: () => Promise<FormData>
  bytes: Uint8Array
}

/** What providers answer, one after the other; the last one from then on. */
function worldOf(answers: readonly (object | string | number)[]) {
  const sent: Sent[] = []
  const transport = async ({ url, body, headers }: HttpRequest) => {
    const answer = answers[Math.min(sent.length, answers.length - 1)] ?? 500
    const bytes = body instanceof Uint8Array ? new Uint8Array(body) : new Uint8Array()
    const type = headers['content-type'] ?? ''
    const form = (): Promise<FormData> =>
      new Response(bytes, { headers: { 'content-type': type } }).formData()
    sent.push({ url, type, key: headers['authorization'] ?? headers['xi-api-key'] ?? '', form, bytes })
    const text = typeof answer === 'string' ? answer : JSON.stringify(answer)
    return {
      status: typeof answer === 'number' ? answer : 200,
      headers: { 'content-type': 'application/json' },
      body: (async function* () {
        yield new TextEncoder().encode(text)
      })(),
    }
  }
  return { sent, world: { transport, env: () => undefined, sleep: async () => undefined, random: () => 0 } }
}

function clientOf(
  answers: readonly (object | string | number)[],
  options: ClientOptions = {},
): Client & { sent: Sent[] } {
  const { sent, world } = worldOf(answers)
  return { ...createClient({ ...world, ...options }), sent }
}

const heard = { text: 'Hello.', duration: 90, segments: [{ start: 0, end: 1, text: 'Hello.' }] }
const recording = new File([new Uint8Array([1, 2, 3])], 'speech.mp3', { type: 'audio/mpeg' })
const question: ListenParams = { model: 'openai/whisper-1', file: recording, api_key: 'k' }

test('sends the recording and answers in OpenAI’s shape', async () => {
  const client = clientOf([heard])
  const answer = await client.transcription({ ...question, language: 'en', metadata: { a: 'b' } })
  expect(answer).toEqual({ text: 'Hello.', usage: { type: 'duration', seconds: 90 } })
  const [first] = client.sent
  expect([first?.url, first?.key]).toEqual(['https://api.openai.com/v1/audio/transcriptions', 'Bearer k'])
  const form = await first?.form()
  const file = form?.get('file')
  expect([...(form?.entries() ?? [])].filter(([name]) => name !== 'file')).toEqual([
    ['model', 'whisper-1'],
    ['language', 'en'],
    ['response_format', 'verbose_json'],
  ])
  if (!(file instanceof File)) throw new Error('no file')
  expect([file.name, file.type, await file.bytes()]).toEqual([
    'speech.mp3',
    'audio/mpeg',
    new Uint8Array([1, 2, 3]),
  ])
})

test.each([
  ['text', 'Hello.'],
  ['srt', '1\n00:00:00,000 --> 00:00:01,000\nHello.\n\n'],
] as const)('%s is in the text', async (format, text) => {
  expect((await clientOf([heard]).transcription({ ...question, response_format: format })).text).toBe(text)
})

describe('a recording', () => {
  const wav = new TextEncoder().encode('RIFF....WAVEfmt ')
  test.each<[string, ListenParams['file'], string, string]>([
    ['of bytes is known by how it begins', wav, 'audio.wav', 'audio/wav'],
    ['of a buffer, too', wav.buffer, 'audio.wav', 'audio/wav'],
    ['of a blob has its kind', new Blob([wav], { type: 'audio/x-wav' }), 'audio.wav', 'audio/x-wav'],
    [
      'of a stream may be given its name',
      { data: Readable.from([Buffer.from(wav)]), name: 'mine.wav' },
      'mine.wav',
      'audio/wav',
    ],
    [
      'of a stream has its name',
      Object.assign(Readable.from([Buffer.from('ID3'), Buffer.from('x')]), { path: '/tmp/a.mp3' }),
      'a.mp3',
      'audio/mpeg',
    ],
  ])('%s', async (_name, file, name, type) => {
    const client = clientOf([heard])
    await client.transcription({ ...question, file })
    const sent = (await client.sent[0]?.form())?.get('file')
    expect(sent).toMatchObject({ name, type })
  })

  test('may be what was fetched', async () => {
    const fetched = new Response(wav, { headers: { 'content-type': 'audio/wav' } })
    Object.defineProperty(fetched, 'url', { value: 'https://example.com/a/speech.wav?x=1' })
    const client = clientOf([500, heard])
    await client.transcription({ ...question, file: fetched, num_retries: 1 })
    const files = await Promise.all(client.sent.map(async ({ form }) => (await form()).get('file')))
    const file = { name: 'speech.wav', type: 'audio/wav', size: wav.length }
    expect(files).toMatchObject([file, file])
  })

  test('must be one', async () => {
    for (const file of ['a path', undefined, Readable.from(['text'])] as unknown[]) {
      const failing = clientOf([heard]).transcription({ ...question, file } as ListenParams)
      await expect(failing).rejects.toMatchObject({ status: 400, param: 'file' })
    }
  })

  test('that is a stream is there for the next attempt, too', async () => {
    const client = clientOf([500, heard])
    const file = Readable.from([Buffer.from('fLaC')])
    const fallbacks = [{ model: 'groq/whisper-large-v3', api_key: 'g' }]
    await client.transcription({ ...question, file, fallbacks })
    const files = await Promise.all(client.sent.map(async ({ form }) => (await form()).get('file')))
    expect(files).toMatchObject([{ size: 4 }, { size: 4, name: 'audio.flac' }])
  })
})

describe('the address at', () => {
  test.each<[string, object, string]>([
    ['groq/whisper-large-v3', {}, 'https://api.groq.com/openai/v1/audio/transcriptions'],
    ['mistral/voxtral-mini-latest', {}, 'https://api.mistral.ai/v1/audio/transcriptions'],
    ['hosted_vllm/whisper', {}, 'http://localhost:8000/v1/audio/transcriptions'],
    [
      'azure/mine',
      { api_base: 'https://x.openai.azure.com', api_version: '2025-01-01' },
      'https://x.openai.azure.com/openai/deployments/mine/audio/transcriptions?api-version=2025-01-01',
    ],
  ])('%s', async (model, more, url) => {
    const client = clientOf([heard])
    await client.transcription({ ...question, model, ...more })
    expect(client.sent[0]?.url).toBe(url)
  })

  test('deepgram takes the recording alone', async () => {
    const channels = [{ alternatives: [{ transcript: 'hi' }] }]
    const client = clientOf([{ metadata: { duration: 2 }, results: { channels } }])
    const answer = await client.transcription({ ...question, model: 'deepgram/nova-3', punctuate: true })
    expect(answer).toEqual({ text: 'hi', usage: { type: 'duration', seconds: 2 } })
    expect(client.sent[0]).toMatchObject({
      url: 'https://api.deepgram.com/v1/listen?model=nova-3&punctuate=true',
      type: 'audio/mpeg',
      key: 'Token k',
      bytes: new Uint8Array([1, 2, 3]),
    })
  })

  test('elevenlabs', async () => {
    const client = clientOf([{ text: 'hi' }])
    await client.transcription({ ...question, model: 'elevenlabs/scribe_v1' })
    expect(client.sent[0]).toMatchObject({ url: 'https://api.elevenlabs.io/v1/speech-to-text', key: 'k' })
  })
})

test('a provider that does not listen says so', async () => {
  const failing = clientOf([]).transcription({ ...question, model: 'anthropic/claude' })
  await expect(failing).rejects.toMatchObject({ status: 400, param: 'model' })
})

test('a setting that the wire does not have is refused, or left out on request', async () => {
  const asked = { ...question, model: 'deepgram/nova-3', prompt: 'p' }
  await expect(clientOf([]).transcription(asked)).rejects.toMatchObject({ code: 'unsupported_params' })
  const client = clientOf([{ results: { channels: [{ alternatives: [{ transcript: '' }] }] } }])
  await client.transcription({ ...asked, drop_params: true })
  expect(client.sent[0]?.url).not.toContain('prompt')
})

describe('what it costs', () => {
  const told = async (answer: object, more: object): Promise<StandardLoggingPayload> => {
    const payloads: StandardLoggingPayload[] = []
    const client = clientOf([answer], {
      catalog: createCatalog(),
      success_callback: [(args) => void payloads.push(args.standard_logging_object)],
    })
    await client.transcription({ ...question, ...more })
    await client.flush()
    const [payload] = payloads
    if (payload === undefined) throw new Error('nobody was told')
    return payload
  }

  test('is counted by the second', async () => {
    const payload = await told(heard, {})
    // 90 s at $0.36 an hour.
    expect(payload).toMatchObject({ call_type: 'transcription', response_cost: 0.009 })
    expect(payload.model_parameters).toEqual({})
  })

  test('has a least length at Groq', async () => {
    const payload = await told({ text: 'hi', duration: 1 }, { model: 'groq/whisper-large-v3' })
    // 10 s at $0.111 an hour.
    expect(payload.response_cost).toBe(0.00030833333)
  })

  test('is counted by the token, of words and of sounds', async () => {
    const usage = { input_tokens: 1000, output_tokens: 100, input_token_details: { audio_tokens: 900 } }
    const payload = await told({ text: 'hi', usage }, { model: 'openai/gpt-4o-transcribe' })
    // 100 at $2.50, 900 at $6, 100 at $10 a million.
    expect(payload.response_cost).toBe(0.00665)
  })

  test('is what the caller says', async () => {
    const payload = await told(heard, { model: 'hosted_vllm/whisper', input_cost_per_second: 0.001 })
    expect(payload.response_cost).toBe(0.09)
  })

  test('is estimated by the recording where nobody tells its length', async () => {
    const file = new File([new Uint8Array(80_000)], 'a.mp3')
    const payload = await told({ text: 'hi' }, { file })
    expect(payload).toMatchObject({ response_cost: 0.001, hidden_params: { usage_source: 'estimated' } })
  })

  test('is held before it is spent', async () => {
    const client = clientOf([heard], { max_budget: 0.01 })
    await client.transcription(question)
    const long = { ...question, file: new Uint8Array(100_000) }
    await expect(client.transcription(long)).rejects.toMatchObject({ code: 'budget_exceeded' })
    const dear = { ...question, file: new Uint8Array(100_000), max_cost: 0.001 }
    await expect(clientOf([heard]).transcription(dear)).rejects.toMatchObject({ reason: 'max_cost_exceeded' })
    expect(client.sent).toHaveLength(1)
  })
})

describe('the length of a recording', () => {
  const wav = (bytesPerSecond: number, size: number): Uint8Array => {
    const bytes = new Uint8Array(size)
    bytes.set(new TextEncoder().encode('RIFF....WAVEfmt '))
    new DataView(bytes.buffer).setUint32(28, bytesPerSecond, true)
    return bytes
  }
  test.each<[string, Uint8Array, number]>([
    ['a WAV says it', wav(32_000, 64_000), 2_000],
    ['a WAV that says nothing', wav(0, 16_000), 2_000],
    ['others are taken to be as dense as speech is', new Uint8Array(8_000), 1_000],
    ['what is too short for a head', new TextEncoder().encode('RIFF'), 1],
  ])('%s', (_name, bytes, ms) => {
    expect(estimateAudioMs(audioFile(bytes))).toBe(ms)
    expect(mostTranscriptionUsage(bytes.length).audioMs).toBeGreaterThanOrEqual(ms)
  })
})

describe('the cache', () => {
  test('gives the same recording’s words again, whatever it is called', async () => {
    const client = clientOf([heard], { cache: createCache() })
    const first = await client.transcription(question)
    expect(await client.transcription({ ...question, file: new Uint8Array([1, 2, 3]) })).toEqual(first)
    expect(client.sent).toHaveLength(1)
    await client.transcription({ ...question, file: new Uint8Array([1, 2, 4]) })
    await client.transcription({ ...question, language: 'en' })
    await client.transcription({ ...question, response_format: 'srt' })
    expect(client.sent).toHaveLength(4)
  })
})

test('mock_response is the words, and asks nobody', async () => {
  const client = clientOf([])
  expect(await client.transcription({ ...question, mock_response: 'hi' })).toMatchObject({ text: 'hi' })
  await expect(client.transcription({ ...question, mock_response: new Error('full') })).rejects.toThrow(
    'full',
  )
  expect(client.sent).toEqual([])
})

test('a router asks the next when one fails', async () => {
  const { sent, world } = worldOf([500, heard])
  const router = new Router({
    model_list: ['one', 'two'].map((host) => ({
      model_name: 'listens',
      litellm_params: { model: 'openai/whisper-1', api_key: 'k', api_base: `https://${host}.example/v1` },
    })),
    num_retries: 1,
    ...world,
  })
  const file = Readable.from([Buffer.from('fLaC')])
  expect((await router.transcription({ model: 'listens', file })).text).toBe('Hello.')
  expect(new Set(sent.map(({ url }) => new URL(url).host))).toEqual(new Set(['one.example', 'two.example']))
})
