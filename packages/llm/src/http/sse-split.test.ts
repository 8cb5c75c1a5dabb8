import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSseEventSplitter } from './sse-split.ts'

function split(chunks: readonly Buffer[]): { events: string[]; rest: number } {
  const splitter = createSseEventSplitter()
  const events: string[] = []
  for (const chunk of chunks) splitter.push(chunk, (event) => events.push(event.toString()))
  const rest = splitter.rest()
  splitter.end((event) => events.push(event.toString()))
  return { events, rest }
}

const streams = [
  'data: a\n\nevent: x\ndata: né\n\n',
  'data: a\r\n\r\n: note\r\n\r\ndata: b\r\n\r\n',
  'data: a\r\rdata: b\r\r',
  '\r\n\ndata: a\r\n\ndata: b\n\r\r\ndata: c\r\n\r\n\r\r\ndata: d',
  '\n\n\ndata: a\n\n\ndata: b\n',
]

describe('createSseEventSplitter', () => {
  it.each([
    ['LF', streams[0], ['data: a\n\n', 'event: x\ndata: né\n\n'], 0],
    ['CRLF', streams[1], ['data: a\r\n\r\n', ': note\r\n\r\n', 'data: b\r\n\r\n'], 0],
    ['CR', streams[2], ['data: a\r\r', 'data: b\r\r'], 0],
    ['blank lines and a rest', streams[4], ['\n', '\n', '\n', 'data: a\n\n', '\n', 'data: b\n'], 8],
  ])('cuts %s', (_name, stream = '', events, rest) => {
    expect(split([Buffer.from(stream)])).toEqual({ events, rest })
  })

  it.each(streams)('cuts %j alike at every offset, and loses nothing', (stream) => {
    const bytes = Buffer.from(stream)
    const whole = split([bytes])
    expect(whole.events.join('')).toBe(stream)
    for (let at = 0; at <= bytes.length; at += 1) {
      expect(split([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(whole)
    }
    expect(split(Array.from(bytes, (byte) => Buffer.of(byte)))).toEqual(whole)
  })

  it('cuts any stream alike in any pieces', () => {
    const stream = fc.array(fc.constantFrom('\n', '\r', '\r\n', 'data: a', 'é'), { maxLength: 40 })
    fc.assert(
      fc.property(stream, fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 }), (parts, sizes) => {
        const bytes = Buffer.from(parts.join(''))
        const chunks: Buffer[] = []
        for (let at = 0; at < bytes.length; at += chunks.at(-1)?.length ?? 0) {
          chunks.push(bytes.subarray(at, at + (sizes[chunks.length % sizes.length] ?? 1)))
        }
        expect(split(chunks)).toEqual(split([bytes]))
      }),
    )
  })

  it('does not copy an event that lies in one chunk', () => {
    const chunk = Buffer.from('data: a\n\ndata: b\n\n')
    createSseEventSplitter().push(chunk, (event) => expect(event.buffer).toBe(chunk.buffer))
  })

  it('refuses to hold back more than the limit', () => {
    const splitter = createSseEventSplitter({ maxFrameBytes: 8 })
    expect(() => splitter.push(Buffer.from('data: 123456789'), () => {})).toThrow(
      expect.objectContaining({ reason: 'too_long' }),
    )
  })
})
