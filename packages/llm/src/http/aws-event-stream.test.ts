import { describe, expect, it } from 'vitest'
import { parseEventStreamHeaders, renderEventStreamHeaders } from './aws-event-stream-headers.ts'
import { createAwsEventStreamReader, encodeEventStreamMessage } from './aws-event-stream.ts'
import { crc32 } from './crc32.ts'

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
const fromHex = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))

const message = encodeEventStreamMessage(
  { ':event-type': 'contentBlockDelta', ':content-type': 'application/json', ':message-type': 'event' },
  encode('{"delta":{"text":"né"}}'),
)

function withByte(bytes: Uint8Array, index: number, value: number): Uint8Array {
  const changed = bytes.slice()
  changed[index] = value
  return changed
}

describe('createAwsEventStreamReader', () => {
  it.each([
    ['event', { ':message-type': 'event', ':event-type': 'messageStop' }, '{}', 'messageStop', '{}'],
    [
      'exception',
      { ':message-type': 'exception', ':exception-type': 'throttlingException' },
      '{"message":"slow"}',
      'throttlingException',
      '{"message":"slow"}',
    ],
    [
      'error',
      { ':message-type': 'error', ':error-code': 'InternalFailure', ':error-message': 'broken' },
      '',
      'InternalFailure',
      'broken',
    ],
  ])('reads an %s', (kind, headers, payload, event, data) => {
    const reader = createAwsEventStreamReader()
    expect(reader.push(encodeEventStreamMessage(headers, encode(payload)))).toEqual([{ kind, event, data }])
    expect(reader.end()).toEqual([])
  })

  it.each([
    ['an empty message', '00000010 00000000 05c248eb 7d98c8ff', { kind: 'event', data: '' }],
    [
      'a message without headers',
      '0000001d 00000000 fd528c5a 7b27666f6f273a27626172277d c3653936',
      { kind: 'event', data: "{'foo':'bar'}" },
    ],
  ])("reads AWS's own example: %s", (_name, hex, expected) => {
    expect(createAwsEventStreamReader().push(fromHex(hex))).toEqual([expected])
  })

  it.each([
    ['bad_checksum', 'a flipped payload byte', withByte(message, message.length - 8, 0x00)],
    ['bad_checksum', 'a flipped length', withByte(message, 3, 0xff)],
    [
      'bad_checksum',
      'a wrong message checksum',
      withByte(message, message.length - 1, (message.at(-1) ?? 0) ^ 1),
    ],
    ['bad_checksum', 'text instead', encode('{"message":"Internal server error"}')],
    ['malformed', 'headers longer than the message', withPrelude(20, 400)],
    ['malformed', 'a length below the smallest', withPrelude(4, 0)],
    ['too_long', 'an absurd length', withPrelude(0xffffffff, 0)],
  ])('refuses as %s: %s', (reason, _name, bytes) => {
    expect(() => createAwsEventStreamReader().push(bytes)).toThrow(
      expect.objectContaining({ name: 'InvalidFrameError', reason }),
    )
  })

  it('calls a body that ends inside a message truncated', () => {
    const reader = createAwsEventStreamReader()
    expect(reader.push(message.subarray(0, -1))).toEqual([])
    expect(() => reader.end()).toThrow(expect.objectContaining({ reason: 'truncated' }))
  })
})

describe('headers', () => {
  it('come back as they were written, in every type', () => {
    const headers = {
      yes: true,
      no: false,
      integer: -7,
      long: 2n ** 40n,
      bytes: Uint8Array.of(1, 2),
      text: 'né',
      time: new Date(1_700_000_000_123),
    }
    expect({ ...parseEventStreamHeaders(renderEventStreamHeaders(headers)) }).toEqual(headers)
  })

  it.each([
    ['8-bit', '0161 02 fe', -2],
    ['16-bit', '0161 03 fffe', -2],
    ['UUID', '0161 09 000102030405060708090a0b0c0d0e0f', '00010203-0405-0607-0809-0a0b0c0d0e0f'],
  ])('of type %s are read', (_name, hex, expected) => {
    expect(parseEventStreamHeaders(fromHex(hex))['a']).toBe(expected)
  })

  it.each([
    ['an unknown type', '0161 0a'],
    ['a value past the end', '0161 07 0005 61'],
    ['a missing length', '0161 07 00'],
  ])('with %s are malformed', (_name, hex) => {
    expect(() => parseEventStreamHeaders(fromHex(hex))).toThrow(
      expect.objectContaining({ reason: 'malformed' }),
    )
  })
})

it('crc32 agrees with the check value of the standard', () => {
  expect(crc32(encode('123456789'))).toBe(0xcbf43926)
})

function withPrelude(totalBytes: number, headerBytes: number): Uint8Array {
  const bytes = new Uint8Array(16)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, totalBytes)
  view.setUint32(4, headerBytes)
  view.setUint32(8, crc32(bytes.subarray(0, 8)))
  return bytes
}
