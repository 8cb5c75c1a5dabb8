import type { AIMessageChunk } from '@langchain/core/messages'
import { AIMessage, HumanMessage } from '@langchain/core/messages'
import { FakeListChatModel } from '@langchain/core/utils/testing'
import { describe, expect, test } from 'vitest'
import {
  Annotation,
  Command,
  getWriter,
  interrupt,
  MemorySaver,
  MessagesAnnotation,
  pushMessage,
  START,
  StateGraph,
  StreamChannel,
  streamMessage,
  streamToolEvent,
} from '../index.ts'

const State = Annotation.Root({
  log: Annotation<string[]>({ reducer: (all, more) => [...all, ...more], default: () => [] }),
})
const note = (name: string) => (): { log: string[] } => ({ log: [name] })
const thread = { configurable: { thread_id: 't' } }

async function collect<Chunk>(stream: AsyncIterable<Chunk>): Promise<Chunk[]> {
  const chunks: Chunk[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return chunks
}

const one = () => new StateGraph(State).addNode('a', note('a')).addEdge(START, 'a')

describe('a stream', () => {
  test('of tasks says when they begin and how they end', async () => {
    const chunks = await collect(
      await one()
        .compile()
        .stream({ log: ['in'] }, { streamMode: 'tasks' }),
    )
    const id = expect.any(String)
    expect(chunks).toEqual([
      { id, name: 'a', input: { log: ['in'] }, triggers: ['branch:to:a'], interrupts: [] },
      { id, name: 'a', result: { log: ['a'] }, interrupts: [] },
    ])
  })

  test('of checkpoints shows each one', async () => {
    const graph = one().compile({ checkpointer: new MemorySaver() })
    const chunks = await collect(
      await graph.stream({ log: ['in'] }, { ...thread, streamMode: 'checkpoints' }),
    )
    expect(chunks).toMatchObject([
      { values: { log: [] }, metadata: { source: 'input', step: -1 }, next: ['__start__'] },
      { values: { log: ['in'] }, metadata: { source: 'loop', step: 0 }, next: ['a'], tasks: [{ name: 'a' }] },
      { values: { log: ['in', 'a'] }, metadata: { source: 'loop', step: 1 }, next: [], tasks: [] },
    ])
    const [first, second] = chunks as { config: unknown; parentConfig: unknown }[]
    expect(second!.parentConfig).toEqual(first!.config)
    expect(chunks[2]!.config).toEqual({
      ...(await graph.getState(thread)).config,
      tags: [],
      metadata: { ls_integration: 'langgraph', thread_id: 't' },
      recursion_limit: 25,
    })
  })

  test('for debugging holds checkpoints and tasks', async () => {
    const graph = one().compile({ checkpointer: new MemorySaver() })
    const chunks = await collect(await graph.stream({}, { ...thread, streamMode: 'debug' }))
    expect((chunks as { type: string; step: number }[]).map(({ type, step }) => [type, step])).toEqual([
      ['checkpoint', -1],
      ['checkpoint', 0],
      ['task', 1],
      ['task_result', 1],
      ['checkpoint', 1],
    ])
    expect(chunks[2]).toMatchObject({ timestamp: expect.stringMatching(/^\d{4}-/), payload: { name: 'a' } })
  })

  test('of what nodes say themselves', async () => {
    const graph = new StateGraph(State)
      .addNode('a', async (_state, { writer }) => {
        writer({ progress: 1 })
        await Promise.resolve()
        getWriter()({ progress: 2 })
        return {}
      })
      .addEdge(START, 'a')
      .compile()
    expect(await collect(await graph.stream({}, { streamMode: 'custom' }))).toEqual([
      { progress: 1 },
      { progress: 2 },
    ])
    const outer = new StateGraph(State).addNode('sub', graph).addEdge(START, 'sub').compile()
    expect(await collect(await outer.stream({}, { streamMode: ['custom'] }))).toEqual([
      ['custom', { progress: 1 }],
      ['custom', { progress: 2 }],
    ])
  })

  test('of tools is theirs to fill', async () => {
    const graph = new StateGraph(State)
      .addNode('a', () => {
        streamToolEvent({ event: 'on_tool_start', name: 'search' })
        return {}
      })
      .addEdge(START, 'a')
      .compile()
    expect(await collect(await graph.stream({}, { streamMode: 'tools' }))).toEqual([
      { event: 'on_tool_start', name: 'search' },
    ])
  })

  test('shows a pause in updates and in values', async () => {
    const graph = new StateGraph(State)
      .addNode('ask', () => ({ log: [String(interrupt('?'))] }))
      .addEdge(START, 'ask')
      .compile({ checkpointer: new MemorySaver() })
    const paused = { __interrupt__: [{ id: expect.stringMatching(/^[0-9a-f]{32}$/), value: '?' }] }
    expect(await collect(await graph.stream({}, { ...thread, streamMode: ['updates', 'values'] }))).toEqual([
      ['updates', paused],
      ['values', paused],
    ])
    expect(
      await collect(
        await graph.stream(new Command({ resume: 'yes' }), { ...thread, streamMode: ['updates', 'values'] }),
      ),
    ).toEqual([
      ['values', { log: [] }],
      ['updates', { ask: { log: ['yes'] } }],
      ['values', { log: ['yes'] }],
    ])
  })

  test('as server-sent events is bytes', async () => {
    const stream = await one()
      .compile()
      .stream({ log: ['in'] }, { encoding: 'text/event-stream' })
    const text = await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).text()
    expect(text).toBe('event: updates\ndata: {"a":{"log":["a"]}}\n\n')
    const outer = new StateGraph(State).addNode('sub', one().compile()).addEdge(START, 'sub').compile()
    const nested = await outer.stream({}, { encoding: 'text/event-stream', subgraphs: true })
    const decoded = (await collect(nested)).map((chunk) => new TextDecoder().decode(chunk as Uint8Array))
    expect(decoded[0]).toMatch(/^event: updates\|sub:[0-9a-f-]+\ndata: /)
  })

  test('that is left cancels the run, unless it is told otherwise', async () => {
    const run = async (keepRunning: boolean): Promise<string[]> => {
      const ran: string[] = []
      let finish = (): void => undefined
      const finished = new Promise<void>((resolve) => (finish = resolve))
      const graph = new StateGraph(State)
        .addNode('a', note('a'))
        .addNode('b', async (_state, { signal }) => {
          await new Promise<void>((resolve) => {
            signal!.addEventListener('abort', () => resolve())
            setTimeout(resolve, 5)
          })
          ran.push(signal!.aborted ? 'aborted' : 'b')
          finish()
          return {}
        })
        .addEdge(START, 'a')
        .addEdge('a', 'b')
        .compile()
      for await (const chunk of await graph.stream({}, { keepRunning })) {
        ran.push(Object.keys(chunk as object)[0]!)
        break
      }
      await finished
      return ran
    }
    expect(await run(false)).toEqual(['a', 'aborted'])
    expect(await run(true)).toEqual(['a', 'b'])
  })

  test('fails as the run does, after what came before', async () => {
    const graph = new StateGraph(State)
      .addNode('a', note('a'))
      .addNode('b', () => {
        throw new Error('no luck')
      })
      .addEdge(START, 'a')
      .addEdge('a', 'b')
      .compile()
    const seen: unknown[] = []
    const read = async (): Promise<void> => {
      for await (const chunk of await graph.stream({})) seen.push(chunk)
    }
    await expect(read()).rejects.toThrow('no luck')
    expect(seen).toEqual([{ a: { log: ['a'] } }])
  })
})

describe('a stream of messages', () => {
  test('shows what nodes return, once, with where it comes from', async () => {
    const graph = new StateGraph(MessagesAnnotation)
      .addNode('answer', () => ({ messages: [{ role: 'assistant' as const, content: 'Hi', id: 'm2' }] }))
      .addNode('again', ({ messages }) => ({ messages }))
      .addEdge(START, 'answer')
      .addEdge('answer', 'again')
      .compile()
    const chunks = await collect(
      await graph.stream(
        { messages: [{ role: 'user', content: 'Hello', id: 'm1' }] },
        { streamMode: 'messages' },
      ),
    )
    expect(chunks).toEqual([
      [
        { role: 'assistant', content: 'Hi', id: 'm2' },
        expect.objectContaining({ langgraph_node: 'answer', langgraph_step: 1 }),
      ],
    ])
  })

  test('shows tokens of a LangChain model that a node calls without a config', async () => {
    const model = new FakeListChatModel({ responses: ['Hey'] })
    const inner = new StateGraph(MessagesAnnotation)
      .addNode('model', async ({ messages }) => ({
        messages: [(await model.invoke(messages as never)) as never],
      }))
      .addEdge(START, 'model')
      .compile()
    const graph = new StateGraph(MessagesAnnotation).addNode('sub', inner).addEdge(START, 'sub').compile()
    const chunks = (await collect(
      await graph.stream({ messages: [new HumanMessage('Hello') as never] }, { streamMode: 'messages' }),
    )) as [AIMessageChunk, Record<string, unknown>][]
    expect(chunks.map(([message]) => message.content)).toEqual(['H', 'e', 'y'])
    expect(new Set(chunks.map(([message]) => message.id)).size).toBe(1)
    expect(chunks[0]![1]).toMatchObject({ langgraph_node: 'model' })
  })

  test('leaves out models that are tagged so', async () => {
    const model = new FakeListChatModel({ responses: ['Hey'] })
    const graph = new StateGraph(MessagesAnnotation)
      .addNode('model', async (_state, config) => {
        await model.invoke([], { ...config, tags: ['nostream'] } as never)
        return { messages: [new AIMessage({ content: 'done', id: 'm' }) as never] }
      })
      .addEdge(START, 'model')
      .compile()
    const chunks = (await collect(
      await graph.stream({ messages: [] }, { streamMode: 'messages' }),
    )) as unknown as [AIMessage][]
    expect(chunks.map(([message]) => message.content)).toEqual(['done'])
  })

  test('shows messages that are pushed, and pieces of them', async () => {
    const graph = new StateGraph(MessagesAnnotation)
      .addNode('push', () => {
        streamMessage({ role: 'assistant', content: 'par' })
        pushMessage({ role: 'assistant', content: 'whole', id: 'm1' })
        return {}
      })
      .addEdge(START, 'push')
      .compile()
    const chunks = (await collect(
      await graph.stream({ messages: [] }, { streamMode: 'messages' }),
    )) as unknown as [{ content: string }][]
    expect(chunks.map(([{ content }]) => content)).toEqual(['par', 'whole'])
    expect((await graph.invoke({ messages: [] })).messages).toMatchObject([{ id: 'm1', content: 'whole' }])
  })
})

describe('a run that is watched', () => {
  const chat = () =>
    new StateGraph(MessagesAnnotation)
      .addNode('answer', () => {
        streamMessage({ role: 'assistant', content: 'H' })
        return { messages: [{ role: 'assistant' as const, content: 'Hi', id: 'm2' }] }
      })
      .addEdge(START, 'answer')
      .compile()
  const input = { messages: [{ role: 'user' as const, content: 'Hello', id: 'm1' }] }

  test('shows states, messages and output to several readers', async () => {
    const run = chat().run(input)
    const [values, messages, again, fromNode, output] = await Promise.all([
      collect(run.values),
      collect(run.messages),
      collect(run.messages),
      collect(run.messagesFrom('answer')),
      run.output,
    ])
    expect(values.map((state) => state.messages.length)).toEqual([1, 2])
    expect(messages.map(([message]) => (message as { content: string }).content)).toEqual(['H', 'Hi'])
    expect(again).toEqual(messages)
    expect(fromNode).toEqual(messages.map(([message]) => message))
    expect(output.messages).toHaveLength(2)
    expect(run.interrupted).toBe(false)
  })

  test('numbers its events, and goes on behind one', async () => {
    const run = chat().run(input)
    const events = await collect(run)
    expect(events.map(({ seq }) => seq)).toEqual(events.map(({ seq }) => seq).toSorted((a, b) => a - b))
    expect(events[2]).toMatchObject({ type: 'event', seq: 3, method: 'values', params: { namespace: [] } })
    const half = events[3]!.seq
    expect(await collect(run.events(half))).toEqual(events.filter(({ seq }) => seq > half))
  })

  test('shows every event once, with what it is about', async () => {
    const graph = one().compile()
    const events = await collect(graph.run({ log: ['in'] }))
    const shown = events
      .filter(({ method }) => method !== 'tasks')
      .map(({ method, params }) => [method, params.data])
    expect(shown).toEqual([
      ['lifecycle', { event: 'running', graph_name: 'root' }],
      ['checkpoints', expect.objectContaining({ id: expect.any(String), step: 0, source: 'loop' })],
      ['values', { log: ['in'] }],
      ['updates', { node: 'a', values: { log: ['a'] } }],
      ['checkpoints', expect.objectContaining({ step: 1, source: 'loop' })],
      ['values', { log: ['in', 'a'] }],
      ['lifecycle', { event: 'completed', graph_name: 'root' }],
    ])
    expect(new Set(events.map(({ seq }) => seq)).size).toBe(events.length)
    expect(await graph.run({ log: ['in'] }).values).toEqual({ log: ['in', 'a'] })
  })

  test('shows graphs as they begin and end', async () => {
    const told = async (graph: { run: typeof chatRun }, thread?: object): Promise<unknown[]> => {
      const run = graph.run({ log: [] } as never, thread)
      run.output.catch(() => undefined)
      const entries: unknown[] = []
      try {
        for await (const { event, graph_name, namespace, error } of run.lifecycle)
          entries.push([event, graph_name, namespace.length, ...(error === undefined ? [] : [error])])
      } catch {
        // The list ends as the run does.
      }
      return entries
    }
    const chatRun = one().compile().run
    const around = (name: string, work: never, saver?: MemorySaver): never =>
      new StateGraph(State).addNode(name, work).addEdge(START, name).compile({ checkpointer: saver }) as never
    const fail = (): never => {
      throw new Error('no')
    }
    expect(await told(around('sub', one().compile() as never))).toEqual([
      ['running', 'root', 0],
      ['started', 'sub', 1],
      ['completed', 'sub', 1],
      ['completed', 'root', 0],
    ])
    expect(await told(around('sub', around('bad', fail as never)))).toEqual([
      ['running', 'root', 0],
      ['started', 'sub', 1],
      ['failed', 'sub', 1, 'no'],
      ['failed', 'root', 0, 'no'],
    ])
    const asking = around('sub', around('ask', (() => interrupt('?')) as never), new MemorySaver())
    expect(await told(asking, { configurable: { thread_id: 'asking' } })).toEqual([
      ['running', 'root', 0],
      ['started', 'sub', 1],
      ['interrupted', 'sub', 1],
      ['interrupted', 'root', 0],
    ])
  })

  test('shows its subgraphs, each with its own events', async () => {
    const outer = new StateGraph(State)
      .addNode('first', one().compile())
      .addNode('second', one().compile())
      .addEdge(START, 'first')
      .addEdge('first', 'second')
      .compile()
    const run = outer.run({ log: ['in'] })
    const seen: unknown[] = []
    for await (const inner of run.subgraphs) {
      const methods = (await collect(inner)).map(({ method }) => method)
      seen.push([inner.name, inner.index, methods.includes('updates'), await inner.output])
    }
    expect(seen).toEqual([
      ['first', 0, true, { log: ['in', 'a'] }],
      ['second', 0, true, { log: ['in', 'in', 'a', 'a'] }],
    ])
  })

  test('is read by transformers, which add lists and hide events', async () => {
    let ended = false
    const run = one()
      .compile()
      .run(
        { log: [] },
        {
          transformers: [
            () => {
              const nodes = StreamChannel.remote<string>('nodes')
              return {
                init: () => ({ nodes }),
                process: ({ method, params }) => {
                  if (method === 'updates') nodes.push((params.data as { node: string }).node)
                  return method !== 'tasks'
                },
                finalize: () => {
                  ended = true
                },
              }
            },
          ],
        },
      )
    const methods = (await collect(run)).map(({ method }) => method)
    expect(methods).toContain('custom:nodes')
    expect(methods).not.toContain('tasks')
    expect(await collect(run.extensions['nodes'] as StreamChannel<string>)).toEqual(['a'])
    expect(ended).toBe(true)
  })

  test('says what it waits for', async () => {
    const graph = new StateGraph(State)
      .addNode('ask', () => ({ log: [String(interrupt('?'))] }))
      .addEdge(START, 'ask')
      .compile({ checkpointer: new MemorySaver() })
    const run = await graph.streamEvents({}, { ...thread, version: 'v3' })
    await run.output
    expect([run.interrupted, run.interrupts]).toMatchObject([true, [{ value: '?', payload: '?' }]])
    expect(() => graph.streamEvents({}, { version: 'v1' as 'v3' })).toThrow('"v3"')
  })

  test('is cancelled by hand, and fails its readers as it fails', async () => {
    const graph = new StateGraph(State)
      .addNode('slow', () => new Promise<never>(() => undefined))
      .addEdge(START, 'slow')
      .compile()
    const run = graph.run({ log: ['in'] })
    const reading = collect(run.values).catch((error: unknown) => error)
    run.abort(new Error('enough'))
    await expect(run.output).rejects.toThrow('enough')
    expect(await reading).toMatchObject({ message: 'enough' })
  })
})

test('a compiled graph can be drawn, with what is in its subgraphs', () => {
  const inner = one().addNode('b', note('b')).addEdge('a', 'b').compile()
  const outer = new StateGraph(State).addNode('sub', inner).addEdge(START, 'sub').compile()
  expect(Object.keys(outer.getGraph().nodes)).toContain('sub')
  expect(Object.keys(outer.getGraph({ xray: true }).nodes)).toContain('sub:a')
})
