import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { StateSnapshot } from '../index.ts'
import {
  Annotation,
  Command,
  END,
  interrupt,
  isInvalidResume,
  MemorySaver,
  Send,
  START,
  StateGraph,
} from '../index.ts'

const State = Annotation.Root({
  log: Annotation<string[]>({ reducer: (all, more) => [...all, ...more], default: () => [] }),
  count: Annotation<number>,
})
const note = (name: string) => (): { log: string[] } => ({ log: [name] })
const thread = { configurable: { thread_id: 't' } }

const twoSteps = (options: object = {}) =>
  new StateGraph(State)
    .addNode('a', note('a'))
    .addNode('b', note('b'))
    .addEdge(START, 'a')
    .addEdge('a', 'b')
    .compile({ checkpointer: new MemorySaver(), ...options })

async function history(
  graph: { getStateHistory: ReturnType<typeof twoSteps>['getStateHistory'] },
  options?: Parameters<ReturnType<typeof twoSteps>['getStateHistory']>[1],
): Promise<StateSnapshot[]> {
  const snapshots: StateSnapshot[] = []
  for await (const snapshot of graph.getStateHistory(thread, options)) snapshots.push(snapshot)
  return snapshots
}

describe('a snapshot', () => {
  test('says what a thread holds, what is next and where it comes from', async () => {
    const graph = twoSteps({ interruptBefore: ['b'] })
    expect(await graph.invoke({ log: ['in'] }, thread)).toEqual({ log: ['in', 'a'], __interrupt__: [] })
    const snapshot = await graph.getState(thread)
    expect(snapshot).toMatchObject({
      values: { log: ['in', 'a'] },
      next: ['b'],
      metadata: { source: 'loop', step: 1, parents: {}, thread_id: 't' },
      tasks: [{ name: 'b', path: ['__pregel_pull', 'b'], interrupts: [] }],
      config: { configurable: { thread_id: 't', checkpoint_ns: '' } },
      parentConfig: { configurable: { thread_id: 't', checkpoint_ns: '' } },
    })
    expect((await graph.invoke(null, thread)).log).toEqual(['in', 'a', 'b'])
    expect((await graph.getState(thread)).next).toEqual([])
  })

  test('of a thread that there is not is empty', async () => {
    expect(await twoSteps().getState({ configurable: { thread_id: 'none' } })).toMatchObject({
      values: {},
      next: [],
      tasks: [],
    })
  })

  test('needs a checkpointer', async () => {
    await expect(twoSteps({ checkpointer: undefined }).getState(thread)).rejects.toMatchObject({
      lc_error_code: 'MISSING_CHECKPOINTER',
    })
  })

  test('shows results that finished siblings of a failed node have, and runs only the others again', async () => {
    let fails = true
    const runs: string[] = []
    const graph = new StateGraph(State)
      .addNode('good', () => {
        runs.push('good')
        return { log: ['good'] }
      })
      .addNode('bad', async () => {
        runs.push('bad')
        await Promise.resolve()
        if (fails) throw new Error('no luck')
        return { log: ['bad'] }
      })
      .addEdge(START, 'good')
      .addEdge(START, 'bad')
      .compile({ checkpointer: new MemorySaver() })
    await expect(graph.invoke({}, thread)).rejects.toThrow('no luck')
    const snapshot = await graph.getState(thread)
    expect(snapshot.values).toEqual({ log: ['good'] })
    expect(snapshot.next).toEqual(['bad'])
    expect(snapshot.tasks).toMatchObject([
      { name: 'good', result: { log: ['good'] } },
      { name: 'bad', error: { name: 'Error', message: 'no luck' } },
    ])
    fails = false
    expect((await graph.invoke(null, thread)).log).toEqual(['bad', 'good'])
    expect(runs).toEqual(['bad', 'good', 'bad'])
  })

  test('can be taken of a thread whose finished nodes contradict each other', async () => {
    const graph = new StateGraph(State)
      .addNode('one', () => ({ count: 1 }))
      .addNode('two', () => ({ count: 2 }))
      .addNode('bad', async () => {
        await Promise.resolve()
        throw new Error('no luck')
      })
      .addEdge(START, 'one')
      .addEdge(START, 'two')
      .addEdge(START, 'bad')
      .compile({ checkpointer: new MemorySaver() })
    await expect(graph.invoke({ log: ['in'] }, thread)).rejects.toThrow('no luck')
    const snapshot = await graph.getState(thread)
    expect(snapshot.values).toEqual({ log: ['in'] })
    expect(snapshot.next).toEqual(['bad'])
    expect(snapshot.tasks.map(({ name, result }) => [name, result])).toEqual([
      ['one', { count: 1 }],
      ['two', { count: 2 }],
      ['bad', undefined],
    ])
  })
})

describe('the history', () => {
  test('has a checkpoint for the input and for each superstep, newest first', async () => {
    const graph = twoSteps()
    await graph.invoke({ log: ['in'] }, thread)
    const snapshots = await history(graph)
    expect(
      snapshots.map(({ metadata, next, values }) => [metadata?.source, metadata?.step, next, values]),
    ).toEqual([
      ['loop', 2, [], { log: ['in', 'a', 'b'] }],
      ['loop', 1, ['b'], { log: ['in', 'a'] }],
      ['loop', 0, ['a'], { log: ['in'] }],
      ['input', -1, ['__start__'], { log: [] }],
    ])
    expect(snapshots[1]?.tasks).toMatchObject([{ name: 'b', result: { log: ['b'] } }])
    expect(snapshots[0]?.parentConfig).toEqual(snapshots[1]?.config)
  })

  test('can be restricted', async () => {
    const graph = twoSteps()
    await graph.invoke({ log: ['in'] }, thread)
    const all = await history(graph)
    expect(await history(graph, { limit: 2 })).toEqual(all.slice(0, 2))
    expect(await history(graph, { before: all[1]?.config })).toEqual(all.slice(2))
    expect(await history(graph, { filter: { source: 'input' } })).toEqual(all.slice(3))
  })
})

describe('an update', () => {
  test('counts as written by the node that ran last, and its edges decide what is next', async () => {
    const graph = twoSteps({ interruptAfter: ['a'] })
    await graph.invoke({ log: ['in'] }, thread)
    const config = await graph.updateState(thread, { log: ['edited'] })
    expect(await graph.getState(thread)).toMatchObject({
      values: { log: ['in', 'a', 'edited'] },
      next: ['b'],
      metadata: { source: 'update', step: 2 },
      config,
    })
  })

  test('counts as written by the node that is named', async () => {
    const graph = twoSteps()
    await graph.invoke({ log: ['in'] }, thread)
    await graph.updateState(thread, { log: ['again'] }, 'a')
    expect((await graph.getState(thread)).next).toEqual(['b'])
    expect((await graph.invoke(null, thread)).log).toEqual(['in', 'a', 'b', 'again', 'b'])
  })

  test('of a new thread starts it', async () => {
    const graph = twoSteps()
    await graph.updateState(thread, { log: ['from outside'] })
    expect((await graph.getState(thread)).next).toEqual(['a'])
  })

  test.each<[string, unknown, string]>([
    ['a node that there is not', 'nobody', 'Node "nobody" does not exist'],
    ['several nodes at once', undefined, 'Ambiguous update'],
  ])('from %s is refused', async (_name, asNode, message) => {
    const graph = new StateGraph(State)
      .addNode('a', note('a'))
      .addNode('b', note('b'))
      .addEdge(START, 'a')
      .addEdge(START, 'b')
      .compile({ checkpointer: new MemorySaver() })
    await graph.invoke({}, thread)
    await expect(graph.updateState(thread, { log: ['x'] }, asNode as string)).rejects.toThrow(message)
  })

  test('of a pause keeps what an error handler has done beside it', async () => {
    const graph = new StateGraph(State)
      .addNode('ask', () => ({ log: [String(interrupt('?'))] }))
      .addNode(
        'bad',
        () => {
          throw new Error('no luck')
        },
        { errorHandler: () => ({ log: ['handled'] }) },
      )
      .addNode('next', note('next'))
      .addEdge(START, 'ask')
      .addEdge(START, 'bad')
      .addEdge('ask', 'next')
      .compile({ checkpointer: new MemorySaver() })
    await graph.invoke({ log: ['in'] }, thread)
    expect(await graph.getState(thread)).toMatchObject({ values: { log: ['in', 'handled'] }, next: ['ask'] })
    await graph.updateState(thread, { log: ['instead'] }, 'ask')
    expect((await graph.invoke(null, thread)).log).toEqual(['in', 'handled', 'instead', 'next'])
  })

  test('as END gives up what is due', async () => {
    const graph = twoSteps({ interruptBefore: ['b'] })
    await graph.invoke({ log: [] }, thread)
    await graph.updateState(thread, null, END)
    expect((await graph.getState(thread)).next).toEqual([])
  })

  test('as input starts anew', async () => {
    const graph = twoSteps()
    await graph.invoke({ log: [] }, thread)
    await graph.updateState(thread, { log: ['more'] }, '__input__')
    expect(await graph.getState(thread)).toMatchObject({ next: ['__start__'], metadata: { source: 'input' } })
  })

  test('as a copy makes a sibling, with updates of its own', async () => {
    const graph = twoSteps()
    await graph.invoke({ log: ['in'] }, thread)
    const [, second] = await history(graph)
    const copied = await graph.updateState(second!.config, null, '__copy__')
    expect(await graph.getState(copied)).toMatchObject({
      values: second!.values,
      next: ['b'],
      metadata: { source: 'fork' },
      parentConfig: second!.parentConfig,
    })
    const changed = await graph.updateState(second!.config, [[{ log: ['B'] }, 'b']], '__copy__')
    expect((await graph.getState(changed)).values).toEqual({ log: ['in', 'a', 'B'] })
  })

  test('of several supersteps in one go', async () => {
    const graph = twoSteps()
    await graph.bulkUpdateState(thread, [
      { updates: [{ values: { log: ['in'] }, asNode: '__input__' }] },
      { updates: [{ values: { log: ['in'] }, asNode: '__start__' }] },
      { updates: [{ values: { log: ['A'] }, asNode: 'a' }] },
    ])
    expect(await graph.getState(thread)).toMatchObject({ values: { log: ['in', 'A'] }, next: ['b'] })
    expect((await history(graph)).map(({ metadata }) => metadata?.source)).toEqual([
      'update',
      'update',
      'input',
    ])
  })
})

describe('an old checkpoint', () => {
  test('is run again on a branch of its own', async () => {
    let runs = 0
    const graph = new StateGraph(State)
      .addNode('a', () => {
        runs += 1
        return { log: [`run ${runs}`] }
      })
      .addEdge(START, 'a')
      .compile({ checkpointer: new MemorySaver() })
    await graph.invoke({ log: ['in'] }, thread)
    const before = (await history(graph))[1]
    expect((await graph.invoke(null, before!.config)).log).toEqual(['in', 'run 2'])
    const after = await history(graph)
    expect(after.map(({ metadata }) => metadata?.source)).toEqual(['loop', 'fork', 'loop', 'loop', 'input'])
    expect(after[1]?.parentConfig).toEqual(before!.config)
  })

  test('that an update made is run on a branch that answers reach, when it is not the newest', async () => {
    const graph = new StateGraph(State)
      .addNode('a', note('a'))
      .addNode('ask', ({ log }) => ({ log: [`${log.at(-1)}: ${String(interrupt('?'))}`] }))
      .addEdge(START, 'a')
      .addEdge('a', 'ask')
      .compile({ checkpointer: new MemorySaver() })
    await graph.invoke({ log: ['in'] }, thread)
    const [, before] = await history(graph)
    const one = await graph.updateState(before!.config, { log: ['one'] }, 'a')
    await graph.updateState(before!.config, { log: ['two'] }, 'a')
    await graph.invoke(null, one)
    expect((await graph.invoke(new Command({ resume: 'yes' }), thread)).log).toEqual([
      'in',
      'one',
      'one: yes',
    ])
  })

  test('takes new input', async () => {
    const graph = twoSteps()
    await graph.invoke({ log: ['in'] }, thread)
    const before = (await history(graph))[1]
    expect((await graph.invoke({ log: ['other'] }, before!.config)).log).toEqual([
      'in',
      'a',
      'other',
      'a',
      'b',
    ])
  })

  test('that was updated goes on from there', async () => {
    const graph = twoSteps()
    await graph.invoke({ log: ['in'] }, thread)
    const before = (await history(graph))[2]
    const updated = await graph.updateState(before!.config, { log: ['changed'] })
    expect((await graph.invoke(null, updated)).log).toEqual(['in', 'changed', 'a', 'b'])
  })

  test('asks again what was answered after it', async () => {
    const graph = new StateGraph(State)
      .addNode('ask', () => ({ log: [String(interrupt('?'))] }))
      .addEdge(START, 'ask')
      .compile({ checkpointer: new MemorySaver() })
    await graph.invoke({}, thread)
    await graph.invoke(new Command({ resume: 'yes' }), thread)
    const before = (await history(graph))[1]
    const asked = await graph.invoke(null, before!.config)
    expect(asked).toMatchObject({ __interrupt__: [{ value: '?' }] })
    expect((await graph.invoke(new Command({ resume: 'no' }), thread)).log).toEqual(['no'])
  })
})

describe('questions', () => {
  const asking = new StateGraph(State)
    .addNode('ask', () => ({ log: [`${String(interrupt('one'))} ${String(interrupt('two'))}`] }))
    .addNode('other', () => ({ log: [`other ${String(interrupt('three'))}`] }))
    .addEdge(START, 'ask')
    .addEdge(START, 'other')
  const ids = (result: unknown): Record<string, string> =>
    Object.fromEntries(
      (result as { __interrupt__: { id: string; value: string }[] }).__interrupt__.map(({ id, value }) => [
        value,
        id,
      ]),
    )

  test('each have an id, and are answered by it', async () => {
    const graph = asking.compile({ checkpointer: new MemorySaver() })
    const first = ids(await graph.invoke({}, thread))
    expect(Object.keys(first)).toEqual(['one', 'three'])
    const second = ids(
      await graph.invoke(new Command({ resume: { [first['one']!]: 1, [first['three']!]: 3 } }), thread),
    )
    expect(Object.keys(second)).toEqual(['two'])
    expect(new Set([...Object.values(first), ...Object.values(second)]).size).toBe(3)
    expect((await graph.invoke(new Command({ resume: { [second['two']!]: false } }), thread)).log).toEqual([
      '1 false',
      'other 3',
    ])
  })

  test('are answered one after the other', async () => {
    const graph = asking.compile({ checkpointer: new MemorySaver() })
    await graph.invoke({}, thread)
    expect(Object.keys(ids(await graph.invoke(new Command({ resume: 1 }), thread)))).toEqual(['two', 'three'])
    expect(Object.keys(ids(await graph.invoke(new Command({ resume: 2 }), thread)))).toEqual(['three'])
    expect((await graph.invoke(new Command({ resume: 3 }), thread)).log).toEqual(['1 2', 'other 3'])
  })

  test('that nobody asked cannot be answered', async () => {
    const graph = asking.compile({ checkpointer: new MemorySaver() })
    await graph.invoke({}, thread)
    await expect(
      graph.invoke(new Command({ resume: { ['0'.repeat(32)]: 1 } }), thread),
    ).rejects.toMatchObject({
      name: 'UnknownInterruptError',
      interruptIds: ['0'.repeat(32)],
    })
  })

  test.each([[0], [''], [false], [null]])('take %j for an answer', async (answer) => {
    const graph = new StateGraph(Annotation.Root({ answer: Annotation<unknown> }))
      .addNode('ask', () => ({ answer: interrupt('?') }))
      .addEdge(START, 'ask')
      .compile({ checkpointer: new MemorySaver() })
    await graph.invoke({}, thread)
    expect(await graph.invoke(new Command({ resume: answer }), thread)).toEqual({ answer })
  })

  test('come with a schema, and stay open until an answer fits', async () => {
    const schema = z.object({ ok: z.boolean(), note: z.string().default('') })
    const sent: string[] = []
    const graph = new StateGraph(State)
      .addNode('check', () => ({ log: [JSON.stringify(interrupt('check?', { responseSchema: schema }))] }))
      .addNode('send', async () => {
        interrupt('send?')
        sent.push('mail')
        await new Promise((resolve) => setTimeout(resolve, 2))
        return { log: ['sent'] }
      })
      .addEdge(START, 'check')
      .addEdge(START, 'send')
      .compile({ checkpointer: new MemorySaver() })
    const paused = await graph.invoke({}, thread)
    expect(paused).toMatchObject({
      __interrupt__: [{ value: 'check?', response_schema: { type: 'object' } }, { value: 'send?' }],
    })
    const open = ids(paused)
    const failure = await graph
      .invoke(new Command({ resume: { [open['check?']!]: { ok: 'no' }, [open['send?']!]: true } }), thread)
      .catch((error: unknown) => error)
    expect(failure).toMatchObject({ lc_error_code: 'resume_value_invalid', issues: [{ path: ['ok'] }] })
    expect([isInvalidResume(failure), isInvalidResume(new Error('x', { cause: failure }))]).toEqual([
      true,
      true,
    ])
    const result = await graph.invoke(new Command({ resume: { [open['check?']!]: { ok: true } } }), thread)
    expect(result.log).toEqual(['{"ok":true,"note":""}', 'sent'])
    expect(sent).toEqual(['mail'])
  })

  test('need a checkpointer', async () => {
    await expect(asking.compile().invoke({})).rejects.toMatchObject({
      errors: [{ lc_error_code: 'MISSING_CHECKPOINTER' }, { lc_error_code: 'MISSING_CHECKPOINTER' }],
    })
  })
})

test('sends that are due are kept, and finished ones are not sent again', async () => {
  const runs: number[] = []
  const graph = new StateGraph(State)
    .addNode('work', async ({ item }: { item: number }) => {
      runs.push(item)
      await Promise.resolve()
      if (item === 1) interrupt('really?')
      return { log: [`item ${item}`] }
    })
    .addConditionalEdges(START, () => [0, 1, 2].map((item) => new Send('work', { item })))
    .compile({ checkpointer: new MemorySaver() })
  await graph.invoke({}, thread)
  expect((await graph.getState(thread)).next).toEqual(['work'])
  const result = await graph.invoke(new Command({ resume: 'yes' }), thread)
  expect(result.log).toEqual(['item 0', 'item 1', 'item 2'])
  expect(runs).toEqual([0, 1, 2, 1])
})

test('two runs on one thread do not overwrite each other: one of them is told', async () => {
  const graph = new StateGraph(State)
    .addNode('a', async () => {
      await new Promise((resolve) => setTimeout(resolve, 1))
      return { log: ['a'] }
    })
    .addEdge(START, 'a')
    .compile({ checkpointer: new MemorySaver() })
  const results = await Promise.allSettled([
    graph.invoke({ log: ['one'] }, thread),
    graph.invoke({ log: ['two'] }, thread),
  ])
  expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  expect(results.find((result) => result.status === 'rejected')).toMatchObject({
    reason: { lc_error_code: 'thread_conflict' },
  })
})

test.each(['sync', 'async', 'exit'] as const)(
  'what is stored in durability %s goes on after a failure',
  async (durability) => {
    let fails = true
    const graph = new StateGraph(State)
      .addNode('a', note('a'))
      .addNode('b', () => {
        if (fails) throw new Error('no luck')
        return { log: ['b'] }
      })
      .addEdge(START, 'a')
      .addEdge('a', 'b')
      .compile({ checkpointer: new MemorySaver() })
    await expect(graph.invoke({ log: ['in'] }, { ...thread, durability })).rejects.toThrow('no luck')
    expect((await graph.getState(thread)).next).toEqual(['b'])
    expect(await history(graph)).toHaveLength(durability === 'exit' ? 1 : 3)
    fails = false
    expect((await graph.invoke(null, { ...thread, durability })).log).toEqual(['in', 'a', 'b'])
  },
)
