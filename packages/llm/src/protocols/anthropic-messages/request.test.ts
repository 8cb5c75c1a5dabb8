import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../types/json.ts'
import type { Message } from '../../types/message.ts'
import type { Quirks } from '../../types/quirks.ts'
import type { ChatRequest } from '../../types/request.ts'
import type { RenderContext } from '../protocol.ts'
import { anthropicProtocol, renderCountTokens } from './index.ts'

const hello: Message = { role: 'user', content: [{ type: 'text', text: 'Hello' }] }
const weather = { type: 'function', name: 'weather', parameters: { type: 'object' } } as const
const schema = { type: 'json-schema', name: 'city', schema: { type: 'object', properties: {} } } as const

function contextOf(quirks: Quirks = {}, maxOutputTokens?: number): RenderContext {
  return { model: 'claude', quirks, maxOutputTokens, newId: () => 'id' }
}

function render(request: Partial<ChatRequest>, quirks?: Quirks, maxOutputTokens?: number): JsonObject {
  const whole: ChatRequest = { model: 'm', messages: [hello], stream: false, ...request }
  return anthropicProtocol.renderRequest(whole, contextOf(quirks, maxOutputTokens)).body
}

test('a call without settings says the model, the bound and the words', () => {
  expect(
    anthropicProtocol.renderRequest({ model: 'm', messages: [hello], stream: true }, contextOf()),
  ).toEqual({
    path: '/v1/messages',
    body: {
      model: 'claude',
      max_tokens: 4096,
      stream: true,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }],
    },
  })
})

describe('settings', () => {
  const cases: [name: string, request: Partial<ChatRequest>, wire: JsonObject, quirks?: Quirks][] = [
    [
      'required tool',
      { tools: [weather], toolChoice: { type: 'required' } },
      { tool_choice: { type: 'any' } },
    ],
    ['no tool', { tools: [weather], toolChoice: { type: 'none' } }, { tool_choice: { type: 'none' } }],
    ['a choice without tools', { toolChoice: { type: 'required' } }, { tool_choice: undefined }],
    [
      'one call at a time',
      { tools: [weather], parallelToolCalls: false },
      { tool_choice: { type: 'auto', disable_parallel_tool_use: true } },
    ],
    [
      'one call of one tool',
      { tools: [weather], parallelToolCalls: false, toolChoice: { type: 'tool', name: 'weather' } },
      { tool_choice: { type: 'tool', name: 'weather', disable_parallel_tool_use: true } },
    ],
    ['blank stops', { stop: [' ', 'END', '\n'] }, { stop_sequences: ['END'] }],
    ['only blank stops', { stop: ['\n'] }, { stop_sequences: undefined }],
    ['end user', { user: 'u1' }, { metadata: { user_id: 'u1' } }],
    ['tier', { serviceTier: 'default' }, { service_tier: 'standard_only' }],
    ['temperature and top-p', { temperature: 0.5, topP: 0.9 }, { temperature: 0.5, top_p: 0.9 }],
    [
      'temperature or top-p',
      { temperature: 0.5, topP: 0.9 },
      { temperature: 0.5, top_p: undefined },
      { temperatureOrTopP: true },
    ],
    [
      'web search',
      {
        webSearch: {
          search_context_size: 'low',
          user_location: { type: 'approximate', approximate: { city: 'Bern' } },
        },
      },
      {
        tools: [
          {
            type: 'web_search_20250305',
            name: 'web_search',
            max_uses: 1,
            user_location: { type: 'approximate', city: 'Bern' },
          },
        ],
      },
    ],
    ['unknown fields', { extra: { foo: 1, max_tokens: 7 } }, { foo: 1, max_tokens: 4096 }],
    [
      "another wire's fields",
      { dialect: { protocol: 'openai-chat', fields: { logit_bias: {} } } },
      { logit_bias: undefined },
    ],
  ]
  test.each(cases)('%s', (_name, request, wire, quirks) => {
    const body = render(request, quirks)
    for (const key in wire) expect(body[key]).toEqual(wire[key])
  })
})

describe('max_tokens', () => {
  test.each([
    ['the caller knows', { maxTokens: 10 }, {}, 8192, 10],
    ['else the catalogue', {}, { defaultMaxTokens: 5 }, 8192, 8192],
    ['else the service', {}, { defaultMaxTokens: 5 }, undefined, 5],
    ['else LiteLLM', {}, {}, undefined, 4096],
    ['above the budget', { maxTokens: 100, reasoning: { budgetTokens: 2000 } }, {}, undefined, 2100],
  ])('%s', (_name, request, quirks, bound, maxTokens) => {
    expect(render(request, quirks, bound).max_tokens).toBe(maxTokens)
  })

  test('a budget gives way where the model has no room', () => {
    const body = render({ maxTokens: 1000, reasoning: { budgetTokens: 8000 } }, {}, 4096)
    expect(body).toMatchObject({ max_tokens: 4096, thinking: { type: 'enabled', budget_tokens: 3096 } })
  })
})

describe('thinking', () => {
  const call: Message[] = [
    hello,
    { role: 'assistant', content: [{ type: 'tool-call', id: 't1', name: 'weather', arguments: '{}' }] },
    { role: 'tool', toolCallId: 't1', content: [] },
  ]
  const cases: [name: string, request: Partial<ChatRequest>, wire: JsonObject, quirks?: Quirks][] = [
    ['low', { reasoning: { effort: 'low' } }, { thinking: { type: 'enabled', budget_tokens: 1024 } }],
    ['medium', { reasoning: { effort: 'medium' } }, { thinking: { type: 'enabled', budget_tokens: 2048 } }],
    ['high', { reasoning: { effort: 'high' } }, { thinking: { type: 'enabled', budget_tokens: 4096 } }],
    ['none', { reasoning: { effort: 'none' } }, { thinking: undefined }],
    ['off', { reasoning: { mode: 'disabled' } }, { thinking: { type: 'disabled' } }],
    [
      'sampling',
      { reasoning: { effort: 'low' }, temperature: 0.2, topK: 3 },
      { temperature: undefined, top_k: undefined },
    ],
    [
      'adaptive when asked',
      { reasoning: { mode: 'adaptive', effort: 'max' } },
      { thinking: { type: 'adaptive' }, output_config: { effort: 'max' } },
    ],
    [
      'adaptive models',
      { reasoning: { effort: 'minimal', summary: 'auto' } },
      { thinking: { type: 'adaptive', display: 'summarized' }, output_config: { effort: 'low' } },
      { thinkingMode: 'adaptive' },
    ],
    [
      'a budget for a model that refuses budgets',
      { reasoning: { mode: 'enabled', budgetTokens: 10_000 } },
      { thinking: { type: 'adaptive' }, output_config: { effort: 'high' } },
      { thinkingMode: 'adaptive-only' },
    ],
    [
      'an effort gives way to a forced tool',
      { reasoning: { effort: 'low' }, tools: [weather], toolChoice: { type: 'required' } },
      { thinking: undefined, tool_choice: { type: 'any' } },
    ],
    [
      'an effort gives way to a loop without thinking',
      { reasoning: { effort: 'low' }, messages: call },
      { thinking: undefined },
    ],
  ]
  test.each(cases)('%s', (_name, request, wire, quirks) => {
    const body = render(request, quirks)
    for (const key in wire) expect(body[key]).toEqual(wire[key])
  })
})

describe('JSON answers', () => {
  test('of any shape: an instruction', () => {
    expect(JSON.stringify(render({ responseFormat: { type: 'json' } }).system)).toContain('JSON object')
  })
  test('by schema: a forced tool', () => {
    const body = render({ responseFormat: schema })
    expect(body.tool_choice).toEqual({ type: 'tool', name: 'json_tool_call' })
    expect(body.tools).toMatchObject([{ name: 'json_tool_call', input_schema: { type: 'object' } }])
  })
  test('by schema, beside tools: some tool', () => {
    const body = render({ responseFormat: schema, tools: [weather] })
    expect(body.tool_choice).toEqual({ type: 'any' })
    expect(body.tools).toHaveLength(2)
  })
  test('by schema, natively: closed objects', () => {
    const body = render({ responseFormat: schema }, { jsonSchema: 'native' })
    expect(body.tools).toBeUndefined()
    expect(body.output_config).toEqual({
      format: {
        type: 'json_schema',
        schema: { type: 'object', properties: {}, additionalProperties: false },
      },
    })
  })
})

describe('messages', () => {
  test('instructions go apart, neighbours are joined, results come first, blank text and unproven thinking go', () => {
    const messages: Message[] = [
      { role: 'system', content: [{ type: 'text', text: 'Be kind', cacheControl: { ttl: '1h' } }] },
      {
        role: 'user',
        content: [
          { type: 'text', text: '  ' },
          { type: 'text', text: 'Weather?' },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'unproven' },
          { type: 'reasoning', text: 'hm', signature: 's' },
          { type: 'reasoning', text: '', redacted: 'r' },
          { type: 'opaque', protocol: 'gemini', kind: 'x', raw: {} },
          { type: 'tool-call', id: 'functions.weather:0', name: 'weather', arguments: '{"city":"Bern"}' },
        ],
      },
      { role: 'developer', content: [{ type: 'text', text: 'Hurry' }] },
      { role: 'user', content: [{ type: 'text', text: 'Well?' }] },
      {
        role: 'tool',
        toolCallId: 'functions.weather:0',
        content: [{ type: 'text', text: 'rain' }],
        isError: false,
      },
      { role: 'assistant', content: [{ type: 'text', text: 'It ' }], prefix: true },
    ]
    expect(render({ messages })).toMatchObject({
      system: [
        { type: 'text', text: 'Be kind', cache_control: { type: 'ephemeral', ttl: '1h' } },
        { type: 'text', text: 'Hurry' },
      ],
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'Weather?' }] },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'hm', signature: 's' },
            { type: 'redacted_thinking', data: 'r' },
            { type: 'tool_use', id: 'functions_weather_0', name: 'weather', input: { city: 'Bern' } },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'functions_weather_0', content: 'rain', is_error: false },
            { type: 'text', text: 'Well?' },
          ],
        },
        { role: 'assistant', content: [{ type: 'text', text: 'It' }] },
      ],
    })
  })

  test.each([
    [
      { type: 'image', source: { type: 'url', url: 'data:image/png;base64,AAAA' } },
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
    ],
    [
      { type: 'image', source: { type: 'url', url: 'https://a/b.png' } },
      { type: 'image', source: { type: 'url', url: 'https://a/b.png' } },
    ],
    [
      {
        type: 'file',
        source: { type: 'base64', mediaType: 'application/pdf', data: 'AAAA' },
        name: 'a.pdf',
        citations: true,
      },
      {
        type: 'document',
        source: { type: 'base64', media_type: 'application/pdf', data: 'AAAA' },
        title: 'a.pdf',
        citations: { enabled: true },
      },
    ],
    [
      { type: 'file', source: { type: 'base64', mediaType: 'text/plain', data: 'w7w=' }, context: 'c' },
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'ü' }, context: 'c' },
    ],
    [
      { type: 'file', source: { type: 'base64', mediaType: 'image/png', data: 'AAAA' } },
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
    ],
  ] as const)('media %#', (part, block) => {
    expect(render({ messages: [{ role: 'user', content: [part] }] }).messages).toEqual([
      { role: 'user', content: [block] },
    ])
  })

  test('sound is refused before it is sent', () => {
    const audio = { type: 'audio', source: { type: 'base64', mediaType: 'audio/wav', data: '' } } as const
    expect(() => render({ messages: [{ role: 'user', content: [audio] }] })).toThrow(
      /Audio input is not supported/,
    )
  })
})

test.each([
  [
    { dialect: { protocol: 'anthropic-messages', fields: { mcp_servers: [{ name: 'a' }] } } },
    'mcp-client-2025-04-04',
  ],
  [
    { dialect: { protocol: 'anthropic-messages', fields: { betas: ['x-1'], speed: 'fast' } } },
    'x-1,fast-mode-2026-02-01',
  ],
  [
    { messages: [{ role: 'user', content: [{ type: 'file', source: { type: 'file-id', id: 'f' } }] }] },
    'files-api-2025-04-14',
  ],
  [
    {
      tools: [
        {
          type: 'native',
          protocol: 'anthropic-messages',
          raw: { type: 'computer_20250124', name: 'computer' },
        },
      ],
    },
    'computer-use-2025-01-24',
  ],
] satisfies [Partial<ChatRequest>, string][])('beta header %#', (request, beta) => {
  const wire = anthropicProtocol.renderRequest(
    { model: 'm', messages: [hello], stream: false, ...request },
    contextOf(),
  )
  expect(wire.headers).toEqual({ 'anthropic-beta': beta })
  expect(wire.body.betas).toBeUndefined()
})

test('counting tokens sends what counts and nothing else', () => {
  const request: ChatRequest = {
    model: 'm',
    messages: [hello],
    stream: true,
    maxTokens: 9,
    temperature: 0,
    user: 'u',
    tools: [weather],
  }
  const { path, body } = renderCountTokens(request, contextOf())
  expect(path).toBe('/v1/messages/count_tokens')
  expect(Object.keys(body).toSorted()).toEqual(['messages', 'model', 'tools'])
})
