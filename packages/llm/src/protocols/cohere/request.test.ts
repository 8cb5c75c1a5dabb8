import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../types/json.ts'
import type { Message } from '../../types/message.ts'
import type { ChatRequest } from '../../types/request.ts'
import { cohereProtocol } from './index.ts'
import { toolPlanPart } from './tool-plan.ts'

const hello: Message = { role: 'user', content: [{ type: 'text', text: 'Hello' }] }

function render(request: Partial<ChatRequest>): JsonObject {
  const { path, body } = cohereProtocol.renderRequest(
    { model: 'given', messages: [hello], stream: false, ...request },
    { model: 'command', quirks: {}, newId: () => 'made' },
  )
  expect(path).toBe('/v2/chat')
  return body
}

test('the least', () => {
  expect(render({})).toEqual({
    model: 'command',
    stream: false,
    messages: [{ role: 'user', content: 'Hello' }],
  })
})

describe('messages', () => {
  test('images stand in the message, text files beside it', () => {
    const body = render({
      messages: [
        { role: 'developer', content: [{ type: 'text', text: 'Be brief.' }] },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'See' },
            {
              type: 'image',
              detail: 'low',
              source: { type: 'base64', mediaType: 'image/png', data: 'AA==' },
            },
            {
              type: 'file',
              name: 'facts.txt',
              source: { type: 'base64', mediaType: 'text/plain', data: 'aGk=' },
            },
          ],
        },
      ],
      extra: { documents: ['given'], safety_mode: 'STRICT' },
    })
    expect(body).toMatchObject({
      messages: [
        { role: 'system', content: 'Be brief.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'See' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==', detail: 'low' } },
          ],
        },
      ],
      documents: [{ id: 'doc:0', data: { title: 'facts.txt', text: 'hi' } }, 'given'],
      safety_mode: 'STRICT',
    })
  })

  test('a plan goes back beside the calls it led to', () => {
    const body = render({
      messages: [
        {
          role: 'assistant',
          content: [
            { type: 'reasoning', text: 'Hm' },
            toolPlanPart('I will look.'),
            { type: 'tool-call', id: 'a', name: 'look', arguments: '' },
          ],
        },
        { role: 'tool', toolCallId: 'a', content: [{ type: 'text', text: 'seen' }] },
      ],
    })
    expect(body['messages']).toEqual([
      {
        role: 'assistant',
        content: [{ type: 'thinking', thinking: 'Hm' }],
        tool_plan: 'I will look.',
        tool_calls: [{ id: 'a', type: 'function', function: { name: 'look', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'a', content: 'seen' },
    ])
  })

  test('what another provider said before its calls is a plan', () => {
    const body = render({
      messages: [
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'Let me look.' },
            { type: 'tool-call', id: 'a', name: 'look', arguments: '{}' },
          ],
        },
      ],
    })
    expect(body['messages']).toMatchObject([{ tool_plan: 'Let me look.' }])
    expect(body['messages']).not.toMatchObject([{ content: 'Let me look.' }])
  })

  test.each<[string, Message]>([
    ['audio', { role: 'user', content: [{ type: 'audio', source: { type: 'url', url: 'https://a' } }] }],
    [
      'documents as text only',
      { role: 'user', content: [{ type: 'file', source: { type: 'file-id', id: 'f' } }] },
    ],
    [
      'tool results as text only',
      {
        role: 'tool',
        toolCallId: 'a',
        content: [{ type: 'image', source: { type: 'url', url: 'https://a' } }],
      },
    ],
  ])('Cohere takes … %s', (words, message) => {
    expect(() => render({ messages: [message] })).toThrow(words)
  })
})

describe('settings', () => {
  const tools: ChatRequest['tools'] = [
    { type: 'function', name: 'look' },
    { type: 'function', name: 'listen' },
  ]
  const look = {
    type: 'function',
    function: { name: 'look', parameters: { type: 'object', properties: {} } },
  }
  const schema = { type: 'object' }

  test.each<[string, Partial<ChatRequest>, JsonObject]>([
    [
      'names',
      { topP: 0.5, topK: 3, stop: ['.'], maxTokens: 5, seed: 1, frequencyPenalty: 0.1 },
      { p: 0.5, k: 3, stop_sequences: ['.'], max_tokens: 5, seed: 1, frequency_penalty: 0.1 },
    ],
    ['some tool', { tools, toolChoice: { type: 'required' } }, { tool_choice: 'REQUIRED' }],
    ['no tool', { tools, toolChoice: { type: 'none' } }, { tool_choice: 'NONE' }],
    [
      'one tool is the only one offered',
      { tools, toolChoice: { type: 'tool', name: 'look' } },
      { tools: [look], tool_choice: 'REQUIRED' },
    ],
    ['JSON', { responseFormat: { type: 'json' } }, { response_format: { type: 'json_object' } }],
    [
      'a schema',
      { responseFormat: { type: 'json-schema', name: 'x', schema } },
      { response_format: { type: 'json_object', json_schema: schema } },
    ],
    ['thinking', { reasoning: { effort: 'high' } }, { thinking: { type: 'enabled' } }],
    [
      'little thinking',
      { reasoning: { effort: 'low' } },
      { thinking: { type: 'enabled', token_budget: 1_024 } },
    ],
    ['a budget', { reasoning: { budgetTokens: 77 } }, { thinking: { type: 'enabled', token_budget: 77 } }],
    ['no thinking', { reasoning: { effort: 'none' } }, { thinking: { type: 'disabled' } }],
    [
      'unknown fields',
      { maxTokens: 5, extra: { priority: 3, max_tokens: 9 } },
      { priority: 3, max_tokens: 5 },
    ],
  ])('%s', (_name, request, expected) => {
    expect(render(request)).toMatchObject(expected)
  })
})
