import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestGateway } from '../clients/support/gateway.ts'
import type { TestGateway } from '../clients/support/gateway.ts'
import { redisUrl } from '../governance/support/services.ts'
import { ask, chatBody, readChatStream } from './support/ask.ts'
import type { Reply } from './support/ask.ts'

let server: Server
let address = ''
let isBroken = false
const embedded: string[] = []

/** Vectors that are near for texts with the same letters. */
beforeAll(async () => {
  server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      const { input } = JSON.parse(Buffer.concat(pieces).toString()) as { input: string | string[] }
      const texts = [input].flat()
      embedded.push(...texts)
      response.writeHead(isBroken ? 500 : 200, { 'content-type': 'application/json' })
      response.end(
        JSON.stringify({
          object: 'list',
          model: 'text-embedding-3-small',
          data: texts.map((text, index) => ({ object: 'embedding', index, embedding: lettersOf(text) })),
          usage: { prompt_tokens: 1_000, total_tokens: 1_000 },
        }),
      )
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

function lettersOf(text: string): number[] {
  const counts = Array.from({ length: 27 }, () => 0.01)
  for (const letter of text.toLowerCase()) {
    const at = letter.charCodeAt(0) - 97
    counts[at >= 0 && at < 26 ? at : 26]! += 1
  }
  return counts
}

const start = (params: object): Promise<TestGateway> =>
  startTestGateway({
    sections: {
      litellm_settings: {
        cache: true,
        cache_params: { similarity_threshold: 0.95, embedding_model: 'likeness', ttl: 600, ...params },
      },
    },
    models: () => [
      {
        model_name: 'likeness',
        litellm_params: { model: 'openai/text-embedding-3-small', api_base: address, api_key: 'k' },
      },
    ],
  })

const hitOf = ({ headers }: Reply): unknown => headers['x-litellm-cache-hit']
const chat = (gateway: TestGateway, content: string, more: object = {}): Promise<Reply> =>
  ask(gateway, '/v1/chat/completions', chatBody('gpt', { messages: [{ role: 'user', content }], ...more }))

describe.each<[string, () => object]>([
  ['in memory', () => ({ type: 'local-semantic' })],
  [
    'in Redis',
    () => ({
      type: 'redis-semantic',
      url: redisUrl(),
      socket_timeout: 2,
      namespace: `semantic-${process.pid}-${Date.now()}`,
    }),
  ],
])('a semantic cache %s', (_, params) => {
  let gateway: TestGateway
  beforeAll(async () => {
    gateway = await start(params())
  })
  afterAll(() => gateway.close())

  it('answers what means the same, says how near it is, and costs what the vector costs', async () => {
    const first = await chat(gateway, 'what is the capital of france')
    expect(hitOf(first)).toBe('false')
    await expect.poll(async () => hitOf(await chat(gateway, 'What is the capital of France?'))).toBe('true')
    const alike = await chat(gateway, 'the capital of france, what is it')
    expect(alike.text).toBe(first.text)
    expect(Number(alike.headers['x-litellm-semantic-similarity'])).toBeGreaterThan(0.95)
    // A thousand tokens at 0.02 $ a million.
    expect(Number(alike.headers['x-litellm-response-cost'])).toBeCloseTo(0.00002, 9)
    expect(Number(first.headers['x-litellm-response-cost'])).toBeGreaterThan(0.00002)
  })

  it('asks for no vector where the question is the same', async () => {
    await chat(gateway, 'exactly this')
    const before = embedded.length
    await expect.poll(async () => hitOf(await chat(gateway, 'exactly this'))).toBe('true')
    expect(embedded.length).toBe(before)
  })

  it('streams an answer that was whole', async () => {
    await chat(gateway, 'please stream the quick brown fox')
    const reply = await chat(gateway, 'please stream the quick brown fox!', { stream: true })
    expect(hitOf(reply)).toBe('true')
    expect(readChatStream(reply.text)).toMatchObject({
      text: 'You said: please stream the quick brown fox',
      done: true,
    })
  })

  it.each<[string, object]>([
    ['another model', { model: 'priced' }],
    [
      'another system prompt',
      {
        messages: [
          { role: 'system', content: 'Lie.' },
          { role: 'user', content: 'guard this one!' },
        ],
      },
    ],
    ['tools', { tools: [{ type: 'function', function: { name: 'f', parameters: {} } }] }],
    ['another setting', { temperature: 0.9 }],
    ['another namespace', { cache: { namespace: 'elsewhere' } }],
    [
      'other words before',
      {
        messages: [
          { role: 'user', content: 'a' },
          { role: 'assistant', content: 'b' },
          { role: 'user', content: 'guard this one!' },
        ],
      },
    ],
    ['no wish for kept answers', { cache: { 'no-cache': true } }],
  ])('has no answer for %s', async (__, more) => {
    await chat(gateway, 'guard this one')
    expect(hitOf(await chat(gateway, 'guard this one!', more))).toBe('false')
  })

  it('has no answer for what means something else', async () => {
    await chat(gateway, 'zzzz')
    expect(hitOf(await chat(gateway, 'completely different words'))).toBe('false')
  })

  it('goes on without vectors while nobody makes them', async () => {
    isBroken = true
    const reply = await chat(gateway, `broken ${_}`)
    isBroken = false
    expect([reply.status, hitOf(reply)]).toEqual([200, 'false'])
    expect(gateway.log()).toContain('questions like this one could not be looked for')
  })
})
