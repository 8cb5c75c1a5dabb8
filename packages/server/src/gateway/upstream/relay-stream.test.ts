import { createError, dialects } from '@switchyard/llm/kit'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  chatStream,
  cutAt,
  messagesStream,
  newlines,
  parse,
  streams,
  usageEvent,
  wire,
} from '../testing/streams.ts'
import type { SampleStream } from '../testing/streams.ts'
import { bodyOf } from './sse-bytes.ts'
import { relayStream } from './relay-stream.ts'
import type { StreamConverter } from './stream-converter.ts'

const failure = createError({ code: 'connection', message: 'acme: the connection was lost' }).toFailure()

function relay(dialect: SampleStream['dialect'], hidesUsage = false): StreamConverter {
  return relayStream({ dialect: dialects[dialect], parse, hidesUsage, requestId: 'call-1' })
}

function run(converter: StreamConverter, pieces: readonly Buffer[], last: 'end' | 'fail' = 'end'): Buffer {
  const out = pieces.map((piece) => Buffer.from(converter.push(piece)))
  out.push(Buffer.from(last === 'end' ? converter.end() : converter.fail(failure)))
  return Buffer.concat(out)
}

const offsets = fc.array(fc.nat(4_000), { maxLength: 40 })

function expectFacts(converter: StreamConverter, stream: SampleStream): void {
  const { inputTokens, outputTokens, model, text } = stream
  expect(converter.facts).toMatchObject({ model, usage: { inputTokens, outputTokens, source: 'provider' } })
  expect(converter.facts.failure).toBeUndefined()
  expect(converter.facts.deliveredText()).toBe(text)
  expect(converter).toMatchObject({ opened: true, done: true })
}

describe.each(streams)('$dialect', (stream) => {
  test('passes byte for byte, however it is cut and whatever ends its lines', () => {
    fc.assert(
      fc.property(fc.constantFrom(...newlines), offsets, (newline, cuts) => {
        const bytes = wire(stream.events, newline)
        const converter = relay(stream.dialect)
        expect(run(converter, cutAt(bytes, cuts)).equals(bytes)).toBe(true)
        expectFacts(converter, stream)
      }),
    )
  })

  test.each(newlines)('passes a byte at a time, with %j', (newline) => {
    const bytes = wire(stream.events, newline)
    const converter = relay(stream.dialect)
    expect(
      run(
        converter,
        [...bytes].map((byte) => Buffer.of(byte)),
      ).equals(bytes),
    ).toBe(true)
    expectFacts(converter, stream)
  })

  test('only whole events are handed on', () => {
    const bytes = wire(stream.events)
    const converter = relay(stream.dialect)
    for (const byte of bytes) {
      const out = Buffer.from(converter.push(Buffer.of(byte))).toString()
      expect(out === '' || out.endsWith('\n\n')).toBe(true)
    }
  })

  test('is opened by its first content', () => {
    const converter = relay(stream.dialect)
    for (const [index, event] of stream.events.entries()) {
      converter.push(wire([event]))
      expect(converter.opened).toBe(index >= stream.opening)
    }
  })

  test('a last event may lack its blank line', () => {
    const bytes = wire(stream.events)
    const converter = relay(stream.dialect)
    expect(run(converter, [bytes.subarray(0, -2)]).toString()).toBe(bytes.toString())
    expectFacts(converter, stream)
  })

  const bytes = wire(stream.events)
  const beforeLast = wire(stream.events.slice(0, stream.last + 1)).length
  describe.each([
    // A clean end may come right after the last character, a broken one after the blank line.
    { last: 'end' as const, wholeFrom: beforeLast - 2 },
    { last: 'fail' as const, wholeFrom: beforeLast },
  ])('cut anywhere ($last)', ({ last, wholeFrom }) => {
    test.each(Array.from({ length: Math.ceil(bytes.length / 100) }, (_, part) => part * 100))(
      'from byte %i on',
      (from) => {
        for (let at = from; at < Math.min(from + 100, bytes.length); at++) {
          const converter = relay(stream.dialect)
          const out = run(converter, [bytes.subarray(0, at)], last).toString()
          const events = out.split(/\n{2,}/).filter((event) => event !== '')
          for (const event of events)
            expect(event === 'data: [DONE]' || bodyOf(event) !== undefined, event).toBe(true)
          expect(converter.done).toBe(true)
          if (at >= wholeFrom) {
            expect(converter.facts.failure, `at ${at}`).toBeUndefined()
            expect(out.includes('[DONE]')).toBe(stream.dialect === 'openai-chat')
          } else {
            expect(converter.facts.failure, `at ${at}`).toBeDefined()
            expect(out).not.toContain('[DONE]')
            expect(events.at(-1)).toContain(last === 'end' ? 'ended before' : 'was lost')
          }
        }
      },
    )
  })
})

describe('usage that the client did not ask for', () => {
  const shown = chatStream.events.filter((_, index) => index !== usageEvent)

  test('is hidden, however the stream is cut, and known', () => {
    fc.assert(
      fc.property(fc.constantFrom(...newlines), offsets, (newline, cuts) => {
        const converter = relay('openai-chat', true)
        const out = run(converter, cutAt(wire(chatStream.events, newline), cuts))
        expect(out.toString()).toBe(wire(shown, newline).toString())
        expectFacts(converter, chatStream)
      }),
    )
  })

  test.each(['"choices":[]', '"choices": []', '"choices" : [ ]'])('is found written as %s', (choices) => {
    const events = chatStream.events.map((event) => event.replace('"choices":[]', choices))
    const out = run(relay('openai-chat', true), [wire(events)])
    expect(out.toString()).toBe(wire(shown).toString())
  })

  test('is hidden before an error, too', () => {
    const error = 'data: {"error":{"message":"boom"}}'
    const converter = relay('openai-chat', true)
    const out = run(converter, [wire([...chatStream.events.slice(0, 5), error])]).toString()
    expect(out).not.toContain('prompt_tokens')
    expect(out).toContain('boom')
  })

  test('a chunk with usage and a choice is for the client', () => {
    const both = 'data: {"choices":[{"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":1}}'
    const bytes = wire([both, 'data: [DONE]'])
    expect(run(relay('openai-chat', true), [bytes]).equals(bytes)).toBe(true)
  })
})

describe('the end', () => {
  test('[DONE] is added where a server does not send it', () => {
    const events = chatStream.events.slice(0, -1)
    const converter = relay('openai-chat')
    expect(run(converter, [wire(events)]).equals(wire(chatStream.events))).toBe(true)
    expectFacts(converter, chatStream)
  })

  test('[DONE] alone makes an answer whole', () => {
    const bytes = wire(['data: {"choices":[{"delta":{"content":"a"}}]}', 'data: [DONE]'])
    const converter = relay('openai-chat')
    expect(run(converter, [bytes]).equals(bytes)).toBe(true)
    expect(converter.facts.failure).toBeUndefined()
  })

  test('a broken connection after it changes nothing', () => {
    const converter = relay('openai-chat')
    const bytes = wire(chatStream.events)
    expect(run(converter, [bytes], 'fail').equals(bytes)).toBe(true)
    expectFacts(converter, chatStream)
  })

  test('nothing comes after it', () => {
    const converter = relay('openai-chat')
    run(converter, [wire(chatStream.events)])
    expect(converter.push(wire(['data: {}']))).toBe('')
    expect(converter.end()).toBe('')
    expect(converter.fail(failure)).toBe('')
  })

  test('of nothing at all is a failure', () => {
    const converter = relay('openai-chat')
    expect(run(converter, []).toString()).toContain('upstream_stream_interrupted')
    expect(converter.opened).toBe(false)
  })
})

describe('an error event', () => {
  test.each<[SampleStream['dialect'], string[], string]>([
    [
      'openai-chat',
      chatStream.events.slice(0, 2),
      'data: {"error":{"message":"boom","type":"server_error"}}',
    ],
    ['openai-chat', [], 'data: {"error":{"message":"boom"}}'],
    [
      'anthropic-messages',
      messagesStream.events.slice(0, 4),
      'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"boom"}}',
    ],
  ])('ends a stream of %s %#', (dialect, before, error) => {
    const bytes = wire([...before, error, 'data: [DONE]'])
    fc.assert(
      fc.property(offsets, (cuts) => {
        const converter = relay(dialect)
        const out = run(converter, cutAt(bytes, cuts)).toString()
        const passed = wire(before).toString()
        expect(out.startsWith(passed)).toBe(true)
        expect(out.slice(passed.length)).toContain('boom')
        expect(out).not.toContain('[DONE]')
        expect(converter.facts.failure?.message).toContain('boom')
        expect(converter).toMatchObject({ opened: before.length > 0, done: true })
      }),
    )
  })
})

describe('strange streams', () => {
  test.each(['null', '1', '"text"', '[]', '{"choices":{}}', '{"choices":[null]}', '{"usage":"error"}'])(
    'an event of %s passes',
    (body) => {
      const bytes = wire([`data: ${body}`, ...chatStream.events])
      const converter = relay('openai-chat')
      expect(run(converter, [bytes]).equals(bytes)).toBe(true)
      expectFacts(converter, chatStream)
    },
  )

  test('comments and other fields pass', () => {
    const bytes = wire([': hello', 'retry: 3', ...chatStream.events.map((event) => `id: 1\n${event}`)])
    expect(run(relay('openai-chat'), [bytes]).equals(bytes)).toBe(true)
  })

  test("a proxy's lines may end in another way", () => {
    const bytes = Buffer.concat([wire([': proxy']), wire(chatStream.events, '\r\n')])
    const converter = relay('openai-chat')
    expect(run(converter, cutAt(bytes, [9, 300, 500])).equals(bytes)).toBe(true)
    expect(converter.facts.failure).toBeUndefined()
  })

  test.each([1, 1_000, 65_536])('an event of a megabyte in pieces of %i', (size) => {
    const text = 'y'.repeat(size === 1 ? 20_000 : 1_000_000)
    const bytes = wire([`data: {"choices":[{"delta":{"content":"${text}"}}]}`, ...chatStream.events])
    const cuts = Array.from({ length: Math.floor(bytes.length / size) }, (_, index) => index * size)
    expect(run(relay('openai-chat'), cutAt(bytes, cuts)).equals(bytes)).toBe(true)
  })

  test.each(['y', 'y\n'])('an event without end, of %j, is given up', (text) => {
    const converter = relay('openai-chat')
    converter.push(wire(chatStream.events.slice(0, 2)))
    const piece = Buffer.from(text.repeat(500_000))
    let out = ''
    for (let count = 0; count < 40 && !converter.done; count++) out += converter.push(piece).toString()
    expect(out).toContain('upstream_invalid_sse')
    expect(out).not.toContain('[DONE]')
    expect(converter.facts.failure).toMatchObject({ reason: 'upstream_invalid_sse' })
  })
})
