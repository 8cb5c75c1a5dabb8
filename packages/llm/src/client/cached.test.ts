import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { StandardLoggingPayload } from '../callbacks/payload.ts'
import { createCache } from './client-cache.ts'
import type { CacheOptions, ClientCache } from './client-cache.ts'
import { createClient } from './client.ts'
import type { Client } from './client.ts'
import { configure } from './settings.ts'
import { scripted } from './testing/scripted.ts'
import type { Reply, Scripted } from './testing/scripted.ts'

const hello = {
  model: 'openai/gpt-4o-mini',
  api_key: 'sk-of-the-caller',
  messages: [{ role: 'user' as const, content: 'Hello' }],
}

interface Place {
  client: Client
  cache: ClientCache
  provider: Scripted
  payloads: StandardLoggingPayload[]
}

function place(options: CacheOptions = {}, script?: (model: string, attempt: number) => Reply): Place {
  const provider = scripted(script ?? ((_, attempt) => `answer ${attempt}`))
  const cache = createCache({ nowMs: provider.world.nowMs, ...options })
  const payloads: StandardLoggingPayload[] = []
  const keep = (payload: StandardLoggingPayload): void => void payloads.push(payload)
  const client = createClient({ ...provider.world, cache, callbacks: [{ success: keep, failure: keep }] })
  return { client, cache, provider, payloads }
}

afterEach(() => configure({ cache: undefined }))

async function textOf(client: Client, more: object = {}): Promise<string> {
  const answer = await client.completion({ ...hello, ...more })
  return answer.choices[0]?.message.content ?? ''
}

async function streamedText(client: Client, more: object = {}): Promise<string> {
  let text = ''
  for await (const chunk of await client.completion({ ...hello, ...more, stream: true }))
    text += chunk.choices[0]?.delta.content ?? ''
  return text
}

describe('a client with a cache', () => {
  it('gives the same answer to the same question, until it is over', async () => {
    const { client, provider } = place({ ttl: 60 })
    expect([await textOf(client), await textOf(client)]).toEqual(['answer 0', 'answer 0'])
    expect(await textOf(client, { temperature: 1 })).toBe('answer 1')
    provider.advance(61_000)
    expect(await textOf(client)).toBe('answer 2')
  })

  it('tells callbacks that it cost nothing', async () => {
    const { client, payloads } = place()
    await textOf(client, { caching: true })
    await textOf(client, { caching: true })
    await client.flush()
    expect(payloads.map(({ cache_hit, response_cost }) => [cache_hit, response_cost === 0])).toEqual([
      [false, false],
      [true, true],
    ])
    expect(payloads[1]?.cache_key).toBe(payloads[0]?.cache_key)
    expect(payloads[1]?.total_tokens).toBe(payloads[0]?.total_tokens)
  })

  it.each<[string, object, CacheOptions, string]>([
    ['caching: false', { caching: false }, {}, 'answer 1'],
    ['no-cache', { cache: { 'no-cache': true } }, {}, 'answer 1'],
    ['no-store', { cache: { 'no-store': true } }, {}, 'answer 1'],
    ['another namespace', { cache: { namespace: 'b' } }, {}, 'answer 0'],
    ['default_off', {}, { mode: 'default_off' }, 'answer 1'],
    ['default_off and caching: true', { caching: true }, { mode: 'default_off' }, 'answer 0'],
    ['default_off and use-cache', { cache: { 'use-cache': true } }, { mode: 'default_off' }, 'answer 0'],
    ['for other kinds of calls', {}, { supported_call_types: ['embedding'] }, 'answer 1'],
    ['a ttl of the call', { ttl: 300 }, {}, 'answer 0'],
    ['an answer too large to keep', {}, { max_entry_size_mb: 0.0001 }, 'answer 1'],
  ])('%s', async (_, more, options, second) => {
    const { client } = place(options)
    await textOf(client, more)
    expect(await textOf(client, more)).toBe(second)
  })

  it('sends nothing of it to the provider', async () => {
    const { client, provider } = place()
    await textOf(client, { caching: true, ttl: 5, cache: { ttl: 5 } })
    expect(Object.keys(provider.asked[0]?.body ?? {}).sort()).toEqual(['messages', 'model'])
  })

  it('knows no difference between whole answers and streams', async () => {
    const { client, provider } = place({}, (_, attempt) =>
      attempt === 0 ? { stream: ['str', 'eamed'] } : 'whole',
    )
    expect([await streamedText(client), await textOf(client), await streamedText(client)]).toEqual([
      'streamed',
      'streamed',
      'streamed',
    ])
    expect([await textOf(client, { seed: 1 }), await streamedText(client, { seed: 1 })]).toEqual([
      'whole',
      'whole',
    ])
    expect(provider.asked).toHaveLength(2)
  })

  it('keeps no stream that broke, or that nobody read to its end', async () => {
    const { client } = place({}, (_, attempt) =>
      attempt === 0
        ? { stream: ['a', 'b'], ending: 'break' }
        : attempt === 1
          ? { stream: ['c', 'd'] }
          : 'whole',
    )
    await expect(streamedText(client)).rejects.toThrow()
    const left = await client.completion({ ...hello, stream: true })
    for await (const chunk of left) if (chunk.choices[0]?.delta.content === 'c') break
    expect(await textOf(client)).toBe('whole')
  })

  it('keeps no failure', async () => {
    const { client } = place({}, (_, attempt) => (attempt === 0 ? { status: 500 } : 'fine'))
    await expect(textOf(client)).rejects.toThrow()
    expect(await textOf(client)).toBe('fine')
  })

  it('may be the one of the whole process', async () => {
    const { provider } = place()
    configure({ cache: createCache() })
    const client = createClient(provider.world)
    expect([await textOf(client), await textOf(client)]).toEqual(['answer 0', 'answer 0'])
  })

  it('is emptied', async () => {
    const { client, cache } = place()
    await textOf(client)
    await cache.clear()
    expect(await textOf(client)).toBe('answer 1')
    await cache.close()
    expect(await textOf(client)).toBe('answer 2')
  })

  it('finds what another process has kept, in a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'switchyard-sdk-cache-'))
    const options = { type: 'disk', disk_cache_file: join(folder, 'answers.db') } as const
    const one = place(options)
    const other = place(options, () => 'never asked')
    try {
      expect([await textOf(one.client), await textOf(other.client)]).toEqual(['answer 0', 'answer 0'])
      expect(other.provider.asked).toEqual([])
    } finally {
      await one.cache.close()
      await other.cache.close()
      await rm(folder, { recursive: true, force: true })
    }
  })

  it('asks for a Redis client where it needs one', async () => {
    await expect(textOf(place({ type: 'redis' }).client)).rejects.toThrow('redis_client')
  })
})

describe('equal calls at once', () => {
  it('ask once', async () => {
    const { client, provider } = place({ coalesce: true })
    const texts = await Promise.all(Array.from({ length: 50 }, () => textOf(client)))
    expect(new Set(texts)).toEqual(new Set(['answer 0']))
    expect(provider.asked).toHaveLength(1)
  })
  it('ask once more when that failed, and are told when it fails again', async () => {
    const once = place({ coalesce: true }, (_, attempt) => (attempt === 0 ? { status: 500 } : 'fine'))
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => textOf(once.client)))
    expect(results.map(({ status }) => status).filter((status) => status === 'rejected')).toHaveLength(1)
    expect(once.provider.asked).toHaveLength(2)
    const always = place({ coalesce: true }, () => ({ status: 500 }))
    const failed = await Promise.allSettled(Array.from({ length: 20 }, () => textOf(always.client)))
    expect(new Set(failed.map(({ status }) => status))).toEqual(new Set(['rejected']))
    expect(always.provider.asked).toHaveLength(2)
  })
})

it('a hit takes nothing from a budget', async () => {
  const provider = scripted(() => 'answer')
  const client = createClient({ ...provider.world, cache: createCache(), max_budget: 0.01 })
  await textOf(client, { max_tokens: 10 })
  const spent = client.currentCost()
  expect(spent).toBeGreaterThan(0)
  for (let time = 0; time < 5; time++) await textOf(client, { max_tokens: 10 })
  expect(await streamedText(client, { max_tokens: 10 })).toBe('answer')
  expect(client.currentCost()).toBe(spent)
})

describe('vectors', () => {
  it('are kept one by one: only those that are missing are asked for', async () => {
    const inputs: unknown[] = []
    const payloads: StandardLoggingPayload[] = []
    const client = createClient({
      cache: createCache(),
      callbacks: [{ success: (payload) => void payloads.push(payload) }],
      transport: (request) => {
        const { input } = JSON.parse(String(request.body)) as { input: string | string[] }
        const texts = [input].flat()
        inputs.push(texts)
        const body = {
          object: 'list',
          model: 'served',
          data: texts.map((text, index) => ({ object: 'embedding', index, embedding: [text.length, 0.1] })),
          usage: { prompt_tokens: texts.length, total_tokens: texts.length },
        }
        async function* bytes(): AsyncGenerator<Uint8Array> {
          yield new TextEncoder().encode(JSON.stringify(body))
        }
        return Promise.resolve({
          status: 200,
          headers: { 'content-type': 'application/json' },
          body: bytes(),
        })
      },
    })
    const embed = async (input: string[], more: object = {}): Promise<unknown[]> =>
      (
        await client.embedding({ model: 'openai/text-embedding-3-small', api_key: 'k', input, ...more })
      ).data.map(({ embedding }) => embedding)
    expect(await embed(['a', 'bb'])).toEqual([
      [1, 0.1],
      [2, 0.1],
    ])
    expect(await embed(['bb', 'ccc', 'a'])).toEqual([
      [2, 0.1],
      [3, 0.1],
      [1, 0.1],
    ])
    expect(await embed(['ccc', 'a'])).toHaveLength(2)
    expect(await embed(['a'], { dimensions: 2 })).toHaveLength(1)
    expect(inputs).toEqual([['a', 'bb'], ['ccc'], ['a']])
    await client.flush()
    expect(payloads.map(({ cache_hit }) => cache_hit)).toEqual([false, false, true, false])
  })
})
