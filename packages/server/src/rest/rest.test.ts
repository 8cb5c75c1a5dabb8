import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../config/index.ts'
import { LLM_ROUTES } from '../gateway/routes/routes.ts'
import { createCallers } from '../auth/callers.ts'
import { MASTER } from '../auth/fixed-principals.ts'
import { createAuthenticator } from '../gateway/steps/authenticate.ts'
import { Loopback } from '../http/testing/loopback.ts'
import { createServices } from '../services.ts'
import type { Services } from '../services.ts'
import { createRest } from './rest.ts'
import type { Rest } from './rest.ts'

const key = 'sk-for-tests'
const authorization = `Bearer ${key}`

const config = (provider: string, settings = ''): string => `
model_list:
  - model_name: chat
    litellm_params: {model: openai/gpt-4o, mock_response: Hello, api_key: sk-secret-canary}
    model_info: {id: chat-1}
  - model_name: vendor/chat
    litellm_params: {model: openai/gpt-4o, mock_response: Hello}
  - model_name: claude
    litellm_params:
      {model: anthropic/claude-sonnet-5, api_base: '${provider}', api_key: sk-ant-canary, aws_secret_access_key: canary}
    model_info: {id: claude-1}
general_settings: {master_key: ${key}}
${settings}
`

interface Gate extends AsyncDisposable {
  ask: (path: string, init?: RequestInit) => Promise<Response>
  /** With the key. */
  askAs: (path: string, init?: RequestInit) => Promise<Response>
}

async function servicesOf(text: string): Promise<Services> {
  const loaded = await loadConfig({ path: 'config.yaml', readFile: () => Promise.resolve(text), env: {} })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.findings))
  let count = 0
  return createServices({
    config: loaded.config,
    log: pino({ level: 'silent' }),
    version: '1.2.3',
    env: () => undefined,
    newId: () => `id-${++count}`,
  })
}

async function open(text: string, draining = false): Promise<Gate> {
  const services = await servicesOf(text)
  services.state.draining = draining
  const { authenticate } = createAuthenticator(
    services.config,
    await createCallers(services),
    services.monotonicMs,
  )
  const rest: Rest = await createRest(services, authenticate, [])
  const server = await Loopback.listen(rest.handle)
  const ask = (path: string, init?: RequestInit): Promise<Response> => fetch(server.url(path), init)
  return {
    ask,
    askAs: (path, init) => ask(path, { ...init, headers: { authorization, ...init?.headers } }),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await rest.close()
      await services.upstream.close()
    },
  }
}

const post = (body: unknown): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: typeof body === 'string' ? body : JSON.stringify(body),
})

/** Answers what the test says, and keeps what it was asked. */
const provider = { status: 200, body: '{}', paths: [] as string[] }
let upstream: Loopback
let gate: Gate

beforeAll(async () => {
  upstream = await Loopback.listen((request, response) => {
    provider.paths.push(request.url ?? '')
    request.resume().on('end', () => {
      response.writeHead(provider.status, { 'content-type': 'application/json' }).end(provider.body)
    })
  })
  gate = await open(config(upstream.url('')))
})

afterAll(async () => {
  await gate[Symbol.asyncDispose]()
  await upstream[Symbol.asyncDispose]()
})

describe('who is let in', () => {
  it.each([
    '/',
    '/routes',
    '/docs',
    '/openapi.json',
    '/health/live',
    '/health/liveness',
    '/health/liveliness',
    '/health/ready',
    '/health/readiness',
  ])('%s is for everyone', async (path) => {
    const response = await gate.ask(path)
    expect(response.status).toBe(200)
    expect(response.headers.get('x-request-id')).toMatch(/^id-\d+$/)
  })

  it.each([
    '/models',
    '/v1/models',
    '/v1/models/chat',
    '/model/info',
    '/v2/model/info',
    '/model_group/info',
    '/health',
    '/metrics',
  ])('%s needs the key', async (path) => {
    const response = await gate.ask(path)
    expect(response.status).toBe(401)
    expect(response.headers.get('x-gateway-error')).toBe('missing_api_key')
    expect(await response.json()).toEqual({
      error: {
        message: expect.stringContaining('Authentication Error'),
        type: 'auth_error',
        param: null,
        code: 'missing_api_key',
      },
    })
  })

  it('tells Anthropic’s clients in their own format', async () => {
    const response = await gate.ask('/v1/messages/count_tokens', post({}))
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ type: 'error', error: { type: 'authentication_error' } })
  })

  it('opens the metrics where the configuration says so', async () => {
    expect((await gate.askAs('/metrics')).headers.get('content-type')).toContain('text/plain')
    await using other = await open(
      config('http://127.0.0.1:1', 'litellm_settings: {require_auth_for_metrics_endpoint: false}'),
    )
    expect(await (await other.ask('/metrics')).text()).toContain('# HELP')
  })
})

describe('paths and methods', () => {
  it('says which path is unknown', async () => {
    const response = await gate.ask('/v1/nothing?here')
    expect(response.status).toBe(404)
    expect(await response.json()).toEqual({
      error: {
        message: 'GET /v1/nothing is no endpoint of this gateway. Ask /routes or /docs for those it has.',
        type: 'not_found_error',
        param: null,
        code: 'not_found',
      },
    })
  })

  it.each([
    ['GET', '/v1/chat/completions', 'POST'],
    ['GET', '/engines/gpt/chat/completions', 'POST'],
    ['OPTIONS', '/v1/embeddings', 'POST'],
    ['POST', '/v1/models', 'GET, HEAD'],
    ['DELETE', '/v1/models/chat', 'GET, HEAD'],
    ['PUT', '/', 'GET, HEAD'],
  ])('%s %s is answered with what is allowed', async (method, path, allow) => {
    const response = await gate.ask(path, { method })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe(allow)
    expect(await response.json()).toMatchObject({ error: { code: 'method_not_allowed' } })
  })

  it.each(['//v1/models', '/V1/models', '/v1/%6dodels', '/v1/models/%zz'])(
    'does not guess what %s means',
    async (path) => {
      expect((await gate.askAs(path)).status).toBeGreaterThanOrEqual(400)
    },
  )

  it('answers HEAD without a body', async () => {
    const response = await gate.ask('/health/live', { method: 'HEAD' })
    expect([response.status, await response.text()]).toEqual([200, ''])
  })

  it.each([
    ['{"model":', 400, 'invalid_json'],
    ['{"model":"a","model":"b"}', 400, 'duplicate_key'],
    ['{"prompt":"Hello"}', 400, 'missing_required_parameter'],
    ['{"model":7}', 400, 'invalid_type'],
  ])('refuses the body %s', async (body, status, code) => {
    const response = await gate.askAs('/utils/token_counter', post(body))
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ error: { code } })
  })

  it('refuses a body that is no JSON', async () => {
    const response = await gate.askAs('/utils/token_counter', { method: 'POST', body: 'a=b' })
    expect(response.status).toBe(415)
  })
})

describe('models', () => {
  it('lists them in OpenAI’s shape', async () => {
    expect(await (await gate.askAs('/v1/models')).json()).toEqual({
      object: 'list',
      data: ['chat', 'vendor/chat', 'claude'].map((id) => ({
        id,
        object: 'model',
        created: 1_677_610_602,
        owned_by: 'openai',
      })),
    })
  })

  it('lists them in Anthropic’s shape for its clients', async () => {
    const headers = { 'anthropic-version': '2023-06-01' }
    expect(await (await gate.askAs('/v1/models', { headers })).json()).toMatchObject({
      data: [{ type: 'model', id: 'chat', display_name: 'chat' }, { id: 'vendor/chat' }, { id: 'claude' }],
      has_more: false,
      first_id: 'chat',
      last_id: 'claude',
    })
    expect(await (await gate.askAs('/v1/models/none', { headers })).json()).toMatchObject({
      type: 'error',
      error: { type: 'not_found_error' },
    })
  })

  it.each(['/v1/models/vendor/chat', '/models/vendor%2Fchat'])(
    'finds a name with a slash: %s',
    async (path) => {
      expect(await (await gate.askAs(path)).json()).toMatchObject({ id: 'vendor/chat', object: 'model' })
    },
  )

  it('does not know a model that nobody serves', async () => {
    const response = await gate.askAs('/v1/models/none')
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ error: { code: 'model_not_found', param: 'model' } })
  })

  it('tells limits and prices, and no secret', async () => {
    const text = await (await gate.askAs('/model/info')).text()
    expect(text).not.toContain('canary')
    expect(JSON.parse(text)).toMatchObject({
      data: [
        { model_name: 'chat', litellm_params: { model: 'openai/gpt-4o' }, model_info: { id: 'chat-1' } },
        {},
        {
          model_info: {
            id: 'claude-1',
            litellm_provider: 'anthropic',
            mode: 'chat',
            input_cost_per_token: expect.any(Number),
          },
        },
      ],
    })
    const one: unknown = await (await gate.askAs('/v1/model/info?litellm_model_id=claude-1')).json()
    expect(one).toMatchObject({ data: [{ model_name: 'claude' }] })
  })

  it.each([
    ['', ['chat', 'vendor/chat', 'claude'], { total_count: 3, current_page: 1, total_pages: 1, size: 50 }],
    ['?size=2&page=2', ['claude'], { total_count: 3, current_page: 2, total_pages: 2, size: 2 }],
    ['?search=CHAT', ['chat', 'vendor/chat'], { total_count: 2, current_page: 1, total_pages: 1, size: 50 }],
    ['?modelId=claude-1', ['claude'], { total_count: 1, current_page: 1, total_pages: 1, size: 50 }],
    ['?modelId=none', [], { total_count: 0, current_page: 1, total_pages: 0, size: 50 }],
  ])('tells the same by pages: %s', async (query, names, counts) => {
    const text = await (await gate.askAs(`/v2/model/info${query}`)).text()
    expect(text).not.toContain('canary')
    const { data, ...rest } = JSON.parse(text)
    expect(data.map((one: { model_name: string }) => one.model_name)).toEqual(names)
    expect(rest).toEqual(counts)
  })

  it.each(['page=0', 'size=0', 'size=x'])('refuses a page that there cannot be: %s', async (query) => {
    expect((await gate.askAs(`/v2/model/info?${query}`)).status).toBe(400)
  })

  it('takes the deployments of a name together', async () => {
    await using other = await open(`
model_list:
  - model_name: mixed
    litellm_params: {model: openai/gpt-4o-mini, api_key: sk-1, rpm: 10, tpm: 1000}
  - model_name: mixed
    litellm_params: {model: anthropic/claude-sonnet-4-5, api_key: sk-2, rpm: 5}
  - model_name: unknown
    litellm_params: {model: hosted_vllm/mine, api_base: 'http://127.0.0.1:8000/v1'}
  - model_name: vectors
    litellm_params: {model: voyage/voyage-3.5, api_key: sk-3}
    model_info: {mode: embedding}
  - model_name: canned
    litellm_params: {model: openai/gpt-4o, mock_response: Hello}
general_settings: {master_key: ${key}}
`)
    const { data } = (await (await other.askAs('/model_group/info')).json()) as { data: object[] }
    const unlimited = { tpm: null, rpm: null, is_public_model_group: false }
    expect(data).toMatchObject([
      {
        model_group: 'mixed',
        providers: ['openai', 'anthropic'],
        mode: 'chat',
        max_input_tokens: 200_000,
        input_cost_per_token: 0.000003,
        output_cost_per_token: 0.000015,
        input_cost_per_pixel: null,
        rpm: 15,
        tpm: 1_000,
        supports_vision: true,
        supports_function_calling: true,
        supported_openai_params: expect.arrayContaining(['tools', 'temperature', 'max_tokens']),
      },
      { model_group: 'unknown', providers: ['hosted_vllm'], input_cost_per_token: null, ...unlimited },
      { model_group: 'vectors', providers: ['voyage'], mode: 'embedding', supported_openai_params: [] },
      { model_group: 'canned', providers: ['mock'], mode: 'chat', ...unlimited },
    ])
    const one = await other.askAs('/model_group/info?model_group=vectors')
    expect(await one.json()).toEqual({ data: [data[2]] })
  })

  it('tells which parameters a model can take', async () => {
    const response = await gate.askAs('/utils/supported_openai_params?model=claude')
    expect(await response.json()).toEqual({
      supported_openai_params: expect.arrayContaining(['stream', 'tools', 'max_tokens']),
    })
    expect((await gate.askAs('/utils/supported_openai_params')).status).toBe(400)
  })
})

describe('what would be sent', () => {
  it('is shown without secrets, and not sent', async () => {
    provider.paths = []
    const request_body = { model: 'claude', messages: [{ role: 'user', content: 'Hello' }], max_tokens: 9 }
    const response = await gate.askAs(
      '/utils/transform_request',
      post({ call_type: 'completion', request_body }),
    )
    const text = await response.text()
    expect(JSON.parse(text)).toMatchObject({
      raw_request_api_base: expect.stringMatching(/\/v1\/messages$/),
      raw_request_body: { model: 'claude-sonnet-5', max_tokens: 9 },
      raw_request_headers: { 'x-api-key': '[redacted]' },
    })
    expect(text).not.toContain('canary')
    expect(provider.paths).toEqual([])
  })
})

describe('where a request would go', () => {
  it('is said without asking anybody', async () => {
    provider.paths = []
    const found = await (await gate.askAs('/utils/route', post({ model: 'claude' }))).json()
    expect(found).toEqual({
      model: 'claude',
      routing_strategy: 'simple-shuffle',
      chosen: { id: 'claude-1', model_name: 'claude', model: 'anthropic/claude-sonnet-5' },
      others: [],
      fallbacks: [],
    })
    expect((await gate.askAs('/utils/route', post({ model: 'nobody' }))).status).toBe(404)
    expect(provider.paths).toEqual([])
  })
})

describe('counting tokens', () => {
  const request = { model: 'claude', messages: [{ role: 'user', content: 'Hello there' }] }

  it.each([
    ['takes the provider’s count', 200, '{"input_tokens":42}', 42, 'provider'],
    ['estimates where the provider has no such endpoint', 404, '{}', expect.any(Number), 'estimated'],
    ['estimates when the provider is down', 503, '{}', expect.any(Number), 'estimated'],
  ])('%s', async (_, status, body, tokens, source) => {
    Object.assign(provider, { status, body, paths: [] })
    const response = await gate.askAs('/v1/messages/count_tokens', post(request))
    expect(provider.paths).toEqual(['/v1/messages/count_tokens'])
    expect(response.headers.get('x-switchyard-token-count')).toBe(source)
    expect(await response.json()).toEqual({ input_tokens: tokens })
  })

  it('passes on what the provider finds wrong with the request', async () => {
    const error = { type: 'error', error: { type: 'invalid_request_error', message: 'no such role' } }
    Object.assign(provider, { status: 400, body: JSON.stringify(error) })
    const response = await gate.askAs('/messages/count_tokens', post(request))
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({
      type: 'error',
      error: { type: 'invalid_request_error', message: expect.stringContaining('no such role') },
    })
  })

  it('estimates for other models', async () => {
    const response = await gate.askAs('/v1/messages/count_tokens', post({ ...request, model: 'chat' }))
    expect(response.headers.get('x-switchyard-token-count')).toBe('estimated')
    expect(await response.json()).toEqual({ input_tokens: 9 })
  })

  it('counts a prompt as LiteLLM does', async () => {
    const response = await gate.askAs('/utils/token_counter', post({ model: 'chat', prompt: 'Hello there' }))
    expect(await response.json()).toEqual({
      total_tokens: 2,
      request_model: 'chat',
      model_used: 'openai/gpt-4o',
      tokenizer_type: 'o200k_base',
    })
  })
})

describe('health', () => {
  it('is alive in LiteLLM’s words', async () => {
    expect(await (await gate.ask('/health/liveliness')).json()).toBe("I'm alive!")
  })

  it('is not ready while it drains', async () => {
    expect(await (await gate.ask('/health/readiness')).json()).toMatchObject({
      status: 'healthy',
      litellm_version: '1.2.3',
    })
    await using other = await open(config('http://127.0.0.1:1'), true)
    expect((await other.ask('/health/ready')).status).toBe(503)
  })

  it('asks every deployment', async () => {
    const answer = {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'claude-sonnet-5',
      content: [{ type: 'text', text: 'Hi' }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 1, output_tokens: 1 },
    }
    Object.assign(provider, { status: 200, body: JSON.stringify(answer) })
    expect(await (await gate.askAs('/health')).json()).toMatchObject({ healthy_count: 3, unhealthy_count: 0 })
    Object.assign(provider, { status: 401, body: '{"type":"error","error":{"type":"authentication_error"}}' })
    expect(await (await gate.askAs('/health?model=claude')).json()).toMatchObject({
      healthy_count: 0,
      unhealthy_endpoints: [{ model_id: 'claude-1', error: expect.stringContaining('anthropic') }],
    })
    const history = await (await gate.askAs('/health/history?model=claude&limit=1')).json()
    expect(history).toMatchObject({
      health_checks: [{ model_name: 'claude', model_id: 'claude-1', status: 'unhealthy' }],
      total_records: 2,
      limit: 1,
      offset: 0,
    })
    const well = await (await gate.askAs('/health/history?status_filter=healthy')).json()
    expect(well).toMatchObject({ total_records: 3 })
    expect(await (await gate.askAs('/health/latest')).json()).toMatchObject({
      latest_health_checks: { 'claude-1': { status: 'unhealthy' }, 'chat-1': { status: 'healthy' } },
      total_models: 3,
    })
  })

  it('of the gateway’s own services', async () => {
    const all = await gate.askAs('/health/services')
    expect([all.status, await all.json()]).toEqual([
      200,
      {
        status: 'success',
        services: [
          { service: 'database', status: 'not_configured', message: 'There is no database.' },
          { service: 'cache', status: 'not_configured', message: 'There is no cache.' },
        ],
      },
    ])
    expect((await gate.askAs('/health/services?service=slack')).status).toBe(400)
  })
})

describe('the description of the API', () => {
  const read = async (): Promise<Record<string, Record<string, Record<string, unknown>>>> => {
    const document: unknown = await (await gate.ask('/openapi.json')).json()
    expect(document).toMatchObject({ openapi: '3.1.0', info: { title: 'Switchyard', version: '1.2.3' } })
    const paths =
      typeof document === 'object' && document !== null && 'paths' in document ? document.paths : {}
    return paths as Record<string, Record<string, Record<string, unknown>>>
  }

  it('names every path of the fast lane', async () => {
    const paths = Object.keys(await read())
    const wanted = LLM_ROUTES.flatMap((route) =>
      route.paths.map((path) => path.replaceAll(/[:*](\w+)/g, '{$1}')),
    )
    expect(wanted.filter((path) => !paths.includes(path))).toEqual([])
  })

  it('names every path that is served', async () => {
    const paths = Object.keys(await read())
    const served: unknown = await (await gate.ask('/routes')).json()
    expect(served).toEqual({ routes: expect.arrayContaining([{ path: '/v1/models', methods: ['GET'] }]) })
    const { routes } = served as { routes: { path: string }[] }
    expect(routes).toHaveLength(paths.length)
  })

  it('says of each what it does, what it takes and who may ask', async () => {
    const ids = new Set<string>()
    for (const [path, item] of Object.entries(await read()))
      for (const operation of Object.values(item)) {
        expect(operation['summary'], path).toMatch(/^.{10,120}$/)
        expect(operation['responses'], path).toHaveProperty('200')
        expect(operation['security'], path).toBeInstanceOf(Array)
        ids.add(String(operation['operationId']))
        for (const [, name] of path.matchAll(/\{(\w+)\}/g))
          expect(operation['parameters'], path).toContainEqual(
            expect.objectContaining({ name, in: 'path', required: true }),
          )
      }
    expect(ids.size).toBe(Object.keys(await read()).length)
  })

  it('refers only to what it holds', async () => {
    const text = await (await gate.ask('/openapi.json')).text()
    const { components } = JSON.parse(text) as { components: { schemas: object } }
    const names = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name ?? '')
    expect(names.filter((name) => !(name in components.schemas))).toEqual([])
    expect(names).toContain('ChatCompletionRequest')
  })
})

describe('pages', () => {
  it('show the endpoints and load nothing', async () => {
    const response = await gate.ask('/docs')
    const page = await response.text()
    expect(response.headers.get('content-type')).toMatch(/^text\/html/)
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/)
    expect(page).toContain('/v1/chat/completions')
    expect(page).toContain('curl http://127.0.0.1:')
    expect(page).not.toMatch(/(?:src|href|action)="(?!\/|#)|<script|@import|url\(|\son\w+=/)
  })

  it('do not repeat a host that is none', async () => {
    const services = await servicesOf(config('http://127.0.0.1:1'))
    const rest = await createRest(services, () => MASTER, [])
    await using server = await Loopback.listen(rest.handle)
    const text = await server.exchange(
      'GET /docs HTTP/1.1\r\nHost: <script>alert(1)</script>\r\nConnection: close\r\n\r\n',
    )
    expect(text).toContain('curl http://localhost:4000/')
    expect(text).not.toContain('alert')
    await rest.close()
  })

  it('stand at the root for browsers, and JSON for programs', async () => {
    const page = await gate.ask('/', { headers: { accept: 'text/html,*/*' } })
    expect(await page.text()).toContain('<a href="/docs">')
    expect(await (await gate.ask('/')).json()).toMatchObject({ name: 'Switchyard', version: '1.2.3' })
  })
})
