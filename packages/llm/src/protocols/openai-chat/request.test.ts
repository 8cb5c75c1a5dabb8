import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../types/json.ts'
import type { Message } from '../../types/message.ts'
import type { Quirks } from '../../types/quirks.ts'
import type { ChatRequest } from '../../types/request.ts'
import { renderRequest } from './request.ts'

const user: Message = { role: 'user', content: [{ type: 'text', text: 'Hello' }] }
const called: Message = {
  role: 'assistant',
  content: [
    { type: 'reasoning', text: 'think', signature: 'sig', details: [{ id: 1 }] },
    { type: 'text', text: 'look' },
    { type: 'tool-call', id: 'call_1234567890', name: 'find', arguments: '', signature: 'thought' },
  ],
}
const said: Message = {
  role: 'assistant',
  content: [
    { type: 'reasoning', text: 'think' },
    { type: 'text', text: 'so' },
  ],
}

function bodyOf(request: Partial<ChatRequest>, quirks: Quirks = {}): JsonObject {
  const whole: ChatRequest = { model: 'any', messages: [user], stream: false, ...request }
  const before = structuredClone(whole)
  const { body } = renderRequest(whole, { model: 'wire-model', quirks, newId: () => 'id' })
  expect(whole).toEqual(before)
  return body
}

const plain = { model: 'wire-model', messages: [{ role: 'user', content: 'Hello' }] }

describe('renderRequest', () => {
  test('sends only what was given', () => {
    expect(bodyOf({})).toEqual(plain)
  })

  test.each<[string, Partial<ChatRequest>, Quirks, JsonObject]>([
    [
      'a stream asks for usage',
      { stream: true },
      {},
      { stream: true, stream_options: { include_usage: true } },
    ],
    ['… unless it comes by itself', { stream: true }, { streamUsage: 'unasked' }, { stream: true }],
    ['the output bound', { maxTokens: 5 }, {}, { max_tokens: 5 }],
    [
      '… under its newer name',
      { maxTokens: 5 },
      { maxTokensField: 'max_completion_tokens' },
      { max_completion_tokens: 5 },
    ],
    ['the seed', { seed: 1 }, {}, { seed: 1 }],
    ['… under another name', { seed: 1 }, { seedField: 'random_seed' }, { random_seed: 1 }],
    ['a temperature', { temperature: 1.5 }, {}, { temperature: 1.5 }],
    ['… within the service’s bound', { temperature: 1.5 }, { maxTemperature: 1 }, { temperature: 1 }],
    ['a tool that must be called', { toolChoice: { type: 'required' } }, {}, { tool_choice: 'required' }],
    [
      '… in another word',
      { toolChoice: { type: 'required' } },
      { toolChoiceRequired: 'any' },
      { tool_choice: 'any' },
    ],
    [
      '… where there is none',
      { toolChoice: { type: 'required' } },
      { toolChoiceRequired: 'unsupported' },
      { tool_choice: 'auto' },
    ],
    [
      'a tool by name',
      { toolChoice: { type: 'tool', name: 'f' } },
      {},
      { tool_choice: { type: 'function', function: { name: 'f' } } },
    ],
    [
      'a native choice of another wire is left out',
      { toolChoice: { type: 'native', protocol: 'gemini', raw: 1 } },
      {},
      {},
    ],
    ['parallel calls are not mentioned without tools', { parallelToolCalls: false }, {}, {}],
    [
      'tools, cache marks and parallel calls',
      {
        tools: [
          {
            type: 'function',
            name: 'f',
            parameters: { type: 'object' },
            strict: true,
            cacheControl: { ttl: '1h' },
          },
          { type: 'native', protocol: 'openai-chat', raw: { type: 'custom' } },
          { type: 'native', protocol: 'gemini', raw: { googleSearch: {} } },
        ],
        parallelToolCalls: false,
      },
      {},
      {
        tools: [
          {
            type: 'function',
            function: { name: 'f', parameters: { type: 'object' }, strict: true },
            cache_control: { type: 'ephemeral', ttl: '1h' },
          },
          { type: 'custom' },
        ],
        parallel_tool_calls: false,
      },
    ],
    [
      'a schema',
      { responseFormat: { type: 'json-schema', name: 'n', schema: { type: 'object' }, strict: true } },
      {},
      {
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'n', schema: { type: 'object' }, strict: true },
        },
      },
    ],
    [
      '… as an instruction where schemas are refused',
      { responseFormat: { type: 'json-schema', name: 'n', schema: { type: 'object' } } },
      { jsonSchema: 'json-object' },
      {
        response_format: { type: 'json_object' },
        messages: [
          {
            role: 'system',
            content:
              'Answer with one JSON object that is valid against this JSON Schema, and nothing else:\n{"type":"object"}',
          },
          { role: 'user', content: 'Hello' },
        ],
      },
    ],
    ['an effort', { reasoning: { effort: 'low' } }, {}, { reasoning_effort: 'low' }],
    [
      'a budget as the nearest effort',
      { reasoning: { budgetTokens: 2000 } },
      {},
      { reasoning_effort: 'medium' },
    ],
    ['thinking switched off', { reasoning: { mode: 'disabled' } }, {}, { reasoning_effort: 'none' }],
    [
      'an effort in an object',
      { reasoning: { effort: 'high' } },
      { reasoningRequest: 'reasoning-object' },
      { reasoning: { effort: 'high' } },
    ],
    [
      'a budget in an object',
      { reasoning: { budgetTokens: 500 } },
      { reasoningRequest: 'reasoning-object' },
      { reasoning: { max_tokens: 500 } },
    ],
    [
      'no thinking in an object',
      { reasoning: { effort: 'none' } },
      { reasoningRequest: 'reasoning-object' },
      { reasoning: { enabled: false } },
    ],
    [
      'thinking as a switch',
      { reasoning: { effort: 'high' } },
      { reasoningRequest: 'thinking-type' },
      { thinking: { type: 'enabled' } },
    ],
    [
      'thinking as a flag with a budget',
      { reasoning: { budgetTokens: 9 } },
      { reasoningRequest: 'enable-thinking' },
      { enable_thinking: true, thinking_budget: 9 },
    ],
    [
      'thinking as Anthropic has it',
      { reasoning: { effort: 'low' } },
      { reasoningRequest: 'anthropic-thinking' },
      { thinking: { type: 'enabled', budget_tokens: 1024 } },
    ],
    [
      'fixed fields, which the request may replace',
      { topP: 0.5 },
      { extraBody: { a: 1, top_p: 1 } },
      { a: 1, top_p: 0.5 },
    ],
    ['forwarded fields, which replace nothing', { extra: { min_p: 0.1, model: 'x' } }, {}, { min_p: 0.1 }],
    [
      'fields of this wire only',
      { dialect: { protocol: 'openai-chat', fields: { weird: 1 } } },
      {},
      { weird: 1 },
    ],
    ['… and of no other', { dialect: { protocol: 'gemini', fields: { weird: 1 } } }, {}, {}],
  ])('%s', (_name, request, quirks, wanted) => {
    expect(bodyOf(request, quirks)).toEqual({ ...plain, ...wanted })
  })

  test('takes another path where the service has one', () => {
    const request: ChatRequest = { model: 'm', messages: [user], stream: false }
    const context = { model: 'm', quirks: {}, newId: () => 'id' }
    expect(renderRequest(request, context).path).toBe('/chat/completions')
    expect(renderRequest(request, { ...context, quirks: { chatPath: '/chat' } }).path).toBe('/chat')
  })
})

const call = {
  id: 'call_1234567890',
  type: 'function',
  function: { name: 'find', arguments: '{}' },
  extra_content: { google: { thought_signature: 'thought' } },
}

describe('messages', () => {
  test.each<[string, Message, Quirks, JsonObject[]]>([
    [
      'instructions keep their rank',
      { role: 'developer', content: [{ type: 'text', text: 'x' }] },
      {},
      [{ role: 'developer', content: 'x' }],
    ],
    [
      '… unless the model knows another',
      { role: 'system', content: [{ type: 'text', text: 'x' }] },
      { systemRole: 'user' },
      [{ role: 'user', content: 'x' }],
    ],
    ['a name', { ...user, name: 'ann' }, {}, [{ role: 'user', content: 'Hello', name: 'ann' }]],
    [
      '… where names are refused',
      { ...user, name: 'ann' },
      { dropNames: true },
      [{ role: 'user', content: 'Hello' }],
    ],
    [
      'texts with a cache mark are parts',
      {
        role: 'user',
        content: [
          { type: 'text', text: 'a', cacheControl: {} },
          { type: 'text', text: 'b' },
        ],
      },
      {},
      [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'a', cache_control: { type: 'ephemeral' } },
            { type: 'text', text: 'b' },
          ],
        },
      ],
    ],
    [
      '… where content must be a string',
      {
        role: 'user',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
      { flattenContent: true },
      [{ role: 'user', content: 'a\nb' }],
    ],
    [
      'an image, a sound and a file',
      {
        role: 'user',
        content: [
          { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'AA==' }, detail: 'low' },
          { type: 'audio', source: { type: 'base64', mediaType: 'audio/mpeg', data: 'BB==' } },
          { type: 'file', source: { type: 'file-id', id: 'file-1' }, name: 'a.pdf' },
          { type: 'file', source: { type: 'base64', mediaType: 'application/pdf', data: 'CC==' } },
        ],
      },
      {},
      [
        {
          role: 'user',
          content: [
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==', detail: 'low' } },
            { type: 'input_audio', input_audio: { data: 'BB==', format: 'mp3' } },
            { type: 'file', file: { file_id: 'file-1', filename: 'a.pdf' } },
            { type: 'file', file: { file_data: 'data:application/pdf;base64,CC==' } },
          ],
        },
      ],
    ],
    [
      'a call, its thinking left out',
      called,
      {},
      [{ role: 'assistant', content: 'look', tool_calls: [call] }],
    ],
    [
      '… with the thinking as text',
      called,
      { reasoningEcho: 'reasoning_content' },
      [{ role: 'assistant', content: 'look', reasoning_content: 'think', tool_calls: [call] }],
    ],
    [
      '… with its details',
      called,
      { reasoningEcho: 'reasoning_details' },
      [
        {
          role: 'assistant',
          content: 'look',
          reasoning: 'think',
          reasoning_details: [{ id: 1 }],
          tool_calls: [call],
        },
      ],
    ],
    [
      '… with blocks and proofs',
      called,
      { reasoningEcho: 'thinking_blocks' },
      [
        {
          role: 'assistant',
          content: 'look',
          reasoning_content: 'think',
          thinking_blocks: [{ type: 'thinking', thinking: 'think', signature: 'sig' }],
          reasoning_details: [{ id: 1 }],
          tool_calls: [call],
        },
      ],
    ],
    [
      '… as a part of the content',
      said,
      { reasoningEcho: 'thinking-part' },
      [
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: [{ type: 'text', text: 'think' }] },
            { type: 'text', text: 'so' },
          ],
        },
      ],
    ],
    [
      'thinking that goes only with calls, in a turn with one',
      called,
      { reasoningEcho: 'reasoning_content-with-calls' },
      [{ role: 'assistant', content: 'look', reasoning_content: 'think', tool_calls: [call] }],
    ],
    [
      '… and in a turn without',
      said,
      { reasoningEcho: 'reasoning_content-with-calls' },
      [{ role: 'assistant', content: 'so' }],
    ],
    [
      'a result; what is no text follows as a turn of the user',
      {
        role: 'tool',
        toolCallId: 'c',
        content: [
          { type: 'text', text: 'found' },
          { type: 'image', source: { type: 'url', url: 'https://a.example/i.png' } },
        ],
      },
      {},
      [
        { role: 'tool', tool_call_id: 'c', content: 'found' },
        { role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://a.example/i.png' } }] },
      ],
    ],
  ])('%s', (_name, message, quirks, wanted) => {
    expect(bodyOf({ messages: [message] }, quirks).messages).toEqual(wanted)
  })

  test('short ids are made from long ones so that call and result still meet', () => {
    const result: Message = { role: 'tool', toolCallId: 'call_1234567890', toolName: 'find', content: [] }
    const { messages } = bodyOf({ messages: [called, result] }, { shortToolCallIds: true })
    const [asked, answered] = messages as [
      { tool_calls: [{ id: string }] },
      { tool_call_id: string; name: string },
    ]
    expect(asked.tool_calls[0].id).toMatch(/^[a-z0-9]{9}$/)
    expect(answered).toMatchObject({ tool_call_id: asked.tool_calls[0].id, name: 'find' })
  })

  test('neighbours of one role are joined where turns must alternate', () => {
    const { messages } = bodyOf({ messages: [user, user] }, { alternatingRoles: true })
    expect(messages).toEqual([{ role: 'user', content: 'Hello\n\nHello' }])
  })

  test('sound by address is refused, naming the field', () => {
    const sound: Message = {
      role: 'user',
      content: [{ type: 'audio', source: { type: 'url', url: 'https://a.example' } }],
    }
    expect(() => bodyOf({ messages: [sound] })).toThrow(
      expect.objectContaining({ code: 'bad_request', param: 'messages' }),
    )
  })
})
