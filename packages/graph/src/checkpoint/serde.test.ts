import assert from 'node:assert/strict'
import { AIMessage, HumanMessage, SystemMessage, ToolMessage } from '@langchain/core/messages'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Command, Overwrite, Send } from '../control.ts'
import { aesCipher } from './cipher.ts'
import { dataCopier } from './data.ts'
import type { Codec } from './data.ts'
import { messageClasses } from './langchain.ts'
import { dataSerde } from './serde.ts'

const serde = dataSerde()
const copy = dataCopier()
const through = (value: unknown): unknown => serde.decode(serde.encode(value, 'state'))
const codeOf = (attempt: () => unknown): unknown => {
  try {
    attempt()
  } catch (error) {
    return (error as { code?: unknown }).code ?? error
  }
  return 'nothing thrown'
}

const key = fc
  .oneof(
    fc.string(),
    fc.constantFrom('$type', 'value', 'name', 'constructor', 'prototype', 'toString', 'toJSON'),
  )
  .filter((name) => name !== '__proto__')

/** Data of every kind that state may hold. Objects do not have the one key that is refused. */
const data = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string({ unit: 'binary' }),
    fc.double(),
    fc.integer(),
    fc.boolean(),
    fc.constantFrom(null, undefined, -0, Number.NaN),
    fc.bigInt(),
    fc.date(),
    fc.uint8Array(),
    fc.float64Array(),
    fc.constantFrom(/x/g, new URL('http://a.b/c')),
    fc.array(tie('value')),
    fc.dictionary(key, tie('value'), { noNullPrototype: true }),
    fc.array(fc.tuple(tie('value'), tie('value'))).map((entries) => new Map(entries)),
    fc.array(tie('value')).map((items) => new Set(items)),
  ),
})).value
describe('values as texts', () => {
  it('come back equal, whatever they are', () => {
    fc.assert(
      fc.property(data, (value) => {
        assert.deepStrictEqual(through(value), value)
      }),
      { numRuns: 500 },
    )
  })

  it('come back equal from copies in memory, which share nothing with them', () => {
    fc.assert(
      fc.property(data, (value) => {
        assert.deepStrictEqual(copy(value, 'state'), value)
      }),
      { numRuns: 500 },
    )
  })

  it('are plain JSON where JSON has a form for them', () => {
    const value = { id: 'm1', role: 'user', content: 'hi', list: [1, true, null] }
    expect(serde.encode(value, 'state')).toBe(JSON.stringify(value))
  })

  it.each([
    ['a date', new Date(0), '~{"$type":"date","value":0}'],
    ['an impossible date', new Date(Number.NaN), '~{"$type":"date","value":null}'],
    ['a bigint', 10n, '~{"$type":"bigint","value":"10"}'],
    ['bytes', new Uint8Array([1, 2]), '~{"$type":"bytes","name":"Uint8Array","value":"AQI="}'],
    ['a buffer', Buffer.from([1, 2]), '~{"$type":"bytes","name":"Uint8Array","value":"AQI="}'],
    ['an object that looks like a tag', { $type: 'date' }, '~{"$type":"escaped","value":{"$type":"date"}}'],
  ])('have one stored form: %s', (_name, value, text) => {
    expect(serde.encode(value, 'state')).toBe(text)
  })

  it('keep what a view shows, not the buffer behind it', () => {
    const view = new Uint8Array([1, 2, 3, 4]).subarray(1, 3)
    expect(through(view)).toEqual(new Uint8Array([2, 3]))
    expect(copy(view, 'state').buffer.byteLength).toBe(2)
  })

  it('of classes that are nothing but fields come back as plain objects', () => {
    class Document {
      pageContent = 'text'
      metadata = { source: 'a.pdf' }
    }
    for (const kept of [through(new Document()), copy(new Document(), 'state')])
      expect(kept).toStrictEqual({ pageContent: 'text', metadata: { source: 'a.pdf' } })
  })

  it('of our own control words are data', () => {
    const send = { lg_name: 'Send', node: 'n', args: { a: 1 } }
    expect(through([new Send('n', { a: 1 }), new Overwrite([1])])).toMatchObject([
      send,
      { __overwrite__: [1] },
    ])
    expect(copy(new Command({ goto: 'n' }), 'state')).toMatchObject({ lg_name: 'Command', goto: ['n'] })
  })

  it('a hundred megabytes of text come back', () => {
    const long = 'x'.repeat(100 * 1024 * 1024)
    expect((through({ long }) as { long: string }).long.length).toBe(long.length)
  })

  it('an error whose cause cannot be stored is stored without it', () => {
    const error = new Error('outer', { cause: () => 1 })
    expect((through(error) as Error).cause).toBeUndefined()
    expect((copy(error, 'state') as Error).message).toBe('outer')
  })
})

describe('what is no data', () => {
  class Connection {
    open(): void {}
  }
  it.each<[string, unknown, string]>([
    ['a function', { a: { b: [() => 1] } }, 'state.a.b[0]'],
    ['a named function', { run: function run() {} }, 'the function run at state.run'],
    ['a symbol', { key: Symbol('x') }, 'state.key'],
    ['an instance', { 'my db': new Connection() }, 'an instance of Connection at state["my db"]'],
    ['a stream', { body: new ReadableStream() }, 'an instance of ReadableStream at state.body'],
    ['a map value', new Map([['key', new Connection()]]), 'state.get("key")'],
    ['a set item', new Set([1, Symbol('x')]), 'state<item 1>'],
  ])('is refused with its path: %s', (_name, value, where) => {
    for (const attempt of [() => serde.encode(value, 'state'), () => copy(value, 'state')]) {
      expect(attempt).toThrow(where)
      expect(codeOf(attempt)).toBe('state_not_serializable')
    }
  })

  it('is refused when it contains itself, also far down', () => {
    const node: { next?: unknown } = {}
    node.next = { deeper: [node] }
    for (const attempt of [() => serde.encode(node, 'state'), () => copy(node, 'state')])
      expect(attempt).toThrow('an object that contains itself at state.next.deeper[0]')
  })

  it('is kept when the class has a codec', () => {
    class Money {
      readonly cents: bigint
      constructor(cents: bigint) {
        this.cents = cents
      }
      add(other: Money): Money {
        return new Money(this.cents + other.cents)
      }
    }
    const codec: Codec<Money> = {
      tag: 'money',
      test: (value) => value instanceof Money,
      encode: ({ cents }) => cents,
      decode: (cents) => new Money(cents as bigint),
    }
    const withMoney = dataSerde({ codecs: [codec as Codec] })
    const text = withMoney.encode({ price: new Money(5n) }, 'state')
    expect(withMoney.decode(text)).toEqual({ price: new Money(5n) })
    expect(
      dataCopier([codec as Codec])({ price: new Money(5n) }, 'state').price.add(new Money(1n)).cents,
    ).toBe(6n)
    expect(() => serde.decode(text)).toThrow('it needs the codec "money"')
  })
})

describe('texts that nobody should trust', () => {
  it.each([
    ['no JSON', '{'],
    ['nothing', ''],
    ['an unknown tag', '~{"$type":"function","value":"return 1"}'],
    ['a tag that is no text', '~{"$type":{"a":1}}'],
    ['a class to be made', '~{"$type":"constructor","id":["fs"],"kwargs":{}}'],
    ['a key of Object.prototype as a kind of bytes', '~{"$type":"bytes","name":"constructor","value":""}'],
    ['a map that is none', '~{"$type":"map","value":{"length":1}}'],
    ['an expression that does not compile', '~{"$type":"regexp","value":"(","flags":""}'],
    ['an address that is none', '~{"$type":"url","value":"nowhere"}'],
    ['a bigint that is none', '~{"$type":"bigint","value":"1e9"}'],
    ['a prototype', '{"a":{"__proto__":{"polluted":true}}}'],
    ['a prototype that hides', '{"__pr\\u006fto__":{"polluted":true}}'],
    ['a prototype behind a tag', '~{"$type":"escaped","value":{"__proto__":{"polluted":true}}}'],
    ['an encrypted text without its key', '!AAAA'],
  ])('%s', (_name, text) => {
    expect(codeOf(() => serde.decode(text))).toBe('checkpoint_corrupt')
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  it('whatever they hold, they are read as data or refused, and nothing else happens', () => {
    const tags = fc.constantFrom(
      'date',
      'map',
      'set',
      'bytes',
      'error',
      'regexp',
      'url',
      'escaped',
      'codec',
      'langchain',
    )
    const hostile = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom(null, 1, 'text', true, '__proto__'),
        fc.array(tie('value')),
        fc.record(
          { $type: tags, value: tie('value'), name: tie('value'), flags: tie('value') },
          { requiredKeys: ['$type'] },
        ),
        fc.dictionary(fc.constantFrom('a', '__proto__', 'constructor', '$type', 'fields'), tie('value')),
      ),
    })).value
    const before = Object.getOwnPropertyNames(Object.prototype).join()
    fc.assert(
      fc.property(hostile, fc.constantFrom('', '~'), (value, prefix) => {
        const outcome = codeOf(() => serde.decode(prefix + JSON.stringify(value)))
        expect(['nothing thrown', 'checkpoint_corrupt']).toContain(outcome)
        expect(Object.getOwnPropertyNames(Object.prototype).join()).toBe(before)
      }),
      { numRuns: 1000 },
    )
  })
})

describe("LangChain's messages", () => {
  const messages = [
    new SystemMessage('be brief'),
    new HumanMessage({ content: 'hi', id: 'h1', name: 'ann' }),
    new AIMessage({ content: 'calling', id: 'a1', tool_calls: [{ id: 'c1', name: 'add', args: { a: 1 } }] }),
    new ToolMessage({ content: '2', tool_call_id: 'c1', status: 'success' }),
  ]

  it('come back as plain messages', () => {
    expect(through(messages)).toEqual([
      { role: 'system', content: 'be brief' },
      { role: 'user', content: 'hi', id: 'h1', name: 'ann' },
      {
        role: 'assistant',
        content: 'calling',
        id: 'a1',
        tool_calls: [{ id: 'c1', type: 'function', function: { name: 'add', arguments: '{"a":1}' } }],
      },
      expect.objectContaining({ role: 'tool', content: '2', tool_call_id: 'c1', status: 'success' }),
    ])
  })

  it('come back as instances of the classes that were handed over', () => {
    const revive = messageClasses({ SystemMessage, HumanMessage, AIMessage, ToolMessage })
    const reviving = dataSerde({ revive })
    const found = reviving.decode(reviving.encode(messages, 'state')) as typeof messages
    expect(found.map((message) => message.constructor)).toEqual(
      messages.map((message) => message.constructor),
    )
    expect(found[2]).toMatchObject({
      content: 'calling',
      id: 'a1',
      tool_calls: [{ name: 'add', args: { a: 1 } }],
    })
  })

  it('of other classes stay plain, and other stored objects of LangChain stay data', () => {
    const reviving = dataSerde({ revive: messageClasses({ HumanMessage }) })
    expect(reviving.decode(serde.encode(messages[0], 'state'))).toEqual({
      role: 'system',
      content: 'be brief',
    })
    const other = { lc: 1, type: 'constructor', id: ['langchain', 'llms', 'Evil'], kwargs: { run: 'x' } }
    expect(reviving.decode(serde.encode(other, 'state'))).toEqual(other)
    expect(reviving.decode(`~${JSON.stringify({ $type: 'langchain', value: other })}`)).toEqual(other)
  })

  it('stay instances in memory, and share nothing', () => {
    const copied = copy(messages, 'state')
    expect(copied[2]).toBeInstanceOf(AIMessage)
    expect(copied).toEqual(messages)
    copied[2]!.content = 'changed'
    expect(messages[2]!.content).toBe('calling')
  })
})

describe('encryption', () => {
  const sealed = dataSerde({ cipher: aesCipher({ key: new Uint8Array(32).fill(7) }) })

  it('hides a value and gives it back', () => {
    const text = sealed.encode({ secret: 'swordfish' }, 'state')
    expect(text).not.toContain('swordfish')
    expect(sealed.decode(text)).toEqual({ secret: 'swordfish' })
    expect(sealed.encode({ secret: 'swordfish' }, 'state')).not.toBe(text)
  })

  it('refuses what was changed, sealed by another key, or never sealed', () => {
    const text = sealed.encode('value', 'state')
    const middle = Math.floor(text.length / 2)
    const changed = text.slice(0, middle) + (text[middle] === 'A' ? 'B' : 'A') + text.slice(middle + 1)
    const other = dataSerde({ cipher: aesCipher({ key: new Uint8Array(32) }) })
    for (const attempt of [
      () => sealed.decode(changed),
      () => sealed.decode('!'),
      () => sealed.decode('"plain"'),
      () => other.decode(text),
      () => serde.decode(text),
    ])
      expect(codeOf(attempt)).toBe('checkpoint_corrupt')
  })

  it('reads what an older key sealed', () => {
    const old = new Uint8Array(32).fill(1)
    const text = dataSerde({ cipher: aesCipher({ key: old }) }).encode('value', 'state')
    const rotated = dataSerde({ cipher: aesCipher({ key: new Uint8Array(32).fill(2), oldKeys: [old] }) })
    expect(rotated.decode(text)).toBe('value')
  })

  it('wants a key of 32 bytes', () => {
    expect(() => aesCipher({ key: new Uint8Array(16) })).toThrow('32 bytes')
  })
})
