import { describe, expect, test } from 'vitest'
import type { Answer } from '../../types/answer.ts'
import type { ErrorEvent, StreamEvent } from '../../types/event.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import type { AnswerPart } from '../../types/message.ts'
import type { Quirks } from '../../types/quirks.ts'
import { collect } from '../collect.ts'
import { orderFaults } from '../event-order.contract.ts'
import { createStreamParser } from './stream.ts'

type Sent = JsonObject | string | { event: string; data: Json }

function hear(sent: readonly Sent[], quirks: Quirks = {}): StreamEvent[] {
  let made = 0
  const parser = createStreamParser({ provider: 'acme', model: 'm', quirks, newId: () => `new${made++}` })
  const events = sent.flatMap((piece) => parser.push(frameOf(piece)))
  events.push(...parser.end())
  expect(orderFaults(events)).toEqual([])
  return events
}

function frameOf(piece: Sent): { event?: string; data: string } {
  if (typeof piece === 'string') return { data: piece }
  if (typeof piece.event === 'string')
    return {
      event: piece.event,
      data: typeof piece.data === 'string' ? piece.data : JSON.stringify(piece.data),
    }
  return { data: JSON.stringify(piece) }
}

const delta = (fields: JsonObject, index = 0): JsonObject => ({
  id: 'c',
  model: 'm',
  choices: [{ index, delta: fields }],
})
const end = (reason: string | null = 'stop', index = 0): JsonObject => ({
  id: 'c',
  model: 'm',
  choices: [{ index, delta: {}, finish_reason: reason }],
})
const calls = (...list: JsonObject[]): JsonObject => delta({ tool_calls: list })

function partsOf(sent: readonly Sent[], quirks?: Quirks): AnswerPart[] {
  return answerOf(sent, quirks).choices[0]?.parts ?? []
}

function answerOf(sent: readonly Sent[], quirks?: Quirks): Answer {
  const events = hear(sent, quirks)
  expect(events.at(-1)).toMatchObject({ type: 'finish' })
  return collect(events)
}

describe('a stream', () => {
  test('begins with what is known and ends with the usage', () => {
    const usage = { prompt_tokens: 1, completion_tokens: 2 }
    expect(
      hear([
        {
          id: 'c',
          model: 'm-1',
          created: 5,
          system_fingerprint: 'fp',
          choices: [{ index: 0, delta: { role: 'assistant', content: '' } }],
        },
        delta({ content: 'Hi' }),
        { ...end('length'), search_results: [1] },
        { id: 'c', model: 'm-1', service_tier: 'flex', choices: [], usage },
        '[DONE]',
      ]),
    ).toEqual([
      { type: 'start', id: 'c', model: 'm-1', createdS: 5, systemFingerprint: 'fp', serviceTier: undefined },
      { type: 'text-start', index: 0 },
      { type: 'text-delta', index: 0, text: 'Hi' },
      { type: 'text-end', index: 0 },
      {
        type: 'finish',
        reason: 'length',
        rawReason: 'length',
        model: 'm-1',
        serviceTier: 'flex',
        usage: expect.objectContaining({ inputTokens: 1, outputTokens: 2 }),
        metadata: { search_results: [1] },
      },
    ])
  })

  test.each<[string, Sent[], Quirks, AnswerPart[]]>([
    [
      'reasoning_content, then text',
      [delta({ reasoning_content: 'r' }), delta({ content: 't' }), end()],
      {},
      [
        { type: 'reasoning', text: 'r' },
        { type: 'text', text: 't' },
      ],
    ],
    [
      'reasoning with details in pieces',
      [
        delta({ reasoning: 'a', reasoning_details: [1] }),
        delta({ reasoning: 'b', reasoning_details: [2] }),
        end(),
      ],
      {},
      [{ type: 'reasoning', text: 'ab', details: [1, 2] }],
    ],
    [
      'thinking blocks with a proof',
      [
        delta({ reasoning_content: 'r' }),
        delta({ thinking_blocks: [{ type: 'thinking', signature: 's' }] }),
        end(),
      ],
      {},
      [{ type: 'reasoning', text: 'r', signature: 's' }],
    ],
    [
      'lists of thinking and text',
      [
        delta({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'r' }] }] }),
        delta({ content: 't' }),
        end(),
      ],
      {},
      [
        { type: 'reasoning', text: 'r' },
        { type: 'text', text: 't' },
      ],
    ],
    [
      'tags around the reasoning, cut anywhere',
      [
        delta({ content: '<th' }),
        delta({ content: 'ink>r' }),
        delta({ content: '</thi' }),
        delta({ content: 'nk>\n\nt' }),
        end(),
      ],
      { thinkTags: { open: '<think>', close: '</think>' } },
      [
        { type: 'reasoning', text: 'r' },
        { type: 'text', text: 't' },
      ],
    ],
    [
      'text that only looks like a tag',
      [delta({ content: '<th' }), delta({ content: 'e> end' }), end()],
      { thinkTags: { open: '<think>', close: '</think>' } },
      [{ type: 'text', text: '<the> end' }],
    ],
    [
      'a message that grows beside its deltas',
      [
        { id: 'c', model: 'm', choices: [{ index: 0, delta: { content: 'a' }, message: { content: 'a' } }] },
        { id: 'c', model: 'm', choices: [{ index: 0, message: { content: 'ab' } }] },
        end(),
      ],
      {},
      [{ type: 'text', text: 'a' }],
    ],
    [
      'a whole message in one piece',
      [{ id: 'c', model: 'm', choices: [{ index: 0, message: { content: 'all' }, finish_reason: 'stop' }] }],
      {},
      [{ type: 'text', text: 'all' }],
    ],
    [
      'an image and sound',
      [
        delta({ images: [{ image_url: { url: 'https://a.example/i.png' } }] }),
        delta({ audio: { id: 'a', data: 'AA==', transcript: 'hi' } }),
        end(),
      ],
      {},
      [
        { type: 'image', source: { type: 'url', url: 'https://a.example/i.png' } },
        {
          type: 'audio',
          source: { type: 'base64', mediaType: 'audio/*', data: 'AA==' },
          id: 'a',
          transcript: 'hi',
        },
      ],
    ],
    [
      'sources in the deltas and at the root',
      [
        { ...delta({ content: 'x', annotations: [{ url_citation: { url: 'u' } }] }), citations: ['v'] },
        end(),
      ],
      {},
      [
        {
          type: 'text',
          text: 'x',
          annotations: [
            { type: 'url-citation', url: 'u' },
            { type: 'url-citation', url: 'v' },
          ],
        },
      ],
    ],
  ])('%s', (_name, sent, quirks, wanted) => {
    expect(partsOf(sent, quirks)).toEqual(wanted)
  })

  test('two choices, told apart', () => {
    const answer = answerOf([
      delta({ content: 'a' }, 0),
      delta({ content: 'b' }, 1),
      end('length', 1),
      end('stop', 0),
    ])
    expect(answer.choices).toEqual([
      { parts: [{ type: 'text', text: 'a' }], finish: { reason: 'stop', rawReason: 'stop' } },
      { parts: [{ type: 'text', text: 'b' }], finish: { reason: 'length', rawReason: 'length' } },
    ])
  })

  test('log probabilities, but no empty ones', () => {
    const answer = answerOf([
      {
        id: 'c',
        model: 'm',
        choices: [{ delta: { content: 'a' }, logprobs: { content: [{ token: 'a' }] } }],
      },
      { id: 'c', model: 'm', choices: [{ delta: {}, logprobs: { content: null, refusal: null } }] },
      end(),
    ])
    expect(answer.choices[0]?.logprobs).toEqual({ content: [{ token: 'a' }] })
  })
})

describe('calls', () => {
  const call = (id: string, name: string, text: string): AnswerPart => ({
    type: 'tool-call',
    id,
    name,
    arguments: text,
  })
  const first = { id: 'a', function: { name: 'f', arguments: '' } }

  test.each<[string, Sent[], AnswerPart[]]>([
    [
      'arguments in pieces',
      [
        calls({ index: 0, ...first }),
        calls({ index: 0, function: { arguments: '{"x"' } }),
        calls({ index: 0, function: { arguments: ':1}' } }),
        end('tool_calls'),
      ],
      [call('a', 'f', '{"x":1}')],
    ],
    [
      'two at once, their pieces mixed',
      [
        calls({ index: 0, ...first }, { index: 1, id: 'b', function: { name: 'g', arguments: '' } }),
        calls({ index: 1, function: { arguments: '[1]' } }, { index: 0, function: { arguments: '{}' } }),
        end('tool_calls'),
      ],
      [call('a', 'f', '{}'), call('b', 'g', '[1]')],
    ],
    [
      'one index for two ids',
      [
        calls({ index: 0, id: 'a', function: { name: 'f', arguments: '{"x":1}' } }),
        calls({ index: 0, id: 'b', function: { name: 'f', arguments: '{"x":2}' } }),
        end('tool_calls'),
      ],
      [call('a', 'f', '{"x":1}'), call('b', 'f', '{"x":2}')],
    ],
    [
      'a new id with every piece',
      [
        calls({ index: 0, id: 'a', function: { name: 'f', arguments: '{' } }),
        calls({ index: 0, id: 'z', function: { arguments: '}' } }),
        end('tool_calls'),
      ],
      [call('a', 'f', '{}')],
    ],
    [
      'the name in every piece',
      [
        calls({ index: 0, id: 'a', function: { name: 'f', arguments: '{' } }),
        calls({ index: 0, id: 'a', function: { name: 'f', arguments: '}' } }),
        end('tool_calls'),
      ],
      [call('a', 'f', '{}')],
    ],
    [
      'no ids, one index',
      [
        calls({ index: 0, function: { name: 'f', arguments: '{}' } }),
        calls({ index: 0, function: { name: 'g', arguments: '{}' } }),
        end('tool_calls'),
      ],
      [call('call_new0', 'f', '{}'), call('call_new1', 'g', '{}')],
    ],
    [
      'no ids and no index, one function twice',
      [
        calls({ function: { name: 'f', arguments: '{"x":1}' } }),
        calls({ function: { name: 'f', arguments: '{"x":2}' } }),
        end('tool_calls'),
      ],
      [call('call_new0', 'f', '{"x":1}'), call('call_new1', 'f', '{"x":2}')],
    ],
    [
      'no ids and no index in one piece',
      [
        calls({ function: { name: 'f', arguments: '{}' } }, { function: { name: 'f', arguments: '{}' } }),
        end('tool_calls'),
      ],
      [call('call_new0', 'f', '{}'), call('call_new1', 'f', '{}')],
    ],
    [
      'ids without index, arguments without both',
      [
        calls({ id: 'a', function: { name: 'f' } }),
        calls({ function: { arguments: '{}' } }),
        calls({ id: 'b', function: { name: 'g' } }),
        calls({ function: { arguments: '[]' } }),
        end('tool_calls'),
      ],
      [call('a', 'f', '{}'), call('b', 'g', '[]')],
    ],
    [
      'the id first, the name later',
      [
        calls({ index: 0, id: 'a' }),
        calls({ index: 0, function: { name: 'f' } }),
        calls({ index: 0, function: { arguments: '{}' } }),
        end(),
      ],
      [call('a', 'f', '{}')],
    ],
    [
      'arguments as an object',
      [calls({ index: 0, id: 'a', function: { name: 'f', arguments: { x: 1 } } }), end('tool_calls')],
      [call('a', 'f', '{"x":1}')],
    ],
    [
      'null for no arguments yet',
      [
        calls({ index: 0, id: 'a', function: { name: 'f', arguments: null } }),
        calls({ index: 0, id: null, function: { name: null, arguments: '{}' } }),
        end('tool_calls'),
      ],
      [call('a', 'f', '{}')],
    ],
    [
      'the older form',
      [
        delta({ function_call: { name: 'f', arguments: '{' } }),
        delta({ function_call: { arguments: '}' } }),
        end('function_call'),
      ],
      [call('call_new0', 'f', '{}')],
    ],
    [
      'free text, and a proof',
      [
        calls({
          index: 0,
          id: 'a',
          type: 'custom',
          custom: { name: 'sql', input: 'sel' },
          extra_content: { google: { thought_signature: 's' } },
        }),
        calls({ index: 0, custom: { input: 'ect' } }),
        end('tool_calls'),
      ],
      [{ type: 'tool-call', id: 'a', name: 'sql', arguments: 'select', custom: true, signature: 's' }],
    ],
  ])('%s', (_name, sent, wanted) => {
    expect(partsOf(sent)).toEqual(wanted)
  })
})

describe('the end', () => {
  const usage = { prompt_tokens: 1, completion_tokens: 1 }

  test.each<[string, Sent[], string]>([
    ['a reason', [delta({ content: 'x' }), end('stop')], 'stop'],
    ['[DONE] without a reason', [delta({ content: 'x' }), '[DONE]'], 'stop'],
    [
      '[DONE] without a reason after calls',
      [calls({ id: 'a', function: { name: 'f' } }), '[DONE]'],
      'tool-calls',
    ],
    ['usage in a piece of its own', [delta({ content: 'x' }), { choices: [], usage }], 'stop'],
  ])('%s is enough', (_name, sent, reason) => {
    expect(hear(sent).at(-1)).toMatchObject({ type: 'finish', reason })
  })

  test.each<[string, Sent[], object]>([
    ['nothing', [], { code: 'stream_interrupted' }],
    ['[DONE] without an answer', ['[DONE]'], { code: 'stream_interrupted' }],
    ['a cut text', [delta({ content: 'x' })], { code: 'stream_interrupted', retryable: true }],
    ['usage beside every piece', [{ ...delta({ content: 'x' }), usage }], { code: 'stream_interrupted' }],
    ['a piece that is no JSON', [delta({ content: 'x' }), '{"id":'], { code: 'invalid_response' }],
    ['an error', [{ error: { message: 'full', code: 429 } }], { code: 'rate_limit', message: 'acme: full' }],
    [
      'an error as text',
      [{ error: 'Input validation error', error_type: 'validation' }],
      { code: 'bad_request' },
    ],
    [
      'an error in a choice',
      [
        {
          id: 'c',
          model: 'm',
          choices: [{ delta: {}, error: { code: 502, message: 'down' }, finish_reason: 'error' }],
        },
      ],
      { code: 'bad_gateway' },
    ],
    [
      'an error by its name',
      [{ event: 'error', data: { message: 'overloaded', type: 'overloaded_error' } }],
      { code: 'service_unavailable' },
    ],
    [
      'an error by its name, in words',
      [{ event: 'error', data: 'the model went away' }],
      { message: 'acme: the model went away' },
    ],
    [
      'Groq’s failed call',
      [
        {
          event: 'error',
          data: { error: { message: 'bad call', code: 'tool_use_failed', status_code: 400 } },
        },
      ],
      { code: 'bad_request', providerCode: 'tool_use_failed' },
    ],
    [
      'MiniMax’s error',
      [{ base_resp: { status_code: 1002, status_msg: 'slow down' } }],
      { code: 'rate_limit' },
    ],
    [
      'a key in the words',
      [{ error: { message: 'bad key sk-abcdefghijklmnop', code: 401 } }],
      { message: 'acme: bad key sk-[redacted]' },
    ],
  ])('%s is a failure', (_name, sent, failure) => {
    const last = hear(sent).at(-1) as ErrorEvent
    expect(last).toMatchObject({ type: 'error', failure: { provider: 'acme', model: 'm', ...failure } })
    expect(JSON.stringify(last)).not.toContain('abcdefghijklmnop')
  })

  test('a failure keeps the usage and nothing follows it', () => {
    const events = hear([
      delta({ content: 'x' }),
      { choices: [], usage },
      { error: { message: 'late' } },
      delta({ content: 'y' }),
      end(),
    ])
    expect(events.at(-1)).toMatchObject({ type: 'error', usage: { inputTokens: 1 } })
    expect(JSON.stringify(events)).not.toContain('"y"')
  })
})
