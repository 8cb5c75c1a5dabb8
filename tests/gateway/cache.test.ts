import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestGateway } from '../clients/support/gateway.ts'
import type { TestGateway } from '../clients/support/gateway.ts'
import { entryAt } from '../clients/support/models.ts'
import { ask, chatBody, hello, messagesBody, readChatStream } from './support/ask.ts'
import type { Reply } from './support/ask.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startTestGateway({
    sections: { litellm_settings: { cache: true, cache_params: { type: 'local', ttl: 600 } } },
    models: (url) => [entryAt(url, 'gpt', 'openai/gpt-4o-mini'), entryAt(url, 'gpt-b', 'openai/gpt-4o-mini')],
  })
})
afterAll(() => gateway.close())

let questions = 0
/** One that nobody has asked before. */
function question(): { role: 'user'; content: string }[] {
  return [{ role: 'user', content: `question ${++questions}` }]
}

/** How often the provider is asked while something is done. */
async function calls(work: () => Promise<unknown>): Promise<number> {
  const before = gateway.provider.exchanges.length
  await work()
  return gateway.provider.exchanges.length - before
}

const hitOf = ({ headers }: Reply): unknown => headers['x-litellm-cache-hit']

/** The same answer twice, and one call. */
async function twice(path: string, body: object): Promise<[Reply, Reply]> {
  const replies: Reply[] = []
  expect(
    await calls(async () => {
      for (let time = 0; time < 2; time++) replies.push(await ask(gateway, path, body))
    }),
  ).toBe(1)
  const [first, second] = replies as [Reply, Reply]
  expect([first.status, hitOf(first), second.status, hitOf(second)]).toEqual([200, 'false', 200, 'true'])
  return [first, second]
}

/** Answers that look like answers for a while, or from afar. */
const STREAM_FAULTS = [
  'cut-after-2',
  'reset-after-2',
  'end-after-2',
  'cut-mid-json',
  'error-event',
  'no-finish',
  'status-500',
]
const WHOLE_FAULTS = ['status-500', 'truncated-json', '200-error-body', 'choices-empty', 'null-200', 'reset']
/** Odd, and whole all the same. */
const ODD_STREAMS = [
  'no-done',
  'sse-crlf',
  'sse-comments',
  'split-7',
  'one-byte',
  'no-usage',
  'unknown-event',
]

describe('an answer that was given once', () => {
  it.each<[string, string, () => object]>([
    ['of a chat', '/v1/chat/completions', () => chatBody('gpt', { messages: question() })],
    [
      'of a chat as a stream',
      '/v1/chat/completions',
      () => chatBody('gpt', { messages: question(), stream: true }),
    ],
    ['of a chat, translated', '/v1/chat/completions', () => chatBody('claude', { messages: question() })],
    [
      'of a chat, translated, as a stream',
      '/v1/chat/completions',
      () => chatBody('claude', { messages: question(), stream: true }),
    ],
    ['of messages', '/v1/messages', () => messagesBody('claude', { messages: question() })],
    [
      'of messages as a stream',
      '/v1/messages',
      () => messagesBody('claude', { messages: question(), stream: true }),
    ],
    ['of responses', '/v1/responses', () => ({ model: 'gpt', input: question()[0]?.content })],
    [
      'of responses as a stream',
      '/v1/responses',
      () => ({ model: 'gpt', input: question()[0]?.content, stream: true }),
    ],
    ['of a completion', '/v1/completions', () => ({ model: 'instruct', prompt: question()[0]?.content })],
    [
      'of a completion as a stream',
      '/v1/completions',
      () => ({ model: 'instruct', prompt: question()[0]?.content, stream: true }),
    ],
    ['of the demo model', '/v1/chat/completions', () => chatBody('priced', { messages: question() })],
  ])('is given again, byte for byte: %s', async (_, path, body) => {
    const [first, second] = await twice(path, body())
    expect(second.text).toBe(first.text)
    expect(second.headers['content-type']).toBe(first.headers['content-type'])
    expect(second.headers['x-litellm-cache-key']).toBe(first.headers['x-litellm-cache-key'])
  })

  it('costs nothing', async () => {
    const [first, second] = await twice('/v1/chat/completions', chatBody('gpt', { messages: question() }))
    expect(Number(first.headers['x-litellm-response-cost'])).toBeGreaterThan(0)
    expect(Number(second.headers['x-litellm-response-cost'])).toBe(0)
  })

  it('is the same however it was written', async () => {
    const [message] = question()
    const asked = await calls(async () => {
      await ask(
        gateway,
        '/v1/chat/completions',
        `{"model":"gpt","messages":${JSON.stringify([message])},"temperature":0}`,
      )
      const other = `{ "temperature": 0.0, "messages": [{"content":"${message?.content}", "role": "user"}], "model": "gpt" }`
      expect(hitOf(await ask(gateway, '/v1/chat/completions', other))).toBe('true')
    })
    expect(asked).toBe(1)
  })

  it.each([
    ['another model group', { model: 'gpt-b' }],
    ['a parameter', { temperature: 0.5 }],
    ['a parameter that nobody knows', { brand_new_parameter: 1 }],
    ['another system prompt', { messages: [{ role: 'system', content: 'Be brief.' }, ...hello] }],
    ['tools', { tools: [{ type: 'function', function: { name: 'f', parameters: {} } }] }],
    ['another user', { user: 'somebody else' }],
    ['a field for the provider alone', { extra_body: { top_k: 3 } }],
    ['a namespace', { cache: { namespace: 'elsewhere' } }],
  ])('is not the answer to %s', async (_, fields) => {
    await ask(gateway, '/v1/chat/completions', chatBody('gpt'))
    expect(await calls(() => ask(gateway, '/v1/chat/completions', chatBody('gpt', fields)))).toBe(1)
  })

  it('is not the answer to the same words in another beta of the format', async () => {
    const body = messagesBody('claude', { messages: question() })
    await ask(gateway, '/v1/messages', body)
    const headers = { 'anthropic-beta': 'context-1m-2025-08-07' }
    expect(await calls(() => ask(gateway, '/v1/messages', body, { headers }))).toBe(1)
  })
})

describe('whole answers and streams', () => {
  it('a stream that is there already is sent with its length, not in chunks', async () => {
    const body = chatBody('gpt', { messages: question(), stream: true })
    const [first, second] = await twice('/v1/chat/completions', body)
    expect(first.headers['transfer-encoding']).toBe('chunked')
    expect(second.headers['transfer-encoding']).toBeUndefined()
    expect(second.headers['content-length']).toBe(String(Buffer.byteLength(first.text)))
  })

  it('a stream of any script that is there already comes whole', async () => {
    const body = chatBody('gpt', { messages: question(), stream: true, mock_response: 'Grüße, 你好 🙂' })
    const first = await ask(gateway, '/v1/chat/completions', body)
    const second = await ask(gateway, '/v1/chat/completions', body)
    expect([hitOf(first), hitOf(second)]).toEqual(['false', 'true'])
    expect(second.text).toBe(first.text)
    expect(second.text).toContain('你好')
  })

  it('a stream that is there already has a trailer for clients that take trailers', async () => {
    const body = chatBody('gpt', { messages: question(), stream: true })
    const first = await ask(gateway, '/v1/chat/completions', body)
    const second = await ask(gateway, '/v1/chat/completions', body, { headers: { te: 'trailers' } })
    expect([hitOf(second), second.text]).toEqual(['true', first.text])
    expect(second.trailers['x-litellm-response-cost']).toBe('0')
  })

  it.each<[string, string, (more: object) => object]>([
    [
      'a chat',
      '/v1/chat/completions',
      (more) => chatBody('gpt', { messages: [{ role: 'user', content: 'both ways' }], ...more }),
    ],
    [
      'a chat, translated',
      '/v1/chat/completions',
      (more) => chatBody('claude', { messages: [{ role: 'user', content: 'both ways' }], ...more }),
    ],
    [
      'messages',
      '/v1/messages',
      (more) => messagesBody('claude', { messages: [{ role: 'user', content: 'both ways' }], ...more }),
    ],
    ['responses', '/v1/responses', (more) => ({ model: 'gpt', input: 'both ways', ...more })],
    ['a completion', '/v1/completions', (more) => ({ model: 'instruct', prompt: 'both ways', ...more })],
  ])('are one answer: %s', async (_, path, body) => {
    for (const [seed, first, second] of [
      [1, false, true],
      [2, true, false],
    ] as const) {
      const asked = await calls(async () => {
        const one = await ask(gateway, path, body({ top_p: seed / 2, stream: first }))
        const other = await ask(gateway, path, body({ top_p: seed / 2, stream: second }))
        expect([one.status, other.status, hitOf(other)]).toEqual([200, 200, 'true'])
        const words = (reply: Reply): string => textOf(reply, reply === one ? first : second)
        expect(words(other)).toBe(words(one))
        expect(words(one).length).toBeGreaterThan(5)
      })
      expect(asked).toBe(1)
    }
  })

  it('tell usage to those who ask for it, and only to them', async () => {
    const messages = question()
    const plain = chatBody('gpt', { messages, stream: true })
    const withUsage = chatBody('gpt', { messages, stream: true, stream_options: { include_usage: true } })
    const asked = await calls(async () => {
      expect((await ask(gateway, '/v1/chat/completions', plain)).text).not.toContain('prompt_tokens')
      const told = await ask(gateway, '/v1/chat/completions', withUsage)
      expect(told.text).toMatch(/"prompt_tokens":\d/)
      expect(readChatStream(told.text)).toMatchObject({ done: true, finish: ['stop'] })
      expect((await ask(gateway, '/v1/chat/completions', plain)).text).not.toContain('prompt_tokens')
    })
    expect(asked).toBe(1)
  })

  it('are understood by the clients they are for', async () => {
    const openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.key, maxRetries: 0 })
    const anthropic = new Anthropic({ baseURL: gateway.url, apiKey: gateway.key, maxRetries: 0 })
    const messages = question()
    const asked = await calls(async () => {
      const whole = await openai.chat.completions.create({ model: 'gpt', messages })
      let text = ''
      const stream = await openai.chat.completions.create({ model: 'gpt', messages, stream: true })
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
      expect(text).toBe(whole.choices[0]?.message.content)
      const said = await anthropic.messages.create({ model: 'claude', max_tokens: 50, messages })
      const again = await anthropic.messages
        .stream({ model: 'claude', max_tokens: 50, messages })
        .finalMessage()
      expect(again.content).toMatchObject([{ type: 'text', text: wordsIn(said) }])
      expect(again.usage.output_tokens).toBe(said.usage.output_tokens)
    })
    expect(asked).toBe(2)
  })
})

describe('a stream that is odd, and whole', () => {
  it.each(ODD_STREAMS)('is kept: %s', async (fault) => {
    const [first, second] = await twice(
      '/v1/chat/completions',
      chatBody(`fault/${fault}`, { messages: question(), stream: true }),
    )
    expect(second.text).toBe(first.text)
    expect(readChatStream(second.text)).toMatchObject({ done: true, finish: ['stop'], errors: [] })
  })
})

describe('what a request says about the cache', () => {
  it.each<[string, object, Record<string, string>, number[]]>([
    ['nothing', {}, {}, [1, 0]],
    ['no-cache: asked anew, and kept', { cache: { 'no-cache': true } }, {}, [1, 1]],
    ['no-store: not kept', { cache: { 'no-store': true } }, {}, [1, 1]],
    ['caching: false', { caching: false }, {}, [1, 1]],
    ['ttl of 0: good for no time', { cache: { ttl: 0 } }, {}, [1, 1]],
    ['ttl beside it, as the SDK has it', { ttl: 60 }, {}, [1, 0]],
    ['s-maxage: young enough', { cache: { 's-maxage': 60 } }, {}, [1, 0]],
    ['in extra_body', { extra_body: { cache: { 'no-cache': true } } }, {}, [1, 1]],
    ['in a header: no-cache', {}, { 'cache-control': 'no-cache' }, [1, 1]],
    ['in a header: no-store', {}, { 'cache-control': 'no-store' }, [1, 1]],
    ['in a header: s-maxage is how long to keep it', {}, { 'cache-control': 's-maxage=600' }, [1, 0]],
    [
      'in body and header: the body goes first',
      { cache: { 'no-cache': false } },
      { 'cache-control': 'no-cache' },
      [1, 0],
    ],
  ])('%s', async (_, fields, headers, expected) => {
    const body = chatBody('gpt', { messages: question(), ...fields })
    const asked: number[] = []
    for (let time = 0; time < 2; time++)
      asked.push(await calls(() => ask(gateway, '/v1/chat/completions', body, { headers })))
    expect(asked).toEqual(expected)
  })

  it('never reaches the provider', async () => {
    const before = gateway.provider.exchanges.length
    const body = chatBody('gpt', {
      messages: question(),
      cache: { ttl: 5 },
      ttl: 5,
      caching: true,
      extra_body: { cache: { namespace: 'n' }, top_k: 1 },
    })
    await ask(gateway, '/v1/chat/completions', body)
    const seen = (await gateway.provider.exchange(before)).json as object
    expect(Object.keys(seen).sort()).toEqual(['messages', 'model', 'top_k'])
  })

  it('no-cache brings an answer that others get from then on', async () => {
    const messages = question()
    const first = await ask(gateway, '/v1/chat/completions', chatBody('gpt', { messages }))
    const anew = await ask(
      gateway,
      '/v1/chat/completions',
      chatBody('gpt', { messages, cache: { 'no-cache': true } }),
    )
    const third = await ask(gateway, '/v1/chat/completions', chatBody('gpt', { messages }))
    expect(anew.text).not.toBe(first.text)
    expect(third.text).toBe(anew.text)
  })

  it('is refused where it cannot be meant', async () => {
    const reply = await ask(gateway, '/v1/chat/completions', chatBody('gpt', { cache: { 'no-stroe': true } }))
    expect(reply).toMatchObject({ status: 400, json: { error: { param: 'cache.no-stroe' } } })
  })
})

describe('what is never kept', () => {
  it.each(STREAM_FAULTS)('a stream with the fault %s', async (fault) => {
    const messages = question()
    for (const name of ['fault', 'compatible-fault']) {
      const body = chatBody(`${name}/${fault}`, { messages, stream: true })
      for (let time = 0; time < 2; time++)
        expect(
          await calls(async () => {
            const reply = await ask(gateway, '/v1/chat/completions', body)
            expect(readChatStream(reply.text).finish).toEqual([])
          }),
        ).toBe(1)
    }
  })

  it.each(WHOLE_FAULTS)('an answer with the fault %s', async (fault) => {
    const body = chatBody('gpt', { messages: question() })
    gateway.provider.script('gpt-4o-mini', [fault])
    expect((await ask(gateway, '/v1/chat/completions', body)).status).toBeGreaterThanOrEqual(500)
    const reply = await ask(gateway, '/v1/chat/completions', body)
    expect([reply.status, hitOf(reply)]).toEqual([200, 'false'])
  })

  it('what another model answered in its place', async () => {
    gateway.provider.script('gpt-4o-mini', ['status-500'])
    const body = chatBody('gpt', { messages: question(), fallbacks: ['claude'] })
    const stood = await ask(gateway, '/v1/chat/completions', body)
    expect([stood.status, stood.headers['x-litellm-attempted-fallbacks']]).toEqual([200, '1'])
    expect(await calls(() => ask(gateway, '/v1/chat/completions', body))).toBe(1)
  })

  it('what is larger than the largest entry', async () => {
    const small = await startTestGateway({
      sections: { litellm_settings: { cache: true, cache_params: { max_entry_size_mb: 0.001 } } },
    })
    try {
      for (const stream of [false, true]) {
        const body = chatBody('gpt', { messages: [{ role: 'user', content: 'x'.repeat(2_000) }], stream })
        for (let time = 0; time < 2; time++) await ask(small, '/v1/chat/completions', body)
      }
      expect(small.provider.exchanges).toHaveLength(4)
    } finally {
      await small.close()
    }
  })

  it('an answer that goes on in the background, or changes a conversation', async () => {
    for (const fields of [{ background: true }, { conversation: 'conv_1' }]) {
      const body = { model: 'gpt', input: question()[0]?.content, ...fields }
      await ask(gateway, '/v1/responses', body)
      expect(await calls(() => ask(gateway, '/v1/responses', body))).toBe(1)
    }
  })
})

describe('vectors', () => {
  const embed = (input: unknown, fields: object = {}): Promise<Reply> =>
    ask(gateway, '/v1/embeddings', { model: 'embed', input, ...fields })
  const vectorsOf = (reply: Reply): unknown[] =>
    (reply.json as { data: { embedding: unknown; index: number }[] }).data.map(({ embedding }) => embedding)

  it('are kept for each input: only those that are missing are asked for', async () => {
    const first = await embed(['vector a', 'vector b'])
    const before = gateway.provider.exchanges.length
    const second = await embed(['vector b', 'vector c', 'vector a', 'vector b'])
    expect(gateway.provider.exchanges.length - before).toBe(1)
    expect((await gateway.provider.exchange(before)).json).toMatchObject({ input: 'vector c' })
    const [a, b] = vectorsOf(first)
    const [b2, c, a2, b3] = vectorsOf(second)
    expect([b2, a2, b3]).toEqual([b, a, b])
    expect(hitOf(second)).toBe('false')
    expect(await calls(async () => expect(vectorsOf(await embed('vector c'))).toEqual([c]))).toBe(0)
  })

  it('come in the format that is asked for', async () => {
    const floats = await embed('format')
    const asked = await calls(async () => {
      const [text] = vectorsOf(await embed('format', { encoding_format: 'base64' }))
      const bytes = Buffer.from(String(text), 'base64')
      const read = Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(at * 4))
      expect(read).toEqual((vectorsOf(floats)[0] as number[]).map(Math.fround))
    })
    expect(asked).toBe(0)
  })

  it('cost what is asked for, and tell what they are worth', async () => {
    const usage = (reply: Reply): number =>
      (reply.json as { usage: { prompt_tokens: number } }).usage.prompt_tokens
    const cost = (reply: Reply): number => Number(reply.headers['x-litellm-response-cost'])
    const one = await embed(['a text of some length'])
    const both = await embed(['a text of some length', 'another text of quite some length'])
    const again = await embed(['a text of some length', 'another text of quite some length'])
    expect(usage(both)).toBeGreaterThan(usage(one))
    expect(usage(again)).toBe(usage(both))
    expect([hitOf(one), hitOf(both), hitOf(again)]).toEqual(['false', 'false', 'true'])
    expect(cost(both)).toBeGreaterThan(0)
    expect(cost(again)).toBe(0)
  })

  it('of token ids are another thing than those of texts', async () => {
    await embed('12')
    expect(await calls(() => embed([12]))).toBe(1)
    expect(await calls(() => embed([[12]]))).toBe(0)
    expect(await calls(() => embed(['x'], { dimensions: 8 }))).toBe(1)
    expect(await calls(() => embed(['x']))).toBe(1)
  })
})

function textOf(reply: Reply, isStream: boolean): string {
  if (!isStream) return wordsIn(reply.json)
  let text = ''
  for (const line of reply.text.split('\n')) {
    const data = /^data: (\{.*)$/.exec(line)?.[1]
    if (data === undefined) continue
    const event = JSON.parse(data) as {
      type?: string
      delta?: string | { text?: string }
      choices?: { delta?: { content?: string }; text?: string }[]
    }
    text += event.choices?.[0]?.delta?.content ?? event.choices?.[0]?.text ?? ''
    if (event.type === 'response.output_text.delta') text += String(event.delta)
    if (event.type === 'content_block_delta' && typeof event.delta === 'object')
      text += event.delta.text ?? ''
  }
  return text
}

function wordsIn(json: unknown): string {
  const answer = json as {
    choices?: { message?: { content?: string }; text?: string }[]
    content?: { text?: string }[]
    output?: { content?: { text?: string }[] }[]
  }
  return (
    answer.choices?.[0]?.message?.content ??
    answer.choices?.[0]?.text ??
    answer.content?.[0]?.text ??
    answer.output?.flatMap(({ content }) => content ?? [])[0]?.text ??
    ''
  )
}
