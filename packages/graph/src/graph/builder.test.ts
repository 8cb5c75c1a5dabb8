import { describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import {
  Annotation,
  Command,
  END,
  Graph,
  LastValue,
  MemorySaver,
  MessageGraph,
  NodeInterrupt,
  MessagesAnnotation,
  MessagesValue,
  MessagesZodMeta,
  Overwrite,
  ReducedValue,
  schemaMetaRegistry,
  Send,
  START,
  StateGraph,
  StateSchema,
  UntrackedValue,
  withLangGraph,
} from '../index.ts'

const State = Annotation.Root({
  text: Annotation<string>,
  log: Annotation<string[]>({ reducer: (all, more) => [...all, ...more], default: () => [] }),
})
const build = () => new StateGraph(State)
const nothing = () => ({})
const thread = { configurable: { thread_id: 't' } }

describe('a graph is refused', () => {
  test.each<[string, () => unknown, string]>([
    [
      'with a node named like a key',
      () => build().addNode('text', nothing),
      'already being used as a state attribute',
    ],
    ['with | in a name', () => build().addNode('a|b', nothing), '"|" is a reserved character'],
    ['with : in a name', () => build().addNode('a:b', nothing), '":" is a reserved character'],
    [
      'with two nodes of one name',
      () => build().addNode('a', nothing).addNode('a', nothing),
      'Node `a` already present',
    ],
    ['with a node named START', () => build().addNode(START, nothing), 'Node `__start__` is reserved'],
    ['without nodes in a list', () => build().addNode([]), 'No nodes provided'],
    ['with an empty sequence', () => build().addSequence([]), 'at least one node'],
    ['with an edge from END', () => build().addEdge(END as never, 'a'), 'END cannot be a start node'],
    ['with an edge to START', () => build().addEdge('a', START), 'START cannot be an end node'],
    [
      'with a barrier of unknown nodes',
      () => build().addEdge(['a', 'b'], 'c'),
      'Need to add a node named "a" first',
    ],
    [
      'with an edge from nowhere',
      () => build().addEdge('a', END).compile(),
      'edge starting at unknown node `a`',
    ],
    [
      'with an edge to nowhere',
      () =>
        build()
          .addNode('a', nothing)
          .addEdge(START, 'a')
          .addEdge('a', 'b' as never)
          .compile(),
      'edge ending at unknown node `b`',
    ],
    [
      'with a node that nothing leads to',
      () => build().addNode('a', nothing).addNode('b', nothing).addEdge(START, 'a').compile(),
      'Node `b` is not reachable',
    ],
    [
      'with a pause at an unknown node',
      () =>
        build()
          .addNode('a', nothing)
          .addEdge(START, 'a')
          .compile({ interruptBefore: ['b' as never] }),
      'Interrupt node `b` is not present',
    ],
    [
      'with two conditions of one name',
      () =>
        build()
          .addNode('a', nothing)
          .addConditionalEdges('a', () => END)
          .addConditionalEdges('a', () => END),
      'already present for node `a`',
    ],
    ['made of nothing', () => new StateGraph({ foo: 'bar' }), 'Invalid StateGraph input'],
    [
      'whose schemas disagree',
      () =>
        new StateGraph(State, {
          input: Annotation.Root({ log: Annotation<string[]>({ reducer: (_, next) => next }) }),
        }),
      'Channel "log" already exists with a different type',
    ],
  ])('%s', (_name, make, message) => {
    expect(make).toThrow(message)
  })
})

test('a graph says when it is changed after it was compiled', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  const graph = build().addNode('a', nothing).addEdge(START, 'a')
  graph.compile()
  graph.addNode('b', nothing).addEdge('a', 'b')
  expect(warn).toHaveBeenCalledTimes(2)
  warn.mockRestore()
})

test('a command that leads on besides an edge is warned about once', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  const leads = (goto: string) =>
    build()
      .addNode('a', () => new Command({ goto }), { ends: ['b', 'c'] })
      .addNode('b', () => ({ log: ['b'] }))
      .addNode('c', () => ({ log: ['c'] }))
      .addEdge(START, 'a')
      .addEdge('a', 'b')
      .compile()
  const graph = leads('c')
  for (let run = 0; run < 2; run += 1) expect((await graph.invoke({ log: [] })).log).toEqual(['b', 'c'])
  expect(warn.mock.calls).toEqual([
    [expect.stringContaining('"a" goes to "c" by a Command and to "b" by an edge')],
  ])
  await leads('b').invoke({ log: [] })
  expect(warn).toHaveBeenCalledTimes(1)
  warn.mockRestore()
})

test('what is no saver is refused when the graph is compiled', () => {
  const graph = build().addNode('a', nothing).addEdge(START, 'a')
  expect(() => graph.compile({ checkpointer: { get: nothing } as never })).toThrow('`Checkpointer`')
})

test('where a handler leads cannot be seen, so that every node counts as reached', async () => {
  const fails = (): never => {
    throw new Error('always')
  }
  const graph = build()
    .addNode('a', fails, { errorHandler: () => new Command({ goto: 'b' }) as never })
    .addNode('b', () => ({ log: ['b'] }))
    .addEdge(START, 'a')
    .compile()
  expect(await graph.invoke({ log: [] })).toEqual({ log: ['b'] })
  expect(() => build().addNode('a', nothing).addNode('b', nothing).addEdge(START, 'a').compile()).toThrow(
    '`b` is not reachable',
  )
})

describe('nodes', () => {
  test.each<[string, (graph: ReturnType<typeof build>) => unknown]>([
    [
      'one by one',
      (graph) => graph.addNode('a', () => ({ log: ['a'] })).addNode('b', () => ({ log: ['b'] })),
    ],
    ['by name', (graph) => graph.addNode({ a: () => ({ log: ['a'] }), b: [() => ({ log: ['b'] }), {}] })],
    [
      'as a list',
      (graph) =>
        graph.addNode([
          ['a', () => ({ log: ['a'] })],
          ['b', () => ({ log: ['b'] }), {}],
        ]),
    ],
    ['as a sequence', (graph) => graph.addSequence({ a: () => ({ log: ['a'] }), b: () => ({ log: ['b'] }) })],
  ])('are added %s', async (name, add) => {
    const graph = build()
    add(graph)
    graph.addEdge(START, 'a')
    if (name !== 'as a sequence') graph.addEdge('a', 'b')
    expect((await graph.compile().invoke({})).log).toEqual(['a', 'b'])
  })

  test.each<[string, unknown, unknown]>([
    ['an object', { text: 'x' }, { text: 'x', log: [] }],
    ['nothing', undefined, { log: [] }],
    ['null', null, { log: [] }],
    ['keys that the state lacks', { text: 'x', other: 1 }, { text: 'x', log: [] }],
    ['a command', new Command({ update: { text: 'x' } }), { text: 'x', log: [] }],
    [
      'a command with pairs',
      new Command({
        update: [
          ['log', ['a']],
          ['log', ['b']],
        ],
      }),
      { log: ['a', 'b'] },
    ],
    [
      'commands and updates',
      [new Command({ update: { text: 'x' } }), { log: ['a'] }],
      { text: 'x', log: ['a'] },
    ],
    ['an overwrite', { log: new Overwrite(['new']) }, { log: ['new'] }],
  ])('may return %s', async (_name, output, expected) => {
    const graph = build()
      .addNode('a', () => output as never)
      .addEdge(START, 'a')
      .compile()
    expect(await graph.invoke({})).toEqual(expected)
  })

  test.each<[string, unknown]>([
    ['a text', 'text'],
    ['a number', 7],
    ['a list', [{ text: 'x' }]],
  ])('may not return %s', async (_name, output) => {
    const graph = build()
      .addNode('a', () => output as never)
      .addEdge(START, 'a')
      .compile()
    await expect(graph.invoke({})).rejects.toMatchObject({
      name: 'InvalidUpdateError',
      lc_error_code: 'INVALID_GRAPH_NODE_RETURN_VALUE',
    })
  })

  test('that write one key at once are named', async () => {
    const graph = build()
      .addNode('a', () => ({ text: 'a' }))
      .addNode('b', () => ({ text: 'b' }))
      .addEdge(START, 'a')
      .addEdge(START, 'b')
      .compile()
    const run = graph.invoke({})
    await expect(run).rejects.toMatchObject({ lc_error_code: 'INVALID_CONCURRENT_GRAPH_UPDATE' })
    await expect(run).rejects.toThrow(/channel "text" with values \["a","b"\].*Written by "a", "b"/)
  })

  test('whose reducer throws are named', async () => {
    const Bad = Annotation.Root({
      n: Annotation<number>({
        reducer: () => {
          throw new Error('cannot add')
        },
        default: () => 0,
      }),
    })
    const graph = new StateGraph(Bad)
      .addNode('a', () => ({ n: 1 }))
      .addEdge(START, 'a')
      .compile()
    await expect(graph.invoke({})).rejects.toMatchObject({
      lc_error_code: 'reducer_error',
      message: expect.stringContaining('The reducer of "n" threw: cannot add Written by "a"'),
    })
  })

  test('that return what cannot be stored are named, and nothing is stored', async () => {
    const graph = build()
      .addNode('a', () => ({ text: (() => 1) as never }))
      .addEdge(START, 'a')
      .compile({ checkpointer: new MemorySaver() })
    const run = graph.invoke({}, thread)
    await expect(run).rejects.toMatchObject({ lc_error_code: 'state_not_serializable' })
    await expect(run).rejects.toThrow(/Node "a" returned/)
    expect((await graph.getState(thread)).next).toEqual(['a'])
  })

  test.each<[string, unknown]>([
    ['a command', new Command({ goto: 'nobody' })],
    ['a Send', new Command({ goto: new Send('nobody', {}) })],
  ])('cannot go by %s where there is no node', async (_name, output) => {
    const graph = build()
      .addNode('a', () => output as never)
      .addEdge(START, 'a')
      .compile()
    await expect(graph.invoke({})).rejects.toThrow('nobody')
  })

  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'unknown or null destination'],
    ['a Send to END', new Send(END, {}), 'Cannot send a packet to the END node'],
    ['an unknown name', 'nobody', 'no such node'],
  ])('cannot be left by a condition that answers %s', async (_name, answer, message) => {
    const graph = build()
      .addNode('a', nothing)
      .addEdge(START, 'a')
      .addConditionalEdges('a', () => answer as never)
      .compile()
    await expect(graph.invoke({})).rejects.toThrow(message)
  })
})

describe('a state', () => {
  test('has keys that only go in, only come out, or stay within', async () => {
    const graph = new StateGraph(
      Annotation.Root({
        question: Annotation<string>,
        draft: Annotation<string>,
        answer: Annotation<string>,
      }),
      {
        input: Annotation.Root({ question: Annotation<string> }),
        output: Annotation.Root({ answer: Annotation<string> }),
      },
    )
      .addNode('write', ({ question }) => ({ draft: `${question}?`, secret: 7 }))
      .addNode('reply', ({ draft, secret }) => ({ answer: `${draft} ${secret}` }), {
        input: Annotation.Root({ draft: Annotation<string>, secret: Annotation<number> }),
      })
      .addEdge(START, 'write')
      .addEdge('write', 'reply')
      .compile()
    expect(await graph.invoke({ question: 'why', answer: 'ignored' } as never)).toEqual({ answer: 'why? 7' })
  })

  test('is declared in the older ways', async () => {
    const legacy = new StateGraph<{ text: string; log: string[] }>({
      channels: {
        text: null,
        log: { value: (all: string[], more: string[]) => [...all, ...more], default: () => ['start'] },
      },
    })
      .addNode('a', () => ({ text: 'x', log: ['a'] }))
      .addEdge(START, 'a')
      .compile()
    expect(await legacy.invoke({})).toEqual({ text: 'x', log: ['start', 'a'] })
    const raw = new StateGraph({ text: new LastValue<string>() })
      .addNode('a', nothing)
      .addEdge(START, 'a')
      .compile()
    expect(await raw.invoke({ text: 'x' })).toEqual({ text: 'x' })
  })

  test('may be one value', async () => {
    const graph = new StateGraph<number>({
      channels: { __root__: { reducer: (a: number, b: number) => a + b } },
    })
      .addNode('a', ((n: number) => n * 10) as never)
      .addEdge(START, 'a')
      .compile()
    expect(await graph.invoke(2 as never)).toBe(22)
  })

  test('of messages appends, replaces and removes by id', async () => {
    const graph = new StateGraph(MessagesAnnotation)
      .addNode('a', () => ({ messages: { role: 'assistant', content: 'Hi' } }))
      .addEdge(START, 'a')
      .compile()
    expect((await graph.invoke({ messages: 'Hello' })).messages).toMatchObject([
      { role: 'user', content: 'Hello', id: expect.any(String) },
      { role: 'assistant', content: 'Hi', id: expect.any(String) },
    ])
  })

  test('validates input and updates, when it is a schema', async () => {
    const Schema = new StateSchema({
      count: z.number().default(1),
      notes: new ReducedValue(
        z.array(z.string()).default(() => []),
        {
          inputSchema: z.string().trim(),
          reducer: (all: string[], one: string) => [...all, one],
        },
      ),
      messages: MessagesValue,
    })
    const graph = (update: unknown) =>
      new StateGraph(Schema)
        .addNode('a', () => update as never)
        .addEdge(START, 'a')
        .compile()
    expect(await graph({ notes: ' x ' }).invoke({})).toEqual({ count: 1, notes: ['x'], messages: [] })
    await expect(graph({}).invoke({ count: 'one' } as never)).rejects.toThrow(
      'Validation failed for field "count"',
    )
    await expect(graph({ count: 'one' }).invoke({})).rejects.toThrow('Validation failed for field "count"')
    await expect(graph({}).invoke(new Command({ update: { count: 'one' } }))).rejects.toThrow('"count"')
    expect(Schema.getJsonSchema()).toMatchObject({
      type: 'object',
      properties: { count: { type: 'number' }, messages: { langgraph_type: 'messages' } },
    })
  })

  test('is an object schema of zod, with reducers and defaults beside it', async () => {
    const Schema = z.object({
      text: z.string(),
      plain: z.string().default('zod'),
      both: z
        .string()
        .default('zod')
        .register(schemaMetaRegistry as never, { default: () => 'registry' } as never),
      kept: z.string().register(schemaMetaRegistry as never, { default: () => 'registry' } as never),
      log: withLangGraph(z.array(z.string()), {
        reducer: { fn: (all: string[], more: string[]) => [...all, ...more] },
        default: () => ['start'],
      }),
      messages: z.array(z.any()).register(schemaMetaRegistry as never, MessagesZodMeta as never),
    })
    const graph = new StateGraph(Schema)
      .addNode('a', () => ({ log: ['a'], messages: 'Hi' as never }))
      .addEdge(START, 'a')
      .compile()
    expect(await graph.invoke({ text: 'x', unknown: 1 } as never)).toMatchObject({
      text: 'x',
      plain: 'zod',
      both: 'zod',
      kept: 'registry',
      log: ['start', 'a'],
      messages: [{ content: 'Hi' }],
    })
    await expect(graph.invoke({ text: 1 } as never)).rejects.toThrow('"text"')
  })

  test('keeps untracked values out of what is stored', async () => {
    const Schema = new StateSchema({ handle: new UntrackedValue<() => number>(), seen: z.number() })
    const saver = new MemorySaver()
    const graph = new StateGraph(Schema)
      .addNode('a', ({ handle }) => ({ seen: handle() }))
      .addEdge(START, 'a')
      .compile({ checkpointer: saver })
    expect(await graph.invoke({ handle: () => 7 }, thread)).toMatchObject({ seen: 7 })
    expect((await graph.getState(thread)).values).toEqual({ seen: 7 })
  })

  test('is told of a run’s context only when it fits', async () => {
    const graph = new StateGraph(State, { context: z.object({ user: z.string() }) })
      .addNode('a', (_state, { context }) => ({ text: context!.user }))
      .addEdge(START, 'a')
      .compile()
    expect(await graph.invoke({}, { context: { user: 'u' } })).toMatchObject({ text: 'u' })
    await expect(graph.invoke({}, { context: {} as never })).rejects.toThrow('context does not fit')
  })
})

describe('a thread of another version', () => {
  test('is migrated when the graph says how', async () => {
    const saver = new MemorySaver()
    const Old = Annotation.Root({ name: Annotation<string> })
    await new StateGraph(Old)
      .addNode('a', () => ({ name: 'Ada' }))
      .addEdge(START, 'a')
      .compile({ checkpointer: saver, version: '1' })
      .invoke({}, thread)
    const graph = new StateGraph(Annotation.Root({ fullName: Annotation<string>, seen: Annotation<string> }))
      .addNode('a', ({ fullName }) => ({ seen: fullName }))
      .addEdge(START, 'a')
      .compile({
        checkpointer: saver,
        version: '2',
        migrate: ({ name, ...rest }, { graph_version: from }) => ({
          ...rest,
          fullName: `${String(name)} ${String(from)}`,
        }),
      })
    expect(await graph.invoke({}, thread)).toEqual({ fullName: 'Ada 1', seen: 'Ada 1' })
    expect((await graph.getState(thread)).metadata).toMatchObject({ graph_version: '2' })
  })

  test('does not go on silently where its next node is gone', async () => {
    const saver = new MemorySaver()
    const two = (second: string) =>
      build()
        .addNode('a', nothing)
        .addNode(second, nothing)
        .addEdge(START, 'a')
        .addEdge('a', second)
        .compile({ checkpointer: saver })
    await build()
      .addNode('a', nothing)
      .addNode('old', nothing)
      .addEdge(START, 'a')
      .addEdge('a', 'old')
      .compile({ checkpointer: saver, interruptBefore: ['old'] })
      .invoke({}, thread)
    await expect(two('new').invoke(null, thread)).rejects.toMatchObject({
      lc_error_code: 'graph_version_mismatch',
      message: expect.stringContaining('"old"'),
    })
  })
})

test('a compiled graph shows its nodes, whose work can be called by itself', async () => {
  const builder = build()
    .setNodeDefaults({ retryPolicy: { maxAttempts: 2 }, cachePolicy: true })
    .addNode('a', ({ text }) => ({ text: `${text}!` }), { cachePolicy: { ttl: 5 } })
    .addEdge(START, 'a')
  const { nodes } = builder.compile()
  expect(nodes['a']).toMatchObject({ retryPolicy: { maxAttempts: 2 }, cachePolicy: { ttl: 5 } })
  expect(builder.nodes['a']?.retryPolicy).toBeUndefined()
  expect(await nodes['a']?.invoke({ text: 'x' })).toEqual({ text: 'x!' })
})

describe('a graph without a state', () => {
  const adding = () => new Graph().addNode('add', (n: number) => n + 1).addEdge(START, 'add')

  test('hands on what nodes return', async () => {
    const graph = adding()
      .addNode('double', async (n: number) => n * 2)
      .addEdge('add', 'double')
      .addEdge('double', END)
      .compile()
    expect(await graph.invoke(1)).toBe(4)
  })

  test.each([
    [1, 2],
    [10, 110],
  ])('takes conditions: %d gives %d', async (input, expected) => {
    const graph = adding()
      .addNode('more', (n: number) => n * 10)
      .addConditionalEdges('add', async (n: number) => (n > 5 ? 'big' : 'small'), { big: 'more', small: END })
      .addEdge('more', END)
      .compile()
    expect(await graph.invoke(input)).toBe(expected)
  })

  test('has one edge from each node', () => {
    expect(() => adding().addEdge(START, 'other')).toThrow('For multiple edges, use StateGraph')
  })

  test('of messages keeps them all', async () => {
    const graph = new MessageGraph()
      .addNode('answer', (() => ({ role: 'assistant', content: 'Hi' })) as never)
      .addEdge(START, 'answer')
      .compile()
    expect(await graph.invoke([{ role: 'user', content: 'Hello' }] as never)).toMatchObject([
      { content: 'Hello' },
      { content: 'Hi' },
    ])
  })
})

describe('an edge of several sources', () => {
  const mark = (name: string) => () => ({ log: [name] })
  const Picks = Annotation.Root({
    log: Annotation<string[]>({ reducer: (all, more) => [...all, ...more], default: () => [] }),
    picks: Annotation<string[]>,
  })
  const pick = ({ picks }: typeof Picks.State) => picks
  const joined = (options?: { inclusive: boolean }) =>
    new StateGraph(Picks)
      .addNode({ a: mark('a'), slow: mark('slow'), b: mark('b'), c: mark('c'), end: mark('end') })
      .addNode('sender', () => new Command({ goto: new Send('b', {}) }), { ends: ['b'] })
      .addConditionalEdges(START, pick, ['a', 'slow', 'c', 'sender'])
      .addEdge('slow', 'b')
      .addEdge(['a', 'b'], 'end', options)
      .compile({ checkpointer: new MemorySaver() })

  test.each<[string, string[], string[]]>([
    ['with the sources that ran', ['a'], ['a', 'end']],
    ['once, however late the others come', ['a', 'slow'], ['a', 'slow', 'b', 'end']],
    ['once, also when one was sent', ['a', 'sender'], ['a', 'b', 'end']],
    ['not at all when none ran', ['c'], ['c']],
  ])('that is inclusive leads on %s', async (_name, picks, log) => {
    const graph = joined({ inclusive: true })
    expect((await graph.invoke({ picks }, thread)).log).toEqual(log)
    expect(await graph.getState(thread)).not.toHaveProperty('waitingEdges')
  })

  test('shows in a snapshot that it waits', async () => {
    const graph = joined()
    expect((await graph.invoke({ picks: ['a'] }, thread)).log).toEqual(['a'])
    const waitingEdges = [{ target: 'end', completed: ['a'], missing: ['b'] }]
    expect(await graph.getState(thread)).toMatchObject({ next: [], waitingEdges })
    for await (const snapshot of graph.getStateHistory(thread, { limit: 1 })) {
      expect(snapshot).toMatchObject({ waitingEdges })
    }
  })

  test('that is inclusive stays to be run when the run pauses before it', async () => {
    const graph = joined({ inclusive: true })
    const pausing = { ...thread, interruptAfter: ['a' as const] }
    await graph.invoke({ picks: ['a'] }, pausing)
    expect(await graph.getState(thread)).toMatchObject({
      next: ['end'],
      waitingEdges: [{ target: 'end', completed: ['a'], missing: ['b'] }],
    })
    expect((await graph.invoke(null, pausing)).log).toEqual(['a', 'end'])
    expect(await graph.getState(thread)).not.toHaveProperty('waitingEdges')
  })

  test('cannot be inclusive with one source or before a deferred node', () => {
    const graph = new StateGraph(Picks)
      .addNode({ a: mark('a'), b: mark('b') })
      .addNode('end', mark('end'), { defer: true })
      .addEdge(START, 'a')
      .addEdge('a', 'b')
    expect(() => graph.addEdge('a', 'b', { inclusive: true })).toThrow('array of start nodes')
    expect(() => graph.addEdge(['a', 'b'], 'end', { inclusive: true }).compile()).toThrow('defer')
  })
})

test('a node that returns a runnable returns what that makes of its input', async () => {
  const state = Annotation.Root({ n: Annotation<number> })
  const inner = new StateGraph(state)
    .addNode('double', ({ n }) => ({ n: n * 2 }))
    .addEdge(START, 'double')
    .compile()
  const graph = new StateGraph(state)
    .addNode('sync', () => inner as never)
    .addNode('async', async () => inner as never)
    .addEdge(START, 'sync')
    .addEdge('sync', 'async')
    .compile()
  expect(await graph.invoke({ n: 3 })).toEqual({ n: 12 })
})

test('a condition that pauses is reminded that only nodes do', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  for (const condition of [
    () => {
      throw new NodeInterrupt('here')
    },
    async () => {
      throw new NodeInterrupt('here')
    },
  ]) {
    const graph = new StateGraph(Annotation.Root({ n: Annotation<number> }))
      .addNode('a', () => ({ n: 1 }))
      .addEdge(START, 'a')
      .addConditionalEdges('a', condition as never, [END])
      .compile()
    expect(await graph.invoke({ n: 0 })).toMatchObject({ __interrupt__: [{ value: 'here' }] })
  }
  expect(warn.mock.calls.map(([text]) => String(text))).toEqual(
    [1, 2].map(() => expect.stringContaining('thrown in conditional edge')),
  )
  warn.mockRestore()
})

test('a graph of values is drawn, also with settings for every run', async () => {
  const graph = new Graph()
    .addNode('a', (n: number) => n)
    .addEdge(START, 'a')
    .addConditionalEdges('a', () => END, [END])
    .compile()
    .withConfig({ tags: ['t'] })
  expect((await graph.getGraphAsync()).toJSON().edges).toEqual([
    { source: START, target: 'a', conditional: false },
    { source: 'a', target: END, conditional: true },
  ])
})
