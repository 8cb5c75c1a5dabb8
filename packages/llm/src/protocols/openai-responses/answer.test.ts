import { describe, expect, test } from 'vitest'
import { isSwitchyardError } from '../../errors.ts'
import type { StreamEvent } from '../../types/event.ts'
import type { JsonObject } from '../../types/json.ts'
import { createCollector } from '../collect.ts'
import type { ParseContext } from '../protocol.ts'
import { openaiResponsesProtocol, openaiResponsesRelay } from './index.ts'

const context: ParseContext = { provider: 'openai', model: 'gpt', quirks: {}, newId: () => 'id' }

const thinking = {
  type: 'reasoning',
  id: 'rs_1',
  summary: [
    { type: 'summary_text', text: 'first' },
    { type: 'summary_text', text: 'second' },
  ],
  encrypted_content: 'secret',
}
const citation = { type: 'url_citation', url: 'https://a', title: 'A', start_index: 0, end_index: 5 }
const message = {
  type: 'message',
  id: 'msg_1',
  role: 'assistant',
  status: 'completed',
  phase: 'final_answer',
  content: [{ type: 'output_text', text: 'Hello', annotations: [citation] }],
}
const call = {
  type: 'function_call',
  id: 'fc_1',
  call_id: 'call_1',
  name: 'weather',
  arguments: '{"city":"Bern"}',
}
const custom = { type: 'custom_tool_call', id: 'ctc_1', call_id: 'call_2', name: 'sql', input: 'SELECT 1' }
const search = { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { query: 'q' } }
const drawing = { type: 'image_generation_call', id: 'ig_1', status: 'completed', output_format: 'png' }
const usage = {
  input_tokens: 10,
  input_tokens_details: { cached_tokens: 4 },
  output_tokens: 20,
  output_tokens_details: { reasoning_tokens: 5 },
  total_tokens: 30,
}
const head = { id: 'resp_1', object: 'response', created_at: 7, model: 'gpt-x', error: null }
const whole: JsonObject = {
  ...head,
  status: 'completed',
  output: [thinking, search, message, { ...drawing, result: 'AAAA' }, call, custom],
  usage,
  store: true,
}
const messageDialect = { protocol: 'openai-responses', fields: { id: 'msg_1', phase: 'final_answer' } }
const parts = [
  { type: 'reasoning', text: 'first', itemId: 'rs_1' },
  { type: 'reasoning', text: 'second', itemId: 'rs_1', encrypted: 'secret' },
  { type: 'opaque', protocol: 'openai-responses', kind: 'web_search_call', raw: search },
  {
    type: 'text',
    text: 'Hello',
    annotations: [{ type: 'url-citation', url: 'https://a', title: 'A', startIndex: 0, endIndex: 5 }],
    dialect: messageDialect,
  },
  { type: 'opaque', protocol: 'openai-responses', kind: 'image_generation_call', raw: drawing },
  { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'AAAA' } },
  { type: 'tool-call', id: 'call_1', itemId: 'fc_1', name: 'weather', arguments: '{"city":"Bern"}' },
  { type: 'tool-call', id: 'call_2', itemId: 'ctc_1', name: 'sql', arguments: 'SELECT 1', custom: true },
]

function read(events: readonly (JsonObject | string)[]): StreamEvent[] {
  const parser = openaiResponsesProtocol.createStreamParser(context)
  const read = events.flatMap((event) =>
    parser.push(
      typeof event === 'string'
        ? { data: event }
        : { event: String(event.type), data: JSON.stringify(event) },
    ),
  )
  return [...read, ...parser.end()]
}

function tell(events: readonly (JsonObject | string)[]): ReturnType<typeof createCollector> {
  const collector = createCollector()
  for (const event of read(events)) collector.push(event)
  return collector
}

/** The events of a whole answer, each item with the deltas that are given for it. */
function streamOf(output: readonly JsonObject[], deltas: Record<number, JsonObject[]> = {}): JsonObject[] {
  return [
    { type: 'response.created', response: { ...head, status: 'in_progress', output: [] } },
    ...output.flatMap((item, output_index): JsonObject[] => [
      { type: 'response.output_item.added', output_index, item: begun(item) },
      ...(deltas[output_index] ?? []).map((delta) => ({ output_index, ...delta })),
      { type: 'response.output_item.done', output_index, item },
    ]),
    {
      type: 'response.completed',
      response: { ...head, status: 'completed', output: [...output], usage, store: true },
    },
  ]
}

/** An item as it is announced: what it is, without what it says. */
function begun(item: JsonObject): JsonObject {
  const { encrypted_content: _encrypted, result: _result, ...head } = item
  for (const list of ['content', 'summary']) if (list in head) head[list] = []
  for (const text of ['arguments', 'input']) if (text in head) head[text] = ''
  return head
}

describe('an answer', () => {
  test('is read item by item', () => {
    const answer = openaiResponsesProtocol.parseAnswer(whole, context)
    expect(answer).toMatchObject({
      id: 'resp_1',
      model: 'gpt-x',
      createdS: 7,
      metadata: { response: { store: true } },
    })
    expect(answer.choices).toEqual([{ parts, finish: { reason: 'tool-calls' } }])
    expect(answer.usage).toMatchObject({
      inputTokens: 10,
      cacheReadTokens: 4,
      outputTokens: 20,
      reasoningTokens: 5,
    })
  })

  test.each([
    [{ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }, 'length'],
    [{ status: 'incomplete', incomplete_details: { reason: 'content_filter' } }, 'content-filter'],
    [{ status: 'queued' }, 'other'],
    [{ status: 'completed' }, 'stop'],
  ])('ends as %j says', (state, reason) => {
    const answer = openaiResponsesProtocol.parseAnswer({ ...head, output: [message], ...state }, context)
    expect(answer.choices[0]?.finish.reason).toBe(reason)
  })

  test.each([
    [{ code: 'rate_limit_exceeded', message: 'slow' }, 'rate_limit', true],
    [{ code: 'server_error', message: 'oops' }, 'internal', true],
    [{ code: 'context_length_exceeded', message: 'long' }, 'context_window_exceeded', false],
    [{ code: 'invalid_image', message: 'no' }, 'bad_request', false],
  ])('that failed with %j is thrown', (error, code, retryable) => {
    const caught = catching(() =>
      openaiResponsesProtocol.parseAnswer({ ...head, status: 'failed', error, output: [] }, context),
    )
    expect(isSwitchyardError(caught) && [caught.code, caught.retryable]).toEqual([code, retryable])
  })

  test('without a list of items is none', () => {
    expect(catching(() => openaiResponsesProtocol.parseAnswer({ ok: true }, context))).toMatchObject({
      code: 'invalid_response',
    })
  })

  test('calls of a provider’s own tools are not the client’s', () => {
    const own = { ...context, quirks: { customCallsAreOwn: true } }
    const answer = openaiResponsesProtocol.parseAnswer(
      { ...head, status: 'completed', output: [custom] },
      own,
    )
    expect(answer.choices[0]).toMatchObject({ parts: [{ type: 'opaque' }], finish: { reason: 'stop' } })
  })
})

function catching(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    return error
  }
}

describe('a stream', () => {
  const output = [thinking, search, message, { ...drawing, result: 'AAAA' }, call, custom]
  const deltas = {
    0: [
      {
        type: 'response.reasoning_summary_part.added',
        summary_index: 0,
        part: { type: 'summary_text', text: '' },
      },
      { type: 'response.reasoning_summary_text.delta', summary_index: 0, delta: 'fir' },
      { type: 'response.reasoning_summary_text.delta', summary_index: 0, delta: 'st' },
      { type: 'response.reasoning_summary_text.delta', summary_index: 1, delta: 'second' },
    ],
    2: [
      { type: 'response.content_part.added', content_index: 0, part: { type: 'output_text', text: '' } },
      { type: 'response.output_text.delta', content_index: 0, delta: 'Hel' },
      { type: 'response.output_text.delta', content_index: 0, delta: 'lo' },
      { type: 'response.output_text.annotation.added', content_index: 0, annotation: citation },
      { type: 'response.output_text.done', content_index: 0, text: 'Hello' },
    ],
    4: [
      { type: 'response.function_call_arguments.delta', delta: '{"city":' },
      { type: 'response.function_call_arguments.delta', delta: '"Bern"}' },
    ],
    5: [{ type: 'response.custom_tool_call_input.delta', delta: 'SELECT 1' }],
  }

  test.each([
    ['deltas', streamOf(output, deltas)],
    ['whole items only', streamOf(output)],
    ['nothing but its end', streamOf(output).filter(({ type }) => type === 'response.completed')],
    ['unknown events', [{ type: 'keepalive' }, ...streamOf(output, deltas), { type: 'response.later' }]],
  ])('tells with %s what a whole answer does', (_name, events) => {
    const collector = tell(events)
    expect(collector.failure()).toBeUndefined()
    expect(collector.answer()).toMatchObject({
      id: 'resp_1',
      model: 'gpt-x',
      choices: [{ finish: { reason: 'tool-calls' } }],
    })
    expect(collector.answer().choices[0]?.parts).toEqual(parts)
    expect(collector.answer().usage?.totalTokens).toBe(30)
  })

  test('whose items change their ids and places is told once', () => {
    const rotated = streamOf([message], {
      0: [
        { type: 'response.output_text.delta', item_id: 'x1', content_index: 1, delta: 'Hel' },
        { type: 'response.output_text.delta', item_id: 'x2', content_index: 1, delta: 'lo' },
        { type: 'response.output_text.done', item_id: 'x3', content_index: 1, text: 'Hello' },
      ],
    })
    expect(tell(rotated).answer().choices[0]?.parts).toMatchObject([{ type: 'text', text: 'Hello' }])
  })

  test('tells raw thinking apart from its summary', () => {
    const item = {
      type: 'reasoning',
      id: 'rs_2',
      summary: [],
      content: [{ type: 'reasoning_text', text: 'hm' }],
    }
    const events = streamOf([item], {
      0: [{ type: 'response.reasoning_text.delta', content_index: 0, delta: 'hm' }],
    })
    const dialect = { protocol: 'openai-responses', fields: { kind: 'content' } }
    expect(tell(events).answer().choices[0]?.parts).toEqual([
      { type: 'reasoning', text: 'hm', itemId: 'rs_2', dialect },
    ])
  })

  test('that is cut is an error', () => {
    const cut = streamOf(output, deltas).slice(0, -1)
    expect(tell(cut).failure()).toMatchObject({ code: 'stream_interrupted', retryable: true })
    expect(read(cut).filter(({ type }) => type === 'finish' || type === 'error')).toHaveLength(1)
  })

  test('is whole after [DONE] where no end was sent', () => {
    expect(tell([...streamOf([message]).slice(0, -1), '[DONE]']).failure()).toBeUndefined()
  })

  test('survives an event that is not JSON', () => {
    const [created = {}, ...rest] = streamOf([message])
    const events = [
      created,
      '{"type":"response.later","x":',
      ...rest.slice(0, -1),
      '{"type":"response.completed","x":',
    ]
    expect(tell(events).answer().choices[0]).toMatchObject({
      parts: [{ text: 'Hello' }],
      finish: { reason: 'stop' },
    })
  })

  test.each([
    [{ type: 'error', code: 'rate_limit_exceeded', message: 'slow' }, 'rate_limit'],
    [{ type: 'error', error: { type: 'server_error', message: 'oops' } }, 'internal'],
    [
      {
        type: 'response.failed',
        response: { ...head, status: 'failed', error: { code: 'server_error', message: 'x' } },
      },
      'internal',
    ],
  ])('ends with %j', (event, code) => {
    expect(tell([...streamOf([message]).slice(0, 3), event]).failure()?.code).toBe(code)
  })
})

describe('a relay', () => {
  test.each([
    [
      { type: 'response.completed', response: whole },
      { finished: true, id: 'resp_1', usage: { totalTokens: 30 } },
    ],
    [whole, { finished: true, model: 'gpt-x' }],
    [{ type: 'response.created', response: head }, { id: 'resp_1' }],
    [{ type: 'error', message: 'x' }, { failure: { code: 'internal' } }],
    [
      { type: 'response.failed', response: { ...head, status: 'failed', error: { code: 'server_error' } } },
      { failure: {} },
    ],
    [{ type: 'response.output_text.delta', delta: '"usage"' }, {}],
  ])('reads %j', (body, facts) => {
    expect(openaiResponsesRelay.read(body, context)).toMatchObject(facts)
  })

  test('does not take a beginning for an end', () => {
    const read = openaiResponsesRelay.read(
      { type: 'response.created', response: { ...head, status: 'in_progress' } },
      context,
    )
    expect(read.finished).toBeUndefined()
  })
})
