import { BaseTracer } from '@langchain/core/tracers/base'
import type { Run } from '@langchain/core/tracers/base'
import { CallbackManager } from '@langchain/core/callbacks/manager'
import { RunnableLambda } from '@langchain/core/runnables'
import { FakeListChatModel } from '@langchain/core/utils/testing'
import { describe, expect, test, vi } from 'vitest'
import {
  Annotation,
  Command,
  END,
  GraphCallbackHandler,
  interrupt,
  MemorySaver,
  omitPayload,
  START,
  StateGraph,
} from '../index.ts'
import type { GraphInterruptEvent, GraphResumeEvent, StreamEvent, TracePolicy } from '../index.ts'

const State = Annotation.Root({ n: Annotation<number>, answer: Annotation<unknown> })

const inner = new StateGraph(State)
  .addNode('double', ({ n }) => ({ n: n * 2 }))
  .addEdge(START, 'double')
  .compile({ name: 'inner' })

/** A node that calls two models, one with its config and one without, and a graph as a node. */
const outer = new StateGraph(State)
  .addNode('ask', async (_state, config) => {
    const first = await new FakeListChatModel({ responses: ['ab'] }).invoke('hi', config as never)
    await new FakeListChatModel({ responses: ['cd'] }).invoke('hi')
    return { answer: first.content }
  })
  .addNode('inside', inner)
  .addEdge(START, 'ask')
  .addEdge('ask', 'inside')
  .compile({ name: 'outer' })

class Tracer extends BaseTracer {
  override name = 'tracer'
  readonly roots: Run[] = []
  protected override async persistRun(run: Run): Promise<void> {
    this.roots.push(run)
  }
}

type Shown = [name: string, type: string, error: boolean, inside: Shown[]]

const show = ({ name, run_type, error, child_runs }: Run): Shown => [
  name,
  run_type,
  error !== undefined,
  child_runs.filter(({ tags }) => !tags?.includes('langsmith:hidden')).map(show),
]

const tree: Shown = [
  'outer',
  'chain',
  false,
  [
    [
      'ask',
      'chain',
      false,
      [
        ['FakeListChatModel', 'llm', false, []],
        ['FakeListChatModel', 'llm', false, []],
      ],
    ],
    ['inside', 'chain', false, [['inner', 'chain', false, [['double', 'chain', false, []]]]]],
  ],
]

describe('handlers of LangChain are told of', () => {
  test('a run, its tasks, and what these call, each within the other', async () => {
    const tracer = new Tracer()
    await outer.invoke({ n: 1 }, { callbacks: [tracer] })
    expect(tracer.roots.map(show)).toEqual([tree])
    expect(tracer.roots[0]).toMatchObject({ inputs: { n: 1 }, outputs: { n: 2, answer: 'ab' } })
  })

  test('the same by a manager, and only of the run itself where the handler is not inherited', async () => {
    const seen = await Promise.all(
      [true, false].map(async (inherit) => {
        const tracer = new Tracer()
        const manager = new CallbackManager()
        manager.addHandler(tracer, inherit)
        await outer.invoke({ n: 1 }, { callbacks: manager })
        return tracer.roots.map(show)
      }),
    )
    expect(seen).toEqual([[tree], [['outer', 'chain', false, []]]])
  })

  test('a run as part of the chain that it is a step of', async () => {
    const tracer = new Tracer()
    const chain = RunnableLambda.from(async (n: number, config) =>
      inner.invoke({ n, answer: '' }, config as never),
    )
    await chain.withConfig({ runName: 'chain' }).invoke(1, { callbacks: [tracer] })
    expect(tracer.roots.map(show)).toEqual([
      ['chain', 'chain', false, [['inner', 'chain', false, [['double', 'chain', false, []]]]]],
    ])
  })

  test('a condition, with what it calls', async () => {
    const tracer = new Tracer()
    const graph = new StateGraph(State)
      .addNode('a', () => ({ n: 1 }))
      .addEdge(START, 'a')
      .addConditionalEdges('a', async () => {
        await new FakeListChatModel({ responses: ['x'] }).invoke('where?')
        return END
      })
      .compile({ name: 'graph' })
    await graph.invoke({ n: 0 }, { callbacks: [tracer] })
    const asked: Shown = ['RunnableLambda', 'chain', false, [['FakeListChatModel', 'llm', false, []]]]
    expect(tracer.roots.map(show)).toEqual([['graph', 'chain', false, [['a', 'chain', false, [asked]]]]])
  })

  test('a condition that fails', async () => {
    const tracer = new Tracer()
    const graph = new StateGraph(State)
      .addNode('a', () => ({ n: 1 }))
      .addEdge(START, 'a')
      .addConditionalEdges('a', () => {
        throw new Error('lost')
      })
      .compile({ name: 'graph' })
    await expect(graph.invoke({ n: 0 }, { callbacks: [tracer] })).rejects.toThrow('lost')
    expect(tracer.roots.map(show)).toEqual([
      ['graph', 'chain', true, [['a', 'chain', true, [['RunnableLambda', 'chain', true, []]]]]],
    ])
  })

  test('a failure', async () => {
    const tracer = new Tracer()
    const graph = new StateGraph(State)
      .addNode('fail', () => {
        throw new Error('no')
      })
      .addEdge(START, 'fail')
      .compile({ name: 'failing' })
    await expect(graph.invoke({ n: 1 }, { callbacks: [tracer] })).rejects.toThrow('no')
    expect(tracer.roots.map(show)).toEqual([['failing', 'chain', true, [['fail', 'chain', true, []]]]])
  })

  test('a run by those that the graph was given, and by those of the run', async () => {
    const ends: string[] = []
    const handler = (name: string) => ({ name, handleChainEnd: () => void ends.push(name) })
    const graph = inner.withConfig({ callbacks: [handler('graph')] })
    await graph.invoke({ n: 1 } as never, { callbacks: [handler('run')] })
    expect(new Set(ends)).toEqual(new Set(['graph', 'run']))
  })

  test('whatever a handler throws is said, and is no failure of the run', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const handler = {
      name: 'broken',
      handleChainEnd: () => {
        throw new Error('broken')
      },
    }
    await inner.invoke({ n: 1 } as never, { callbacks: [handler] })
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('broken, handleChainEnd'))
    warn.mockRestore()
  })
})

class Observer extends GraphCallbackHandler {
  readonly events: (GraphInterruptEvent | GraphResumeEvent | 'end')[] = []
  override async handleInterrupt(event: GraphInterruptEvent): Promise<void> {
    await Promise.resolve()
    this.events.push(event)
  }
  override handleResume(event: GraphResumeEvent): void {
    this.events.push(event)
  }
  handleChainEnd(_output: unknown, _runId: string, parent?: string): void {
    if (parent === undefined) this.events.push('end')
  }
}

describe('an observer of pauses', () => {
  const question = new StateGraph(State)
    .addNode('ask', () => ({ answer: interrupt('sure?') }))
    .addEdge(START, 'ask')

  test('is told of them before the run is over, and when it goes on, with the checkpoint', async () => {
    const observer = new Observer()
    const graph = question.compile({ checkpointer: new MemorySaver() })
    const config = { configurable: { thread_id: '1' }, callbacks: [observer] }
    await graph.invoke({ n: 1 }, { ...config, runId: 'first' })
    const checkpointId = (await graph.getState(config)).config.configurable.checkpoint_id
    await graph.invoke(new Command({ resume: 'yes' }), { ...config, runId: 'second' })
    const place = { status: 'pending', checkpointId, checkpointNs: [] }
    expect(observer.events).toEqual([
      { ...place, runId: 'first', interrupts: [{ id: expect.any(String), value: 'sure?' }] },
      'end',
      { ...place, runId: 'second' },
      'end',
    ])
  })

  test.each(['interruptBefore', 'interruptAfter'] as const)('is told of %s', async (option) => {
    const observer = new Observer()
    const graph = new StateGraph(State)
      .addNode('one', () => ({ n: 1 }))
      .addNode('two', () => ({ n: 2 }))
      .addEdge(START, 'one')
      .addEdge('one', 'two')
      .compile({ checkpointer: new MemorySaver(), [option]: ['one'] })
    await graph.invoke({ n: 0 }, { configurable: { thread_id: '1' }, callbacks: [observer] })
    expect(observer.events[0]).toMatchObject({
      status: option === 'interruptBefore' ? 'interrupt_before' : 'interrupt_after',
      interrupts: [],
    })
  })

  test('is told once of a pause inside, and of each graph that goes on', async () => {
    const observer = new Observer()
    const graph = new StateGraph(State)
      .addNode('child', question.compile())
      .addEdge(START, 'child')
      .compile({ checkpointer: new MemorySaver() })
    const config = { configurable: { thread_id: '1' }, callbacks: [observer] }
    await graph.invoke({ n: 1 }, config)
    await graph.invoke(new Command({ resume: 'yes' }), config)
    const levels = observer.events.flatMap((event) => (event === 'end' ? [] : [event.checkpointNs]))
    expect(levels).toEqual([[], [], [expect.stringMatching(/^child:/)]])
  })

  test.each([true, false])('ends the run by what it throws only where it asks to: %s', async (raiseError) => {
    class Broken extends GraphCallbackHandler {
      override async handleInterrupt(): Promise<void> {
        throw new Error('broken')
      }
    }
    const say = vi.spyOn(console, raiseError ? 'error' : 'warn').mockImplementation(() => undefined)
    const graph = question.compile({ checkpointer: new MemorySaver() })
    const run = graph.invoke(
      { n: 1 },
      { configurable: { thread_id: '1' }, callbacks: [new Broken({ raiseError })] },
    )
    if (raiseError) await expect(run).rejects.toThrow('broken')
    else expect(await run).toMatchObject({ __interrupt__: [{ value: 'sure?' }] })
    expect(say).toHaveBeenCalledOnce()
    say.mockRestore()
  })
})

describe('a trace policy', () => {
  /** What a tracer sees of the one node. */
  async function traced(tracePolicy: TracePolicy, failures = 0): Promise<unknown[]> {
    const tracer = new Tracer()
    let attempts = 0
    const graph = new StateGraph(State)
      .addNode(
        'add',
        ({ n }) => {
          if (attempts++ < failures) throw new Error('again')
          return new Command({ update: { n: n + 1 } })
        },
        { tracePolicy, retryPolicy: { initialInterval: 1, logWarning: false } },
      )
      .addEdge(START, 'add')
      .compile()
    expect(await graph.invoke({ n: 1 }, { callbacks: [tracer] })).toEqual({ n: 2 })
    expect(tracer.roots[0]).toMatchObject({ inputs: { n: 1 }, outputs: { n: 2 } })
    const runs = tracer.roots[0]?.child_runs.filter(({ name }) => name === 'add') ?? []
    return runs.map(({ inputs, outputs }) => [inputs, outputs])
  }

  test.each([
    [{ processInputs: omitPayload }, [[{}, new Command({ update: { n: 2 } })]]],
    [{ processInputs: omitPayload, processOutputs: omitPayload }, [[{}, {}]]],
    [
      {
        processInputs: ({ n }: { n: number }) => ({ seen: n }),
        processOutputs: (output: Command) => ({ kept: output.update }),
      },
      [[{ seen: 1 }, { kept: { n: 2 } }]],
    ],
  ] satisfies [TracePolicy, unknown][])(
    'says what handlers are shown of a node: %o',
    async (policy, shown) => {
      expect(await traced(policy)).toEqual(shown)
    },
  )

  test('is asked for every attempt, and for the output of the one that succeeds', async () => {
    const processOutputs = vi.fn<() => object>(omitPayload)
    expect(await traced({ processInputs: omitPayload, processOutputs }, 1)).toEqual([
      [{}, undefined],
      [{}, {}],
    ])
    expect(processOutputs).toHaveBeenCalledOnce()
  })

  test('that fails shows all, and says so', async () => {
    const say = vi.spyOn(console, 'warn').mockReturnValue()
    const failure = new Error('broken')
    const processInputs = (): never => {
      throw failure
    }
    expect(await traced({ processInputs, processOutputs: omitPayload })).toEqual([[{ n: 1 }, {}]])
    expect(say).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('untransformed payload'), failure)
    say.mockRestore()
  })
})

describe('streamEvents, version v2', () => {
  async function collect(events: AsyncIterable<StreamEvent>): Promise<StreamEvent[]> {
    const all: StreamEvent[] = []
    for await (const event of events) all.push(event)
    return all
  }

  test('shows the graph, its nodes and the tokens of its models', async () => {
    const events = await collect(outer.streamEvents({ n: 1 }, { version: 'v2', tags: ['mine'] }))
    expect(events.filter(({ event }) => event === 'on_chain_start').map(({ name }) => name)).toEqual([
      'outer',
      '__start__',
      'ask',
      'inside',
      'inner',
      '__start__',
      'double',
    ])
    const tokens = events.filter(({ event }) => event === 'on_chat_model_stream')
    expect(tokens.map(({ data }) => (data.chunk as { content: string }).content).join('')).toBe('abcd')
    expect(tokens[0]).toMatchObject({ tags: ['mine'], metadata: { langgraph_node: 'ask' } })
    expect(events.filter(({ event }) => event === 'on_chain_stream').map(({ data }) => data.chunk)).toEqual([
      { ask: { answer: 'ab' } },
      { inside: { n: 2, answer: 'ab' } },
    ])
    expect(events.at(-1)).toMatchObject({ event: 'on_chain_end', name: 'outer', data: { output: { n: 2 } } })
  })

  test.each([
    [{ includeTypes: ['chat_model'] }, ['FakeListChatModel']],
    [{ includeNames: ['double'] }, ['double']],
    [{ excludeTypes: ['chain'] }, ['FakeListChatModel']],
    [{ includeTags: ['graph:step:2'] }, ['inside']],
  ])('shows what the filter lets through: %o', async (filter, names) => {
    const events = await collect(outer.streamEvents({ n: 1 }, { version: 'v2' }, filter))
    expect([...new Set(events.map(({ name }) => name))]).toEqual(names)
  })

  test('fails as the run does', async () => {
    const graph = new StateGraph(State)
      .addNode('fail', () => {
        throw new Error('no')
      })
      .addEdge(START, 'fail')
      .compile()
    await expect(collect(graph.streamEvents({ n: 1 }, { version: 'v2' }))).rejects.toThrow('no')
  })
})
