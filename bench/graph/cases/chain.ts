import { open } from '../library.ts'
import type { GraphLibrary } from '../library.ts'
import type { Case } from './case.ts'
import { quantile } from './case.ts'

const RUNS = 3_000

export const chain: Case = {
  id: 'chain',
  title: 'invoke of a chain of 3 nodes',
  target: { better: 'less', times: 30 },
  measure: async ({ folder }) => {
    const { StateGraph, Annotation, START, END } = await open<GraphLibrary>(folder, 'graph')
    const add = ({ count }: { count: number }): unknown => ({ count: count + 1 })
    const graph = new StateGraph(Annotation.Root({ count: Annotation() }))
      .addNode('a', add)
      .addNode('b', add)
      .addNode('c', add)
      .addEdge(START, 'a')
      .addEdge('a', 'b')
      .addEdge('b', 'c')
      .addEdge('c', END)
      .compile()
    const times: number[] = []
    for (let index = 0; index < RUNS * 1.3; index++) {
      const beforeMs = performance.now()
      const { count } = await graph.invoke({ count: 0 })
      if (index >= RUNS * 0.3) times.push((performance.now() - beforeMs) * 1_000)
      if (count !== 3) throw new Error(`ended at ${String(count)}`)
    }
    return { 'p50 µs': quantile(times, 0.5), 'p99 µs': quantile(times, 0.99) }
  },
}
