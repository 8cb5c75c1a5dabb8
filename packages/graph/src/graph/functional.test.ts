import { describe, expect, test } from 'vitest'
import type { Runtime } from '../index.ts'
import {
  Annotation,
  Command,
  entrypoint,
  getConfig,
  getCurrentTaskInput,
  getPreviousState,
  getRuntime,
  getStore,
  getWriter,
  InMemoryCache,
  interrupt,
  MemorySaver,
  START,
  StateGraph,
  task,
} from '../index.ts'

const thread = { configurable: { thread_id: 't' } }

async function collect(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const chunks: unknown[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return chunks
}

describe('an entrypoint', () => {
  test('runs a function as a graph', async () => {
    const double = task('double', async (n: number) => n * 2)
    const graph = entrypoint('graph', async (numbers: number[]) => Promise.all(numbers.map(double)))
    expect(await graph.invoke([1, 2, 3])).toEqual([2, 4, 6])
    expect(await collect(await graph.stream([1, 2]))).toEqual([
      { double: 2 },
      { double: 4 },
      { graph: [2, 4] },
    ])
  })

  test('does not run tasks again that have a result', async () => {
    const runs: string[] = []
    const slow = task('slow', async (text: string) => {
      runs.push(text)
      return text.toUpperCase()
    })
    const graph = entrypoint({ name: 'graph', checkpointer: new MemorySaver() }, async (text: string) => {
      const first = await slow(text)
      const answer = interrupt<string, string>(first)
      return `${first} ${await slow(answer)}`
    })
    expect(await graph.invoke('a', thread)).toMatchObject({ __interrupt__: [{ value: 'A' }] })
    expect(await graph.invoke(new Command({ resume: 'b' }), thread)).toBe('A B')
    expect(runs).toEqual(['a', 'b'])
  })

  test('asks from within a task', async () => {
    const ask = task({ name: 'ask' }, async (question: string) => interrupt<string, string>(question))
    const graph = entrypoint({ name: 'graph', checkpointer: new MemorySaver() }, async () => {
      const one = await ask('one')
      return `${one} ${await ask('two')}`
    })
    expect(await graph.invoke('go', thread)).toMatchObject({ __interrupt__: [{ value: 'one' }] })
    expect(await graph.invoke(new Command({ resume: '1' }), thread)).toMatchObject({
      __interrupt__: [{ value: 'two' }],
    })
    expect(await graph.invoke(new Command({ resume: '2' }), thread)).toBe('1 2')
  })

  test('finds what its last call on the thread saved', async () => {
    const graph = entrypoint({ name: 'sum', checkpointer: new MemorySaver() }, (n: number) => {
      const before = getPreviousState<number | undefined>() ?? 0
      return entrypoint.final({ value: `was ${before}`, save: before + n })
    })
    expect(await graph.invoke(1, thread)).toBe('was 0')
    expect(await graph.invoke(2, thread)).toBe('was 1')
    expect(await graph.invoke(3, thread)).toBe('was 3')
    expect(await graph.invoke(3, { configurable: { thread_id: 'other' } })).toBe('was 0')
  })

  test('fails as its function does; a task that failed is run again', async () => {
    let runs = 0
    const flaky = task('flaky', async () => {
      runs += 1
      if (runs === 1) throw new Error('no luck')
      return 'fine'
    })
    const graph = entrypoint({ name: 'graph', checkpointer: new MemorySaver() }, async () => flaky())
    await expect(graph.invoke('go', thread)).rejects.toThrow('no luck')
    expect(await graph.invoke(null, thread)).toBe('fine')
  })

  test('is no generator, and neither is a task', () => {
    expect(() => entrypoint('graph', function* () {})).toThrow('Generators are disallowed')
    expect(() => task('task', async function* () {})).toThrow('Generators are disallowed')
  })

  test('keeps results of tasks in a cache', async () => {
    let runs = 0
    const counted = task({ name: 'counted', cachePolicy: {} }, async (n: number) => {
      runs += 1
      return n + 1
    })
    const graph = entrypoint({ name: 'graph', cache: new InMemoryCache() }, async (n: number) => counted(n))
    expect([await graph.invoke(1), await graph.invoke(1), await graph.invoke(2)]).toEqual([2, 2, 3])
    expect(runs).toBe(2)
  })

  test('says where a task must be called', async () => {
    await expect(task('lost', async () => 1)()).rejects.toThrow('"lost" was called outside')
  })
})

describe('step', () => {
  test('does something once, however often the node runs', async () => {
    const runs: string[] = []
    const State = Annotation.Root({ text: Annotation<string> })
    const graph = new StateGraph(State)
      .addNode('node', async (_state, runtime) => {
        runs.push('node')
        const first = await runtime.step('load', () => {
          runs.push('load')
          return 'data'
        })
        const second = await runtime.step('load', async () => {
          runs.push('load again')
          return 'more'
        })
        return { text: `${first} ${second} ${String(runtime.interrupt('?'))}` }
      })
      .addEdge(START, 'node')
      .compile({ checkpointer: new MemorySaver() })
    await graph.invoke({}, thread)
    expect(await graph.invoke(new Command({ resume: 'yes' }), thread)).toEqual({ text: 'data more yes' })
    expect(runs).toEqual(['node', 'load', 'load again', 'node'])
  })
})

describe('what a node can look up', () => {
  const State = Annotation.Root({ user: Annotation<string>, seen: Annotation<string> })

  test('is its own, also when many run at a time', async () => {
    const graph = new StateGraph(State)
      .addNode('look', async () => {
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 5))
        const config = getConfig() as Runtime
        const input = getCurrentTaskInput<{ user: string }>()
        return {
          seen: `${input.user} ${String(config.configurable?.['user'])} ${String(config.context?.['user'])}`,
        }
      })
      .addEdge(START, 'look')
      .compile()
    const users = Array.from({ length: 200 }, (_, index) => `user ${index}`)
    const results = await Promise.all(
      users.map((user) => graph.invoke({ user }, { configurable: { user }, context: { user } })),
    )
    expect(results.map(({ seen }) => seen)).toEqual(users.map((user) => `${user} ${user} ${user}`))
  })

  test('is nothing outside of nodes', () => {
    expect(getConfig()).toBeUndefined()
    expect(() => getRuntime()).toThrow('getRuntime() called outside of an active graph execution')
    for (const look of [getStore, getWriter, getCurrentTaskInput, getPreviousState]) {
      expect(() => look()).toThrow('outside of a graph')
    }
    expect(() => interrupt('?')).toThrow('outside the context of a graph')
  })

  test('can be taken as it is, and copied by spreading', async () => {
    const seen: unknown[] = []
    const graph = new StateGraph(State)
      .addNode('look', (_state, runtime) => {
        const taken = getRuntime()
        const copied = { ...runtime, tags: ['more'] }
        seen.push(Object.isFrozen(taken), taken.context, copied.context, copied.tags, 'writer' in runtime)
        return {}
      })
      .addEdge(START, 'look')
      .compile()
    await graph.invoke({}, { context: { user: 'u' } })
    expect(seen).toEqual([true, { user: 'u' }, { user: 'u' }, ['more'], true])
  })

  test('includes where and how often it runs', async () => {
    const seen: unknown[] = []
    const graph = new StateGraph(State)
      .addNode(
        'look',
        (_state, { executionInfo, metadata, tags }) => {
          seen.push(executionInfo, metadata, tags)
          return {}
        },
        { metadata: { own: true }, tags: ['node'] },
      )
      .addEdge(START, 'look')
      .compile({ checkpointer: new MemorySaver() })
    await graph.invoke({}, { ...thread, metadata: { run: 1 }, tags: ['run'], runId: 'r' })
    expect(seen).toEqual([
      {
        checkpointId: expect.any(String),
        checkpointNs: expect.stringMatching(/^look:/),
        taskId: expect.any(String),
        threadId: 't',
        runId: 'r',
        nodeAttempt: 1,
        nodeFirstAttemptTime: expect.any(Number),
      },
      expect.objectContaining({
        run: 1,
        own: true,
        langgraph_step: 1,
        langgraph_node: 'look',
        langgraph_triggers: ['branch:to:look'],
        langgraph_path: ['__pregel_pull', 'look'],
      }),
      ['run', 'node'],
    ])
  })
})
