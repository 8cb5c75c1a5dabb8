import { RunnableLambda } from '@langchain/core/runnables'
import { expect, it } from 'vitest'
import { Annotation, MemorySaver, NodeInterrupt, START, StateGraph } from '../index.ts'

const State = Annotation.Root({ count: Annotation<number> })

it('a graph is a step of LangChain’s chains, and they are nodes and conditions', async () => {
  const graph = new StateGraph(State)
    .addNode(
      'add',
      RunnableLambda.from(({ count }: { count: number }) => ({ count: count + 1 })),
    )
    .addEdge(START, 'add')
    .addConditionalEdges(
      'add',
      RunnableLambda.from(({ count }: { count: number }) => (count < 3 ? 'add' : '__end__')) as never,
    )
    .compile()
  const chain = RunnableLambda.from((count: number) => ({ count }))
    .pipe(graph as never)
    .pipe((state) => (state as { count: number }).count * 10)
  expect(await chain.invoke(0)).toBe(30)
})

it('the older pause asks as it did: without an id, so that answers by id do not reach it', async () => {
  const graph = new StateGraph(State)
    .addNode('pause', () => {
      throw new NodeInterrupt('why')
    })
    .addEdge(START, 'pause')
    .compile({ checkpointer: new MemorySaver() })
  const config = { configurable: { thread_id: 't' } }
  const asked = { __interrupt__: [{ value: 'why' }] }
  expect(await graph.invoke({ count: 0 }, config)).toEqual({ count: 0, ...asked })
  expect((await graph.getState(config)).tasks[0]?.interrupts).toEqual([{ value: 'why' }])
  expect(await graph.invoke(null, config)).toEqual({ count: 0, ...asked })
})
