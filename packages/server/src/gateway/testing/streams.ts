import type { DialectId, ParseContext } from '@switchyard/llm/kit'

/** A whole stream in one format, an event a member, without its blank lines. */
export interface SampleStream {
  dialect: DialectId
  events: readonly string[]
  /** The event that ends the answer: from here on it is whole. */
  last: number
  /** The event that says something first. */
  opening: number
  text: string
  model: string
  inputTokens: number
  outputTokens: number
}

export const parse: ParseContext = { provider: 'acme', model: 'm-1', quirks: {}, newId: () => 'new' }

const data = (body: unknown): string => `data: ${JSON.stringify(body)}`
const named = (body: { type: string; [field: string]: unknown }): string =>
  `event: ${body.type}\n${data(body)}`

const chunk = (delta: object, finish: string | null = null): string =>
  data({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm-1-2026',
    choices: [{ index: 0, delta, finish_reason: finish }],
  })

/** As OpenAI sends it when usage is asked for; `usageEvent` is the one that only holds usage. */
export const usageEvent = 4
export const chatStream: SampleStream = {
  dialect: 'openai-chat',
  events: [
    chunk({ role: 'assistant', content: '' }),
    chunk({ content: 'Grüße 🚂' }),
    chunk({ content: ' and "error": none' }),
    chunk({}, 'stop'),
    data({
      id: 'chatcmpl-1',
      object: 'chat.completion.chunk',
      created: 1,
      model: 'm-1-2026',
      choices: [],
      usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 },
    }),
    'data: [DONE]',
  ],
  last: 3,
  opening: 1,
  text: 'Grüße 🚂 and "error": none',
  model: 'm-1-2026',
  inputTokens: 11,
  outputTokens: 7,
}

export const messagesStream: SampleStream = {
  dialect: 'anthropic-messages',
  events: [
    named({
      type: 'message_start',
      message: {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: 'm-1-2026',
        content: [],
        stop_reason: null,
        usage: { input_tokens: 11, output_tokens: 1 },
      },
    }),
    named({
      type: 'content_block_start',
      index: 0,
      content_block: { type: 'text', text: '' },
    }),
    named({ type: 'ping' }),
    named({
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'text_delta', text: 'Grüße 🚂' },
    }),
    named({ type: 'content_block_stop', index: 0 }),
    named({
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: 7 },
    }),
    named({ type: 'message_stop' }),
  ],
  last: 5,
  opening: 1,
  text: 'Grüße 🚂',
  model: 'm-1-2026',
  inputTokens: 11,
  outputTokens: 7,
}

const response = { id: 'resp_1', object: 'response', model: 'm-1-2026', created_at: 1 }

export const responsesStream: SampleStream = {
  dialect: 'openai-responses',
  events: [
    named({
      type: 'response.created',
      response: { ...response, status: 'in_progress', output: [] },
    }),
    named({
      type: 'response.output_item.added',
      output_index: 0,
      item: { id: 'i', type: 'message', role: 'assistant', content: [] },
    }),
    named({
      type: 'response.output_text.delta',
      item_id: 'i',
      output_index: 0,
      content_index: 0,
      delta: 'Grüße 🚂',
    }),
    named({
      type: 'response.completed',
      response: {
        ...response,
        status: 'completed',
        output: [],
        usage: { input_tokens: 11, output_tokens: 7, total_tokens: 18 },
      },
    }),
  ],
  last: 3,
  opening: 1,
  text: 'Grüße 🚂',
  model: 'm-1-2026',
  inputTokens: 11,
  outputTokens: 7,
}

export const streams: readonly SampleStream[] = [chatStream, messagesStream, responsesStream]

export type Newline = '\n' | '\r\n' | '\r'
export const newlines: readonly Newline[] = ['\n', '\r\n', '\r']

/** The bytes of events, each with its blank line. */
export function wire(events: readonly string[], newline: Newline = '\n'): Buffer {
  return Buffer.from(events.map((event) => event.replaceAll('\n', newline) + newline + newline).join(''))
}

/** The same bytes in pieces, cut at these offsets (beyond the end they count from the start again). */
export function cutAt(bytes: Buffer, offsets: readonly number[]): Buffer[] {
  const cuts = [...new Set(offsets.map((offset) => offset % (bytes.length + 1)))].toSorted((a, b) => a - b)
  return [0, ...cuts].map((start, index) => bytes.subarray(start, cuts[index] ?? bytes.length))
}
