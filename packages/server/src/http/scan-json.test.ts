import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BodyError } from './body-error.ts'
import { scanJson, type JsonScan, type ScanLimits } from './scan-json.ts'

function scan(text: string, limits?: ScanLimits): JsonScan {
  return scanJson(Buffer.from(text), limits)
}

/** The code of the refusal and what it is about; 'accepted' without one. */
function verdict(body: Buffer | string, limits?: ScanLimits): string {
  try {
    scanJson(Buffer.from(body), limits)
    return 'accepted'
  } catch (error) {
    if (!(error instanceof BodyError)) throw error
    return error.param === undefined ? error.code : `${error.code} ${error.param}`
  }
}

describe('reading the members of the root', () => {
  const body = scan(
    '\ufeff {"model" : "a\\"b\\u00e9", "n":2, "stream":true, "stop":null, "t":-1.5e2, "off":false,' +
      ' "messages":[{"role":"user","content":[]},{}], "metadata":{"a":1}, "n\\u0061me":"x", "größe":"é"}\n',
  )

  test('names, kinds and counts', () => {
    expect(Object.fromEntries(body.keys().map((key) => [key, [body.kind(key), body.count(key)]]))).toEqual({
      model: ['string', 0],
      n: ['number', 0],
      stream: ['boolean', 0],
      stop: ['null', 0],
      t: ['number', 0],
      off: ['boolean', 0],
      messages: ['array', 2],
      metadata: ['object', 1],
      name: ['string', 0],
      größe: ['string', 0],
    })
    expect(body.size).toBe(10)
  })

  test('values', () => {
    expect(body.string('model')).toBe('a"bé')
    expect(body.string('name')).toBe('x')
    expect(body.string('größe')).toBe('é')
    expect(body.number('t')).toBe(-150)
    expect([body.boolean('stream'), body.boolean('off')]).toEqual([true, false])
    expect(body.json('messages')).toEqual([{ role: 'user', content: [] }, {}])
    expect(body.json('stop')).toBeNull()
  })

  test('absent, or another type', () => {
    expect(body.has('absent')).toBe(false)
    expect([body.span('absent'), body.kind('absent'), body.json('absent'), body.string('mode')]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
    expect([body.string('n'), body.number('model'), body.boolean('stop')]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })
})

test.each([
  ['{"model":', 'invalid_json'],
  ['{"a":1,}', 'invalid_json'],
  ['{"a":01}', 'invalid_json'],
  ['{"a":1.}', 'invalid_json'],
  ['{"a":.5}', 'invalid_json'],
  ['{"a":+1}', 'invalid_json'],
  ['{"a":NaN}', 'invalid_json'],
  ['{"a":truth}', 'invalid_json'],
  ["{'a':1}", 'invalid_json'],
  ['{"a":"\t"}', 'invalid_json'],
  ['{"a":"\\x41"}', 'invalid_json'],
  ['{"a":"\\u12g4"}', 'invalid_json'],
  ['{} {}', 'invalid_json'],
  ['{"a":1\u00a0}', 'invalid_json'],
  ['', 'invalid_body'],
  [' \n', 'invalid_body'],
  ['null', 'invalid_body'],
  ['[]', 'invalid_body'],
  ['"x"', 'invalid_body'],
  ['17', 'invalid_body'],
  ['{"a":1,"a":2}', 'duplicate_key a'],
  ['{"mod\\u0065l":1,"model":2}', 'duplicate_key model'],
  ['{"é":1,"\\u00e9":2}', 'duplicate_key é'],
  ['{"m":[0,{"t":[[{"x":1,"y":2,"x":3}]]}]}', 'duplicate_key m[1].t[0][0].x'],
  ['{"a":{"b":1},"c":{"b":1}}', 'accepted'],
  ['{"a":{"__proto__":1}}', 'invalid_key a.__proto__'],
  ['{"\\u005f_proto__":1}', 'invalid_key __proto__'],
  ['{"constructor":1,"prototype":2}', 'accepted'],
  ['{"a":"\\ud800"}', 'invalid_unicode'],
  ['{"a":"\\udc00"}', 'invalid_unicode'],
  ['{"a":"\\ud800\\u0041"}', 'invalid_unicode'],
  ['{"\\ud800":1}', 'invalid_unicode'],
  ['{"a":"\\ud83d\\ude00 \\u0000"}', 'accepted'],
  ['\ufeff{}', 'accepted'],
  ['{"a":1e400}', 'accepted'],
])('%s: %s', (body, expected) => {
  expect(verdict(body)).toBe(expected)
})

test('in a long string too', () => {
  const long = 'x'.repeat(1000)
  expect(verdict(`{"a":"${long}`)).toBe('invalid_json')
  expect(verdict(`{"a":"${long}\n${long}"}`)).toBe('invalid_json')
  expect(verdict(`{"a":"${long}\\ud83dx"}`)).toBe('invalid_unicode')
  expect(verdict(`{"${long}":{"a":2,"a":3}}`)).toBe(`duplicate_key ${'x'.repeat(200)}…`)
})

test('bytes that are no UTF-8', () => {
  expect(verdict(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).toBe('invalid_encoding')
})

test('the message tells the offset and repeats nothing', () => {
  expect(() => scan('{"key":"secret" oops}')).toThrow(
    /^The request body is not valid JSON: it goes wrong at byte 16\.$/,
  )
})

test('depth: 64 levels, and a hundred thousand cost nothing', () => {
  const nested = (depth: number): string => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`
  expect(verdict(nested(64))).toBe('accepted')
  expect(verdict(nested(65))).toBe('json_too_deep')
  expect(verdict(nested(5), { maxDepth: 4 })).toBe('json_too_deep')
  const hostile = `{"tools":${'['.repeat(100_000)}`
  const start = process.cpuUsage()
  expect(verdict(hostile)).toBe('json_too_deep')
  expect(process.cpuUsage(start).user).toBeLessThan(50_000)
})

test('number of members', () => {
  const objects = Array.from({ length: 20 }, () => ({ a: 1, b: 2 }))
  expect(verdict(JSON.stringify({ objects }), { maxKeys: 41 })).toBe('accepted')
  expect(verdict(JSON.stringify({ objects }), { maxKeys: 40 })).toBe('limit_exceeded')
})

test('duplicates among many members', () => {
  const members = Array.from({ length: 500 }, (_, index) => `"k${index}":0`)
  expect(verdict(`{${members.join()}}`)).toBe('accepted')
  for (const again of ['k3', 'k499', 'k\\u0033']) {
    expect(verdict(`{${members.join()},"${again}":0}`)).toMatch(/^duplicate_key k/)
  }
})

test('lenient, for what providers answer', () => {
  const answer = scan('{"a":1,"a":"\\ud83d","__proto__":[1,2]}', { lenient: true })
  expect([answer.string('a'), answer.count('__proto__')]).toEqual(['\ud83d', 2])
  expect(verdict(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), { lenient: true })).toBe('accepted')
})

describe('against JSON.parse', () => {
  /** Strings with what is hard about them: escapes, controls, astral characters, and length. */
  const strings = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', '\u0000', 'é', '😀'), maxLength: 60 }),
    fc.tuple(fc.string({ unit: 'grapheme' }), fc.nat(600)).map(([text, times]) => text.repeat(times)),
  )
  const objectsOf = (texts: fc.Arbitrary<string>, maxKeys: number): fc.Arbitrary<unknown> =>
    fc.letrec((tie) => ({
      object: fc.dictionary(
        texts.filter((key) => key !== '__proto__'),
        tie('value'),
        { maxKeys, noNullPrototype: true },
      ),
      value: fc.oneof(
        { maxDepth: 4, depthSize: 'small' },
        texts,
        fc.double({ noDefaultInfinity: true, noNaN: true }),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 5 }),
        tie('object'),
      ),
    })).object
  const indents = fc.constantFrom(0, 2, '\t')

  function parsed(text: string): unknown {
    try {
      return JSON.parse(text)
    } catch {
      return undefined
    }
  }

  function isObject(value: unknown): value is Record<string, unknown> {
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  }

  test('every member of every object is found, and means the same', () => {
    fc.assert(
      fc.property(objectsOf(strings, 30), indents, fc.nat(3), (value, indent, shift) => {
        const text = JSON.stringify(value, null, indent)
        // Bodies begin anywhere in the memory they were read into.
        const body = Buffer.from('x'.repeat(shift) + text).subarray(shift)
        const result = scanJson(body)
        const expected: unknown = JSON.parse(text)
        if (!isObject(expected)) throw new Error('not an object')
        expect(result.keys()).toEqual(Object.keys(expected).length === 0 ? [] : expect.any(Array))
        expect(new Set(result.keys())).toEqual(new Set(Object.keys(expected)))
        for (const [key, member] of Object.entries(expected)) {
          const span = result.span(key)
          expect(JSON.parse(body.toString('utf8', span?.start, span?.end))).toEqual(member)
          expect(result.json(key)).toEqual(member)
          expect(result.string(key)).toBe(typeof member === 'string' ? member : undefined)
          expect(result.number(key)).toBe(typeof member === 'number' ? member : undefined)
          expect(result.boolean(key)).toBe(typeof member === 'boolean' ? member : undefined)
          expect(result.count(key)).toBe(
            typeof member === 'object' && member !== null ? Object.keys(member).length : 0,
          )
        }
      }),
      { numRuns: 300 },
    )
  })

  test('a damaged body is refused exactly when JSON.parse refuses it', () => {
    const damage = fc.record({
      at: fc.nat(),
      remove: fc.nat(3),
      insert: fc.oneof(
        fc.constant(''),
        fc.string({
          unit: fc.constantFrom(...'"\\{}[]:,0123456789.eE+-truefalsn \n\t\u0001\u0000u'),
          maxLength: 3,
        }),
      ),
    })
    // Small, so that most of it is structure.
    const object = objectsOf(
      fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', '😀'), maxLength: 4 }),
      4,
    )
    fc.assert(
      fc.property(
        object,
        indents,
        fc.array(damage, { minLength: 1, maxLength: 2 }),
        (value, indent, wounds) => {
          let text = JSON.stringify(value, null, indent)
          for (const { at, remove, insert } of wounds) {
            const place = at % (text.length + 1)
            text = text.slice(0, place) + insert + text.slice(place + remove)
          }
          // Half a character left over by the cut would be replaced on encoding, and be no test at all.
          text = text.toWellFormed()
          const expected = parsed(text)
          expect(verdict(text, { lenient: true })).toBe(
            isObject(expected)
              ? 'accepted'
              : expected === undefined && text.trim() !== ''
                ? 'invalid_json'
                : 'invalid_body',
          )
          if (!isObject(expected)) expect(verdict(text)).not.toBe('accepted')
        },
      ),
      { numRuns: 3000 },
    )
  })
})
