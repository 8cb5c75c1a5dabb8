import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../types/json.ts'
import type { Message } from '../../types/message.ts'
import type { Quirks } from '../../types/quirks.ts'
import type { ChatRequest } from '../../types/request.ts'
import { collect } from '../collect.ts'
import { ollamaProtocol } from './index.ts'

const hello: Message = { role: 'user', content: [{ type: 'text', text: 'Hello' }] }

function render(request: Partial<ChatRequest>, quirks: Quirks = {}): JsonObject {
  const { path, body } = ollamaProtocol.renderRequest(
    { model: 'given', messages: [hello], stream: true, ...request },
    { model: 'llama', quirks, newId: () => 'made' },
  )
  expect(path).toBe('/api/chat')
  return body
}

describe('requests', () => {
  test('the least: the stream is always said, since streaming is the default', () => {
    const messages = [{ role: 'user', content: 'Hello' }]
    expect(render({ stream: false })).toEqual({ model: 'llama', stream: false, messages })
  })

  test('a conversation with images, thinking and tools', () => {
    const body = render({
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'See' },
            { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'AA==' } },
            { type: 'image', source: { type: 'url', url: 'data:image/png;base64,BB==' } },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'reasoning', text: 'Hm' },
            { type: 'tool-call', id: 'a', name: 'look', arguments: '{"at":1}' },
          ],
        },
        { role: 'tool', toolCallId: 'a', content: [{ type: 'text', text: 'seen' }] },
      ],
    })
    expect(body['messages']).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'See', images: ['AA==', 'BB=='] },
      {
        role: 'assistant',
        content: '',
        thinking: 'Hm',
        tool_calls: [{ id: 'a', function: { name: 'look', arguments: { at: 1 } } }],
      },
      { role: 'tool', content: 'seen', tool_name: 'look', tool_call_id: 'a' },
    ])
  })

  test.each<[string, Message]>([
    [
      'base64 only',
      {
        role: 'user',
        content: [{ type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } }],
      },
    ],
    ['no files', { role: 'user', content: [{ type: 'file', source: { type: 'file-id', id: 'f' } }] }],
    ['no audio', { role: 'user', content: [{ type: 'audio', source: { type: 'file-id', id: 'f' } }] }],
  ])('refused: %s', (words, message) => {
    expect(() => render({ messages: [message] })).toThrow(words)
  })

  const look = {
    type: 'function',
    function: { name: 'look', parameters: { type: 'object', properties: {} } },
  }
  const tools: ChatRequest['tools'] = [
    { type: 'function', name: 'look' },
    { type: 'function', name: 'listen' },
  ]

  test.each<[string, Partial<ChatRequest>, Quirks, JsonObject]>([
    [
      'options',
      { maxTokens: 5, topK: 3, stop: ['.'], seed: 1, frequencyPenalty: 0.1 },
      {},
      { options: { num_predict: 5, top_k: 3, stop: ['.'], seed: 1, frequency_penalty: 0.1 } },
    ],
    [
      'unknown fields are options, ours win',
      { maxTokens: 5, extra: { num_ctx: 9, keep_alive: '5m', num_predict: 1, options: { mirostat: 1 } } },
      {},
      { keep_alive: '5m', options: { num_ctx: 9, num_predict: 5, mirostat: 1 } },
    ],
    ['JSON', { responseFormat: { type: 'json' } }, {}, { format: 'json' }],
    [
      'a schema',
      { responseFormat: { type: 'json-schema', name: 'x', schema: { type: 'object' } } },
      {},
      { format: { type: 'object' } },
    ],
    ['thinking', { reasoning: { effort: 'high' } }, {}, { think: true }],
    ['no thinking', { reasoning: { effort: 'none' } }, {}, { think: false }],
    ['levels', { reasoning: { effort: 'minimal' } }, { modelFamily: 'openai' }, { think: 'low' }],
    ['one tool', { tools, toolChoice: { type: 'tool', name: 'look' } }, {}, { tools: [look] }],
  ])('%s', (_name, request, quirks, expected) => {
    expect(render(request, quirks)).toMatchObject(expected)
  })

  test('no tool', () => {
    expect(render({ tools, toolChoice: { type: 'none' } })).not.toHaveProperty('tools')
  })
})

let made = 0
const context = { provider: 'ollama', model: 'm', quirks: {}, newId: () => `made-${++made}` }
const last = {
  model: 'llama',
  created_at: '2024-05-24T20:48:36.5Z',
  done: true,
  done_reason: 'stop',
  total_duration: 9,
  prompt_eval_count: 7,
  eval_count: 3,
}

function streamOf(lines: JsonObject[]) {
  const parser = ollamaProtocol.createStreamParser(context)
  return [...lines.flatMap((line) => parser.push({ data: JSON.stringify(line) })), ...parser.end()]
}

describe('answers', () => {
  const call = { function: { name: 'look', arguments: { at: 1 } } }
  const message = {
    role: 'assistant',
    content: 'Hi',
    thinking: 'Hm',
    tool_calls: [call, { id: 'own', ...call }],
  }

  test.each([
    ['whole', () => ollamaProtocol.parseAnswer({ ...last, message }, context)],
    [
      'streamed',
      () =>
        collect(
          streamOf([
            { ...last, done: false, message: { content: '', thinking: 'H' } },
            { ...last, done: false, message: { content: '', thinking: 'm' } },
            { ...last, done: false, message: { content: 'Hi' } },
            { ...last, done: false, message: { content: '', tool_calls: [call] } },
            { ...last, done: false, message: { content: '', tool_calls: [{ id: 'own', ...call }] } },
            { ...last, message: { content: '' } },
          ]),
        ),
    ],
  ])('%s: calls without ids get some, and make it the end of the turn', (_name, read) => {
    made = 0
    expect(read()).toMatchObject({
      model: 'llama',
      createdS: 1_716_583_716,
      choices: [
        {
          parts: [
            { type: 'reasoning', text: 'Hm' },
            { type: 'text', text: 'Hi' },
            { type: 'tool-call', id: 'made-1', name: 'look', arguments: '{"at":1}' },
            { type: 'tool-call', id: 'own', name: 'look', arguments: '{"at":1}' },
          ],
          finish: { reason: 'tool-calls', rawReason: 'stop' },
        },
      ],
      usage: { inputTokens: 7, outputTokens: 3, source: 'provider' },
      metadata: { total_duration: 9 },
    })
  })

  test.each([
    ['stop', 'stop'],
    ['length', 'length'],
    ['load', 'other'],
  ])('%s means %s', (done_reason, reason) => {
    const body = { ...last, done_reason, message: { content: 'Hi' } }
    expect(ollamaProtocol.parseAnswer(body, context).choices[0]?.finish).toEqual({
      reason,
      rawReason: done_reason,
    })
  })

  test.each<[string, JsonObject[], string]>([
    ['cut', [{ done: false, message: { content: 'Hi' } }], 'stream_interrupted'],
    [
      'with an error line',
      [{ message: { content: 'Hi' } }, { error: 'an error was encountered' }],
      'internal',
    ],
  ])('a stream %s', (_name, lines, code) => {
    expect(streamOf(lines).slice(-2)).toMatchObject([
      { type: 'text-end' },
      { type: 'error', failure: { code } },
    ])
  })

  test.each([
    [{ hello: 1 }, 'holds no message'],
    [{ error: 'out of memory' }, 'out of memory'],
  ])('%o is refused', (body, words) => {
    expect(() => ollamaProtocol.parseAnswer(body, context)).toThrow(words)
  })
})

test.each([
  [404, { error: "model 'x' not found" }, 'not_found'],
  [400, { error: 'prompt too long; exceeded max context length by 4 tokens' }, 'context_window_exceeded'],
  [400, { error: 'llama does not support tools' }, 'bad_request'],
  [401, { error: 'unauthorized' }, 'authentication'],
  [503, { error: 'server busy, please try again. maximum pending requests exceeded' }, 'service_unavailable'],
  [500, 'oops', 'internal'],
])('refusal %i %o is %s', (status, body, code) => {
  expect(ollamaProtocol.parseFailure({ status, headers: {}, body }, context).code).toBe(code)
})
