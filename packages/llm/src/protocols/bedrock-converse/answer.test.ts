import { describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '../../types/json.ts'
import { collect } from '../collect.ts'
import { bedrockConverseProtocol } from './index.ts'

const context = { provider: 'bedrock', model: 'm', quirks: {}, newId: () => 'made' }

function answerOf(content: Json[], rest: JsonObject = {}) {
  const body = { output: { message: { role: 'assistant', content } }, stopReason: 'end_turn', ...rest }
  return bedrockConverseProtocol.parseAnswer(body, context)
}

describe('whole answers', () => {
  test('text, thinking, calls and server tools', () => {
    const serverUse = {
      toolUse: { toolUseId: 's', name: 'nova_grounding', input: {}, type: 'server_tool_use' },
    }
    const answer = answerOf(
      [
        { reasoningContent: { reasoningText: { text: 'Hm', signature: 'sig' } } },
        { reasoningContent: { redactedContent: 'cmVk' } },
        { text: '' },
        { text: 'Hello' },
        { toolUse: { toolUseId: 'a', name: 'look', input: { at: 1 } } },
        serverUse,
      ],
      { stopReason: 'tool_use', metrics: { latencyMs: 5 } },
    )
    expect(answer.choices).toEqual([
      {
        parts: [
          { type: 'reasoning', text: 'Hm', signature: 'sig' },
          { type: 'reasoning', text: '', redacted: 'cmVk' },
          { type: 'text', text: 'Hello' },
          { type: 'tool-call', id: 'a', name: 'look', arguments: '{"at":1}' },
          { type: 'opaque', protocol: 'bedrock-converse', kind: 'server_tool_use', raw: serverUse },
        ],
        finish: { reason: 'tool-calls', rawReason: 'tool_use' },
      },
    ])
    expect(answer.metadata).toEqual({ metrics: { latencyMs: 5 } })
  })

  test('citations with words of their own, and without: those support the text before', () => {
    const web = { location: { web: { url: 'https://example.com', domain: 'example.com' } } }
    const place = {
      title: 'facts',
      location: { documentChar: { documentIndex: 0, start: 0, end: 4 } },
      sourceContent: [{ text: 'Ruby' }],
    }
    const { choices } = answerOf([
      { text: 'A' },
      { citationsContent: { citations: [web] } },
      { citationsContent: { content: [{ text: 'B' }], citations: [place] } },
    ])
    expect(choices[0]?.parts).toEqual([
      {
        type: 'text',
        text: 'A',
        annotations: [{ type: 'url-citation', url: 'https://example.com', title: 'example.com', raw: web }],
      },
      {
        type: 'text',
        text: 'B',
        annotations: [
          { type: 'document-citation', documentId: '0', title: 'facts', citedText: 'Ruby', raw: place },
        ],
      },
    ])
  })

  test('a JSON answer that came through the reserved tool is text', () => {
    const { choices } = answerOf([{ toolUse: { toolUseId: 'a', name: 'json_tool_call', input: { a: 1 } } }], {
      stopReason: 'tool_use',
    })
    expect(choices).toEqual([
      { parts: [{ type: 'text', text: '{"a":1}' }], finish: { reason: 'stop', rawReason: 'tool_use' } },
    ])
  })

  test('usage: cached input counts as input', () => {
    const usage = {
      inputTokens: 10,
      outputTokens: 4,
      totalTokens: 7_365,
      cacheReadInputTokens: 351,
      cacheWriteInputTokens: 7_000,
      cacheDetails: [
        { inputTokens: 6_000, ttl: '1h' },
        { inputTokens: 1_000, ttl: '5m' },
      ],
    }
    expect(answerOf([], { usage }).usage).toEqual({
      inputTokens: 7_361,
      outputTokens: 4,
      totalTokens: 7_365,
      cacheReadTokens: 351,
      cacheWriteTokens: 7_000,
      cacheWrite1hTokens: 6_000,
      source: 'provider',
      raw: usage,
    })
  })

  test.each([
    ['stop_sequence', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['guardrail_intervened', 'content-filter'],
    ['content_filtered', 'content-filter'],
    ['something_new', 'other'],
  ])('%s means %s', (stopReason, reason) => {
    expect(answerOf([], { stopReason }).choices[0]?.finish).toEqual({ reason, rawReason: stopReason })
  })

  test('a body that is no answer is refused', () => {
    expect(() => bedrockConverseProtocol.parseAnswer({ hello: 1 }, context)).toThrow('holds no message')
  })
})

type Line = [event: string, payload: JsonObject, kind?: 'event' | 'exception']

function streamOf(lines: Line[]) {
  const parser = bedrockConverseProtocol.createStreamParser(context)
  const events = lines.flatMap(([event, payload, kind = 'event']) =>
    parser.push({ event, data: JSON.stringify(payload), kind }),
  )
  return [...events, ...parser.end()]
}

describe('streams', () => {
  const start: Line = ['messageStart', { role: 'assistant', p: 'abc' }]
  const text = (words: string, contentBlockIndex = 0): Line => [
    'contentBlockDelta',
    { contentBlockIndex, delta: { text: words }, p: 'abcd' },
  ]
  const stop: Line = ['messageStop', { stopReason: 'end_turn' }]
  const metadata: Line = [
    'metadata',
    { usage: { inputTokens: 1, outputTokens: 2 }, metrics: { latencyMs: 3 } },
  ]

  test('the answer ends with its metadata, which hold the usage', () => {
    const events = streamOf([
      start,
      text('Hel'),
      text(''),
      text('lo'),
      ['contentBlockStop', {}],
      stop,
      metadata,
    ])
    expect(events.map(({ type }) => type)).toEqual([
      'start',
      'text-start',
      'text-delta',
      'text-delta',
      'text-end',
      'finish',
    ])
    expect(events.at(-1)).toMatchObject({
      reason: 'stop',
      rawReason: 'end_turn',
      usage: { inputTokens: 1, outputTokens: 2 },
      metadata: { metrics: { latencyMs: 3 } },
    })
  })

  test('without metadata the stop reason is enough', () => {
    expect(streamOf([start, text('Hi'), stop]).at(-1)).toMatchObject({ type: 'finish', reason: 'stop' })
  })

  test('thinking, calls and server tools read as in a whole answer', () => {
    const answer = collect(
      streamOf([
        start,
        ['contentBlockDelta', { contentBlockIndex: 0, delta: { reasoningContent: { text: 'Hm' } } }],
        ['contentBlockDelta', { contentBlockIndex: 0, delta: { reasoningContent: { signature: 'sig' } } }],
        ['contentBlockStop', { contentBlockIndex: 0 }],
        [
          'contentBlockDelta',
          { contentBlockIndex: 1, delta: { reasoningContent: { redactedContent: 'cmVk' } } },
        ],
        ['contentBlockStop', { contentBlockIndex: 1 }],
        [
          'contentBlockStart',
          {
            contentBlockIndex: 2,
            start: { toolUse: { toolUseId: 's', name: 'run', type: 'server_tool_use' } },
          },
        ],
        ['contentBlockDelta', { contentBlockIndex: 2, delta: { toolUse: { input: '{"a":' } } }],
        ['contentBlockDelta', { contentBlockIndex: 2, delta: { toolUse: { input: '1}' } } }],
        ['contentBlockStop', { contentBlockIndex: 2 }],
        [
          'contentBlockStart',
          { contentBlockIndex: 3, start: { toolResult: { toolUseId: 's', status: 'success' } } },
        ],
        ['contentBlockDelta', { contentBlockIndex: 3, delta: { toolResult: [{ json: { out: 2 } }] } }],
        ['contentBlockStop', { contentBlockIndex: 3 }],
        ['contentBlockStart', { contentBlockIndex: 4, start: { toolUse: { toolUseId: 'a', name: 'look' } } }],
        ['contentBlockDelta', { contentBlockIndex: 4, delta: { toolUse: { input: '{"at":1}' } } }],
        ['contentBlockStop', { contentBlockIndex: 4 }],
        ['messageStop', { stopReason: 'tool_use' }],
        metadata,
      ]),
    )
    expect(answer.choices[0]?.parts).toEqual([
      { type: 'reasoning', text: 'Hm', signature: 'sig' },
      { type: 'reasoning', text: '', redacted: 'cmVk' },
      {
        type: 'opaque',
        protocol: 'bedrock-converse',
        kind: 'server_tool_use',
        raw: { toolUse: { toolUseId: 's', name: 'run', type: 'server_tool_use', input: { a: 1 } } },
      },
      {
        type: 'opaque',
        protocol: 'bedrock-converse',
        kind: 'toolResult',
        raw: { toolResult: { toolUseId: 's', status: 'success', content: [{ json: { out: 2 } }] } },
      },
      { type: 'tool-call', id: 'a', name: 'look', arguments: '{"at":1}' },
    ])
    expect(answer.choices[0]?.finish.reason).toBe('tool-calls')
  })

  test('a JSON answer that comes through the reserved tool is text', () => {
    const answer = collect(
      streamOf([
        start,
        [
          'contentBlockStart',
          { contentBlockIndex: 0, start: { toolUse: { toolUseId: 'a', name: 'json_tool_call' } } },
        ],
        ['contentBlockDelta', { contentBlockIndex: 0, delta: { toolUse: { input: '{"a":1}' } } }],
        ['contentBlockStop', { contentBlockIndex: 0 }],
        ['messageStop', { stopReason: 'tool_use' }],
        metadata,
      ]),
    )
    expect(answer.choices).toMatchObject([
      { parts: [{ type: 'text', text: '{"a":1}' }], finish: { reason: 'stop', rawReason: 'tool_use' } },
    ])
  })

  test.each([
    ['throttlingException', 'rate_limit', 429, true],
    ['modelStreamErrorException', 'bad_gateway', 502, true],
    ['validationException', 'bad_request', 400, false],
    ['serviceUnavailableException', 'service_unavailable', 503, true],
    ['internalServerException', 'internal', 500, true],
    ['someNewException', 'internal', 500, true],
  ])('%s ends the stream as %s', (event, code, status, retryable) => {
    const events = streamOf([start, text('Hi'), [event, { message: 'Sorry' }, 'exception'], stop, metadata])
    expect(events.slice(-2)).toMatchObject([
      { type: 'text-end' },
      { type: 'error', failure: { code, status, retryable, message: 'bedrock: Sorry', providerCode: event } },
    ])
  })

  test('a stream that was cut says so', () => {
    expect(streamOf([start, text('Hi')]).at(-1)).toMatchObject({
      type: 'error',
      failure: { code: 'stream_interrupted' },
    })
  })

  test('unknown events and broken frames are passed over', () => {
    const parser = bedrockConverseProtocol.createStreamParser(context)
    expect(parser.push({ event: 'somethingNew', data: '{}', kind: 'event' })).toEqual([])
    expect(parser.push({ event: 'messageStop', data: 'oops', kind: 'event' })).toEqual([])
  })
})

describe('refusals', () => {
  test.each([
    [400, 'ValidationException', 'Input is too long for requested model.', 'context_window_exceeded', 400],
    [
      400,
      'ValidationException',
      '… Input Tokens Exceeded: Number of input tokens …',
      'context_window_exceeded',
      400,
    ],
    [400, 'ValidationException', 'The provided model identifier is invalid.', 'not_found', 404],
    [400, 'ValidationException', 'Malformed input request', 'bad_request', 400],
    [400, 'ServiceQuotaExceededException', 'No more', 'quota_exceeded', 429],
    [
      403,
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
      'authentication',
      401,
    ],
    [403, 'AccessDeniedException', "You don't have access to the model.", 'permission_denied', 403],
    [403, undefined, 'Authentication failed: please make sure your API key is valid.', 'authentication', 401],
    [424, 'ModelErrorException', 'The model failed', 'bad_gateway', 424],
    [429, 'ThrottlingException', 'Too many requests', 'rate_limit', 429],
    [503, undefined, 'Busy', 'service_unavailable', 503],
  ])('%i %s: %s is %s', (status, type, message, code, ownStatus) => {
    const headers: Record<string, string> =
      type === undefined ? {} : { 'x-amzn-errortype': `${type}:http://internal.amazon.com/coral/` }
    const error = bedrockConverseProtocol.parseFailure({ status, headers, body: { message } }, context)
    expect(error).toMatchObject({ code, status: ownStatus, providerStatus: status, providerCode: type })
    expect(error.message).toBe(`bedrock: ${message}`)
  })
})
