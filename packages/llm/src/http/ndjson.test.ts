import { expect, it } from 'vitest'
import { createNdjsonReader } from './ndjson.ts'

it.each([
  ['lines', '{"a":1}\n{"a":2}\n', ['{"a":1}', '{"a":2}']],
  ['CRLF', '{"a":1}\r\n{"a":2}\r\n', ['{"a":1}', '{"a":2}']],
  ['keep-alive lines', '\n\n{"a":1}\n \n\r\n{"a":2}\n', ['{"a":1}', '{"a":2}']],
  ['a last line without end', '{"a":1}\n{"a":2}', ['{"a":1}', '{"a":2}']],
  ['nothing', '\n', []],
])('reads %s', (_name, text, expected) => {
  const reader = createNdjsonReader()
  const frames = [...reader.push(new TextEncoder().encode(text)), ...reader.end()]
  expect(frames.map((frame) => frame.data)).toEqual(expected)
})
