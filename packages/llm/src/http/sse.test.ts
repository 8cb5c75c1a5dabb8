import { describe, expect, it } from 'vitest'
import { InvalidFrameError } from './invalid-frame-error.ts'
import { createSseReader } from './sse.ts'

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

function readAll(text: string): unknown[] {
  const reader = createSseReader()
  return [...reader.push(encode(text)), ...reader.end()]
}

describe('createSseReader', () => {
  it.each([
    ['one event', 'data: a\n\n', [{ data: 'a' }]],
    ['a named event', 'event: ping\ndata: {}\n\n', [{ event: 'ping', data: '{}' }]],
    ['data before the name', 'data: {}\nevent: ping\n\n', [{ event: 'ping', data: '{}' }]],
    ['CRLF', 'data: a\r\n\r\ndata: b\r\n\r\n', [{ data: 'a' }, { data: 'b' }]],
    ['CR', 'data: a\r\rdata: b\r\r', [{ data: 'a' }, { data: 'b' }]],
    [
      'mixed line ends',
      'data: a\r\n\ndata: b\n\rdata: c\r\r\n',
      [{ data: 'a' }, { data: 'b' }, { data: 'c' }],
    ],
    ['comments', ': OPENROUTER PROCESSING\n\n:\n\ndata: a\n: b\n\n', [{ data: 'a' }]],
    ['a byte order mark', '\uFEFFdata: a\n\n', [{ data: 'a' }]],
    ['a byte order mark later is text', 'data: a\n\n\uFEFFdata: b\n\n', [{ data: 'a' }]],
    ['several data lines', 'data: a\ndata:\ndata: b\n\n', [{ data: 'a\n\nb' }]],
    ['no space after the colon', 'event:x\ndata:{"a":1}\n\n', [{ event: 'x', data: '{"a":1}' }]],
    ['only one space is dropped', 'data:  a\n\n', [{ data: ' a' }]],
    ['id and retry', 'id: 1\nretry: 5\ndata: a\n\n', [{ data: 'a' }]],
    ['unknown fields', 'dat: x\ndata2: y\ndata: a\n\n', [{ data: 'a' }]],
    ['a field without colon', 'data\n\n', [{ data: '' }]],
    ['an event without data is none', 'event: ping\n\ndata: a\n\n', [{ data: 'a' }]],
    ['an unterminated event', 'data: a\n\nevent: x\ndata: b\n', [{ data: 'a' }, { event: 'x', data: 'b' }]],
    ['an unterminated line', 'data: a\n\ndata: b', [{ data: 'a' }, { data: 'b' }]],
    ['many blank lines', '\n\n\ndata: a\n\n\n\n', [{ data: 'a' }]],
    ['nothing', '', []],
  ])('%s', (_name, text, expected) => {
    expect(readAll(text)).toEqual(expected)
  })

  it('shows no replacement character for a code point that was cut at the end', () => {
    const reader = createSseReader()
    reader.push(encode('data: né').subarray(0, -1))
    expect(reader.end()).toEqual([{ data: 'n' }])
  })

  it('delivers an event as soon as its blank line is there, also with CR alone', () => {
    const reader = createSseReader()
    expect(reader.push(encode('data: a\r\r'))).toEqual([{ data: 'a' }])
  })

  it.each([
    ['a line without end', ['data: ', 'x'.repeat(100)]],
    ['a long line in one chunk', [`data: ${'x'.repeat(100)}\n\n`]],
    ['an event of many lines', ['data: xxxxxxxxxxxxxxxxxxxxxxxxx\n'.repeat(3)]],
  ])('refuses %s over the limit', (_name, chunks) => {
    const reader = createSseReader({ maxFrameBytes: 64 })
    const push = (): void => chunks.forEach((chunk) => reader.push(encode(chunk)))
    expect(push).toThrow(InvalidFrameError)
    expect(() => reader.push(encode('\n'))).toThrow(
      expect.objectContaining({ reason: 'too_long', limit: 64 }),
    )
    expect(() => reader.end()).toThrow(InvalidFrameError)
  })

  it('delivers what was whole before the fault, then the fault', () => {
    const reader = createSseReader({ maxFrameBytes: 20 })
    expect(reader.push(encode(`data: a\n\ndata: ${'x'.repeat(30)}`))).toEqual([{ data: 'a' }])
    expect(() => reader.end()).toThrow(InvalidFrameError)
  })

  // Quadratic work (50,000 chunks of a megabyte scanned or copied again) would run into the test's timeout.
  it('reads a megabyte in 50,000 pieces in linear time', () => {
    const bytes = encode(`data: ${'é'.repeat(500_000)}\n\n`)
    const reader = createSseReader()
    const frames = []
    const size = Math.ceil(bytes.length / 50_000)
    for (let at = 0; at < bytes.length; at += size) frames.push(...reader.push(bytes.subarray(at, at + size)))
    expect(frames).toHaveLength(1)
    expect(frames[0]?.data).toHaveLength(500_000)
  })
})
