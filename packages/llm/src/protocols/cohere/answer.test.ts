import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../types/json.ts'
import { collect } from '../collect.ts'
import { cohereProtocol } from './index.ts'
import { toolPlanPart } from './tool-plan.ts'

const context = { provider: 'cohere', model: 'm', quirks: {}, newId: () => 'made' }

const usage = {
  billed_units: { input_tokens: 5, output_tokens: 2 },
  tokens: { input_tokens: 50, output_tokens: 9, reasoning_tokens: 4 },
  cached_tokens: 32,
}
const ownUsage = {
  inputTokens: 50,
  outputTokens: 9,
  totalTokens: 59,
  cacheReadTokens: 32,
  reasoningTokens: 4,
  source: 'provider',
  raw: usage,
}
const citation = {
  start: 0,
  end: 4,
  text: 'Ruby',
  sources: [
    { type: 'document', id: 'doc:0', document: { title: 'facts' } },
    { type: 'document', id: 'doc:1', document: { title: 'page', url: 'https://example.com' } },
  ],
  type: 'TEXT_CONTENT',
  content_index: 1,
}
const place = { startIndex: 0, endIndex: 4, raw: citation }
const annotations = [
  { type: 'document-citation', documentId: 'doc:0', title: 'facts', ...place },
  { type: 'url-citation', url: 'https://example.com', title: 'page', ...place },
]

test('a whole answer', () => {
  const answer = cohereProtocol.parseAnswer(
    {
      id: 'id',
      message: {
        content: [
          { type: 'thinking', thinking: 'Hm' },
          { type: 'text', text: 'Ruby!' },
        ],
        citations: [citation, { ...citation, type: 'PLAN' }],
        tool_plan: 'I will look.',
        tool_calls: [
          { id: 'a', function: { name: 'look', arguments: '{"at":1}' } },
          { id: 'b', function: { name: 'look', arguments: 'null' } },
        ],
      },
      finish_reason: 'TOOL_CALL',
      usage,
    },
    context,
  )
  expect(answer).toEqual({
    id: 'id',
    model: '',
    choices: [
      {
        parts: [
          { type: 'reasoning', text: 'Hm' },
          { type: 'text', text: 'Ruby!', annotations },
          toolPlanPart('I will look.'),
          { type: 'tool-call', id: 'a', name: 'look', arguments: '{"at":1}' },
          { type: 'tool-call', id: 'b', name: 'look', arguments: '' },
        ],
        finish: { reason: 'tool-calls', rawReason: 'TOOL_CALL' },
      },
    ],
    usage: ownUsage,
  })
})

test.each([
  ['COMPLETE', 'stop'],
  ['STOP_SEQUENCE', 'stop'],
  ['MAX_TOKENS', 'length'],
  ['ERROR', 'error'],
  ['ERROR_TOXIC', 'content-filter'],
  ['SOMETHING', 'other'],
])('%s means %s', (rawReason, reason) => {
  const body = { message: { content: 'Hi' }, finish_reason: rawReason }
  expect(cohereProtocol.parseAnswer(body, context).choices[0]?.finish).toEqual({ reason, rawReason })
})

test('a body that is no answer is refused', () => {
  expect(() => cohereProtocol.parseAnswer({ data: 1 }, context)).toThrow('holds no message')
})

describe('streams', () => {
  function streamOf(events: JsonObject[]) {
    const parser = cohereProtocol.createStreamParser(context)
    const read = events.flatMap((event) => parser.push({ event: 'any', data: JSON.stringify(event) }))
    return [...read, ...parser.push({ data: '[DONE]' }), ...parser.end()]
  }
  const message = (type: string, message: JsonObject, index = 0): JsonObject => ({
    type,
    index,
    delta: { message },
  })
  const start = { type: 'message-start', id: 'id', delta: { message: { role: 'assistant' } } }
  const end = { type: 'message-end', delta: { finish_reason: 'COMPLETE', usage } }

  test('thinking, text and its sources', () => {
    const answer = collect(
      streamOf([
        start,
        message('content-start', { content: { type: 'thinking', thinking: '' } }),
        message('content-delta', { content: { thinking: 'Hm' } }),
        message('content-end', {}),
        message('content-start', { content: { type: 'text', text: '' } }, 1),
        message('content-delta', { content: { text: 'Ru' } }, 1),
        message('content-delta', { content: { text: 'by!' } }, 1),
        message('citation-start', { citations: citation }),
        message('citation-end', {}),
        message('content-end', {}, 1),
        end,
      ]),
    )
    expect(answer).toMatchObject({
      id: 'id',
      choices: [
        {
          parts: [
            { type: 'reasoning', text: 'Hm' },
            { type: 'text', text: 'Ruby!', annotations },
          ],
          finish: { reason: 'stop', rawReason: 'COMPLETE' },
        },
      ],
      usage: ownUsage,
    })
  })

  test('a plan and its calls', () => {
    const call = (index: number, id: string) =>
      message('tool-call-start', { tool_calls: { id, function: { name: 'look', arguments: '' } } }, index)
    const answer = collect(
      streamOf([
        start,
        message('tool-plan-delta', { tool_plan: 'I will' }),
        message('tool-plan-delta', { tool_plan: ' look.' }),
        call(0, 'a'),
        message('tool-call-delta', { tool_calls: { function: { arguments: '{"at"' } } }),
        message('tool-call-delta', { tool_calls: { function: { arguments: ':1}' } } }),
        { type: 'tool-call-end', index: 0 },
        call(1, 'b'),
        { type: 'tool-call-end', index: 1 },
        { type: 'message-end', delta: { finish_reason: 'TOOL_CALL' } },
      ]),
    )
    expect(answer.choices[0]).toMatchObject({
      parts: [
        toolPlanPart('I will look.'),
        { type: 'tool-call', id: 'a', name: 'look', arguments: '{"at":1}' },
        { type: 'tool-call', id: 'b', name: 'look', arguments: '' },
      ],
      finish: { reason: 'tool-calls' },
    })
  })

  test.each<[string, JsonObject[], string]>([
    ['cut', [start], 'stream_interrupted'],
    [
      'ended by an error',
      [start, { type: 'message-end', delta: { finish_reason: 'ERROR', error: 'x' } }],
      'internal',
    ],
    ['with an error event', [start, { type: 'error', message: 'x' }], 'internal'],
  ])('a stream %s', (_name, events, code) => {
    expect(streamOf(events).at(-1)).toMatchObject({ type: 'error', failure: { code } })
  })
})

describe('refusals', () => {
  test.each([
    [400, { error_type: 'TOO_MANY_TOKENS', message: 'too many' }, 'context_window_exceeded'],
    [400, { message: 'too many tokens: size limit exceeded' }, 'context_window_exceeded'],
    [400, { message: 'invalid role' }, 'bad_request'],
    [401, { message: 'invalid api token' }, 'authentication'],
    [404, { message: "model 'x' not found" }, 'not_found'],
    [429, { message: 'slow down' }, 'rate_limit'],
    [
      429,
      { message: 'You are using a Trial key, which is limited to 1000 API calls / month' },
      'quota_exceeded',
    ],
    [498, { message: 'blocked' }, 'content_policy_violation'],
    [500, 'oops', 'internal'],
  ])('%i %o is %s', (status, body, code) => {
    expect(cohereProtocol.parseFailure({ status, headers: {}, body }, context).code).toBe(code)
  })
})
