import { describe, expect, it } from 'vitest'
import { InvalidFrameError } from './invalid-frame-error.ts'
import { createJsonArrayReader } from './json-array.ts'

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('createJsonArrayReader', () => {
  it.each([
    ['an array', '[{"a":1}\n,\r\n{"a":2}\n]\n', ['{"a":1}', '{"a":2}']],
    [
      'nested arrays and brackets in strings',
      '[{"a":["]",{"b":"}"}]},[1,[2]]]',
      ['{"a":["]",{"b":"}"}]}', '[1,[2]]'],
    ],
    [
      'escaped quotes',
      String.raw`[{"a":"\"]\\"},{"b":"\\\""}]`,
      [String.raw`{"a":"\"]\\"}`, String.raw`{"b":"\\\""}`],
    ],
    ['scalars', '[1, "a,]" ,true,null]', ['1', '"a,]"', 'true', 'null']],
    ['a single object', ' {"error":{"code":400}}\n', ['{"error":{"code":400}}']],
    ['a single number', '42', ['42']],
    ['a byte order mark', '\uFEFF[{"a":1}]', ['{"a":1}']],
    ['an empty array', '[]', []],
    ['nothing', ' \n', []],
  ])('reads %s', (_name, text, expected) => {
    const reader = createJsonArrayReader()
    const frames = [...reader.push(encode(text)), ...reader.end()]
    expect(frames.map((frame) => frame.data)).toEqual(expected)
  })

  it('delivers an element before the comma after it', () => {
    expect(createJsonArrayReader().push(encode('[{"a":1}'))).toEqual([{ data: '{"a":1}' }])
  })

  it.each([
    ['truncated', '[{"a":1},{"b":'],
    ['truncated', '[{"a":1}'],
    ['truncated', '{"a":"'],
    ['malformed', '[]]'],
  ])('calls %s: %s', (reason, text) => {
    const reader = createJsonArrayReader()
    const read = (): void => {
      reader.push(encode(text))
      reader.end()
    }
    expect(read).toThrow(expect.objectContaining({ name: 'InvalidFrameError', reason }))
  })

  it('refuses an element over the limit', () => {
    const reader = createJsonArrayReader({ maxFrameBytes: 10 })
    expect(() => reader.push(encode('[{"a":"xxxxxxxxxxxxx"}]'))).toThrow(InvalidFrameError)
  })
})
