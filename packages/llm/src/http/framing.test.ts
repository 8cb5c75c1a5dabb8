import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeEventStreamMessage } from './aws-event-stream.ts'
import type { Frame } from './frame.ts'
import { createFrameReader } from './framing.ts'
import type { Framing } from './framing.ts'

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
const awsMessage = (type: string, payload: string): Uint8Array =>
  encodeEventStreamMessage({ ':message-type': 'event', ':event-type': type }, encode(payload))

const samples: Readonly<Record<Framing, Uint8Array>> = {
  sse: encode(
    '\uFEFF: hello\r\n\r\ndata: {"a":"né🎉"}\nevent: x\n\nevent: y\rdata:1\rdata: 2\r\rdata: a\r\n\r\n\r\ndata: [DONE]',
  ),
  ndjson: encode('{"a":"né🎉"}\n\r\n\n{"b":1}\r\n{"c":"漢"}'),
  'aws-event-stream': Buffer.concat([
    awsMessage('a', '{"x":"né🎉"}'),
    awsMessage('b', ''),
    awsMessage('c', '{}'),
  ]),
  'json-array': encode('\uFEFF[{"a":"né🎉\\"]"}\n,\r\n{"b":[1,{"c":"}"}]}, 12 ,"x"\n]\n'),
}

function read(framing: Framing, chunks: Iterable<Uint8Array>): Frame[] {
  const reader = createFrameReader(framing)
  const frames: Frame[] = []
  for (const chunk of chunks) frames.push(...reader.push(chunk))
  return [...frames, ...reader.end()]
}

function* pieces(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  for (let at = 0, index = 0; at < bytes.length; index += 1) {
    const size = sizes[index % sizes.length] ?? 1
    yield bytes.subarray(at, at + size)
    at += size
  }
}

const framings: Framing[] = ['sse', 'ndjson', 'aws-event-stream', 'json-array']

describe.each(framings)('%s', (framing) => {
  const bytes = samples[framing]
  const whole = read(framing, [bytes])

  it('has something to read', () => {
    expect(whole.length).toBeGreaterThanOrEqual(3)
    expect(JSON.stringify(whole)).toContain('né🎉')
  })

  it('gives the same frames cut at every offset', () => {
    for (let at = 0; at <= bytes.length; at += 1) {
      expect(read(framing, [bytes.subarray(0, at), bytes.subarray(at)])).toEqual(whole)
    }
  })

  it('gives the same frames in any pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (sizes) => {
        expect(read(framing, pieces(bytes, sizes))).toEqual(whole)
      }),
    )
  })

  it('does not depend on chunks staying as they were', () => {
    const reader = createFrameReader(framing)
    const frames: Frame[] = []
    for (const byte of bytes) {
      const chunk = Uint8Array.of(byte)
      frames.push(...reader.push(chunk))
      chunk.fill(0)
    }
    expect([...frames, ...reader.end()]).toEqual(whole)
  })
})

interface Recording {
  id: string
  encoding: string
  response: string
}

const recordings =
  process.env['SWITCHYARD_FIXTURES'] ?? join(import.meta.dirname, '../../../../../shared/fixtures/providers')
const framingOfEncoding: Readonly<Record<string, Framing>> = {
  sse: 'sse',
  ndjson: 'ndjson',
  eventstream: 'aws-event-stream',
}
const mostRecordingsPerEncoding = 12

function sampledRecordings(): Recording[] {
  if (!existsSync(join(recordings, 'index.json'))) return []
  const index: { fixtures: Recording[] } = JSON.parse(readFileSync(join(recordings, 'index.json'), 'utf8'))
  return Object.keys(framingOfEncoding).flatMap((encoding) => {
    const all = index.fixtures.filter((fixture) => fixture.encoding === encoding)
    const stride = Math.max(1, Math.floor(all.length / mostRecordingsPerEncoding))
    return all.filter((_, position) => position % stride === 0)
  })
}

describe.runIf(existsSync(recordings))('recordings', () => {
  it.each(sampledRecordings())(
    '$id gives the same frames whole and byte by byte',
    ({ encoding, response }) => {
      const framing = framingOfEncoding[encoding] ?? 'sse'
      const bytes = new Uint8Array(readFileSync(join(recordings, response)))
      const whole = read(framing, [bytes])
      expect(whole.length).toBeGreaterThan(0)
      expect(read(framing, pieces(bytes, [1]))).toEqual(whole)
      expect(read(framing, pieces(bytes, [7, 1, 64, 3]))).toEqual(whole)
    },
  )
})
