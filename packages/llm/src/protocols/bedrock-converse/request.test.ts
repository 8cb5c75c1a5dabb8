import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../types/json.ts'
import type { Message } from '../../types/message.ts'
import type { Quirks } from '../../types/quirks.ts'
import type { ChatRequest } from '../../types/request.ts'
import { bedrockConverseProtocol } from './index.ts'

const hello: Message = { role: 'user', content: [{ type: 'text', text: 'Hello' }] }

function render(request: Partial<ChatRequest>, quirks: Quirks = {}, model = 'vendor.model-v1:0'): JsonObject {
  return path(request, quirks, model).body
}

function path(request: Partial<ChatRequest>, quirks: Quirks = {}, model = 'vendor.model-v1:0') {
  return bedrockConverseProtocol.renderRequest(
    { model, messages: [hello], stream: false, ...request },
    { model, quirks, newId: () => 'made' },
  )
}

describe('the address', () => {
  test.each([
    ['vendor.model-v1:0', false, '/model/vendor.model-v1%3A0/converse'],
    ['vendor.model-v1:0', true, '/model/vendor.model-v1%3A0/converse-stream'],
    [
      'arn:aws:bedrock:eu-west-1:1:inference-profile/eu.vendor.model',
      false,
      '/model/arn%3Aaws%3Abedrock%3Aeu-west-1%3A1%3Ainference-profile%2Feu.vendor.model/converse',
    ],
  ])('%s, stream %s', (model, stream, expected) => {
    expect(path({ stream }, {}, model).path).toBe(expected)
  })
})

describe('messages', () => {
  test('instructions leave the conversation and turns of one role are joined', () => {
    const body = render({
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'Be brief.', cacheControl: {} }] },
        hello,
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Again' },
            { type: 'text', text: '  ' },
          ],
        },
        { role: 'developer', content: [{ type: 'text', text: 'Be kind.' }] },
        { role: 'assistant', content: [{ type: 'text', text: 'Hi' }] },
      ],
    })
    expect(body).toEqual({
      system: [{ text: 'Be brief.' }, { cachePoint: { type: 'default' } }, { text: 'Be kind.' }],
      messages: [
        { role: 'user', content: [{ text: 'Hello' }, { text: 'Again' }] },
        { role: 'assistant', content: [{ text: 'Hi' }] },
      ],
    })
  })

  test('calls and their results: results stand in one user turn, errors are marked', () => {
    const body = render({
      messages: [
        hello,
        {
          role: 'assistant',
          content: [
            { type: 'reasoning', text: 'Hm', signature: 'sig' },
            { type: 'reasoning', text: '', redacted: 'cmVk' },
            { type: 'reasoning', text: 'unproven' },
            { type: 'tool-call', id: 'a', name: 'look', arguments: '{"at":1}' },
            { type: 'tool-call', id: 'b', name: 'look', arguments: '' },
          ],
        },
        { role: 'tool', toolCallId: 'a', content: [{ type: 'text', text: 'seen' }] },
        {
          role: 'tool',
          toolCallId: 'b',
          isError: true,
          cacheControl: { ttl: '1h' },
          content: [{ type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'AA==' } }],
        },
      ],
    })
    expect(body['messages']).toEqual([
      { role: 'user', content: [{ text: 'Hello' }] },
      {
        role: 'assistant',
        content: [
          { reasoningContent: { reasoningText: { text: 'Hm', signature: 'sig' } } },
          { reasoningContent: { redactedContent: 'cmVk' } },
          { toolUse: { toolUseId: 'a', name: 'look', input: { at: 1 } } },
          { toolUse: { toolUseId: 'b', name: 'look', input: {} } },
        ],
      },
      {
        role: 'user',
        content: [
          { toolResult: { toolUseId: 'a', content: [{ text: 'seen' }] } },
          {
            toolResult: {
              toolUseId: 'b',
              status: 'error',
              content: [{ image: { format: 'png', source: { bytes: 'AA==' } } }],
            },
          },
          { cachePoint: { type: 'default', ttl: '1h' } },
        ],
      },
    ])
    // A history with calls is refused unless their tools are declared.
    expect(body['toolConfig']).toEqual({
      tools: [{ toolSpec: { name: 'look', inputSchema: { json: { type: 'object', properties: {} } } } }],
    })
  })

  test('documents get names that Bedrock takes, each of its own', () => {
    const pdf = { type: 'base64', mediaType: 'application/pdf', data: 'AA==' } as const
    const body = render({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'file', source: pdf, name: 'Q1_report (final).pdf' },
            { type: 'file', source: pdf, name: 'Q1_report (final).pdf' },
            { type: 'file', source: pdf },
            { type: 'file', source: { type: 'url', url: 's3://bucket/film.mp4', mediaType: 'video/mp4' } },
            {
              type: 'file',
              name: 'facts.txt',
              citations: true,
              source: { type: 'base64', mediaType: 'text/plain', data: 'aGk=' },
            },
          ],
        },
      ],
    })
    expect(body['messages']).toEqual([
      {
        role: 'user',
        content: [
          { document: { format: 'pdf', name: 'Q1-report (final)', source: { bytes: 'AA==' } } },
          { document: { format: 'pdf', name: 'Q1-report (final) (2)', source: { bytes: 'AA==' } } },
          { document: { format: 'pdf', name: 'Document 3', source: { bytes: 'AA==' } } },
          { video: { format: 'mp4', source: { s3Location: { uri: 's3://bucket/film.mp4' } } } },
          {
            document: { format: 'txt', name: 'facts', source: { text: 'hi' }, citations: { enabled: true } },
          },
        ],
      },
    ])
  })

  test.each([
    ['a web address', { type: 'url', url: 'https://example.com/cat.png' }, /base64 or as an s3/],
    ['an unknown format', { type: 'base64', mediaType: 'image/tiff', data: 'AA==' }, /png, jpeg, gif, webp/],
  ] as const)('an image as %s is refused', (_name, source, message) => {
    const messages: Message[] = [{ role: 'user', content: [{ type: 'image', source }] }]
    expect(() => render({ messages })).toThrow(message)
  })
})

describe('tools', () => {
  const tools: ChatRequest['tools'] = [
    {
      type: 'function',
      name: 'look',
      description: 'Looks.',
      parameters: { type: 'object' },
      cacheControl: {},
    },
    { type: 'native', protocol: 'bedrock-converse', raw: { systemTool: { name: 'nova_grounding' } } },
    { type: 'native', protocol: 'gemini', raw: { googleSearch: {} } },
  ]
  const rendered = [
    { toolSpec: { name: 'look', description: 'Looks.', inputSchema: { json: { type: 'object' } } } },
    { cachePoint: { type: 'default' } },
    { systemTool: { name: 'nova_grounding' } },
  ]

  test.each([
    [undefined, { tools: rendered }],
    [{ type: 'auto' }, { tools: rendered, toolChoice: { auto: {} } }],
    [{ type: 'required' }, { tools: rendered, toolChoice: { any: {} } }],
    [
      { type: 'tool', name: 'look' },
      { tools: rendered, toolChoice: { tool: { name: 'look' } } },
    ],
    [{ type: 'none' }, undefined],
  ] as const)('choice %o', (toolChoice, expected) => {
    expect(render({ tools, toolChoice })['toolConfig']).toEqual(expected)
  })
})

describe('JSON answers', () => {
  const responseFormat: ChatRequest['responseFormat'] = {
    type: 'json-schema',
    name: 'city',
    schema: { type: 'object', properties: { city: { type: 'string' } } },
  }

  test('by a tool that must be called, where the model knows no schemas', () => {
    const body = render({ responseFormat })
    expect(body['toolConfig']).toMatchObject({
      tools: [{ toolSpec: { name: 'json_tool_call', inputSchema: { json: responseFormat.schema } } }],
      toolChoice: { tool: { name: 'json_tool_call' } },
    })
    expect(body).not.toHaveProperty('outputConfig')
  })

  test('beside other tools, any of them must be called', () => {
    const body = render({ responseFormat, tools: [{ type: 'function', name: 'look' }] })
    expect(body['toolConfig']).toMatchObject({ toolChoice: { any: {} } })
  })

  test('by the model itself, where it can', () => {
    const body = render({ responseFormat }, { jsonSchema: 'native' })
    expect(body).not.toHaveProperty('toolConfig')
    expect(body['outputConfig']).toEqual({
      textFormat: {
        type: 'json_schema',
        structure: {
          jsonSchema: {
            name: 'city',
            schema: JSON.stringify({ ...responseFormat.schema, additionalProperties: false }),
          },
        },
      },
    })
  })

  test('of no particular shape: by an instruction', () => {
    expect(render({ responseFormat: { type: 'json' } })['system']).toHaveLength(1)
  })
})

describe('settings', () => {
  test.each<[string, Partial<ChatRequest>, Quirks, JsonObject]>([
    [
      'what every model takes',
      { maxTokens: 9, temperature: 0, topP: 0.5, stop: ['.'] },
      {},
      { inferenceConfig: { maxTokens: 9, temperature: 0, topP: 0.5, stopSequences: ['.'] } },
    ],
    ['the tier', { serviceTier: 'auto' }, {}, { serviceTier: { type: 'default' } }],
    [
      'metadata that its log can hold',
      { metadata: { run: 'a', n: 1, note: 'no {braces}' } },
      {},
      { requestMetadata: { run: 'a' } },
    ],
    ['top-k', { topK: 5 }, {}, { additionalModelRequestFields: { top_k: 5 } }],
    [
      'top-k of Nova',
      { topK: 5 },
      { modelFamily: 'nova' },
      { additionalModelRequestFields: { inferenceConfig: { topK: 5 } } },
    ],
    ['top-k of Cohere', { topK: 5 }, { modelFamily: 'cohere' }, { additionalModelRequestFields: { k: 5 } }],
    [
      'a thinking budget of Claude; sampling stays at its defaults',
      { reasoning: { budgetTokens: 2_000 }, temperature: 0.2, maxTokens: 3_000 },
      { modelFamily: 'anthropic' },
      {
        inferenceConfig: { maxTokens: 3_000 },
        additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 2_000 } },
      },
    ],
    [
      'an effort of an older Claude',
      { reasoning: { effort: 'high' } },
      { modelFamily: 'anthropic' },
      { additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 4_096 } } },
    ],
    [
      'an effort of a newer Claude',
      { reasoning: { effort: 'high' } },
      { modelFamily: 'anthropic', thinkingMode: 'adaptive' },
      { additionalModelRequestFields: { output_config: { effort: 'high' } } },
    ],
    [
      'an effort of Nova 2',
      { reasoning: { effort: 'minimal' } },
      { modelFamily: 'nova-2' },
      { additionalModelRequestFields: { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'low' } } },
    ],
    [
      'a budget of an open OpenAI model',
      { reasoning: { budgetTokens: 9_000 } },
      { modelFamily: 'openai' },
      { additionalModelRequestFields: { reasoning_effort: 'high' } },
    ],
    [
      'an effort of Qwen',
      { reasoning: { effort: 'medium' } },
      { modelFamily: 'qwen' },
      { additionalModelRequestFields: { reasoning_config: 'medium' } },
    ],
    [
      'one call at a time, of Claude',
      {
        parallelToolCalls: false,
        toolChoice: { type: 'required' },
        tools: [{ type: 'function', name: 'look' }],
      },
      { modelFamily: 'anthropic' },
      { additionalModelRequestFields: { tool_choice: { type: 'any', disable_parallel_tool_use: true } } },
    ],
    [
      "the caller's own fields: Bedrock's stay on top, others go to the model, ours win",
      {
        maxTokens: 9,
        extra: {
          guardrailConfig: { guardrailIdentifier: 'g' },
          inferenceConfig: { maxTokens: 1, topP: 0.1 },
          anthropic_beta: ['x'],
          additionalModelRequestFields: { y: 1 },
        },
      },
      {},
      {
        guardrailConfig: { guardrailIdentifier: 'g' },
        inferenceConfig: { maxTokens: 9, topP: 0.1 },
        additionalModelRequestFields: { anthropic_beta: ['x'], y: 1 },
      },
    ],
  ])('%s', (_name, request, quirks, expected) => {
    expect(render(request, quirks)).toMatchObject(expected)
  })

  test('nothing that was not asked for', () => {
    expect(render({})).toEqual({ messages: [{ role: 'user', content: [{ text: 'Hello' }] }] })
  })
})
