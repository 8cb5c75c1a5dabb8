import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { scanJson } from './scan-json.ts'
import { insertion, insertMember, replaceValue, splice } from './splice.ts'

function bodyOf(text: string): { body: Buffer; scan: ReturnType<typeof scanJson> } {
  const body = Buffer.from(text)
  return { body, scan: scanJson(body) }
}

test.each([
  ['{"model":"a","é":1}', '{"model":"gpt-ü","é":1}'],
  ['{ "x":[{"model":1}], "model" : {"deep":[]} }', '{ "x":[{"model":1}], "model" : "gpt-ü" }'],
])('replaces a value of the root: %s', (text, expected) => {
  const { body, scan } = bodyOf(text)
  expect(replaceValue(body, scan, 'model', '"gpt-ü"').toString()).toBe(expected)
})

test.each([
  ['{}', '{"stream_options":{"include_usage":true}}'],
  ['\ufeff { "a":1 }', '\ufeff {"stream_options":{"include_usage":true}, "a":1 }'],
])('inserts a member into the root: %s', (text, expected) => {
  const { body, scan } = bodyOf(text)
  expect(insertMember(body, scan, 'stream_options', '{"include_usage":true}').toString()).toBe(expected)
})

test('several edits in one copy, in any order', () => {
  const { body, scan } = bodyOf('{"a":1,"b":"two","c":[3]}')
  const edits = [
    { span: scan.span('c') ?? { start: 0, end: 0 }, text: '"sea"' },
    insertion(scan, { d: '4', e: '5' }),
    { span: scan.span('a') ?? { start: 0, end: 0 }, text: 'null' },
  ]
  expect(splice(body, edits).toString()).toBe('{"d":4,"e":5,"a":null,"b":"two","c":"sea"}')
  expect(splice(body, [insertion(scan, {})]).equals(body)).toBe(true)
})

describe('mistakes of the caller', () => {
  const { body, scan } = bodyOf('{"a":1}')

  test('a member that is not there cannot be replaced, one that is cannot be inserted', () => {
    expect(() => replaceValue(body, scan, 'b', '1')).toThrow(RangeError)
    expect(() => insertMember(body, scan, 'a', '1')).toThrow(RangeError)
  })

  test('edits must not overlap nor lie outside', () => {
    expect(() =>
      splice(body, [
        { span: { start: 1, end: 4 }, text: '' },
        { span: { start: 3, end: 5 }, text: '' },
      ]),
    ).toThrow(RangeError)
    expect(() => splice(body, [{ span: { start: 1, end: 99 }, text: '' }])).toThrow(RangeError)
  })
})

test('a spliced body parses to the object with those values', () => {
  const objects = fc.dictionary(
    fc.string({ unit: 'grapheme' }).filter((key) => key !== '__proto__'),
    fc.jsonValue({ maxDepth: 2 }).filter((value) => !JSON.stringify(value).includes('__proto__')),
    { noNullPrototype: true, minKeys: 1 },
  )
  fc.assert(
    fc.property(objects, fc.nat(), fc.jsonValue(), fc.constantFrom(0, 1), (object, pick, value, indent) => {
      const { body, scan } = bodyOf(JSON.stringify(object, null, indent))
      const keys = scan.keys()
      const key = keys[pick % keys.length] ?? ''
      const fresh = `${keys.join()}+`
      const text = JSON.stringify(value)
      const plain: unknown = JSON.parse(body.toString())
      expect(JSON.parse(replaceValue(body, scan, key, text).toString())).toEqual(
        Object.assign({}, plain, { [key]: JSON.parse(text) as unknown }),
      )
      expect(JSON.parse(insertMember(body, scan, fresh, text).toString())).toEqual(
        Object.assign({}, plain, { [fresh]: JSON.parse(text) as unknown }),
      )
    }),
  )
})
