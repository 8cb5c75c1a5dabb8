import type { Json, JsonObject } from '@switchyard/llm/kit'
import { describe, expect, it } from 'vitest'
import { sampleOf } from './sample.ts'

const hints = { strings: ['Paris', 'Rome'], numbers: [7, 2.5] }

describe('sampleOf', () => {
  it.each<[name: string, schema: JsonObject, value: Json]>([
    ['a string', { type: 'string' }, 'Paris'],
    ['a number', { type: 'number' }, 7],
    ['a whole number', { type: 'integer', minimum: 8 }, 8],
    ['a number below a bound', { type: 'number', exclusiveMaximum: 5 }, 4.5],
    ['a multiple', { type: 'integer', multipleOf: 5, minimum: 8 }, 10],
    ['a flag', { type: 'boolean' }, true],
    ['null', { type: 'null' }, null],
    ['one of several types', { type: ['null', 'integer'] }, 7],
    ['an enum', { enum: ['celsius', 'kelvin'] }, 'celsius'],
    ['a constant', { const: 42 }, 42],
    ['a format', { type: 'string', format: 'date' }, '2026-01-01'],
    ['a short string', { type: 'string', maxLength: 3 }, 'Par'],
    ['a long string', { type: 'string', minLength: 7 }, 'Paris..'],
    ['a list', { type: 'array', items: { type: 'string' }, minItems: 2 }, ['Paris', 'Rome']],
    ['a list with a bound', { type: 'array', items: { type: 'string' }, maxItems: 0 }, []],
    ['a tuple', { prefixItems: [{ type: 'string' }, { type: 'number' }] }, ['Paris', 7]],
    [
      'required properties only',
      {
        type: 'object',
        properties: { from: { type: 'string' }, to: { type: 'string' }, note: { type: 'string' } },
        required: ['from', 'to'],
      },
      { from: 'Paris', to: 'Rome' },
    ],
    ['a reference', { $ref: '#/$defs/City', $defs: { City: { type: 'string' } } }, 'Paris'],
    ['the first choice that is not null', { anyOf: [{ type: 'null' }, { type: 'string' }] }, 'Paris'],
    [
      'all of several',
      {
        allOf: [
          { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] },
          { properties: { b: { const: 1 } }, required: ['b'] },
        ],
      },
      { a: 7, b: 1 },
    ],
    ['a broken reference', { $ref: '#/$defs/Missing' }, 'Paris'],
    ['a reference to itself', { $ref: '#' }, 'Paris'],
  ])('%s', (_, schema, value) => {
    expect(sampleOf(schema, hints)).toEqual(value)
  })

  it('ends where a schema allows an end', () => {
    const node = {
      type: 'object',
      properties: { next: { anyOf: [{ $ref: '#/$defs/Node' }, { type: 'null' }] } },
      required: ['next'],
    }
    const value = JSON.stringify(sampleOf({ $ref: '#/$defs/Node', $defs: { Node: node } }, hints))
    expect(value).toMatch(/^(\{"next":)+null\}+$/)
  })

  it('ends where a schema allows none', () => {
    const node: JsonObject = {
      type: 'object',
      properties: {
        left: { $ref: '#' },
        right: { $ref: '#' },
        more: { type: 'array', items: { $ref: '#' } },
      },
      required: ['left', 'right', 'more'],
    }
    expect(JSON.stringify(sampleOf(node, hints)).length).toBeLessThan(200_000)
  })

  it('does not make more than is sensible', () => {
    const huge = { type: 'array', minItems: 1e9, items: { type: 'string', minLength: 1e9 } }
    expect((sampleOf(huge, hints) as Json[]).length).toBeLessThanOrEqual(2_000)
  })
})
