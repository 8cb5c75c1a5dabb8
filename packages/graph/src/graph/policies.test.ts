import { describe, expect, test, vi } from 'vitest'
import type { NodeError } from '../index.ts'
import {
  Annotation,
  Command,
  END,
  GraphDrained,
  GraphRecursionError,
  InMemoryCache,
  MemorySaver,
  RunBudgetError,
  RunControl,
  Send,
  START,
  StateGraph,
} from '../index.ts'
import { fakeTiming } from '../testing/fake-timing.ts'

const State = Annotation.Root({
  log: Annotation<string[]>({ reducer: (all, more) => [...all, ...more], default: () => [] }),
  count: Annotation<number>({ reducer: (a, b) => a + b, default: () => 0 }),
})
const note = (name: string) => (): { log: string[] } => ({ log: [name] })
const thread = { configurable: { thread_id: 't' } }
const never = (): Promise<never> => new Promise<never>(() => undefined)

async function collect(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const chunks: unknown[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return chunks
}

describe('a node that fails', () => {
  test('is tried again as its policy says, with growing waits', async () => {
    const timing = fakeTiming()
    const attempts: number[] = []
    const graph = new StateGraph(State)
      .addNode(
        'flaky',
        (_state, { executionInfo }) => {
          attempts.push(executionInfo!.nodeAttempt)
          if (attempts.length < 4) throw new Error('no luck')
          return { log: ['fine'] }
        },
        { retryPolicy: { maxAttempts: 5, initialInterval: 100, jitter: false } },
      )
      .addEdge(START, 'flaky')
      .compile()
    graph.timing = timing
    const run = graph.invoke({})
    await timing.pass(10_000)
    expect((await run).log).toEqual(['fine'])
    expect(attempts).toEqual([1, 2, 3, 4])
    expect(timing.waits).toEqual([100, 200, 400])
  })

  test('leaves nothing of the attempts that failed', async () => {
    const timing = fakeTiming()
    let attempts = 0
    const graph = new StateGraph(State)
      .addNode(
        'flaky',
        () => {
          attempts += 1
          return attempts === 1 ? ({ log: [1], bad: 1 } as never) : { log: ['fine'] }
        },
        { retryPolicy: {} },
      )
      .addEdge(START, 'flaky')
      .addConditionalEdges('flaky', () => {
        if (attempts === 1) throw new Error('no luck')
        return END
      })
      .compile()
    graph.timing = timing
    const run = graph.invoke({})
    await timing.pass(5_000)
    expect((await run).log).toEqual(['fine'])
  })

  test.each<[string, unknown, number]>([
    ['an error', new Error('x'), 3],
    ['a text', 'x', 3],
    ['nothing', undefined, 3],
    ['an abort', Object.assign(new Error('x'), { name: 'AbortError' }), 1],
    ['a refusal', Object.assign(new Error('x'), { status: 401 }), 1],
    ['an exhausted quota', Object.assign(new Error('x'), { error: { code: 'insufficient_quota' } }), 1],
    ['too many requests', Object.assign(new Error('x'), { status: 429 }), 3],
  ])('by %s is tried as often as makes sense', async (_name, thrown, expected) => {
    const timing = fakeTiming()
    let attempts = 0
    const graph = new StateGraph(State)
      .addNode(
        'fails',
        () => {
          attempts += 1
          throw thrown
        },
        { retryPolicy: {} },
      )
      .addEdge(START, 'fails')
      .compile()
    graph.timing = timing
    const run = graph.invoke({}).then(
      () => 'fine',
      (error: unknown) => error,
    )
    await timing.pass(10_000)
    const failure = await run
    expect(failure === thrown || String(failure).includes(String(thrown))).toBe(true)
    expect(attempts).toBe(expected)
  })

  test('stops waiting when the run is cancelled', async () => {
    const timing = fakeTiming()
    const controller = new AbortController()
    let attempts = 0
    const graph = new StateGraph(State)
      .addNode(
        'fails',
        () => {
          attempts += 1
          throw new Error('no luck')
        },
        { retryPolicy: { initialInterval: 1_000, jitter: false } },
      )
      .addEdge(START, 'fails')
      .compile()
    graph.timing = timing
    const run = graph.invoke({}, { signal: controller.signal }).catch((error: unknown) => error)
    await timing.pass(10)
    controller.abort()
    expect(await run).toMatchObject({ name: 'AbortError' })
    await timing.pass(10_000)
    expect(attempts).toBe(1)
  })

  test('hands over to its error handler, whose command goes on', async () => {
    const seen: NodeError[] = []
    const graph = new StateGraph(State)
      .addNode(
        'fails',
        () => {
          throw new Error('no luck')
        },
        {
          errorHandler: (state, error) => {
            seen.push(error)
            return new Command({ update: { log: [`handled ${state.count}`] }, goto: 'after' })
          },
          ends: ['after'],
        },
      )
      .addNode('skipped', note('skipped'))
      .addNode('after', note('after'))
      .addEdge(START, 'fails')
      .addEdge('fails', 'skipped')
      .compile()
    expect((await graph.invoke({ count: 3 })).log).toEqual(['handled 3', 'after'])
    expect(seen).toMatchObject([{ node: 'fails', error: { message: 'no luck' } }])
  })

  test('fails the run when its handler fails', async () => {
    const graph = new StateGraph(State)
      .addNode(
        'fails',
        () => {
          throw new Error('no luck')
        },
        {
          errorHandler: () => {
            throw new Error('handler failed')
          },
        },
      )
      .addEdge(START, 'fails')
      .compile()
    await expect(graph.invoke({})).rejects.toThrow('handler failed')
  })

  test('takes its siblings with it, and all errors are told when several fail', async () => {
    let aborted = false
    const graph = new StateGraph(State)
      .addNode('fails', async () => {
        await Promise.resolve()
        throw new Error('no luck')
      })
      .addNode(
        'waits',
        (_state, { signal }) =>
          new Promise<never>((_resolve, reject) => {
            signal!.addEventListener('abort', () => {
              aborted = true
              reject(new Error('aborted'))
            })
          }),
      )
      .addEdge(START, 'fails')
      .addEdge(START, 'waits')
      .compile()
    await expect(graph.invoke({})).rejects.toThrow('no luck')
    expect(aborted).toBe(true)
    const both = new StateGraph(State)
      .addNode('a', () => {
        throw new Error('a')
      })
      .addNode('b', () => {
        throw new Error('b')
      })
      .addEdge(START, 'a')
      .addEdge(START, 'b')
      .compile()
    await expect(both.invoke({})).rejects.toMatchObject({ errors: [{ message: 'a' }, { message: 'b' }] })
  })
})

describe('time', () => {
  test('of an attempt is limited', async () => {
    const timing = fakeTiming()
    let aborted = false
    const graph = new StateGraph(State)
      .addNode(
        'slow',
        (_state, { signal }) => {
          signal!.addEventListener('abort', () => (aborted = true))
          return never()
        },
        { timeout: 50 },
      )
      .addEdge(START, 'slow')
      .compile()
    graph.timing = timing
    const run = graph.invoke({}).catch((error: unknown) => error)
    await timing.pass(60)
    expect(await run).toMatchObject({
      name: 'NodeTimeoutError',
      node: 'slow',
      kind: 'run',
      timeout: 50,
      elapsed: 50,
    })
    expect(aborted).toBe(true)
  })

  test('without a sign of life is limited', async () => {
    const timing = fakeTiming()
    let beat = (): void => undefined
    const graph = new StateGraph(State)
      .addNode(
        'slow',
        (_state, { heartbeat }) => {
          beat = heartbeat
          return never()
        },
        { timeout: { idleTimeout: 50 } },
      )
      .addEdge(START, 'slow')
      .compile()
    graph.timing = timing
    const run = graph.invoke({}).catch((error: unknown) => error)
    await timing.pass(40)
    beat()
    await timing.pass(40)
    beat()
    await timing.pass(60)
    expect(await run).toMatchObject({ kind: 'idle', elapsed: 130 })
  })

  test('that is up ends an attempt, not the node: late results of it are dropped', async () => {
    const timing = fakeTiming()
    const late: ((value: { log: string[] }) => void)[] = []
    const graph = new StateGraph(State)
      .addNode('slow', () => new Promise<{ log: string[] }>((resolve) => late.push(resolve)), {
        timeout: 50,
        retryPolicy: { initialInterval: 10, jitter: false, maxAttempts: 2 },
      })
      .addEdge(START, 'slow')
      .compile()
    graph.timing = timing
    const run = graph.invoke({})
    await timing.pass(65)
    late[0]?.({ log: ['too late'] })
    await timing.pass(1)
    late[1]?.({ log: ['in time'] })
    await timing.pass(1)
    expect((await run).log).toEqual(['in time'])
  })

  test('of one task is limited by the Send that made it', async () => {
    const timing = fakeTiming()
    const graph = new StateGraph(State)
      .addNode('slow', never)
      .addConditionalEdges(START, () => [new Send('slow', {}, { timeout: 20 })])
      .compile()
    graph.timing = timing
    const run = graph.invoke({}).catch((error: unknown) => error)
    await timing.pass(30)
    expect(await run).toMatchObject({ name: 'NodeTimeoutError', timeout: 20 })
  })

  test('of a superstep and of a run is limited', async () => {
    const graph = new StateGraph(State).addNode('slow', never).addEdge(START, 'slow').compile()
    for (const limit of ['step', 'run']) {
      const timing = fakeTiming()
      graph.timing = timing
      graph.stepTimeout = limit === 'step' ? 20 : undefined
      const run = graph.invoke({}, limit === 'run' ? { timeout: 20 } : {}).catch((error: unknown) => error)
      await timing.pass(30)
      expect(await run).toMatchObject({ name: 'TimeoutError', message: expect.stringContaining('aborted') })
    }
  })
})

describe('a run', () => {
  const loop = (): ReturnType<typeof build> => build()
  const build = (options?: { recursionLimitCountsEnd: boolean }) =>
    new StateGraph(State)
      .addNode('add', () => ({ count: 1 }))
      .addEdge(START, 'add')
      .addConditionalEdges('add', ({ count }) => (count < 5 ? 'add' : END))
      .compile({ checkpointer: new MemorySaver(), ...options })

  test('may take exactly as many steps as it is allowed to', async () => {
    expect(await loop().invoke({}, { ...thread, recursionLimit: 5 })).toMatchObject({ count: 5 })
    await expect(loop().invoke({}, { ...thread, recursionLimit: 4 })).rejects.toThrow(GraphRecursionError)
    await expect(loop().invoke({}, { ...thread, recursionLimit: 0 })).rejects.toThrow('at least 1')
  })

  test('may count the end as a step, as LangGraph does', async () => {
    const app = build({ recursionLimitCountsEnd: true })
    expect(await app.invoke({}, { ...thread, recursionLimit: 6 })).toMatchObject({ count: 5 })
    await expect(
      build({ recursionLimitCountsEnd: true }).invoke({}, { ...thread, recursionLimit: 5 }),
    ).rejects.toThrow(GraphRecursionError)
  })

  test('that goes in circles is told from one that is long', async () => {
    const circle = new StateGraph(State)
      .addNode('a', note('a'))
      .addNode('b', note('b'))
      .addEdge(START, 'a')
      .addEdge('a', 'b')
      .addEdge('b', 'a')
      .compile()
    await expect(circle.invoke({})).rejects.toThrow('stuck in a loop: b → a → b, for at least 12 rounds')
    const names = Array.from({ length: 10 }, (_, index) => `n${index}`)
    const long = new StateGraph(State).addSequence(names.map((name) => [name, note(name)] as const))
    await expect(long.addEdge(START, 'n0').compile().invoke({}, { recursionLimit: 9 })).rejects.toThrow(
      'it may just be long. The last steps: n1',
    )
  })

  test('stops between two steps when it is asked to, and goes on later', async () => {
    const control = new RunControl()
    const graph = new StateGraph(State)
      .addNode('a', (_state, runtime) => {
        runtime.control?.requestDrain('deploy')
        return { log: ['a'] }
      })
      .addNode('b', note('b'))
      .addEdge(START, 'a')
      .addEdge('a', 'b')
      .compile({ checkpointer: new MemorySaver() })
    const run = graph.invoke({}, { ...thread, control })
    await expect(run).rejects.toThrow(GraphDrained)
    await expect(run).rejects.toThrow('Graph drained: deploy')
    expect((await graph.invoke(null, thread)).log).toEqual(['a', 'b'])
  })

  test('stops when its budget is used up, and goes on with a new one', async () => {
    const graph = loop()
    const run = graph.invoke({}, { ...thread, budgets: { maxSteps: 2 } })
    await expect(run).rejects.toThrow(RunBudgetError)
    await expect(run).rejects.toMatchObject({ budget: 'maxSteps', lc_error_code: 'run_budget_exceeded' })
    expect(await graph.invoke(null, { ...thread, budgets: { maxSteps: 3 } })).toMatchObject({ count: 5 })
  })

  test.each([
    ['maxTokens', { maxTokens: 100 }],
    ['maxCostPicoUsd', { maxCostPicoUsd: 7n }],
  ] as const)('counts what its calls use against %s', async (budget, budgets) => {
    const graph = new StateGraph(State)
      .addNode('spend', (_state, { control }) => {
        control?.addUsage({ tokens: 60, costPicoUsd: 4n })
        return { count: 1 }
      })
      .addEdge(START, 'spend')
      .addConditionalEdges('spend', () => 'spend')
      .compile({ checkpointer: new MemorySaver() })
    await expect(graph.invoke({}, { ...thread, budgets })).rejects.toMatchObject({ budget })
    expect((await graph.getState(thread)).values).toMatchObject({ count: 2 })
  })

  test('ends at its deadline', async () => {
    const timing = fakeTiming()
    const graph = new StateGraph(State).addNode('slow', never).addEdge(START, 'slow').compile()
    graph.timing = timing
    const run = graph
      .invoke({}, { budgets: { deadline: timing.now() + 100 } })
      .catch((error: unknown) => error)
    await timing.pass(101)
    expect(await run).toMatchObject({ name: 'RunBudgetError', budget: 'deadline' })
  })

  test('that is cancelled says so at once and in its thread, and can be continued', async () => {
    const controller = new AbortController()
    const begun = Promise.withResolvers<void>()
    let runs = 0
    const graph = new StateGraph(State)
      .addNode('slow', async () => {
        runs += 1
        begun.resolve()
        if (runs === 1) await never()
        return { log: ['done'] }
      })
      .addEdge(START, 'slow')
      .compile({ checkpointer: new MemorySaver() })
    const run = graph.invoke({}, { ...thread, signal: controller.signal }).catch((error: unknown) => error)
    await begun.promise
    controller.abort()
    expect(await run).toMatchObject({ name: 'AbortError' })
    expect((await graph.getState(thread)).tasks).toMatchObject([
      { name: 'slow', error: { name: 'RunCancelledError' } },
    ])
    expect((await graph.invoke(null, thread)).log).toEqual(['done'])
  })

  test('lets go of the signal that it was given', async () => {
    const { signal } = new AbortController()
    const added = vi.spyOn(signal, 'addEventListener')
    const removed = vi.spyOn(signal, 'removeEventListener')
    for (let index = 0; index < 10; index += 1) await loop().invoke({}, { ...thread, signal })
    expect(added).toHaveBeenCalledTimes(10)
    expect(removed).toHaveBeenCalledTimes(10)
  })

  test('runs as many tasks at a time as it may', async () => {
    let running = 0
    let most = 0
    const graph = new StateGraph(State)
      .addNode('work', async () => {
        running += 1
        most = Math.max(most, running)
        await Promise.resolve()
        running -= 1
        return { count: 1 }
      })
      .addConditionalEdges(START, () => Array.from({ length: 20 }, () => new Send('work', {})))
      .compile()
    expect(await graph.invoke({}, { maxConcurrency: 3 })).toMatchObject({ count: 20 })
    expect(most).toBe(3)
  })

  test('can be cancelled although its nodes never wait', async () => {
    const graph = new StateGraph(State)
      .addNode('spin', () => ({ count: 1 }))
      .addEdge(START, 'spin')
      .addConditionalEdges('spin', () => 'spin')
      .compile()
    await expect(graph.invoke({}, { timeout: 5, recursionLimit: Infinity })).rejects.toMatchObject({
      name: 'TimeoutError',
    })
  })

  test('is one of a batch', async () => {
    const graph = new StateGraph(State)
      .addNode('add', ({ count }) => {
        if (count === 2) throw new Error('two')
        return { count: 10 }
      })
      .addEdge(START, 'add')
      .compile()
    expect(await graph.batch([{ count: 1 }, { count: 3 }], { maxConcurrency: 1 })).toMatchObject([
      { count: 11 },
      { count: 13 },
    ])
    expect(await graph.batch([{ count: 2 }, { count: 3 }], {}, { returnExceptions: true })).toMatchObject([
      { message: 'two' },
      { count: 13 },
    ])
  })
})

describe('a kept result', () => {
  test('spares the node, and streams say so', async () => {
    let runs = 0
    const cache = new InMemoryCache()
    const graph = new StateGraph(State)
      .addNode(
        'slow',
        () => {
          runs += 1
          return { count: 1 }
        },
        { cachePolicy: true },
      )
      .addEdge(START, 'slow')
      .compile({ cache })
    expect(await collect(await graph.stream({ count: 1 }))).toEqual([{ slow: { count: 1 } }])
    expect(await collect(await graph.stream({ count: 1 }))).toEqual([
      { slow: { count: 1 }, __metadata__: { cached: true } },
    ])
    await graph.invoke({ count: 2 })
    expect(runs).toBe(2)
    await graph.clearCache()
    await graph.invoke({ count: 2 })
    expect(runs).toBe(3)
  })

  test('is there when the run is over, however long the cache takes; a cache that fails is none', async () => {
    const release = Promise.withResolvers<void>()
    const kept = new InMemoryCache()
    const slow = {
      get: kept.get.bind(kept),
      clear: kept.clear.bind(kept),
      set: async (pairs: Parameters<typeof kept.set>[0]): Promise<void> => {
        await release.promise
        await kept.set(pairs)
      },
    }
    const builder = new StateGraph(State)
      .addNode('one', () => ({ count: 1 }), { cachePolicy: true })
      .addEdge(START, 'one')
    let over = false
    const running = builder
      .compile({ cache: slow })
      .invoke({ count: 0 })
      .then(() => (over = true))
    await new Promise(setImmediate)
    expect(over).toBe(false)
    release.resolve()
    await running
    const again = await builder.compile({ cache: slow }).stream({ count: 0 })
    expect(await collect(again)).toEqual([{ one: { count: 1 }, __metadata__: { cached: true } }])
    const broken = { ...slow, set: (): Promise<void> => Promise.reject(new Error('full')) }
    expect(await builder.compile({ cache: broken }).invoke({ count: 7 })).toMatchObject({ count: 8 })
  })
})

describe('settings of all nodes', () => {
  test('hold for those that do not say otherwise', async () => {
    const graph = new StateGraph(State)
      .setNodeDefaults({ errorHandler: () => ({ log: ['default'] }) })
      .addNode('a', () => {
        throw new Error('a')
      })
      .addNode(
        'b',
        () => {
          throw new Error('b')
        },
        { errorHandler: () => ({ log: ['own'] }) },
      )
      .addEdge(START, 'a')
      .addEdge(START, 'b')
      .compile()
    expect((await graph.invoke({})).log).toEqual(['default', 'own'])
  })
})

describe('a deferred node', () => {
  test('runs when nothing else is left to do', async () => {
    const graph = new StateGraph(State)
      .addNode('start', note('start'))
      .addNode('short', note('short'))
      .addNode('long 1', note('long 1'))
      .addNode('long 2', note('long 2'))
      .addNode('last', note('last'), { defer: true })
      .addEdge(START, 'start')
      .addEdge('start', 'short')
      .addEdge('start', 'long 1')
      .addEdge('long 1', 'long 2')
      .addEdge('short', 'last')
      .addEdge('long 2', 'last')
      .compile()
    expect((await graph.invoke({})).log).toEqual(['start', 'long 1', 'short', 'long 2', 'last'])
  })

  test('waits for tasks that were sent as well', async () => {
    const graph = new StateGraph(State)
      .addNode('first', () => ({ log: ['first'] }))
      .addNode('worker', () => ({ log: ['worker'] }))
      .addNode('last', ({ log }) => ({ log: [`last of ${log.length}`] }), { defer: true })
      .addEdge(START, 'first')
      .addEdge(START, 'last')
      .addConditionalEdges('first', () => [new Send('worker', {}), new Send('worker', {})])
      .compile()
    expect((await graph.invoke({})).log).toEqual(['first', 'worker', 'worker', 'last of 3'])
  })
})
