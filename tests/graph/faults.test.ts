import type { Checkpointer, Runtime } from '@switchyard/graph'
import {
  Annotation,
  Command,
  interrupt,
  isInterrupted,
  MemorySaver,
  Send,
  START,
  StateGraph,
} from '@switchyard/graph'
import { SqliteSaver } from '@switchyard/graph/sqlite'
import { describe, expect, test } from 'vitest'
import { storedSavers } from './support/savers.ts'

const State = Annotation.Root({
  log: Annotation<string[]>({ reducer: (all, more) => [...all, ...more], default: () => [] }),
  value: Annotation<unknown>,
})
const thread = { configurable: { thread_id: 't' } }
const note = (name: string) => (): { log: string[] } => ({ log: [name] })

async function checkpoints(saver: Checkpointer): Promise<number> {
  let count = 0
  for await (const _checkpoint of saver.history({ thread: 't' })) count += 1
  return count
}

describe('a node that fails, in whatever way', () => {
  const broken = {
    get name(): string {
      throw new Error('broken name')
    },
  }
  test.each<[string, (runtime: Runtime) => unknown]>([
    [
      'throws an error',
      () => {
        throw new Error('no luck')
      },
    ],
    [
      'throws a text',
      () => {
        throw 'no luck' as unknown as Error
      },
    ],
    [
      'throws nothing',
      () => {
        throw undefined as unknown as Error
      },
    ],
    ['rejects', () => Promise.reject(new Error('no luck'))],
    ['rejects with nothing', () => Promise.reject(undefined as unknown as Error)],
    [
      'throws an error that cannot be read',
      () => {
        throw broken as unknown as Error
      },
    ],
    [
      'throws while it writes to the stream',
      ({ writer }) => {
        writer?.({ text: 'before' })
        throw new Error('no luck')
      },
    ],
    ['returns what is no update', () => 7],
  ])('and %s: fails the run and keeps what its siblings have done', async (_name, fail) => {
    let fails = true
    const ran: string[] = []
    const saver = new MemorySaver()
    const graph = new StateGraph(State)
      .addNode('good', () => {
        ran.push('good')
        return { log: ['good'] }
      })
      .addNode('bad', async (_state, runtime) => {
        await Promise.resolve()
        ran.push('bad')
        return (fails ? await fail(runtime as Runtime) : { log: ['bad'] }) as { log: string[] }
      })
      .addEdge(START, 'good')
      .addEdge(START, 'bad')
      .compile({ checkpointer: saver })
    await expect(
      graph.invoke({}, { ...thread, streamMode: 'custom' } as never).then(() => 'done'),
    ).rejects.not.toBe('done')
    const snapshot = await graph.getState(thread)
    expect(snapshot.next).toEqual(['bad'])
    expect(snapshot.tasks.find(({ name }) => name === 'bad')?.error).toBeDefined()
    expect(await checkpoints(saver)).toBe(2)
    fails = false
    expect((await graph.invoke(null, thread)).log).toEqual(['bad', 'good'])
    expect(ran.toSorted()).toEqual(['bad', 'bad', 'good'])
  })
})

test('a node that hangs, deaf to its signal, makes room for others when its time is up', async () => {
  const late: (() => void)[] = []
  let signal: AbortSignal | undefined
  const graph = new StateGraph(State)
    .addNode(
      'hangs',
      async (_state, runtime) => {
        signal = runtime.signal
        await new Promise<void>((resolve) => late.push(resolve))
        return { log: ['late'] }
      },
      { timeout: 20, errorHandler: (_state, { error }) => ({ log: [error.name] }) },
    )
    .addNode('waits for its turn', note('turn'))
    .addEdge(START, 'hangs')
    .addEdge(START, 'waits for its turn')
    .compile({ checkpointer: new MemorySaver() })
  const result = await graph.invoke({}, { ...thread, maxConcurrency: 1 })
  for (const resolve of late) resolve()
  await new Promise((resolve) => setImmediate(resolve))
  expect(result.log.toSorted()).toEqual(['NodeTimeoutError', 'turn'])
  expect(signal?.aborted).toBe(true)
  expect((await graph.getState(thread)).values).toEqual(result)
})

test('a run does not go on beyond what its storage has taken, and goes on when it takes again', async () => {
  const ran: string[] = []
  const saver = new MemorySaver()
  let commitsLeft = 2
  const full = new Proxy(saver, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target)
      if (typeof member !== 'function') return member
      return (...parameters: unknown[]): unknown => {
        if (name === 'commit' && (commitsLeft -= 1) < 0) throw new Error('database or disk is full')
        return member.apply(target, parameters)
      }
    },
  })
  const step = (name: string) => (): { log: string[] } => {
    ran.push(name)
    return { log: [name] }
  }
  const graph = new StateGraph(State)
    .addNode('a', step('a'))
    .addNode('b', step('b'))
    .addNode('c', step('c'))
    .addEdge(START, 'a')
    .addEdge('a', 'b')
    .addEdge('b', 'c')
    .compile({ checkpointer: full })
  const sync = { ...thread, durability: 'sync' as const }
  await expect(graph.invoke({ log: ['in'] }, sync)).rejects.toThrow('disk is full')
  expect(ran).toEqual(['a'])
  expect(await checkpoints(saver)).toBe(2)
  commitsLeft = Infinity
  expect((await graph.invoke(null, sync)).log).toEqual(['in', 'a', 'b', 'c'])
})

test('a cycle that never ends is stopped, and its last state is kept', async () => {
  const graph = new StateGraph(State)
    .addNode('a', note('a'))
    .addNode('b', note('b'))
    .addEdge(START, 'a')
    .addEdge('a', 'b')
    .addEdge('b', 'a')
    .compile({ checkpointer: new MemorySaver() })
  await expect(graph.invoke({}, { ...thread, recursionLimit: 5 })).rejects.toMatchObject({
    lc_error_code: 'GRAPH_RECURSION_LIMIT',
  })
  const { values, next } = await graph.getState(thread)
  expect([values, next]).toEqual([{ log: ['a', 'b', 'a', 'b', 'a'] }, ['b']])
})

describe('a state', () => {
  class Account {
    balance = 1
    pay(): void {
      this.balance -= 1
    }
  }
  const circle: Record<string, unknown> = {}
  circle['self'] = { circle }

  test.each<[string, unknown]>([
    ['a bigint', 2n ** 70n],
    ['a date', new Date(1e12)],
    ['a map', new Map([['a', new Set([1])]])],
    ['bytes', new Uint8Array([0, 255])],
    ['undefined within', { a: undefined, b: [undefined] }],
    ['NaN', [Number.NaN, Number.POSITIVE_INFINITY]],
    ['minus zero', -0],
    ['ten megabytes', 'x'.repeat(10_000_000)],
  ])('may hold %s', async (_name, value) => {
    for (const saver of [new MemorySaver(), new SqliteSaver(':memory:')]) {
      const graph = new StateGraph(State)
        .addNode('a', () => ({ value }))
        .addEdge(START, 'a')
        .compile({ checkpointer: saver })
      await graph.invoke({ log: ['in'] }, thread)
      expect((await graph.getState(thread)).values['value']).toEqual(value)
    }
  })

  test.each<[string, unknown, string]>([
    ['a function', { deep: [() => 1] }, 'value.deep[0]'],
    ['a symbol', Symbol('s'), 'value'],
    ['an object with methods', { account: new Account() }, 'value.account'],
    ['a circle', circle, 'value.self.circle'],
    ['a stream', { body: new ReadableStream() }, 'value.body'],
    ['a promise', [Promise.resolve(1)], 'value[0]'],
  ])('cannot hold %s: the node that returned it is named', async (_name, value, path) => {
    for (const saver of [new MemorySaver(), new SqliteSaver(':memory:')]) {
      const graph = new StateGraph(State)
        .addNode('good', note('good'))
        .addNode('bad', () => ({ value }))
        .addEdge(START, 'good')
        .addEdge('good', 'bad')
        .compile({ checkpointer: saver })
      const failure: unknown = await graph
        .invoke({}, { ...thread, durability: 'sync' })
        .catch((error: unknown) => error)
      expect(failure).toMatchObject({ lc_error_code: 'state_not_serializable' })
      expect(String(failure)).toContain(path)
      expect(String(failure)).toContain('"bad"')
      const { values, next } = await graph.getState(thread)
      expect([values, next]).toEqual([{ log: ['good'] }, ['bad']])
    }
  })
})

describe('names that mean something to JavaScript', () => {
  const hostile = JSON.parse('{"__proto__":{"polluted":true}}') as object

  test.each<[string, (graph: ReturnType<typeof asking>) => Promise<unknown>]>([
    ['the input', (graph) => graph.invoke({ value: hostile }, thread)],
    ['keys of the input', (graph) => graph.invoke(hostile as never, thread)],
    [
      'an answer',
      async (graph) => {
        await graph.invoke({ log: ['in'] }, thread)
        return graph.invoke(new Command({ resume: hostile }), thread)
      },
    ],
    ['an update', (graph) => graph.updateState(thread, { value: hostile }, 'ask')],
  ])('do no harm in %s', async (_name, attack) => {
    await attack(asking()).catch((error: unknown) => {
      expect(error).toMatchObject({ name: expect.stringMatching(/^(BaseLangGraphError|EmptyInputError)$/) })
    })
    expect(Object.keys(Object.prototype)).toEqual([])
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  test.each(['__proto__', 'constructor', 'toString', '../../etc/passwd', "'; DROP TABLE places; --"])(
    'may be the id of a thread: %s',
    async (id) => {
      for (const saver of [new MemorySaver(), new SqliteSaver(':memory:')]) {
        const config = { configurable: { thread_id: id } }
        const graph = asking(saver)
        await graph.invoke({ log: [id] }, config)
        expect(await graph.invoke(new Command({ resume: 'yes' }), config)).toEqual({
          log: [id],
          value: 'yes',
        })
        expect((await graph.getState({ configurable: { thread_id: 'other' } })).values).toEqual({})
      }
    },
  )

  test.each(['..', 'constructor', 'toString', 'hasOwnProperty', 'ünï 名前 🛤', ' ', '%7C', 'a/b', '\u0000'])(
    'may name a node whose subgraph asks: %j',
    async (name) => {
      for (const saver of [new MemorySaver(), new SqliteSaver(':memory:')]) {
        const inner = new StateGraph(State)
          .addNode(name, () => ({ value: interrupt(name) }))
          .addEdge(START, name)
          .compile()
        const graph = new StateGraph(State)
          .addNode(name, inner)
          .addNode(`${name}2`, note('other'))
          .addEdge(START, name)
          .addEdge(name, `${name}2`)
          .compile({ checkpointer: saver })
        expect(isInterrupted(await graph.invoke({}, thread))).toBe(true)
        expect((await graph.getState(thread)).next).toEqual([name])
        expect(await graph.invoke(new Command({ resume: 1 }), thread)).toEqual({ log: ['other'], value: 1 })
      }
    },
  )
})

function asking(checkpointer: Checkpointer = new MemorySaver()) {
  return new StateGraph(State)
    .addNode('ask', () => ({ value: interrupt('well?') }))
    .addEdge(START, 'ask')
    .compile({ checkpointer })
}

describe('an answer', () => {
  test('to a thread that there is not is refused, and makes none', async () => {
    const saver = new MemorySaver()
    await expect(asking(saver).invoke(new Command({ resume: 1 }), thread)).rejects.toMatchObject({
      lc_error_code: 'thread_not_found',
    })
    expect(await checkpoints(saver)).toBe(0)
  })

  test('to a thread that is done is refused, and changes nothing', async () => {
    const saver = new MemorySaver()
    const graph = asking(saver)
    await graph.invoke({ log: ['in'] }, thread)
    await graph.invoke(new Command({ resume: 1 }), thread)
    const before = await graph.getState(thread)
    await expect(graph.invoke(new Command({ resume: 2 }), thread)).rejects.toMatchObject({
      lc_error_code: 'no_pending_interrupt',
    })
    expect(await graph.getState(thread)).toEqual(before)
  })

  test('may go with an update of a thread that is done, and goes on from a breakpoint', async () => {
    const graph = asking()
    await graph.invoke({ log: ['in'] }, thread)
    await graph.invoke(new Command({ resume: 1 }), thread)
    expect((await graph.invoke(new Command({ update: { log: ['more'] }, resume: 2 }), thread)).log).toEqual([
      'in',
      'more',
    ])
    const paused = { configurable: { thread_id: 'paused' } }
    const stopping = new StateGraph(State)
      .addNode('a', note('a'))
      .addEdge(START, 'a')
      .compile({ checkpointer: new MemorySaver(), interruptBefore: ['a'] })
    await stopping.invoke({ log: ['in'] }, paused)
    expect((await stopping.invoke(new Command({ resume: true }), paused)).log).toEqual(['in', 'a'])
  })
})

test('a question that waits while its node is taken away says so, and keeps waiting', async () => {
  const saver = new MemorySaver()
  await asking(saver).invoke({ log: ['in'] }, thread)
  const changed = new StateGraph(State)
    .addNode('renamed', note('renamed'))
    .addEdge(START, 'renamed')
    .compile({ checkpointer: saver })
  await expect(changed.invoke(new Command({ resume: 1 }), thread)).rejects.toMatchObject({
    lc_error_code: 'graph_version_mismatch',
    message: expect.stringContaining('"ask"'),
  })
  expect(await asking(saver).invoke(new Command({ resume: 1 }), thread)).toEqual({ log: ['in'], value: 1 })
})

test('two nodes that write one key at once are named, and the step before stays', async () => {
  const graph = new StateGraph(State)
    .addNode('first', note('first'))
    .addNode('left', () => ({ value: 1 }))
    .addNode('right', () => ({ value: 2 }))
    .addEdge(START, 'first')
    .addEdge('first', 'left')
    .addEdge('first', 'right')
    .compile({ checkpointer: new MemorySaver() })
  await expect(graph.invoke({}, thread)).rejects.toThrow('Written by "left", "right".')
  expect((await graph.getState(thread)).values).toEqual({ log: ['first'] })
})

test('ten thousand tasks run a few at a time, and their results are in order', async () => {
  let running = 0
  let most = 0
  const items = Array.from({ length: 10_000 }, (_, index) => index)
  const graph = new StateGraph(
    Annotation.Root({
      done: Annotation<number[]>({ reducer: (all, more) => all.concat(more), default: () => [] }),
    }),
  )
    .addNode('work', async ({ item }: { item: number }) => {
      running += 1
      most = Math.max(most, running)
      for (let turn = 0; turn <= item % 3; turn += 1) await Promise.resolve()
      running -= 1
      return { done: [item] }
    })
    .addConditionalEdges(START, () => items.map((item) => new Send('work', { item })))
    .compile({ checkpointer: new MemorySaver() })
  expect((await graph.invoke({}, { ...thread, maxConcurrency: 20 })).done).toEqual(items)
  expect(most).toBe(20)
})

test('a subgraph that fails fails its parent with its own error, and is taken up where it failed', async () => {
  let fails = true
  const ran: string[] = []
  const inner = new StateGraph(State)
    .addNode('one', () => {
      ran.push('one')
      return { log: ['one'] }
    })
    .addNode('two', () => {
      ran.push('two')
      if (fails) throw new TypeError('no luck within')
      return { log: ['two'] }
    })
    .addEdge(START, 'one')
    .addEdge('one', 'two')
    .compile()
  const graph = new StateGraph(State)
    .addNode('inner', inner)
    .addEdge(START, 'inner')
    .compile({ checkpointer: new MemorySaver() })
  await expect(graph.invoke({ log: ['in'] }, thread)).rejects.toThrow(TypeError)
  fails = false
  expect((await graph.invoke(null, thread)).log).toContain('two')
  expect(ran).toEqual(['one', 'two', 'two'])
})

describe('a thread of 10,000 messages in 2,000 supersteps', () => {
  const savers: ReturnType<typeof storedSavers> = [
    ['memory', () => ({ saver: new MemorySaver({ maxCheckpoints: 5_000 }), close: () => undefined })],
    ...storedSavers(),
  ]
  test.each(savers)(
    'takes what its content takes, and grows evenly: %s',
    { timeout: 60_000 },
    async (_name, open) => {
      const { saver, close } = await open()
      let enough = 5_000
      const graph = new StateGraph(State)
        .addNode('talk', ({ log }) => ({
          log: Array.from({ length: 5 }, (_, index) => `${log.length + index} `.padEnd(100, 'x')),
        }))
        .addEdge(START, 'talk')
        .addConditionalEdges('talk', ({ log }) => (log.length < enough ? 'talk' : '__end__'))
        .compile({ checkpointer: saver })
      const config = { ...thread, recursionLimit: 2_000 }
      await graph.invoke({}, config)
      const half = await saver.sizeOf('t')
      enough = 10_000
      const { log } = await graph.invoke({}, config)
      const whole = await saver.sizeOf('t')
      expect((await graph.getState(thread)).values.log).toEqual(log)
      await close()
      expect([log.length, half.checkpoints, whole.checkpoints]).toEqual([10_000, 1_002, 2_004])
      expect(whole.bytes).toBeLessThan(4 * JSON.stringify(log).length)
      expect(whole.bytes / half.bytes).toBeLessThan(2.1)
    },
  )
})
