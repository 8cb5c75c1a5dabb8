import { describe, expect, test } from 'vitest'
import type { StateSnapshot } from '../index.ts'
import {
  Annotation,
  Command,
  interrupt,
  isInterrupted,
  MemorySaver,
  Send,
  START,
  StateGraph,
} from '../index.ts'

const State = Annotation.Root({
  log: Annotation<string[]>({ reducer: (all, more) => [...all, ...more], default: () => [] }),
})
const note = (name: string) => (): { log: string[] } => ({ log: [name] })
const thread = { configurable: { thread_id: 't' } }

async function collect(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const chunks: unknown[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return chunks
}

const Own = Annotation.Root({ log: Annotation<string[]>, own: Annotation<string> })
const inner = new StateGraph(Own)
  .addNode('first', ({ log }) => ({ own: `${log.length} before` }))
  .addNode('second', ({ own }) => ({ log: [`inner ${own}`] }))
  .addEdge(START, 'first')
  .addEdge('first', 'second')

describe('a subgraph', () => {
  test('as a node shares the keys that both have', async () => {
    const graph = new StateGraph(State)
      .addNode('a', note('a'))
      .addNode('sub', inner.compile())
      .addEdge(START, 'a')
      .addEdge('a', 'sub')
      .compile()
    expect(await graph.invoke({ log: ['in'] })).toEqual({ log: ['in', 'a', 'inner 2 before'] })
  })

  test('shows what happens in it when it is asked to', async () => {
    const graph = new StateGraph(State).addNode('sub', inner.compile()).addEdge(START, 'sub').compile()
    const chunks = await collect(
      await graph.stream({ log: ['in'] }, { streamMode: 'updates', subgraphs: true }),
    )
    const level = [expect.stringMatching(/^sub:[0-9a-f-]{36}$/)]
    expect(chunks).toEqual([
      [level, { first: { own: '1 before' } }],
      [level, { second: { log: ['inner 1 before'] } }],
      [[], { sub: { log: ['inner 1 before'] } }],
    ])
    expect(await collect(await graph.stream({ log: ['in'] }))).toEqual([{ sub: { log: ['inner 1 before'] } }])
  })

  test('that is called by a node pauses the whole, and goes on where it stood', async () => {
    const runs: string[] = []
    const asking = new StateGraph(Own)
      .addNode('before', () => {
        runs.push('before')
        return { own: 'x' }
      })
      .addNode('ask', () => {
        runs.push('ask')
        return { own: String(interrupt('?')) }
      })
      .addEdge(START, 'before')
      .addEdge('before', 'ask')
      .compile()
    const graph = new StateGraph(State)
      .addNode('call', async () => {
        runs.push('call')
        const { own } = await asking.invoke({ log: [] })
        return { log: [own] }
      })
      .addEdge(START, 'call')
      .compile({ checkpointer: new MemorySaver() })
    const paused = await graph.invoke({}, thread)
    expect(paused).toMatchObject({ __interrupt__: [{ value: '?' }] })
    expect((await graph.invoke(new Command({ resume: 'yes' }), thread)).log).toEqual(['yes'])
    expect(runs).toEqual(['call', 'before', 'ask', 'call', 'ask'])
  })

  test('can be looked into and changed while it pauses', async () => {
    const asking = new StateGraph(Own)
      .addNode('first', () => ({ own: 'first' }))
      .addNode('second', ({ own }) => ({ log: [own] }))
      .addEdge(START, 'first')
      .addEdge('first', 'second')
      .compile({ interruptBefore: ['second'] })
    const graph = new StateGraph(State)
      .addNode('sub', asking)
      .addEdge(START, 'sub')
      .compile({ checkpointer: new MemorySaver() })
    await graph.invoke({ log: ['in'] }, thread)
    const outer = await graph.getState(thread)
    expect(outer).toMatchObject({ next: ['sub'], tasks: [{ name: 'sub' }] })
    const config = outer.tasks[0]!.state as { configurable: { checkpoint_ns: string } }
    expect(config.configurable.checkpoint_ns).toBe(`sub:${outer.tasks[0]!.id}`)
    const read = await graph.getState(config)
    expect(read).toMatchObject({ values: { own: 'first', log: ['in'] }, next: ['second'] })
    const nested = await graph.getState(thread, { subgraphs: true })
    expect(nested.tasks[0]!.state).toMatchObject({ values: { own: 'first' }, next: ['second'] })
    await graph.updateState(config, { own: 'edited' })
    expect((await graph.invoke(null, thread)).log).toEqual(['in', 'edited'])
  })

  test('remembers nothing from one visit to the next, unless it keeps a memory of its own', async () => {
    const Memory = Annotation.Root({
      seen: Annotation<number>({ reducer: (a, b) => a + b, default: () => 0 }),
      log: Annotation<string[]>,
    })
    const counting = new StateGraph(Memory)
      .addNode('count', () => ({ seen: 1 }))
      .addNode('tell', ({ seen }) => ({ log: [`seen ${seen}`] }))
      .addEdge(START, 'count')
      .addEdge('count', 'tell')
    const visits = async (checkpointer: boolean | undefined): Promise<string[]> => {
      const graph = new StateGraph(State)
        .addNode('sub', counting.compile({ checkpointer }))
        .addEdge(START, 'sub')
        .compile({ checkpointer: new MemorySaver() })
      await graph.invoke({}, thread)
      return (await graph.invoke({}, thread)).log
    }
    expect(await visits(undefined)).toEqual(['seen 1', 'seen 1'])
    expect(await visits(false)).toEqual(['seen 1', 'seen 1'])
    expect(await visits(true)).toEqual(['seen 1', 'seen 2'])
  })

  test('that keeps a memory of its own cannot be the root', async () => {
    await expect(inner.compile({ checkpointer: true }).invoke({})).rejects.toThrow('root graphs')
  })

  test('hands over to a node of its parent', async () => {
    const handing = new StateGraph(State)
      .addNode('go', () => new Command({ graph: Command.PARENT, goto: 'other', update: { log: ['handed'] } }))
      .addEdge(START, 'go')
      .compile()
    const graph = new StateGraph(State)
      .addNode('sub', handing, { ends: ['other'] })
      .addNode('other', note('other'))
      .addEdge(START, 'sub')
      .compile()
    expect((await graph.invoke({})).log).toEqual(['handed', 'other'])
    await expect(handing.invoke({})).rejects.toThrow('this graph has none')
  })

  test('hands over as its first node says, whichever is the first to end', async () => {
    const handing = (name: string, turns: number) => async () => {
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve()
      return new Command({ graph: Command.PARENT, goto: 'other', update: { log: [name] } })
    }
    const inside = new StateGraph(State)
      .addNode('b', handing('b', 0))
      .addNode('a', handing('a', 5))
      .addEdge(START, 'b')
      .addEdge(START, 'a')
      .compile()
    const graph = new StateGraph(State)
      .addNode('sub', inside, { ends: ['other'] })
      .addNode('other', note('other'))
      .addEdge(START, 'sub')
      .compile()
    expect((await graph.invoke({})).log).toEqual(['a', 'other'])
  })

  test('that runs several times in one node has a place for each', async () => {
    const asking = new StateGraph(Own)
      .addNode('ask', ({ log }) => ({ own: String(interrupt(log[0])) }))
      .addEdge(START, 'ask')
      .compile()
    const graph = new StateGraph(State)
      .addNode('both', async () => {
        const one = await asking.invoke({ log: ['one'] })
        const two = await asking.invoke({ log: ['two'] })
        return { log: [one.own, two.own] }
      })
      .addEdge(START, 'both')
      .compile({ checkpointer: new MemorySaver() })
    expect(await graph.invoke({}, thread)).toMatchObject({ __interrupt__: [{ value: 'one' }] })
    const second = await graph.invoke(new Command({ resume: '1' }), thread)
    expect(second).toMatchObject({ __interrupt__: [{ value: 'two' }] })
    expect((await graph.invoke(new Command({ resume: '2' }), thread)).log).toEqual(['1', '2'])
  })

  const twice = (checkpointer: boolean | undefined) => {
    const asking = new StateGraph(State)
      .addNode('ask', ({ log }) => ({ log: [String(interrupt(log.at(-1)))] }))
      .addEdge(START, 'ask')
      .compile({ checkpointer })
    return new StateGraph(State)
      .addNode('both', async ({ log }) => {
        const one = await asking.invoke({ log: [`${log.length} one`] })
        const two = await asking.invoke({ log: [`${log.length} two`] })
        return { log: [one, two].map((result) => result.log.join(' ')) }
      })
      .addEdge(START, 'both')
      .compile({ checkpointer: new MemorySaver() })
  }

  test('with a memory of its own begins each visit with its input, also while the run is continued', async () => {
    const graph = twice(true)
    for (const turn of ['a', 'b']) {
      await graph.invoke({ log: [turn] }, thread)
      await graph.invoke(new Command({ resume: `${turn}1` }), thread)
      await graph.invoke(new Command({ resume: `${turn}2` }), thread)
    }
    expect((await graph.getState(thread)).values.log.slice(-2)).toEqual([
      '1 one a1 4 one b1',
      '1 two a2 4 two b2',
    ])
  })

  test('with a memory of its own goes on after a change to the graph around', async () => {
    const ran: string[] = []
    const asking = new StateGraph(State)
      .addNode('before', () => {
        ran.push('before')
        return {}
      })
      .addNode('ask', () => ({ log: [String(interrupt('?'))] }))
      .addEdge(START, 'before')
      .addEdge('before', 'ask')
      .compile({ checkpointer: true })
    const graph = new StateGraph(State)
      .addNode('first', note('first'))
      .addNode('inside', asking)
      .addEdge(START, 'first')
      .addEdge('first', 'inside')
      .compile({ checkpointer: new MemorySaver() })
    await graph.invoke({ log: ['in'] }, thread)
    await graph.updateState(thread, { log: ['changed'] }, 'first')
    const { log } = await graph.invoke(new Command({ resume: 'yes' }), thread)
    expect([ran, log.includes('changed'), log.at(-1)]).toEqual([['before'], true, 'yes'])
  })

  test('asks once a visit, whenever it is stored', async () => {
    for (const durability of ['sync', 'async', 'exit'] as const) {
      const graph = twice(undefined)
      const config = { ...thread, durability }
      await graph.invoke({ log: ['in'] }, config)
      await graph.invoke(new Command({ resume: '1' }), config)
      const { log } = await graph.invoke(new Command({ resume: '2' }), config)
      expect(log, durability).toEqual(['in', '1 one 1', '1 two 2'])
    }
  })

  test('asks in parallel, and each question is answered by its id', async () => {
    const asking = new StateGraph(Own)
      .addNode('ask', ({ own }) => ({ log: [`${own}=${String(interrupt(own))}`] }))
      .addEdge(START, 'ask')
      .compile()
    const graph = new StateGraph(State)
      .addNode('sub', asking)
      .addConditionalEdges(START, () => ['x', 'y'].map((own) => new Send('sub', { own })))
      .compile({ checkpointer: new MemorySaver() })
    const paused = (await graph.invoke({}, thread)) as unknown as {
      __interrupt__: { id: string; value: string }[]
    }
    const resume = Object.fromEntries(paused.__interrupt__.map(({ id, value }) => [id, value.toUpperCase()]))
    expect(Object.keys(resume)).toHaveLength(2)
    expect((await graph.invoke(new Command({ resume }), thread)).log).toEqual(['x=X', 'y=Y'])
  })

  test('is found by name', () => {
    const middle = new StateGraph(State).addNode('deep', inner.compile()).addEdge(START, 'deep').compile()
    const graph = new StateGraph(State).addNode('sub', middle).addEdge(START, 'sub').compile()
    expect([...graph.getSubgraphs()].map(([name]) => name)).toEqual(['sub'])
    expect([...graph.getSubgraphs(undefined, true)].map(([name]) => name)).toEqual(['sub', 'sub|deep'])
    expect([...graph.getSubgraphs('sub|deep', true)].map(([name]) => name)).toEqual(['sub|deep'])
  })
})

describe('going back', () => {
  const history = async (graph: {
    getStateHistory: (config: typeof thread) => AsyncIterable<StateSnapshot>
  }): Promise<StateSnapshot[]> => {
    const snapshots: StateSnapshot[] = []
    for await (const snapshot of graph.getStateHistory(thread)) snapshots.push(snapshot)
    return snapshots
  }
  const asked = (result: unknown): unknown =>
    isInterrupted(result) ? result.__interrupt__.map(({ value }) => value) : result

  const questions = (called: string[]) => {
    const node = (name: string, question?: string) => () => {
      called.push(name)
      return { log: [question === undefined ? name : `${name} ${String(interrupt(question))}`] }
    }
    const inside = new StateGraph(State)
      .addNode('first', node('first'))
      .addNode('one', node('one', 'Question 1?'))
      .addNode('two', node('two', 'Question 2?'))
      .addEdge(START, 'first')
      .addEdge('first', 'one')
      .addEdge('one', 'two')
      .compile({ checkpointer: true })
    return new StateGraph(State)
      .addNode('inside', inside)
      .addEdge(START, 'inside')
      .compile({ checkpointer: new MemorySaver() })
  }

  test('takes a subgraph with a memory of its own along', async () => {
    const called: string[] = []
    const graph = questions(called)
    await graph.invoke({}, thread)
    await graph.invoke(new Command({ resume: '1' }), thread)
    await graph.invoke(new Command({ resume: '2' }), thread)
    const before = (await history(graph)).find(({ next }) => next.includes('inside'))
    called.length = 0
    expect(asked(await graph.invoke(null, before!.config))).toEqual(['Question 1?'])
    expect(called).toEqual(['first', 'one'])
    expect(asked(await graph.invoke(new Command({ resume: 'x' }), thread))).toEqual(['Question 2?'])
  })

  test('lets it have what it remembered then', async () => {
    const started: string[][] = []
    const inside = new StateGraph(State)
      .addNode('ask', ({ log }) => {
        started.push(log)
        return { log: [String(interrupt('?'))] }
      })
      .addEdge(START, 'ask')
      .compile({ checkpointer: true })
    const graph = new StateGraph(Annotation.Root({ other: Annotation<string> }))
      .addNode('inside', inside)
      .addEdge(START, 'inside')
      .compile({ checkpointer: new MemorySaver() })
    for (const answer of ['a1', 'a2']) {
      await graph.invoke({ other: 'x' }, thread)
      await graph.invoke(new Command({ resume: answer }), thread)
    }
    const before = (await history(graph)).find(({ next }) => next.includes('inside'))
    started.length = 0
    await graph.invoke(null, before!.config)
    expect(started).toEqual([['a1']])
  })

  test('starts within a subgraph, and from a change made there', async () => {
    const called: string[] = []
    const graph = questions(called)
    await graph.invoke({}, thread)
    const inner = await graph.getState({ configurable: { thread_id: 't', checkpoint_ns: 'inside' } })
    await graph.invoke(new Command({ resume: '1' }), thread)
    await graph.invoke(new Command({ resume: '2' }), thread)
    called.length = 0
    expect(asked(await graph.invoke(null, inner.config))).toEqual(['Question 1?'])
    expect(called).toEqual(['one'])
    const changed = await graph.updateState(inner.config, { log: ['changed'] })
    expect(asked(await graph.invoke(null, changed))).toEqual(['Question 1?'])
    expect(called).toEqual(['one', 'one'])
  })

  test('begins a branch of the whole as well, which answers go to', async () => {
    const graph = questions([])
    await graph.invoke({}, thread)
    const inner = await graph.getState({ configurable: { thread_id: 't', checkpoint_ns: 'inside' } })
    await graph.invoke(new Command({ resume: '1' }), thread)
    await graph.invoke(new Command({ resume: '2' }), thread)
    const done = (await graph.getState(thread)).values
    await graph.invoke(null, inner.config)
    const sources = (await history(graph)).map(({ metadata, next }) => [metadata?.source, next])
    expect(sources).toEqual([
      ['fork', ['inside']],
      ['loop', []],
      ['loop', ['inside']],
      ['input', ['__start__']],
    ])
    await graph.invoke(new Command({ resume: '1' }), thread)
    await graph.invoke(new Command({ resume: '2' }), thread)
    expect((await graph.getState(thread)).values).toEqual(done)
  })

  test('starts between the whole and the innermost, which goes back too', async () => {
    const asks = (question: string) => (): { log: string[] } => ({ log: [String(interrupt(question))] })
    const innermost = new StateGraph(State)
      .addNode('ask', asks('second?'))
      .addEdge(START, 'ask')
      .compile({ checkpointer: true })
    const middle = new StateGraph(State)
      .addNode('ask', asks('first?'))
      .addNode('inside', innermost)
      .addEdge(START, 'ask')
      .addEdge('ask', 'inside')
      .compile({ checkpointer: true })
    const graph = new StateGraph(State)
      .addNode('middle', middle)
      .addEdge(START, 'middle')
      .compile({ checkpointer: new MemorySaver() })
    const at = { configurable: { thread_id: 't', checkpoint_ns: 'middle' } }
    await graph.invoke({}, thread)
    const first = await graph.getState(at)
    await graph.invoke(new Command({ resume: '1' }), thread)
    const second = await graph.getState(at)
    await graph.invoke(new Command({ resume: '2' }), thread)
    expect(asked(await graph.invoke(null, second.config))).toEqual(['second?'])
    expect(asked(await graph.invoke(null, first.config))).toEqual(['first?'])
    const changed = await graph.updateState(second.config, { log: ['changed'] })
    expect(asked(await graph.invoke(null, changed))).toEqual(['second?'])
  })
})
