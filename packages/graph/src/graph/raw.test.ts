import { RunnableEach, RunnableLambda, RunnablePassthrough } from '@langchain/core/runnables'
import { describe, expect, test } from 'vitest'
import {
  BinaryOperatorAggregate,
  EphemeralValue,
  GraphRecursionError,
  InvalidUpdateError,
  LastValue,
  MemorySaver,
  Topic,
} from '../index.ts'
import type { PregelInit } from '../pregel.ts'
import { Channel, Pregel } from '../pregel.ts'

const addOne = (n: number): number => n + 1

async function collect(stream: Promise<AsyncIterable<unknown>>): Promise<unknown[]> {
  const chunks: unknown[] = []
  for await (const chunk of await stream) chunks.push(chunk)
  return chunks
}

const between = (from: string, to: string): ReturnType<typeof Channel.subscribeTo> =>
  Channel.subscribeTo(from)
    .pipe(addOne)
    .pipe(Channel.writeTo([to]))

/** Two nodes, one after the other. */
function chain(settings: Partial<PregelInit> = {}): Pregel {
  return new Pregel({
    nodes: { one: between('input', 'inbox'), two: between('inbox', 'output') },
    channels: { input: new LastValue(), inbox: new LastValue(), output: new LastValue() },
    inputChannels: 'input',
    outputChannels: 'output',
    ...settings,
  })
}

describe('a graph made of channels and nodes', () => {
  test('runs nodes when the channels that they subscribe to change', async () => {
    expect(await chain().invoke(2)).toBe(4)
    expect(await chain().invoke(2, { outputKeys: ['output'] })).toEqual({ output: 4 })
    expect(await chain().batch([1, 2, 3])).toEqual([3, 4, 5])
    await expect(chain().invoke(2, { recursionLimit: 1 })).rejects.toThrow(GraphRecursionError)
  })

  test('shows all channels to those who stream it, and the output to those who invoke it', async () => {
    expect(await collect(chain().stream(2))).toEqual([
      { input: 2, inbox: 3 },
      { input: 2, inbox: 3, output: 4 },
    ])
    expect(await collect(chain().stream(2, { streamMode: 'updates' }))).toEqual([
      { one: { inbox: 3 } },
      { two: { output: 4 } },
    ])
    expect(await collect(chain({ streamChannels: ['inbox'] }).stream(2))).toEqual([{ inbox: 3 }])
    expect(chain().streamChannelsList).toEqual(['input', 'inbox', 'output', '__pregel_tasks'])
    expect(chain({ streamChannels: 'output' }).streamChannelsList).toEqual(['output'])
  })

  test('writes fixed values, functions of the result, and nothing for undefined', async () => {
    const app = new Pregel({
      nodes: {
        one: Channel.subscribeTo('input')
          .pipe(addOne)
          .pipe(
            Channel.writeTo(['output'], {
              fixed: 5,
              later: async (n: number) => n * 10,
              passed: new RunnablePassthrough(),
              none: () => undefined,
            }),
          ),
      },
      channels: Object.fromEntries(
        ['input', 'output', 'fixed', 'later', 'passed', 'none'].map((name) => [name, new LastValue()]),
      ),
      inputChannels: 'input',
      outputChannels: ['output', 'fixed', 'later', 'passed', 'none'],
    })
    expect(await app.invoke(2)).toEqual({ output: 3, fixed: 5, later: 30, passed: 3 })
  })

  test('gives a node that subscribes to a list, or joins it, an object', async () => {
    const app = new Pregel({
      nodes: {
        sum: Channel.subscribeTo(['input'])
          .join(['total'])
          .pipe(({ input, total = 0 }: { input: number; total?: number }) => input + total)
          .pipe(Channel.writeTo(['output', 'total'])),
      },
      channels: {
        input: new LastValue(),
        output: new LastValue(),
        total: new BinaryOperatorAggregate((a: number, b: number) => a + b),
      },
      inputChannels: 'input',
      outputChannels: 'output',
      checkpointer: new MemorySaver(),
    })
    const thread = { configurable: { thread_id: '1' } }
    expect([await app.invoke(2, thread), await app.invoke(3, thread)]).toEqual([2, 5])
    expect((await app.getState(thread)).values).toEqual({ input: 3, output: 5, total: 7 })
  })

  test('refuses two writers where a channel takes one, and gathers them where it takes all', async () => {
    const both = (output: LastValue<unknown> | Topic<unknown>): Pregel =>
      new Pregel({
        nodes: { one: between('input', 'output'), two: between('input', 'output') },
        channels: { input: new LastValue(), output },
        inputChannels: 'input',
        outputChannels: 'output',
      } as PregelInit)
    await expect(both(new LastValue()).invoke(2)).rejects.toThrow(InvalidUpdateError)
    expect(await both(new Topic()).invoke(2)).toEqual([3, 3])
  })

  test('returns what was written last, also from a channel that has forgotten it', async () => {
    const app = new Pregel({
      nodes: {
        double: Channel.subscribeTo('value')
          .pipe((text: string) => (text.length < 10 ? text + text : undefined))
          .pipe(Channel.writeTo([], { value: (text: string | undefined) => text })),
      },
      channels: { value: new EphemeralValue() },
      inputChannels: 'value',
      outputChannels: 'value',
    })
    expect(await app.invoke('aa')).toBe('a'.repeat(16))
  })

  test('pauses, is changed and goes on', async () => {
    const app = chain({ checkpointer: new MemorySaver(), interruptAfter: ['one'] })
    const thread = { configurable: { thread_id: '1' } }
    expect(await app.invoke(2, thread)).toEqual({ __interrupt__: [] })
    expect((await app.getState(thread)).next).toEqual(['two'])
    await app.updateState(thread, 25, 'one')
    expect(await app.invoke(null, thread)).toBe(26)
  })

  test('takes runnables as steps: each element of a list, a graph, and a function that returns one', async () => {
    const app = new Pregel({
      nodes: {
        spread: Channel.subscribeTo('input')
          .pipe(new RunnableEach({ bound: new RunnableLambda({ func: addOne }) }))
          .pipe(new RunnableEach({ bound: Channel.writeTo(['each']) as never })),
        inner: Channel.subscribeTo('each')
          .pipe(() => new RunnableEach({ bound: chain() as never }))
          .pipe(Channel.writeTo(['output'])),
      },
      channels: { input: new LastValue(), each: new Topic<unknown>() as never, output: new LastValue() },
      inputChannels: 'input',
      outputChannels: 'output',
    })
    expect(await app.invoke([1, 5])).toEqual([4, 8])
  })
})

test.each<[what: string, make: () => unknown, says: RegExp]>([
  ['an input that nobody reads', () => chain({ inputChannels: 'output' }), /No node subscribes/],
  ['an output that is no channel', () => chain({ outputChannels: 'gone' }), /Output channel "gone"/],
  ['a pause at no node', () => chain({ interruptBefore: ['gone'] }), /no node "gone"/],
  ['a trigger that is no channel', () => chain({ channels: {} }), /Subscribed channel "input"/],
  ['a key for a list', () => Channel.subscribeTo(['a'], { key: 'k' } as never), /A key names one channel/],
])('a graph is refused for %s', (_what, make, says) => {
  expect(make).toThrow(says)
})

test('a write outside of a node says so', async () => {
  await expect(Channel.writeTo(['output']).invoke(1)).rejects.toThrow(/outside of a graph's node/)
})
