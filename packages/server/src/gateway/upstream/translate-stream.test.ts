import { createError, dialects } from '@switchyard/llm/kit'
import type { ChatProtocol, DialectId } from '@switchyard/llm/kit'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chatStream, cutAt, messagesStream, parse, responsesStream, wire } from '../testing/streams.ts'
import type { SampleStream } from '../testing/streams.ts'
import { protocolOf } from '../testing/services.ts'
import { translateStream } from './translate-stream.ts'
import type { Translator } from './translate-stream.ts'

const failure = createError({ code: 'connection', message: 'acme: the connection was lost' }).toFailure()

const speaking: [string, SampleStream, ChatProtocol][] = [
  ['openai-chat', chatStream, protocolOf('openai/m-1', 'chat')],
  ['anthropic-messages', messagesStream, protocolOf('anthropic/m-1', 'chat')],
  ['openai-responses', responsesStream, protocolOf('openai/m-1', 'responses')],
]
const pairs = speaking.flatMap(([name, stream, protocol]) =>
  (['openai-chat', 'anthropic-messages', 'openai-responses'] as const)
    .filter((dialect) => dialect !== name)
    .map((dialect) => ({ name, stream, protocol, dialect })),
)

function translate(protocol: ChatProtocol, dialect: DialectId): Translator {
  return translateStream({
    protocol,
    parse,
    dialect: dialects[dialect],
    contextOf: (start) => ({ ...start, createdS: 1, request: { model: 'm', messages: [], stream: true } }),
    requestId: 'call-1',
  })
}

function run(converter: Translator, pieces: readonly Buffer[], last: 'end' | 'fail' = 'end'): string {
  const text = pieces.map((piece) => converter.push(piece)).join('')
  return text + (last === 'end' ? converter.end() : converter.fail(failure))
}

/** Ids are made anew for each answer. */
const stable = (text: string): string => text.replaceAll(/"(id|item_id)":"[^"]*"/g, '"id":""')

describe.each(pairs)('$name for clients of $dialect', ({ stream, protocol, dialect }) => {
  const bytes = wire(stream.events)
  const wholeConverter = translate(protocol, dialect)
  const whole = run(wholeConverter, [bytes])
  const lastWord = dialect === 'openai-chat' ? 'data: [DONE]' : /message_stop|response\.completed/

  test('says the same with the same facts, however it is cut', () => {
    expect(whole).toMatch(lastWord)
    fc.assert(
      fc.property(fc.array(fc.nat(4_000), { maxLength: 40 }), (cuts) => {
        const converter = translate(protocol, dialect)
        expect(stable(run(converter, cutAt(bytes, cuts)))).toHaveLength(stable(whole).length)
        const { inputTokens, outputTokens, model, text } = stream
        expect(converter.facts).toMatchObject({ model, usage: { inputTokens, outputTokens } })
        expect(converter.facts.deliveredText()).toBe(text)
        expect(converter).toMatchObject({ opened: true, done: true })
        expect(converter.facts.failure).toBeUndefined()
      }),
    )
  })

  test.each(['end', 'fail'] as const)('cut anywhere (%s), it ends with an error', (last) => {
    const until = wire(stream.events.slice(0, stream.last)).length
    for (let at = 0; at <= until; at++) {
      const converter = translate(protocol, dialect)
      const out = run(converter, [bytes.subarray(0, at)], last)
      expect(out, `at ${at}`).not.toMatch(lastWord)
      expect(out).toContain('error')
      expect(converter.facts.failure?.reason).toBe(last === 'end' ? 'upstream_stream_interrupted' : undefined)
      expect(converter.done).toBe(true)
      expect(out).not.toContain('\ufffd')
    }
  })

  test('nothing comes after the end', () => {
    expect(wholeConverter.push(bytes)).toBe('')
    expect(wholeConverter.end()).toBe('')
    expect(wholeConverter.fail(failure)).toBe('')
  })
})

test('an error event ends the stream in words of the client', () => {
  const error = 'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"boom"}}'
  const converter = translate(protocolOf('anthropic/m-1', 'chat'), 'openai-chat')
  const out = run(converter, [wire([...messagesStream.events.slice(0, 4), error])])
  expect(out).toContain('boom')
  expect(out).not.toContain('[DONE]')
  expect(converter.facts.failure).toMatchObject({ code: 'overloaded' })
})

test.each(['{}', '{"choices":{}}', '{"choices":[null]}', '{"error":null}'])(
  'an event of %s does no harm',
  (body) => {
    const converter = translate(protocolOf('openai/m-1', 'chat'), 'anthropic-messages')
    const out = run(converter, [wire([`data: ${body}`, ...chatStream.events])])
    expect(out).toContain('message_stop')
    expect(converter.facts.failure).toBeUndefined()
  },
)

test('bytes that are no stream end in an error', () => {
  const converter = translate(protocolOf('bedrock/anthropic.claude-3', 'chat'), 'openai-chat')
  const out = run(converter, [Buffer.alloc(64, 'x')])
  expect(out).not.toContain('[DONE]')
  expect(converter.facts.failure).toMatchObject({ reason: 'upstream_invalid_sse' })
})
