import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { StateGraph } from '../graph/builder.ts'
import { objectSchema } from './object-schema.ts'
import { MessagesZodMeta, registry } from '../zod.ts'
import { MessagesZodState } from './prebuilt.ts'
import { isSerializableSchema, schemaJson } from './standard-schema.ts'

const validate = (
  schema: { '~standard': { validate: (value: unknown) => unknown } },
  value: unknown,
): unknown => schema['~standard'].validate(value)

describe('an object schema of the fields of any validator', () => {
  const schema = objectSchema({ name: z.string(), age: z.number().optional() })

  it('keeps what fits and drops what is not declared', () => {
    expect(validate(schema, { name: 'a', more: 1 })).toEqual({ value: { name: 'a' } })
    expect(validate(schema.extend({ age: z.string() }), { name: 'a', age: '7' })).toEqual({
      value: { name: 'a', age: '7' },
    })
  })

  it('says at which key something does not fit', async () => {
    expect(validate(schema, null)).toMatchObject({ issues: [{ message: 'Expected an object' }] })
    expect(validate(schema, { name: 1 })).toMatchObject({ issues: [{ path: ['name'] }] })
    const later = objectSchema({ pair: z.object({ left: z.string().refine(async () => false) }) })
    expect(await validate(later, { pair: { left: 'x' } })).toMatchObject({
      issues: [{ path: ['pair', 'left'] }],
    })
  })
})

it('MessagesZodState is a state of messages, alone and with further fields', async () => {
  const graph = new StateGraph(MessagesZodState.extend({ count: z.number().default(0) }))
    .addNode('answer', ({ messages, count }) => ({
      messages: { role: 'assistant' as const, content: `${messages.length}` },
      count: count + 1,
    }))
    .addEdge('__start__', 'answer')
    .compile()
  const { messages, count } = await graph.invoke({ messages: 'hello' })
  expect(messages.map(({ content }) => content)).toEqual(['hello', '1'])
  expect(count).toBe(1)
  const inner = new StateGraph(MessagesZodState).addNode('same', ({ messages: all }) => ({ messages: all }))
  expect((await inner.addEdge('__start__', 'same').compile().invoke({ messages })).messages).toHaveLength(2)
})

it('zod’s own `.register` writes the registry of the door', () => {
  const field = z.any().register(registry as never, MessagesZodMeta as never)
  expect(registry.get(field)).toBe(MessagesZodMeta)
})

it.each<[string, unknown, unknown]>([
  ['a validator that writes one', z.string(), { type: 'string' }],
  ['one made of fields', objectSchema({ a: z.string() }), { properties: { a: { type: 'string' } } }],
  [
    'one that cannot',
    { '~standard': { version: 1, vendor: 'x', validate: () => ({ value: 1 }) } },
    undefined,
  ],
  ['what is none', { type: 'string' }, undefined],
])('the JSON Schema of %s', (_what, schema, expected) => {
  expect(isSerializableSchema(schema)).toBe(expected !== undefined)
  if (expected === undefined) expect(schemaJson(schema)).toBeUndefined()
  else expect(schemaJson(schema)).toMatchObject(expected as object)
})
