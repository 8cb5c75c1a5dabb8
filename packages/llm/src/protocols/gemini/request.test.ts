import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../types/json.ts'
import type { Quirks } from '../../types/quirks.ts'
import type { ChatRequest } from '../../types/request.ts'
import { parseCountTokens, renderCountTokens } from './count-tokens.ts'
import { renderRequest } from './request.ts'

const context = (quirks: Quirks = {}) => ({ model: 'gemini-2.5-flash', quirks, newId: () => '1' })

const request = (fields: Partial<ChatRequest> = {}): ChatRequest => ({
  model: 'gemini/gemini-2.5-flash',
  messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
  stream: false,
  ...fields,
})

const body = (fields: Partial<ChatRequest>, quirks?: Quirks): JsonObject =>
  renderRequest(request(fields), context(quirks)).body

describe('the address', () => {
  it.each([
    ['gemini-2.5-flash', false, '/models/gemini-2.5-flash:generateContent'],
    ['gemini-2.5-flash', true, '/models/gemini-2.5-flash:streamGenerateContent?alt=sse'],
    ['models/gemini-2.5-flash', false, '/models/gemini-2.5-flash:generateContent'],
    ['tunedModels/mine', false, '/tunedModels/mine:generateContent'],
    ['a b@001', false, '/models/a%20b@001:generateContent'],
  ])('of %s, stream %s, is %s', (model, stream, path) => {
    expect(renderRequest(request({ stream }), { ...context(), model }).path).toBe(path)
  })
})

describe('the conversation', () => {
  it('keeps instructions apart and joins neighbours of one role', () => {
    const messages: ChatRequest['messages'] = [
      { role: 'system', content: [{ type: 'text', text: 'be brief' }] },
      { role: 'user', content: [{ type: 'text', text: 'a' }] },
      { role: 'user', content: [{ type: 'text', text: 'b' }] },
      { role: 'developer', content: [{ type: 'text', text: 'be kind' }] },
      { role: 'assistant', content: [{ type: 'text', text: 'c', signature: 's1' }] },
    ]
    expect(body({ messages })).toEqual({
      systemInstruction: { parts: [{ text: 'be brief' }, { text: 'be kind' }] },
      contents: [
        { role: 'user', parts: [{ text: 'a' }, { text: 'b' }] },
        { role: 'model', parts: [{ text: 'c', thoughtSignature: 's1' }] },
      ],
    })
  })

  it('sends a turn where there are only instructions', () => {
    const messages: ChatRequest['messages'] = [{ role: 'system', content: [{ type: 'text', text: 'x' }] }]
    expect(body({ messages }).contents).toEqual([{ role: 'user', parts: [{ text: ' ' }] }])
  })

  it('names the tool of a result after its call, and returns signatures unchanged', () => {
    const messages: ChatRequest['messages'] = [
      { role: 'user', content: [{ type: 'text', text: 'weather?' }] },
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'hm', signature: 's0' },
          { type: 'tool-call', id: 'call_1', name: 'weather', arguments: '{"city":"Rome"}', signature: 's1' },
          { type: 'tool-call', id: 'call_2', name: 'time', arguments: '' },
        ],
      },
      { role: 'tool', toolCallId: 'call_1', content: [{ type: 'text', text: '{"sky":"blue"}' }] },
      { role: 'tool', toolCallId: 'call_2', isError: true, content: [{ type: 'text', text: 'no clock' }] },
    ]
    expect(body({ messages }).contents).toEqual([
      { role: 'user', parts: [{ text: 'weather?' }] },
      {
        role: 'model',
        parts: [
          { text: 'hm', thought: true, thoughtSignature: 's0' },
          { functionCall: { id: 'call_1', name: 'weather', args: { city: 'Rome' } }, thoughtSignature: 's1' },
          { functionCall: { id: 'call_2', name: 'time', args: {} } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { id: 'call_1', name: 'weather', response: { sky: 'blue' } } },
          { functionResponse: { id: 'call_2', name: 'time', response: { error: 'no clock' } } },
        ],
      },
    ])
  })

  it('signs the first call of a turn that has no signature, where the model wants one', () => {
    const call = (id: string) => ({ type: 'tool-call' as const, id, name: 'f', arguments: '{}' })
    const messages: ChatRequest['messages'] = [{ role: 'assistant', content: [call('a'), call('b')] }]
    const quirks: Quirks = { unsignedCallSignature: 'skip' }
    expect(body({ messages }, quirks).contents).toEqual([
      {
        role: 'model',
        parts: [
          { functionCall: { id: 'a', name: 'f', args: {} }, thoughtSignature: 'skip' },
          { functionCall: { id: 'b', name: 'f', args: {} } },
        ],
      },
    ])
  })

  const picture = { type: 'base64' as const, mediaType: 'image/png', data: 'AAAA' }
  it.each<[string, Quirks, JsonObject[]]>([
    [
      'beside',
      {},
      [
        { functionResponse: { id: 'c', name: 'c', response: { output: 'see' } } },
        { inlineData: { mimeType: 'image/png', data: 'AAAA' } },
      ],
    ],
    [
      'inside',
      { toolResultMedia: 'inside' },
      [
        {
          functionResponse: {
            id: 'c',
            name: 'c',
            response: { output: 'see' },
            parts: [{ inlineData: { mimeType: 'image/png', data: 'AAAA' } }],
          },
        },
      ],
    ],
  ])('puts media of a tool result %s the result', (_place, quirks, parts) => {
    const messages: ChatRequest['messages'] = [
      {
        role: 'tool',
        toolCallId: 'c',
        content: [
          { type: 'text', text: 'see' },
          { type: 'image', source: picture },
        ],
      },
    ]
    expect(body({ messages }, quirks).contents).toEqual([{ role: 'user', parts }])
  })

  it('sends bytes inline and addresses as files, with the type their ending tells', () => {
    const messages: ChatRequest['messages'] = [
      {
        role: 'user',
        content: [
          { type: 'image', source: picture },
          { type: 'image', source: { type: 'url', url: 'https://x.test/a.jpg?b' } },
          { type: 'image', source: { type: 'url', url: 'data:image/webp;base64,BBBB' } },
          { type: 'file', source: { type: 'url', url: 'gs://bucket/a.pdf' } },
          { type: 'file', source: { type: 'url', url: 'https://youtu.be/abc' } },
          { type: 'file', source: { type: 'file-id', id: 'files/7', mediaType: 'text/plain' } },
        ],
      },
    ]
    expect(body({ messages }).contents).toEqual([
      {
        role: 'user',
        parts: [
          { inlineData: { mimeType: 'image/png', data: 'AAAA' } },
          { fileData: { mimeType: 'image/jpeg', fileUri: 'https://x.test/a.jpg?b' } },
          { inlineData: { mimeType: 'image/webp', data: 'BBBB' } },
          { fileData: { mimeType: 'application/pdf', fileUri: 'gs://bucket/a.pdf' } },
          { fileData: { fileUri: 'https://youtu.be/abc' } },
          {
            fileData: {
              mimeType: 'text/plain',
              fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/7',
            },
          },
        ],
      },
    ])
  })

  it('returns its own opaque parts and leaves those of others out', () => {
    const raw = { executableCode: { code: '1' }, thoughtSignature: 's' }
    const messages: ChatRequest['messages'] = [
      {
        role: 'assistant',
        content: [
          { type: 'opaque', protocol: 'gemini', kind: 'executableCode', raw },
          { type: 'opaque', protocol: 'anthropic-messages', kind: 'server_tool_use', raw: { id: 'x' } },
          { type: 'reasoning', text: '', redacted: 'zzz' },
        ],
      },
    ]
    expect(body({ messages }).contents).toEqual([{ role: 'model', parts: [raw] }])
  })
})

describe('settings', () => {
  it('writes generationConfig', () => {
    const config = body({
      maxTokens: 9,
      temperature: 0.5,
      topP: 0.9,
      topK: 4,
      stop: ['x'],
      seed: 7,
      n: 2,
      presencePenalty: 0.1,
      frequencyPenalty: 0.2,
      logprobs: true,
      topLogprobs: 3,
      modalities: ['text', 'audio'],
      audio: { voice: 'Kore', format: 'wav' },
    }).generationConfig
    expect(config).toEqual({
      maxOutputTokens: 9,
      temperature: 0.5,
      topP: 0.9,
      topK: 4,
      stopSequences: ['x'],
      seed: 7,
      candidateCount: 2,
      presencePenalty: 0.1,
      frequencyPenalty: 0.2,
      responseLogprobs: true,
      logprobs: 3,
      responseModalities: ['TEXT', 'AUDIO'],
      speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: 'Kore' } } },
    })
  })

  const levels: Quirks = { thinkingLevels: ['low', 'high'] }
  it.each<[NonNullable<ChatRequest['reasoning']>, Quirks, JsonObject]>([
    [{ effort: 'none' }, {}, { thinkingBudget: 0 }],
    [{ mode: 'disabled' }, {}, { thinkingBudget: 0 }],
    [{ effort: 'low' }, {}, { thinkingBudget: 1024, includeThoughts: true }],
    [{ effort: 'medium' }, {}, { thinkingBudget: 2048, includeThoughts: true }],
    [{ effort: 'high', summary: 'none' }, {}, { thinkingBudget: 4096 }],
    [{ budgetTokens: 777 }, {}, { thinkingBudget: 777, includeThoughts: true }],
    [{ mode: 'adaptive' }, {}, { thinkingBudget: -1, includeThoughts: true }],
    [{ mode: 'enabled' }, {}, { includeThoughts: true }],
    [{ effort: 'none' }, levels, { thinkingLevel: 'low' }],
    [{ effort: 'medium' }, levels, { thinkingLevel: 'high', includeThoughts: true }],
    [{ effort: 'max' }, levels, { thinkingLevel: 'high', includeThoughts: true }],
    [{ budgetTokens: 777 }, levels, { thinkingBudget: 777, includeThoughts: true }],
  ])('says how much to think: %j with %j', (reasoning, quirks, thinkingConfig) => {
    expect(body({ reasoning }, quirks).generationConfig).toEqual({ thinkingConfig })
  })

  it("adds what only Gemini knows, and lets nothing of it replace the caller's own settings", () => {
    const rendered = body({
      temperature: 1,
      extra: { cachedContent: 'c', generationConfig: { temperature: 0, mediaResolution: 'LOW' } },
      dialect: { protocol: 'gemini', fields: { safetySettings: [{ category: 'X' }] } },
    })
    expect(rendered).toMatchObject({
      cachedContent: 'c',
      safetySettings: [{ category: 'X' }],
      generationConfig: { temperature: 1, mediaResolution: 'LOW' },
    })
    expect(body({ dialect: { protocol: 'cohere', fields: { a: 1 } } })).not.toHaveProperty('a')
  })

  it.each([
    ['auto', undefined],
    ['default', 'standard'],
    ['flex', 'flex'],
  ])('writes service tier %s as %s', (serviceTier, written) => {
    expect(body({ serviceTier }).serviceTier).toBe(written)
  })
})

describe('tools', () => {
  it('writes functions as one tool, where the first stood', () => {
    const rendered = body({
      tools: [
        { type: 'native', protocol: 'openai-chat', raw: { google_search: {} } },
        { type: 'function', name: 'a', description: 'A', parameters: { type: 'object', properties: {} } },
        { type: 'native', protocol: 'gemini', raw: { urlContext: {} } },
        {
          type: 'function',
          name: 'b',
          parameters: { type: 'object', properties: { x: { type: 'string' } } },
        },
        {
          type: 'function',
          name: 'c',
          parameters: { type: 'object', properties: { x: { $ref: '#/$defs/X' } } },
        },
        { type: 'native', protocol: 'anthropic-messages', raw: { type: 'bash_20250124' } },
      ],
      webSearch: {},
    })
    expect(rendered.tools).toEqual([
      { googleSearch: {} },
      {
        functionDeclarations: [
          { name: 'a', description: 'A' },
          { name: 'b', parameters: { type: 'OBJECT', properties: { x: { type: 'STRING' } } } },
          { name: 'c', parametersJsonSchema: { type: 'object', properties: { x: { $ref: '#/$defs/X' } } } },
        ],
      },
      { urlContext: {} },
    ])
  })

  it.each<[NonNullable<ChatRequest['toolChoice']>, JsonObject]>([
    [{ type: 'auto' }, { mode: 'AUTO' }],
    [{ type: 'none' }, { mode: 'NONE' }],
    [{ type: 'required' }, { mode: 'ANY' }],
    [
      { type: 'tool', name: 'f' },
      { mode: 'ANY', allowedFunctionNames: ['f'] },
    ],
    [{ type: 'native', protocol: 'gemini', raw: { mode: 'VALIDATED' } }, { mode: 'VALIDATED' }],
  ])('writes tool choice %j', (toolChoice, functionCallingConfig) => {
    expect(body({ toolChoice }).toolConfig).toEqual({ functionCallingConfig })
  })

  it.each<[NonNullable<ChatRequest['responseFormat']>, JsonObject | undefined]>([
    [{ type: 'text' }, undefined],
    [{ type: 'json' }, { responseMimeType: 'application/json' }],
    [
      { type: 'json-schema', name: 'n', schema: { type: 'string' } },
      { responseMimeType: 'application/json', responseSchema: { type: 'STRING' } },
    ],
    [
      { type: 'json-schema', name: 'n', schema: { oneOf: [] } },
      { responseMimeType: 'application/json', responseJsonSchema: { oneOf: [] } },
    ],
  ])('writes response format %j', (responseFormat, config) => {
    expect(body({ responseFormat }).generationConfig).toEqual(config)
  })
})

it('counts tokens of the request it would send', () => {
  const call = request({ temperature: 1 })
  const contents = [{ role: 'user', parts: [{ text: 'hi' }] }]
  const generationConfig = { temperature: 1 }
  expect(renderCountTokens(call, context())).toEqual({
    path: '/models/gemini-2.5-flash:countTokens',
    body: { generateContentRequest: { model: 'models/gemini-2.5-flash', contents, generationConfig } },
  })
  expect(renderCountTokens(call, context(), 'flat').body).toEqual({ contents, generationConfig })
  expect(parseCountTokens({ totalTokens: 12 })).toBe(12)
  expect(parseCountTokens({})).toBeUndefined()
})
