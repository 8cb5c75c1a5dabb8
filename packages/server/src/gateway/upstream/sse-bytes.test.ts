import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { newlines, streams, wire } from '../testing/streams.ts'
import { bodyOf, boundaryOf, endsAnswer, eventsIn, saysSomething, startOfLast, textIn } from './sse-bytes.ts'

describe.each(newlines)('events that end with two of %j', (newline) => {
  const events = ['data: 1', ': comment', 'event: x\ndata: 2', 'data: 3']
  const bytes = wire(events, newline)
  const boundary = Buffer.from(newline + newline)

  test('are told apart', () => {
    expect(boundaryOf(bytes)).toEqual(boundary)
    expect([...eventsIn(bytes, boundary)]).toEqual(events.map((event) => wire([event], newline).toString()))
  })

  test.each([0, 1, 2, 3, 4, 5])('the last %i begin where they begin', (count) => {
    const wanted = count === 0 ? [] : events.slice(-count)
    expect(bytes.subarray(startOfLast(bytes, boundary, count)).toString()).toBe(
      wire(wanted, newline).toString(),
    )
  })

  test('say what they say', () => {
    expect([...eventsIn(bytes, boundary)].map(bodyOf)).toEqual([1, undefined, 2, 3])
  })
})

test('no blank line, no boundary', () => {
  expect(boundaryOf(Buffer.from('data: 1\ndata: 2\r\n'))).toBeUndefined()
})

test.each<[string, unknown]>([
  ['data: {"a":1}\n\n', { a: 1 }],
  ['data:{"a":1}\n\n', { a: 1 }],
  ['data: {"a":1}', { a: 1 }],
  ['data: {"a":1}\n', { a: 1 }],
  ['data: {"a":1}\n:\n\n', { a: 1 }],
  ['id: 1\ndata: {"a":\ndata: 1}\nretry: 5\n\n', { a: 1 }],
  ['\ndata: {"a":1}\n\n', { a: 1 }],
  ['data: [DONE]\n\n', undefined],
  ['data: {"a":\n\n', undefined],
  ['event: ping\n\n', undefined],
  ['', undefined],
])('the body of %j', (event, expected) => {
  expect(bodyOf(event)).toEqual(expected)
})

describe('whether an event says something', () => {
  test.each(streams)(
    '$dialect: the first that does is the one of content',
    ({ dialect, events, opening }) => {
      expect(events.findIndex((event) => saysSomething(`${event}\n\n`, dialect))).toBe(opening)
    },
  )

  const choice = (value: unknown): string => `data: ${JSON.stringify({ choices: [value] })}\n\n`
  test.each<[boolean, string]>([
    [false, choice({ delta: { role: 'assistant', content: '' } })],
    [false, choice({ delta: { content: null } })],
    [false, choice({ delta: {}, finish_reason: null })],
    [false, choice(null)],
    [false, 'data: null\n\n'],
    [false, 'data: {"choices":{}}\n\n'],
    [false, 'data: {"choices":[]}\n\n'],
    [false, ': comment\n\n'],
    [true, choice({ delta: { tool_calls: [{ index: 0 }] } })],
    [true, choice({ delta: { reasoning_content: 'hm' } })],
    [true, choice({ text: 'a' })],
    [true, choice({ delta: {}, finish_reason: 'stop' })],
    [true, 'data: [DONE]\n\n'],
  ])('%s: %j', (expected, event) => {
    expect(saysSomething(event, 'openai-chat')).toBe(expected)
  })

  test('no JSON makes it stumble', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('openai-chat', 'anthropic-messages'), (value, dialect) => {
        expect(typeof saysSomething(`data: ${JSON.stringify(value)}\n\n`, dialect)).toBe('boolean')
        expect(typeof saysSomething(`data: {"choices":[${JSON.stringify(value)}]}\n\n`, dialect)).toBe(
          'boolean',
        )
      }),
    )
  })
})

test.each<[unknown, string]>([
  [{ choices: [{ delta: { content: 'a', role: 'assistant' } }] }, 'a'],
  [{ choices: [{ delta: { tool_calls: [{ id: 'x', function: { name: 'f', arguments: '{}' } }] } }] }, '{}'],
  [{ type: 'content_block_delta', delta: { type: 'text_delta', text: 'b' } }, 'b'],
  [{ type: 'response.output_text.delta', delta: 'c' }, 'c'],
  [{ model: 'x', id: 'y' }, ''],
  [null, ''],
])('the text in %j', (body, expected) => {
  expect(textIn(body as Parameters<typeof textIn>[0])).toBe(expected)
})

test('text that is buried without end is not looked for', () => {
  const deep = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)) as Parameters<typeof textIn>[0]
  expect(textIn(deep)).toBe('')
})

describe('the event that ends an answer', () => {
  const boundary = Buffer.from('\n\n')
  test.each<[string, string, boolean]>([
    ['openai-chat', 'data: [DONE]', true],
    ['openai-completions', 'data: [DONE]', true],
    ['openai-chat', 'data: {"choices":[{"delta":{"content":"[DONE"}}]}', false],
    ['anthropic-messages', 'event: message_stop\ndata: {"type":"message_stop"}', true],
    ['anthropic-messages', 'event: content_block_stop\ndata: {"type":"content_block_stop"}', false],
    ['openai-responses', 'event: response.completed\ndata: {"type":"response.completed"}', true],
    ['openai-responses', 'event: response.incomplete\ndata: {"type":"response.incomplete"}', true],
    ['openai-responses', 'event: response.output_text.done\ndata: {}', false],
    ['a format without one', 'data: [DONE]', false],
  ])('%s: %j', (dialect, event, ends) => {
    expect(endsAnswer(wire(['data: {}', event], '\n'), boundary, dialect)).toBe(ends)
    expect(endsAnswer(wire([event, 'data: {}'], '\n'), boundary, dialect)).toBe(false)
  })
})
