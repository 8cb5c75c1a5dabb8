import { expect, test } from 'vitest'
import { z } from 'zod'
import {
  Annotation,
  MessagesZodState,
  ReducedValue,
  START,
  StateGraph,
  StateSchema,
  withLangGraph,
} from '../index.ts'
import {
  getConfigTypeSchema,
  getInputTypeSchema,
  getOutputTypeSchema,
  getStateTypeSchema,
  getUpdateTypeSchema,
} from '../zod-schema.ts'

const State = z.object({
  name: z.string(),
  notes: withLangGraph(z.array(z.string()), {
    reducer: { schema: z.union([z.string(), z.array(z.string())]), fn: (all, more) => all.concat(more) },
    default: () => [],
    jsonSchemaExtra: { langgraph_type: 'notes' },
  }),
})

const graph = new StateGraph(
  { state: State, input: State.pick({ name: true }), output: State.pick({ notes: true }) },
  z.object({ user: z.string().min(1) }),
)
  .addNode('a', () => ({}))
  .addEdge(START, 'a')
  .compile()

const strings = { type: 'array', items: { type: 'string' } }

test('a graph writes the schemas of its state, updates, input, output and context', () => {
  const notes = { ...strings, langgraph_type: 'notes' }
  const oneOrMore = { anyOf: [{ type: 'string' }, strings], langgraph_type: 'notes' }
  const closed = { type: 'object', additionalProperties: false }
  expect(getStateTypeSchema(graph)).toMatchObject({
    ...closed,
    properties: { name: { type: 'string' }, notes },
    required: ['name', 'notes'],
  })
  expect(getUpdateTypeSchema(graph)).toMatchObject({
    ...closed,
    properties: { name: { type: 'string' }, notes: oneOrMore },
  })
  expect(getUpdateTypeSchema(graph)).not.toHaveProperty('required')
  expect(getInputTypeSchema(graph)).toMatchObject({ ...closed, properties: { name: { type: 'string' } } })
  expect(getOutputTypeSchema(graph)).toMatchObject({ properties: { notes }, required: ['notes'] })
  expect(getConfigTypeSchema(graph)).toMatchObject({ properties: { user: { minLength: 1 } } })
})

test('a state schema and a list of messages write theirs', () => {
  const compile = (state: never): unknown =>
    new StateGraph(state as StateSchema)
      .addNode('a', () => ({}))
      .addEdge(START, 'a')
      .compile()
  const reduced = new StateSchema({
    all: new ReducedValue(z.array(z.string()), { inputSchema: z.string(), reducer: (a, b) => [...a, b] }),
  })
  expect(getUpdateTypeSchema(compile(reduced as never))).toMatchObject({
    properties: { all: { type: 'string' } },
  })
  const messages = getStateTypeSchema(compile(MessagesZodState.extend({ city: z.string() }) as never))
  expect(messages?.['properties']).toMatchObject({
    messages: { langgraph_type: 'messages' },
    city: { type: 'string' },
  })
})

test('what has no schema has none', () => {
  const plain = new StateGraph(Annotation.Root({ n: Annotation<number> }))
    .addNode('a', () => ({}))
    .addEdge(START, 'a')
    .compile()
  expect([getStateTypeSchema(plain), getConfigTypeSchema(plain), getInputTypeSchema('text')]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
})

test('a context among configurable is checked as well', async () => {
  const input = { name: 'ada' } as never
  await expect(graph.invoke(input, { configurable: { user: '' } })).rejects.toThrow(/context/)
  await expect(graph.invoke(input, { context: { user: '' } })).rejects.toThrow(/context/)
  await graph.invoke(input, { configurable: { user: 'ada' } })
})
