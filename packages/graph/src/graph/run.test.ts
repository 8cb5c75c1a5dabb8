import { describe, expect, test } from 'vitest'
import { Annotation, Command, END, interrupt, MemorySaver, Send, START, StateGraph } from '../index.ts'

const Log = Annotation.Root({
  log: Annotation<string[]>({ reducer: (all, more) => [...all, ...more], default: () => [] }),
  count: Annotation<number>,
})

const note = (name: string) => (): { log: string[] } => ({ log: [name] })

async function collect(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const chunks: unknown[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return chunks
}

describe('a graph', () => {
  test('runs nodes along its edges', async () => {
    const graph = new StateGraph(Log)
      .addNode('a', note('a'))
      .addNode('b', async () => ({ log: ['b'], count: 2 }))
      .addEdge(START, 'a')
      .addEdge('a', 'b')
      .addEdge('b', END)
      .compile()
    expect(await graph.invoke({ log: ['in'] })).toEqual({ log: ['in', 'a', 'b'], count: 2 })
  })

  test('shows writes only to the next superstep, and applies them in the order of names', async () => {
    const seen: string[][] = []
    const spy = (name: string) => async (state: typeof Log.State) => {
      seen.push(state.log)
      if (name === 'a') await Promise.resolve()
      return { log: [name] }
    }
    const graph = new StateGraph(Log)
      .addNode('b', spy('b'))
      .addNode('a', spy('a'))
      .addNode('end', spy('end'))
      .addEdge(START, 'b')
      .addEdge(START, 'a')
      .addEdge(['a', 'b'], 'end')
      .compile()
    expect((await graph.invoke({ log: [] })).log).toEqual(['a', 'b', 'end'])
    expect(seen).toEqual([[], [], ['a', 'b']])
  })

  test('loops by a condition that sees what its node has just written', async () => {
    const graph = new StateGraph(Annotation.Root({ count: Annotation<number> }))
      .addNode('add', ({ count }) => ({ count: count + 1 }))
      .addEdge(START, 'add')
      .addConditionalEdges('add', ({ count }) => (count < 5 ? 'add' : END))
      .compile()
    expect(await graph.invoke({ count: 0 })).toEqual({ count: 5 })
  })

  test('sends tasks with inputs of their own', async () => {
    const graph = new StateGraph(Log)
      .addNode('work', (item: { item: number }) => ({ log: [`item ${item.item}`] }))
      .addConditionalEdges(START, () => [2, 0, 1].map((item) => new Send('work', { item })))
      .compile()
    expect((await graph.invoke({ log: [] })).log).toEqual(['item 2', 'item 0', 'item 1'])
  })

  test('follows commands, besides its edges', async () => {
    const graph = new StateGraph(Log)
      .addNode('a', () => new Command({ update: { log: ['a'] }, goto: ['b', new Send('c', 'x')] }), {
        ends: ['b', 'c'],
      })
      .addNode('b', note('b'))
      .addNode('c', (input: unknown) => ({ log: [`c ${String(input)}`] }))
      .addEdge(START, 'a')
      .compile()
    expect((await graph.invoke({})).log).toEqual(['a', 'b', 'c x'])
  })

  test('streams values and updates', async () => {
    const graph = new StateGraph(Log)
      .addNode('a', note('a'))
      .addNode('b', note('b'))
      .addEdge(START, 'a')
      .addEdge('a', 'b')
      .compile()
    expect(await collect(await graph.stream({ count: 1 }))).toEqual([
      { a: { log: ['a'] } },
      { b: { log: ['b'] } },
    ])
    expect(await collect(await graph.stream({ count: 1 }, { streamMode: ['values', 'updates'] }))).toEqual([
      ['values', { log: [], count: 1 }],
      ['updates', { a: { log: ['a'] } }],
      ['values', { log: ['a'], count: 1 }],
      ['updates', { b: { log: ['b'] } }],
      ['values', { log: ['a', 'b'], count: 1 }],
    ])
  })

  test('pauses at a question and goes on with its answer', async () => {
    const graph = new StateGraph(Log)
      .addNode('ask', () => ({ log: [`answer ${String(interrupt('Sure?'))}`] }))
      .addNode('done', note('done'))
      .addEdge(START, 'ask')
      .addEdge('ask', 'done')
      .compile({ checkpointer: new MemorySaver() })
    const config = { configurable: { thread_id: 't' } }
    const paused = await graph.invoke({ log: ['in'] }, config)
    expect(paused).toMatchObject({ log: ['in'], __interrupt__: [{ value: 'Sure?' }] })
    expect((await graph.invoke(new Command({ resume: 0 }), config)).log).toEqual(['in', 'answer 0', 'done'])
  })

  test('remembers its thread', async () => {
    const graph = new StateGraph(Log)
      .addNode('a', note('a'))
      .addEdge(START, 'a')
      .compile({ checkpointer: new MemorySaver() })
    const config = { configurable: { thread_id: 't' } }
    await graph.invoke({ log: ['one'] }, config)
    expect((await graph.invoke({ log: ['two'] }, config)).log).toEqual(['one', 'a', 'two', 'a'])
  })
})
