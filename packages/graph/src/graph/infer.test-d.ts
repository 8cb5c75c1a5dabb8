import { expectTypeOf } from 'vitest'
import { z } from 'zod'
import type { Message, Messages, MessagesAnnotation, Overwrite, Runtime, StateSnapshot } from '../index.ts'
import {
  Annotation,
  Command,
  END,
  entrypoint,
  MessagesValue,
  ReducedValue,
  Send,
  START,
  StateGraph,
  StateSchema,
  task,
  UntrackedValue,
  withLangGraph,
} from '../index.ts'

// State and update of each way to declare them.

const Annotated = Annotation.Root({
  topic: Annotation<string>,
  notes: Annotation<string[], string>({ reducer: (all, one) => [...all, one], default: () => [] }),
})
expectTypeOf<typeof Annotated.State>().toEqualTypeOf<{ topic: string; notes: string[] }>()
expectTypeOf<typeof Annotated.Update>().toEqualTypeOf<{
  topic?: string
  notes?: string | Overwrite<string[]>
}>()
expectTypeOf<typeof MessagesAnnotation.State>().toEqualTypeOf<{ readonly messages: Message[] }>()

const Schema = new StateSchema({
  topic: z.string(),
  count: z.number().default(0),
  notes: new ReducedValue(z.array(z.string()), {
    inputSchema: z.string(),
    reducer: (all: string[], one: string) => [...all, one],
  }),
  handle: new UntrackedValue<Date>(),
  messages: MessagesValue,
})
expectTypeOf<typeof Schema.State>().toEqualTypeOf<{
  topic: string
  count: number
  notes: string[]
  handle: Date
  messages: Message[]
}>()
expectTypeOf<typeof Schema.Update>().toEqualTypeOf<{
  topic?: string
  count?: number | undefined
  notes?: string
  handle?: Date
  messages?: Messages
}>()

// A node sees the state, and may return part of an update.

const graph = new StateGraph(Annotated)
  .addNode('write', (state, runtime) => {
    expectTypeOf(state).toEqualTypeOf<{ topic: string; notes: string[] }>()
    expectTypeOf(runtime).toEqualTypeOf<Runtime>()
    return { notes: state.topic }
  })
  .addNode('check', () => new Command({ update: { notes: 'ok' }, goto: 'write' }), { ends: ['write'] })
  .addEdge(START, 'write')
  .addEdge('write', 'check')
  .addConditionalEdges('check', (state) => {
    expectTypeOf(state.notes).toEqualTypeOf<string[]>()
    return state.notes.length > 3 ? END : [new Send('write', { topic: 'x' }), 'write']
  })
// @ts-expect-error a node that was not added
graph.addEdge('write', 'nobody')
// @ts-expect-error an update of the wrong type
new StateGraph(Annotated).addNode('bad', () => ({ notes: 1 }))

const compiled = graph.compile()
expectTypeOf(compiled.invoke).parameter(0).extract<{ topic?: string }>().toEqualTypeOf<{
  topic?: string
  notes?: string | Overwrite<string[]>
}>()
expectTypeOf(await compiled.invoke({ topic: 'x' })).toEqualTypeOf<{ topic: string; notes: string[] }>()
expectTypeOf(await compiled.getState({ configurable: { thread_id: 't' } })).toEqualTypeOf<
  StateSnapshot<{ topic: string; notes: string[] }>
>()
expectTypeOf<typeof compiled.NodeNames>().toEqualTypeOf<'write' | 'check'>()
// @ts-expect-error no such node to pause at
graph.compile({ interruptBefore: ['nobody'] })

// Nodes may be added one by one, without chaining; names are checked when they are declared up front.

const loose = new StateGraph(Annotated)
loose.addNode('a', (state) => ({ topic: state.topic }))
loose.addEdge(START, 'a')
const named = new StateGraph(Annotated, { nodes: ['a', 'b'] })
named.addNode('a', () => ({}))
named.addEdge('a', 'b')
// @ts-expect-error not one of the declared names
named.addEdge('a', 'c')

// Input, output and context have schemas of their own.

const Context = z.object({ user: z.string() })
const shaped = new StateGraph(Annotated, {
  input: Annotation.Root({ topic: Annotation<string> }),
  output: Annotation.Root({ notes: Annotation<string[]> }),
  context: Context,
}).addNode('a', (_state, runtime) => {
  expectTypeOf(runtime.context).toEqualTypeOf<{ user: string } | undefined>()
  return {}
})
const shapedGraph = shaped.addEdge(START, 'a').compile()
expectTypeOf(await shapedGraph.invoke({ topic: 'x' }, { context: { user: 'u' } })).toEqualTypeOf<{
  notes: string[]
}>()
// @ts-expect-error the context lacks its user
await shapedGraph.invoke({ topic: 'x' }, { context: {} })

// A node with an input of its own sees that.

new StateGraph(Annotated).addNode(
  'private',
  (state) => {
    expectTypeOf(state).toEqualTypeOf<{ secret: number }>()
    return {}
  },
  { input: Annotation.Root({ secret: Annotation<number> }) },
)

// Object schemas of zod declare a state too.

const Zod = z.object({
  topic: z.string(),
  notes: withLangGraph(z.array(z.string()), {
    reducer: { schema: z.string(), fn: (all: string[], one: string) => [...all, one] },
  }),
})
const zodGraph = new StateGraph(Zod).addNode('a', (state) => {
  expectTypeOf(state).toEqualTypeOf<{ topic: string; notes: string[] }>()
  return { notes: 'one' }
})
expectTypeOf(await zodGraph.compile().invoke({ topic: 'x' })).toEqualTypeOf<{
  topic: string
  notes: string[]
}>()

// Chunks follow the mode.

for await (const chunk of await compiled.stream({}, { streamMode: 'values' })) {
  expectTypeOf(chunk).toEqualTypeOf<{ topic: string; notes: string[] }>()
}
for await (const chunk of await compiled.stream({})) {
  expectTypeOf(chunk).toEqualTypeOf<Record<string, unknown>>()
}
for await (const [mode, chunk] of await compiled.stream({}, { streamMode: ['values', 'custom'] })) {
  expectTypeOf(mode).toEqualTypeOf<'values' | 'custom'>()
  if (mode === 'custom') expectTypeOf(chunk).toEqualTypeOf<unknown>()
}
for await (const [namespace, chunk] of await compiled.stream({}, { streamMode: 'values', subgraphs: true })) {
  expectTypeOf(namespace).toEqualTypeOf<string[]>()
  expectTypeOf(chunk.topic).toEqualTypeOf<string>()
}
for await (const chunk of await compiled.stream({}, { encoding: 'text/event-stream' })) {
  expectTypeOf(chunk).toEqualTypeOf<Uint8Array>()
}
expectTypeOf(await compiled.run({}).output).toEqualTypeOf<{ topic: string; notes: string[] }>()

// Functions as graphs.

const double = task('double', async (n: number) => n * 2)
expectTypeOf(double).toEqualTypeOf<(n: number) => Promise<number>>()
const sum = entrypoint('sum', async (numbers: number[]) => (await double(numbers.length)).toFixed())
expectTypeOf(await sum.invoke([1])).toEqualTypeOf<string>()
const saved = entrypoint('saved', (n: number) => entrypoint.final({ value: `${n}`, save: n }))
expectTypeOf(await saved.invoke(1)).toEqualTypeOf<string>()
