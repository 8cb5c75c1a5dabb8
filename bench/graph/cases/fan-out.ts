import { open } from '../library.ts'
import type { Graph, GraphLibrary } from '../library.ts'
import type { Case, CasePlace, Figures } from './case.ts'
import { medianMs } from './case.ts'

const WIDTH = 1_000

export const fanOut: readonly Case[] = [
  {
    id: 'send',
    title: 'Send to 1,000 nodes, no saver',
    target: { better: 'less', times: 100 },
    measure: (place) => measure(place, () => undefined),
  },
  {
    id: 'send-memory',
    title: 'Send to 1,000 nodes, MemorySaver',
    target: { better: 'less', times: 50 },
    measure: (place) => measure(place, ({ MemorySaver }) => new MemorySaver()),
  },
]

function fanOutGraph(library: GraphLibrary, checkpointer: unknown): Graph {
  const { StateGraph, Annotation, Send, START, END } = library
  const items = Array.from({ length: WIDTH }, (_, item) => item)
  const results = Annotation({
    reducer: (left: readonly number[], right: readonly number[]) => [...left, ...right],
    default: () => [],
  })
  return new StateGraph(Annotation.Root({ results }))
    .addNode('spread', () => ({}))
    .addNode('work', ({ item }: { item: number }) => ({ results: [item] }))
    .addEdge(START, 'spread')
    .addConditionalEdges('spread', () => items.map((item) => new Send('work', { item })), ['work'])
    .addEdge('work', END)
    .compile(checkpointer === undefined ? {} : { checkpointer })
}

async function measure({ folder }: CasePlace, saverOf: (library: GraphLibrary) => unknown): Promise<Figures> {
  const library = await open<GraphLibrary>(folder, 'graph')
  const ms = await medianMs(15, async (index) => {
    const config = { configurable: { thread_id: `thread-${index}` } }
    const { results } = await fanOutGraph(library, saverOf(library)).invoke({ results: [] }, config)
    if (!Array.isArray(results) || results.length !== WIDTH || results[WIDTH - 1] !== WIDTH - 1)
      throw new Error('results are missing or out of order')
  })
  return { ms }
}
