import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../types/json.ts'
import { fromGeminiSchema, toGeminiSchema } from './schema.ts'

describe('toGeminiSchema', () => {
  it.each<[string, JsonObject, JsonObject | undefined]>([
    ['a type', { type: 'integer', minimum: 1 }, { type: 'INTEGER', minimum: 1 }],
    ['a type that may be null', { type: ['string', 'null'] }, { type: 'STRING', nullable: true }],
    [
      'null as an alternative',
      { anyOf: [{ type: 'number' }, { type: 'null' }] },
      { type: 'NUMBER', nullable: true },
    ],
    [
      'alternatives',
      { anyOf: [{ type: 'number' }, { type: 'string' }], description: 'd' },
      { anyOf: [{ type: 'NUMBER' }, { type: 'STRING' }], description: 'd' },
    ],
    ['a constant', { const: 'a' }, { type: 'STRING', enum: ['a'] }],
    [
      'a list of words',
      { type: 'string', enum: ['a', null] },
      { type: 'STRING', enum: ['a'], nullable: true },
    ],
    ['formats it knows', { type: 'string', format: 'date-time' }, { type: 'STRING', format: 'date-time' }],
    ['formats it does not know', { type: 'string', format: 'uuid' }, { type: 'STRING' }],
    ['notes', { $schema: 'x', type: 'boolean', default: true, examples: [1] }, { type: 'BOOLEAN' }],
    [
      'objects and lists',
      {
        type: 'object',
        properties: { a: { type: 'array', items: { type: 'string' } } },
        required: ['a'],
        additionalProperties: false,
      },
      { type: 'OBJECT', properties: { a: { type: 'ARRAY', items: { type: 'STRING' } } }, required: ['a'] },
    ],
    ['references', { $ref: '#/$defs/a' }, undefined],
    ['several types', { type: ['string', 'number'] }, undefined],
    ['numbers to choose from', { type: 'integer', enum: [1, 2] }, undefined],
    ['open maps', { type: 'object', additionalProperties: { type: 'string' } }, undefined],
    ['objects of anything', { type: 'object' }, undefined],
    ['lists of anything', { type: 'array' }, undefined],
    ['anything at all', {}, undefined],
    ['one of', { oneOf: [{ type: 'string' }] }, undefined],
    ['tuples', { type: 'array', prefixItems: [{ type: 'string' }] }, undefined],
    ['a member it cannot say', { type: 'object', properties: { a: { not: {} } } }, undefined],
  ])('writes %s', (_what, schema, expected) => {
    expect(toGeminiSchema(schema)).toEqual(expected)
  })
})

describe('fromGeminiSchema', () => {
  it('reads types, nullable and counts written as text', () => {
    const schema = {
      type: 'OBJECT',
      properties: {
        a: { type: 'STRING', nullable: true, enum: ['x'], format: 'enum' },
        b: { type: 'ARRAY', items: { type: 'NUMBER' }, min_items: '2' },
        c: { anyOf: [{ type: 'STRING' }, { type: 'INTEGER' }], nullable: true },
      },
      required: ['a'],
      propertyOrdering: ['a', 'b'],
    }
    expect(fromGeminiSchema(schema)).toEqual({
      type: 'object',
      properties: {
        a: { type: ['string', 'null'], enum: ['x', null] },
        b: { type: 'array', items: { type: 'number' }, minItems: 2 },
        c: { anyOf: [{ type: 'string' }, { type: 'integer' }, { type: 'null' }] },
      },
      required: ['a'],
    })
  })

  it('comes back the same', () => {
    const schema = {
      type: 'OBJECT',
      properties: {
        a: { type: 'STRING', nullable: true },
        b: { anyOf: [{ type: 'STRING' }, { type: 'NUMBER' }] },
      },
    }
    expect(toGeminiSchema(fromGeminiSchema(schema))).toEqual(schema)
  })
})
