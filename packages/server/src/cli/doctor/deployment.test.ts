import { createDialer } from '../../deployments/dial.ts'
import { createCatalog, createUndiciTransport } from '@switchyard/llm/kit'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { loadConfig } from '../../config/index.ts'
import { demoModel } from '../../demo/demo-model.ts'
import type { Check } from './check.ts'
import { checkDeployment } from './deployment.ts'

type Answer = [status: number, body: unknown]

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

/** A service that answers paths with what a test says; it remembers what it was asked. */
async function service(answers: Record<string, Answer>): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = []
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const key =
      request.headers.authorization ?? request.headers['x-api-key'] ?? request.headers['x-goog-api-key']
    asked.push(`${request.method} ${request.url} ${String(key)}`)
    const [status, body] = answers[request.url ?? ''] ?? [404, { error: { message: 'no such page' } }]
    request.resume().on('end', () => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
  })
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done)
  })
  closers.push(
    () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  )
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

async function check(
  params: Record<string, unknown>,
  rest: { live?: boolean; name?: string; times?: number } = {},
): Promise<Check[]> {
  const entry = { model_name: rest.name ?? 'group', litellm_params: params }
  const model_list = Array.from({ length: rest.times ?? 1 }, () => entry)
  const loaded = await loadConfig({
    path: 'config.yaml',
    readFile: () => Promise.resolve(JSON.stringify({ model_list })),
    env: {},
  })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.findings))
  const transport = createUndiciTransport({
    connect: createDialer({ resolve: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]) }),
  })
  closers.push(() => transport.close())
  const context = {
    config: loaded.config,
    catalog: createCatalog({ now: () => 0 }),
    auth: { transport, nowMs: () => 0, env: () => undefined },
    localModels: [demoModel],
    newId: () => 'id',
    live: rest.live ?? false,
    probed: new Map(),
  }
  return Promise.all(loaded.config.deployments.map((one) => checkDeployment(one, context)))
}

const list: Answer = [200, { data: [{ id: 'gpt-x' }, { id: 'gpt-y' }] }]

describe('checkDeployment', () => {
  it.each<
    [name: string, answers: Record<string, Answer>, verdict: string, message: RegExp, fix: RegExp | undefined]
  >([
    ['takes the key', { '/v1/models': list }, 'ok', /127\.0\.0\.1:\d+ takes the key$/, undefined],
    ['has no list', {}, 'ok', /can be reached; it lists no models \(404\)/, undefined],
    ['refuses the key', { '/v1/models': [401, {}] }, 'failure', /refuses the key \(401\)/, /OPENAI_API_KEY/],
    [
      'forbids the list',
      { '/v1/models': [403, {}] },
      'warning',
      /does not let this key list models/,
      /--live/,
    ],
    ['is broken', { '/v1/models': [503, {}] }, 'failure', /answers with status 503/, /api_base/],
    [
      'does not know the model',
      { '/v1/models': [200, { data: [{ id: 'other' }] }] },
      'warning',
      /'gpt-x' is not in its list of models/,
      /--live/,
    ],
  ])('a service that %s', async (_, answers, verdict, message, fix) => {
    const { url, asked } = await service(answers)
    const [found] = await check({ model: 'openai/gpt-x', api_base: `${url}/v1`, api_key: 'sk-1' })
    expect(found?.verdict).toBe(verdict)
    expect(found?.message).toMatch(message)
    if (fix === undefined) expect(found?.fix).toBeUndefined()
    else expect(found?.fix).toMatch(fix)
    expect(asked).toEqual(['GET /v1/models Bearer sk-1'])
  })

  it.each<[model: string, base: string, asked: string]>([
    ['anthropic/claude-x', '', 'GET /v1/models sk-1'],
    ['anthropic/claude-x', '/v1', 'GET /v1/models sk-1'],
    ['gemini/gemini-x', '/v1beta', 'GET /v1beta/models sk-1'],
    ['ollama/llama-x', '', 'GET /api/tags Bearer sk-1'],
    ['cohere/command-x', '', 'GET /v1/models Bearer sk-1'],
    ['voyage/voyage-x', '/v1', 'GET /v1 Bearer sk-1'],
  ])('asks %s at base "%s": %s', async (model, base, expected) => {
    const { url, asked } = await service({})
    const [found] = await check({ model, api_base: `${url}${base}`, api_key: 'sk-1' })
    expect(asked).toEqual([expected])
    expect(found?.verdict).toBe('ok')
  })

  it('asks each address once', async () => {
    const { url, asked } = await service({ '/v1/models': list })
    const params = { model: 'openai/gpt-x', api_base: `${url}/v1`, api_key: 'sk-1' }
    expect(await check(params, { times: 3 })).toHaveLength(3)
    expect(asked).toHaveLength(1)
  })

  it.each<[name: string, params: Record<string, unknown>, verdict: string, message: RegExp, fix?: RegExp]>([
    ['no key', { model: 'openai/gpt-x' }, 'failure', /There is no API key/, /set OPENAI_API_KEY/],
    ['no such provider', { model: 'nobody/x' }, 'failure', /no provider is known for model/, /model_list/],
    [
      'nobody at the address',
      { model: 'openai/gpt-x', api_base: 'http://127.0.0.1:1/v1', api_key: 'sk-1' },
      'failure',
      /127\.0\.0\.1:1 could not be connected to/,
      /api_base/,
    ],
    [
      'a private network behind a public name',
      { model: 'openai/gpt-x', api_base: 'https://llm.example.com/v1', api_key: 'sk-1' },
      'failure',
      /llm\.example\.com has a name that leads into a private network/,
      /network: \{ allow_private: \['llm\.example\.com:443'\] \}/,
    ],
    [
      'no address',
      { model: 'azure/x', api_key: 'sk-1' },
      'failure',
      /needs 'azure_resource' or api_base/,
      /model_list/,
    ],
    ['the demo model', { model: 'demo/echo' }, 'ok', /answers inside this process/],
    ['a mock', { model: 'openai/gpt-x', mock_response: 'Hi' }, 'ok', /answers inside this process/],
  ])('%s', async (_, params, verdict, message, fix) => {
    const [found] = await check(params)
    expect([found?.verdict, found?.message]).toEqual([verdict, expect.stringMatching(message)])
    if (fix !== undefined) expect(found?.fix).toMatch(fix)
  })

  it('checks what stands around the star of a pattern', async () => {
    const { url } = await service({ '/v1/models': list })
    const params = { model: 'openai/*', api_base: `${url}/v1`, api_key: 'sk-1' }
    const [found] = await check(params, { name: 'openai/*', live: true })
    expect(found).toMatchObject({ verdict: 'ok', subject: 'openai/*' })
    expect(found?.message).toMatch(/takes the key$/)
  })
})

describe('live', () => {
  const answer = {
    id: 'c',
    object: 'chat.completion',
    created: 1,
    model: 'gpt-x',
    choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
  }

  it.each<[status: number, body: unknown, verdict: string, message: RegExp]>([
    [200, answer, 'ok', /openai\/gpt-x: answers$/],
    [429, { error: { message: 'You exceeded your quota' } }, 'failure', /You exceeded your quota/],
  ])('asks for a few tokens, status %i', async (status, body, verdict, message) => {
    const { url, asked } = await service({ '/v1/models': list, '/v1/chat/completions': [status, body] })
    const [found] = await check(
      { model: 'openai/gpt-x', api_base: `${url}/v1`, api_key: 'sk-1' },
      { live: true },
    )
    expect([found?.verdict, found?.message]).toEqual([verdict, expect.stringMatching(message)])
    expect(asked.at(-1)).toBe('POST /v1/chat/completions Bearer sk-1')
  })
})
