import { expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { Annotation, Command, END, ReducedValue, Send, START, StateGraph, StateSchema } from '../index.ts'
import type {
  ConditionalEdgeRouter,
  ExtractStateType,
  ExtractUpdateType,
  GraphNode,
  StateGraphArgs,
} from '../index.ts'

const Notes = Annotation.Root({
  count: Annotation<number>({ reducer: (a, b) => a + b, default: () => 0 }),
  name: Annotation<string>,
})
const Checked = new StateSchema({
  count: z.number().default(0),
  items: new ReducedValue(z.array(z.string()), {
    inputSchema: z.string(),
    reducer: (all, one) => [...all, one],
  }),
})
const Zod = z.object({ count: z.number(), name: z.string() })

test('a state is read off its declaration', () => {
  expectTypeOf<ExtractStateType<typeof Notes>>().toEqualTypeOf<{ count: number; name: string }>()
  expectTypeOf<ExtractStateType<typeof Checked>>().toEqualTypeOf<{ count: number; items: string[] }>()
  expectTypeOf<ExtractStateType<typeof Zod>>().toEqualTypeOf<{ count: number; name: string }>()
  expectTypeOf<ExtractStateType<{ own: true }>>().toEqualTypeOf<{ own: true }>()
  expectTypeOf<ExtractStateType<unknown, { other: 1 }>>().toEqualTypeOf<{ other: 1 }>()
  expectTypeOf<ExtractUpdateType<typeof Checked>['items']>().toEqualTypeOf<string | undefined>()
  expectTypeOf<ExtractUpdateType<unknown, { other: 1 }>>().toEqualTypeOf<{ other?: 1 }>()
})

test('nodes and conditions are declared apart from their graph', () => {
  const node: GraphNode<typeof Notes> = ({ count }) => ({ count: count + 1 })
  const later: GraphNode<typeof Checked> = async (state) => {
    expectTypeOf(state.items).toEqualTypeOf<string[]>()
    return { items: 'one' }
  }
  const router: ConditionalEdgeRouter<typeof Notes, Record<string, unknown>, 'node'> = (state) =>
    state.count > 1 ? END : new Send('node', state)
  const graph = new StateGraph(Notes)
    .addNode('node', node)
    .addEdge(START, 'node')
    .addConditionalEdges('node', router)
  expectTypeOf(graph.compile().invoke).returns.resolves.toEqualTypeOf<{ count: number; name: string }>()
  expectTypeOf(later).parameter(0).toEqualTypeOf<{ count: number; items: string[] }>()
  // @ts-expect-error a text is no number
  const wrong: GraphNode<typeof Notes> = () => ({ count: 'one' })
  // @ts-expect-error there is no such node
  const lost: GraphNode<typeof Notes, Record<string, unknown>, 'here'> = () => new Command({ goto: 'there' })
  expectTypeOf(wrong).toBeFunction()
  expectTypeOf(lost).toBeFunction()
})

test('a declared state names the function that is a node over it', () => {
  const node: typeof Notes.Node = ({ count }) => ({ count: count + 1 })
  const later: typeof Checked.Node = async ({ items }) => {
    expectTypeOf(items).toEqualTypeOf<string[]>()
    return new Command({ update: { items: 'one' }, goto: END })
  }
  const graph = new StateGraph(Notes).addNode('node', node).addEdge(START, 'node')
  expectTypeOf(graph.compile().invoke).returns.resolves.toEqualTypeOf<{ count: number; name: string }>()
  expectTypeOf(later).parameter(0).toEqualTypeOf<{ count: number; items: string[] }>()
  // @ts-expect-error a text is no number
  const wrong: typeof Notes.Node = () => ({ count: 'one' })
  expectTypeOf(wrong).toBeFunction()
})

test('a node may have schemas of its own', () => {
  type Own = { InputSchema: typeof Notes; OutputSchema: typeof Zod; ContextSchema: typeof Zod; Nodes: 'next' }
  const node: GraphNode<Own> = (state, config) => {
    expectTypeOf(state).toEqualTypeOf<{ count: number; name: string }>()
    expectTypeOf(config.context).toEqualTypeOf<{ count: number; name: string } | undefined>()
    return new Command({ goto: 'next', update: { name: 'x' } })
  }
  expectTypeOf(node).toBeFunction()
})

test('a condition may promise any name, and the oldest form of states has a type', () => {
  const channels: StateGraphArgs<{ test?: string; all: string[] }>['channels'] = {
    test: null,
    all: { reducer: (left: string[], right: string[]) => [...left, ...right], default: () => [] },
  }
  const builder = new StateGraph<{ test?: string; all: string[] }>({ channels }).addNode('a', () => ({
    test: 'x',
  }))
  expectTypeOf(builder.addConditionalEdges).toBeCallableWith('a', async () => END)
})

test('contexts may be given among what is configured', () => {
  const builder = new StateGraph(Notes, { context: z.object({ userId: z.string() }) }).addNode(
    'one',
    (_state, config) => {
      expectTypeOf(config.configurable?.userId).toEqualTypeOf<string | undefined>()
      expectTypeOf(config.configurable?.['thread_id']).toBeUnknown()
      return { count: config.context?.userId.length ?? 0 }
    },
  )
  expectTypeOf(builder).toHaveProperty('nodes')
})
