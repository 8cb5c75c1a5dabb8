import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { createFailure } from '../../errors.ts'
import { createFrameReader } from '../../http/framing.ts'
import type { Answer } from '../../types/answer.ts'
import type { StreamEvent } from '../../types/event.ts'
import type { JsonObject } from '../../types/json.ts'
import type { AnswerPart } from '../../types/message.ts'
import { collect, eventsOf } from '../collect.ts'
import type { AnswerContext, ParseContext } from '../protocol.ts'
import { openaiResponsesDialect as dialect, openaiResponsesProtocol as protocol } from './index.ts'

const parse: ParseContext = { provider: 'openai', model: 'gpt', quirks: {}, newId: () => 'id' }
const context: AnswerContext = {
  id: 'chatcmpl-abc',
  model: 'claude',
  createdS: 1,
  request: { model: 'm', messages: [], stream: true },
}

/** Everything that this wire can say, as it is written back. */
const everything: JsonObject = {
  model: 'gpt',
  instructions: 'Be kind',
  input: [
    {
      role: 'user',
      content: [
        { type: 'input_text', text: 'Look' },
        { type: 'input_image', image_url: 'https://a/b.png', detail: 'original' },
        { type: 'input_image', file_id: 'file_1' },
        { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,AAAA' },
      ],
    },
    { role: 'developer', content: 'Now' },
    {
      type: 'reasoning',
      id: 'rs_1',
      summary: [
        { type: 'summary_text', text: 'a' },
        { type: 'summary_text', text: 'b' },
      ],
      encrypted_content: 'e',
    },
    { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'q' } },
    {
      type: 'message',
      role: 'assistant',
      id: 'msg_1',
      status: 'completed',
      phase: 'commentary',
      content: [
        {
          type: 'output_text',
          text: 'Hi',
          annotations: [{ type: 'file_citation', file_id: 'f', filename: 'n', index: 1 }],
        },
        { type: 'refusal', refusal: 'no' },
      ],
    },
    { role: 'assistant', content: 'one' },
    { role: 'assistant', content: 'another' },
    { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'f', arguments: '{"a":1}' },
    { type: 'custom_tool_call', id: 'ctc_1', call_id: 'call_2', name: 'g', input: 'x' },
    {
      type: 'function_call_output',
      call_id: 'call_1',
      output: [{ type: 'input_image', image_url: 'data:image/png;base64,AAAA' }],
    },
    { type: 'custom_tool_call_output', call_id: 'call_2', output: 'ok' },
    {
      type: 'computer_call_output',
      call_id: 'call_3',
      output: { type: 'computer_screenshot', image_url: 'https://a' },
    },
    { role: 'user', content: 'Go on' },
  ],
  stream: true,
  tools: [
    {
      type: 'function',
      name: 'f',
      description: 'd',
      parameters: { type: 'object' },
      strict: true,
      defer_loading: true,
    },
    { type: 'web_search' },
    { type: 'custom', name: 'g' },
  ],
  tool_choice: { type: 'custom', name: 'g' },
  parallel_tool_calls: false,
  text: {
    format: { type: 'json_schema', name: 'n', schema: { type: 'object' }, strict: true },
    verbosity: 'low',
  },
  reasoning: { effort: 'max', summary: 'auto', context: 'auto' },
  max_output_tokens: 5,
  temperature: 0.5,
  top_p: 0.9,
  top_logprobs: 2,
  include: ['message.output_text.logprobs'],
  store: false,
  previous_response_id: 'resp_0',
  metadata: { a: 'b' },
  service_tier: 'flex',
  user: 'u',
  safety_identifier: 's',
  prompt_cache_key: 'k',
  truncation: 'auto',
  later_field: { x: 1 },
}

describe('a request', () => {
  test('is sent on as it came', () => {
    const request = dialect.parseRequest(everything)
    expect(protocol.renderRequest(request, { model: 'gpt', quirks: {}, newId: () => 'id' }).body).toEqual(
      everything,
    )
  })

  test('means the same to every wire', () => {
    const request = dialect.parseRequest({ ...everything, input: 'Hello', tool_choice: 'required' })
    expect(request).toMatchObject({
      messages: [
        { role: 'system', content: [{ text: 'Be kind' }] },
        { role: 'user', content: [{ text: 'Hello' }] },
      ],
      toolChoice: { type: 'required' },
      reasoning: { effort: 'max' },
      maxTokens: 5,
      nativeOnly: 'previous_response_id',
    })
    expect(request.extra).toBeUndefined()
  })

  test.each<[JsonObject, string | undefined]>([
    [{ input: 'x' }, undefined],
    [{ input: [{ type: 'item_reference', id: 'msg_1' }] }, 'input[0]'],
    [{ input: 'x', conversation: 'conv_1' }, 'conversation'],
    [{ prompt: { id: 'p' } }, 'prompt'],
    [{ input: 'x', background: true }, 'background'],
  ])('%j needs a provider that keeps it: %s', (fields, nativeOnly) => {
    expect(dialect.parseRequest({ model: 'm', ...fields }).nativeOnly).toBe(nativeOnly)
  })

  test.each<[JsonObject, string]>([
    [{ input: 'x' }, 'model'],
    [{ model: 'm' }, 'input'],
    [{ model: 'm', input: 5 }, 'input'],
    [{ model: 'm', input: [] }, 'input'],
    [{ model: 'm', input: ['x'] }, 'input[0]'],
    [{ model: 'm', input: [{ content: 'x' }] }, 'input[0].type'],
    [{ model: 'm', input: [{ role: 'user' }] }, 'input[0].content'],
    [{ model: 'm', input: [{ role: 'wizard', content: 'x' }] }, 'input[0].role'],
    [{ model: 'm', input: [{ role: 'user', content: [{ type: 'smell' }] }] }, 'input[0].content[0].type'],
    [
      { model: 'm', input: [{ role: 'user', content: [{ type: 'input_image' }] }] },
      'input[0].content[0].image_url',
    ],
    [
      { model: 'm', input: [{ role: 'system', content: [{ type: 'input_image', image_url: 'https://a' }] }] },
      'input[0].content[0].type',
    ],
    [{ model: 'm', input: [{ type: 'function_call', name: 'f', arguments: '{}' }] }, 'input[0].call_id'],
    [{ model: 'm', input: [{ type: 'function_call_output', call_id: 'c' }] }, 'input[0].output'],
    [{ model: 'm', input: 'x', tools: [{ type: 'function' }] }, 'tools[0].name'],
    [{ model: 'm', input: 'x', tool_choice: 'maybe' }, 'tool_choice'],
    [{ model: 'm', input: 'x', text: { format: { type: 'json_schema', name: 'n' } } }, 'text.format.schema'],
    [{ model: 'm', input: 'x', reasoning: { effort: 'huge' } }, 'reasoning.effort'],
    [{ model: 'm', input: 'x', max_output_tokens: 0 }, 'max_output_tokens'],
    [{ model: 'm', input: 'x', temperature: 3 }, 'temperature'],
    [{ model: 'm', input: 'x', stream: 'yes' }, 'stream'],
  ])('%j is refused at %s', (body, param) => {
    expect(() => dialect.parseRequest(body)).toThrow(expect.objectContaining({ code: 'bad_request', param }))
  })
})

const parts: AnswerPart[] = [
  { type: 'reasoning', text: 'hm', signature: 'sig' },
  { type: 'reasoning', text: '', redacted: 'r' },
  {
    type: 'text',
    text: 'Hello',
    annotations: [{ type: 'url-citation', url: 'https://a', title: 'A', startIndex: 0, endIndex: 2 }],
  },
  { type: 'tool-call', id: 'toolu_1', name: 'f', arguments: '{"a":1}', signature: 'proof' },
  { type: 'tool-call', id: 'toolu_2', name: 'g', arguments: '' },
  { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'AAAA' } },
  { type: 'opaque', protocol: 'anthropic-messages', kind: 'server_tool_use', raw: {} },
]
const answer: Answer = {
  id: 'x',
  model: 'claude',
  choices: [{ parts, finish: { reason: 'tool-calls' } }],
  usage: { inputTokens: 3, outputTokens: 4, cacheReadTokens: 1, source: 'provider' },
}

function render(events: readonly StreamEvent[]): string {
  const renderer = dialect.createStreamRenderer(context)
  return events.map((event) => renderer.push(event)).join('')
}

function framesOf(text: string): JsonObject[] {
  const reader = createFrameReader('sse')
  const frames = [...reader.push(new TextEncoder().encode(text)), ...reader.end()]
  return frames.map(({ event, data }) => {
    const value = JSON.parse(data) as JsonObject
    expect(value.type).toBe(event)
    return value
  })
}

function reread(text: string): Answer {
  const parser = protocol.createStreamParser(parse)
  const events = framesOf(text).flatMap((event) => parser.push({ data: JSON.stringify(event) }))
  return collect([...events, ...parser.end()])
}

/** A client of OpenAI's own whose server answers with a text. */
function clientOf(body: string, type: string): OpenAI {
  return new OpenAI({
    apiKey: 'key',
    baseURL: 'http://localhost',
    maxRetries: 0,
    fetch: () => Promise.resolve(new Response(body, { headers: { 'content-type': type } })),
  })
}

describe('an answer', () => {
  test('of another wire is a response', () => {
    const body = dialect.renderAnswer(answer, context)
    expect(body).toMatchObject({
      id: 'resp_abc',
      object: 'response',
      status: 'completed',
      model: 'claude',
      usage: {
        input_tokens: 3,
        input_tokens_details: { cached_tokens: 1 },
        output_tokens: 4,
        total_tokens: 7,
      },
      output: [
        { type: 'reasoning', summary: [{ type: 'summary_text', text: 'hm' }] },
        { type: 'reasoning', summary: [] },
        { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Hello' }] },
        { type: 'function_call', call_id: 'toolu_1', arguments: '{"a":1}' },
        { type: 'reasoning' },
        { type: 'function_call', call_id: 'toolu_2', arguments: '{}' },
        { type: 'image_generation_call', result: 'AAAA' },
      ],
    })
  })

  test('comes back in the next turn with its proofs', () => {
    const { output } = dialect.renderAnswer(answer, context)
    const [turn] = dialect.parseRequest({ model: 'm', input: output }).messages
    expect(turn?.content).toMatchObject([
      { type: 'reasoning', text: 'hm', signature: 'sig' },
      { type: 'reasoning', redacted: 'r' },
      { type: 'text', text: 'Hello' },
      { type: 'tool-call', id: 'toolu_1', signature: 'proof' },
      { type: 'tool-call', id: 'toolu_2' },
      { type: 'opaque' },
      { type: 'image' },
    ])
    const body = protocol.renderRequest(
      { model: 'm', messages: turn === undefined ? [] : [turn], stream: false },
      { model: 'm', quirks: {}, newId: () => 'id' },
    ).body
    expect(JSON.stringify(body.input)).not.toMatch(/switchyard|"(rs|msg|fc)_sy_/)
  })

  test.each([
    ['length', { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }],
    ['content-filter', { status: 'incomplete', incomplete_details: { reason: 'content_filter' } }],
    ['error', { status: 'failed', error: { code: 'server_error' } }],
    ['other', { status: 'completed' }],
  ] as const)('that ended with %s says so', (reason, state) => {
    expect(
      dialect.renderAnswer({ ...answer, choices: [{ parts, finish: { reason } }] }, context),
    ).toMatchObject(state)
  })

  test('is read by OpenAI’s client', async () => {
    const client = clientOf(JSON.stringify(dialect.renderAnswer(answer, context)), 'application/json')
    const response = await client.responses.create({ model: 'm', input: 'x' })
    expect(response.output_text).toBe('Hello')
  })
})

describe('a stream', () => {
  test('is numbered, and every item is announced, told and completed', () => {
    const events = framesOf(render(eventsOf(answer)))
    expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_event, index) => index))
    expect(events.map(({ type }) => type)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.reasoning_summary_part.added',
      'response.reasoning_summary_text.delta',
      'response.reasoning_summary_text.done',
      'response.reasoning_summary_part.done',
      'response.output_item.done',
      'response.output_item.added',
      'response.output_item.done',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.annotation.added',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.output_item.added',
      'response.function_call_arguments.delta',
      'response.function_call_arguments.done',
      'response.output_item.done',
      'response.output_item.added',
      'response.output_item.done',
      'response.output_item.added',
      'response.function_call_arguments.delta',
      'response.function_call_arguments.done',
      'response.output_item.done',
      'response.output_item.added',
      'response.output_item.done',
      'response.completed',
    ])
    expect(events[11]).toMatchObject({
      part: { type: 'output_text', text: '' },
      output_index: 2,
      content_index: 0,
    })
    const end = events.at(-1)
    expect(end?.response).toEqual(dialect.renderAnswer(answer, context))
  })

  test('is gathered by OpenAI’s client', async () => {
    const client = clientOf(render(eventsOf(answer)), 'text/event-stream')
    const final = await client.responses.stream({ model: 'm', input: 'x' }).finalResponse()
    expect(final.output_text).toBe('Hello')
    expect(final.output.map(({ type }) => type)).toHaveLength(7)
  })

  test('of this wire keeps ids, phases and proofs', () => {
    const own: AnswerPart[] = [
      { type: 'reasoning', text: 'a', itemId: 'rs_1' },
      { type: 'reasoning', text: 'b', itemId: 'rs_1', encrypted: 'e' },
      {
        type: 'text',
        text: 'Hi',
        dialect: { protocol: 'openai-responses', fields: { id: 'msg_1', phase: 'commentary' } },
      },
      { type: 'text', text: 'Ho', dialect: { protocol: 'openai-responses', fields: { id: 'msg_2' } } },
      { type: 'tool-call', id: 'c', itemId: 'ctc_1', name: 'g', arguments: 'x', custom: true },
      {
        type: 'opaque',
        protocol: 'openai-responses',
        kind: 'image_generation_call',
        raw: { type: 'image_generation_call', id: 'ig_1' },
      },
      { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'AAAA' } },
    ]
    const events = eventsOf({ ...answer, choices: [{ parts: own, finish: { reason: 'tool-calls' } }] })
    expect(reread(render(events)).choices).toEqual([{ parts: own, finish: { reason: 'tool-calls' } }])
  })

  test('joins the texts and refusals of one message', () => {
    const said: AnswerPart[] = [
      { type: 'text', text: 'a' },
      { type: 'refusal', text: 'b' },
    ]
    const events = framesOf(
      render(eventsOf({ ...answer, choices: [{ parts: said, finish: { reason: 'stop' } }] })),
    )
    expect(events.filter(({ type }) => type === 'response.output_item.done')).toHaveLength(1)
    expect(events.at(-1)).toMatchObject({
      response: { output: [{ content: [{ text: 'a' }, { type: 'refusal', refusal: 'b' }] }] },
    })
  })

  test('that fails makes OpenAI’s client throw, and ends for those that wait for an end', async () => {
    const failure = createFailure({ code: 'overloaded', message: 'busy' })
    const start = render(eventsOf(answer).slice(0, 3))
    for (const text of [
      start + dialect.renderStreamFailure(failure, { requestId: 'r' }),
      render([...eventsOf(answer).slice(0, 3), { type: 'error', failure }]),
    ]) {
      const stream = await clientOf(text, 'text/event-stream').responses.create({
        model: 'm',
        input: 'x',
        stream: true,
      })
      const drain = async (): Promise<void> => {
        for await (const event of stream) expect(event.type).not.toBe('response.failed')
      }
      await expect(drain()).rejects.toThrow('busy')
      expect(framesOf(text).at(-1)).toMatchObject({
        type: 'response.failed',
        response: { error: { message: 'busy' } },
      })
    }
  })
})
