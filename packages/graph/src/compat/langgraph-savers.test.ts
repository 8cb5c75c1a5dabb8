import { MemorySaver as ForeignMemorySaver } from '@langchain/langgraph-checkpoint'
import { describe, expect, it } from 'vitest'
import { newCheckpointId } from '../checkpoint/checkpoint-id.ts'
import type { Checkpointer, Commit } from '../checkpoint/checkpointer.ts'
import { fromLangGraph, toCheckpointer } from '../checkpoint/from-langgraph.ts'
import {
  Annotation,
  Command,
  END,
  entrypoint,
  getPreviousState,
  interrupt,
  MemorySaver,
  Send,
  START,
  StateGraph,
} from '../index.ts'

const open = (): Checkpointer => fromLangGraph(new ForeignMemorySaver())
const place = { thread: 't', namespace: '' }

function commitOf(id: string, parentId: string | undefined, more: Partial<Commit> = {}): Commit {
  return {
    ...place,
    checkpoint: { id, ts: '2026-01-01T00:00:00.000Z', channelVersions: { n: 1 }, versionsSeen: {} },
    metadata: { source: 'loop', step: 1 },
    parentId,
    expectedHead: parentId ?? null,
    changes: [],
    ...more,
  }
}

describe("a graph of ours on LangGraph's MemorySaver", () => {
  const State = Annotation.Root({
    log: Annotation<string[]>({ reducer: (all, more) => [...all, ...more], default: () => [] }),
  })
  const note = (name: string) => (): { log: string[] } => ({ log: [name] })
  const config = { configurable: { thread_id: 't' } }
  const graphOn = (checkpointer: Checkpointer) =>
    new StateGraph(State)
      .addNode('plan', note('plan'))
      .addNode('work', ({ log }: { log: string[] }) => ({ log: [`work ${log.join()}`] }))
      .addNode('ask', () => ({ log: [`heard ${String(interrupt('go on?'))}`] }))
      .addEdge(START, 'plan')
      .addConditionalEdges('plan', () => ['a', 'b'].map((part) => new Send('work', { log: [part] })))
      .addEdge('work', 'ask')
      .addEdge('ask', END)
      .compile({ checkpointer })

  it('pauses, answers and remembers', async () => {
    const graph = graphOn(open())
    const paused = await graph.invoke({ log: ['in'] }, config)
    expect(paused).toMatchObject({ __interrupt__: [{ value: 'go on?' }] })
    const done = await graph.invoke(new Command({ resume: 'yes' }), config)
    expect(done).toEqual({ log: ['in', 'plan', 'work a', 'work b', 'heard yes'] })
    const again = await graph.invoke({ log: ['more'] }, config)
    expect((again as { log: string[] }).log.slice(0, 6)).toEqual([...done.log, 'more'])
  })

  it('can be looked at and taken up at any point of its history', async () => {
    const graph = graphOn(open())
    await graph.invoke({ log: ['in'] }, config)
    const steps = []
    for await (const snapshot of graph.getStateHistory(config)) steps.push(snapshot)
    expect(steps.map(({ metadata, next }) => [metadata?.step, next])).toEqual([
      [2, ['ask']],
      [1, ['work', 'work']],
      [0, ['plan']],
      [-1, ['__start__']],
    ])
    const fork = await graph.invoke(null, steps[2]?.config)
    expect((fork as { log: string[] }).log).toEqual(['in', 'plan', 'work a', 'work b'])
  })
})

describe('a saver that was not wrapped', () => {
  const State = Annotation.Root({ answer: Annotation<string> })
  const config = { configurable: { thread_id: 't' } }

  it('serves graphs and entrypoints, and is the one that others hold', async () => {
    const saver = new ForeignMemorySaver()
    const graph = new StateGraph(State)
      .addNode('ask', () => ({ answer: interrupt<string, string>('sure?') }))
      .addEdge(START, 'ask')
      .compile({ checkpointer: saver })
    expect(graph.checkpointer).toBe(saver)
    await graph.invoke({ answer: '' }, config)
    expect((await graph.getState(config)).next).toEqual(['ask'])
    expect(await graph.invoke(new Command({ resume: 'yes' }), config)).toEqual({ answer: 'yes' })
    expect((await saver.get(config))?.channel_values).toMatchObject({ answer: 'yes' })

    const sum = entrypoint({ name: 'sum', checkpointer: saver }, (more: number) => {
      const all = (getPreviousState<number>() ?? 0) + more
      return entrypoint.final({ value: all, save: all })
    })
    const other = { configurable: { thread_id: 'sum' } }
    await sum.invoke(1, other)
    expect(await sum.invoke(2, other)).toBe(3)
  })

  it('is wrapped once', () => {
    const saver = new ForeignMemorySaver()
    expect(toCheckpointer(saver)).toBe(toCheckpointer(saver))
    const own = new MemorySaver()
    expect(toCheckpointer(own)).toBe(own)
  })
})

describe("LangGraph's MemorySaver as one of ours", () => {
  it('keeps what does not change, and forgets what is cleared', async () => {
    const saver = open()
    const [first, second] = [newCheckpointId(), newCheckpointId()]
    const value = (channel: string, of: unknown) => ({ type: 'value', channel, value: of }) as const
    await saver.commit(commitOf(first, undefined, { changes: [value('a', 1), value('b', 2)] }))
    const writes = [{ taskId: 'x', writes: [['a', 3]] as const }]
    await saver.commit(commitOf(second, first, { changes: [{ type: 'cleared', channel: 'b' }], writes }))
    expect(await saver.load(place)).toMatchObject({ values: { a: 1 }, parentId: first, head: second })
    expect(await saver.load(place, first)).toMatchObject({
      values: { a: 1, b: 2 },
      pendingWrites: [{ taskId: 'x', channel: 'a', value: 3 }],
      head: second,
    })
  })

  it('refuses a commit on a head that is not there any more', async () => {
    const saver = open()
    const first = newCheckpointId()
    await saver.commit(commitOf(first, undefined))
    await saver.commit(commitOf(newCheckpointId(), first))
    await expect(saver.commit(commitOf(newCheckpointId(), first))).rejects.toMatchObject({
      code: 'thread_conflict',
    })
  })

  it('continues the writes of a task', async () => {
    const saver = open()
    const id = newCheckpointId()
    await saver.commit(commitOf(id, undefined))
    await saver.addWrites(place, id, [{ taskId: 'x', writes: [['a', 1]] }])
    await saver.addWrites(place, id, [{ taskId: 'x', writes: [['a', 2]], firstIndex: 1 }])
    expect((await saver.load(place))?.pendingWrites).toEqual([
      { taskId: 'x', channel: 'a', value: 1 },
      { taskId: 'x', channel: 'a', value: 2 },
    ])
  })

  it('is copied, listed, measured and deleted by thread', async () => {
    const saver = open()
    const [first, second] = [newCheckpointId(), newCheckpointId()]
    await saver.commit(commitOf(first, undefined, { changes: [{ type: 'value', channel: 'a', value: 1 }] }))
    await saver.commit(commitOf(second, first, { writes: [{ taskId: 'x', writes: [['a', 2]] }] }))
    await saver.copyThread('t', 'copy')
    expect(await saver.load({ thread: 'copy', namespace: '' }, first)).toMatchObject({
      values: { a: 1 },
      pendingWrites: [{ value: 2 }],
    })
    await expect(saver.copyThread('t', 'copy')).rejects.toMatchObject({ code: 'thread_conflict' })
    expect((await saver.listThreads()).map(({ thread }) => thread).toSorted()).toEqual(['copy', 't'])
    expect(await saver.sizeOf('copy')).toMatchObject({ checkpoints: 2 })
    await expect(saver.prune({ keepLast: 1 })).rejects.toThrow('cannot delete single checkpoints')
    expect(await saver.prune({ thread: 't', idleForMs: 1e12 })).toBe(0)
    expect(await saver.prune({ thread: 't', idleForMs: 1 })).toBe(2)
    await saver.deleteThread('copy')
    expect(await saver.listThreads()).toEqual([])
  })
})
