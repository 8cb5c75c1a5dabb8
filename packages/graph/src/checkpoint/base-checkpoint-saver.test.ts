import { expect, test } from 'vitest'
import { Annotation, BaseCheckpointSaver, MemorySaver, START, StateGraph } from '../index.ts'
import type { SaverConfig } from '../index.ts'

const State = Annotation.Root({ n: Annotation<number> })
const builder = new StateGraph(State).addNode('a', ({ n }) => ({ n: n + 1 })).addEdge(START, 'a')
const thread = { configurable: { thread_id: '1' } }

test('savers are savers of LangGraph', () => {
  expect(new MemorySaver()).toBeInstanceOf(BaseCheckpointSaver)
  expect(JSON.stringify({ saver: new MemorySaver() })).toBe('{"saver":"[MemorySaver]"}')
})

test('what a subclass does in the way of LangGraph is what a graph does', async () => {
  const puts: unknown[] = []
  class Noting extends MemorySaver {
    override async put(...args: Parameters<MemorySaver['put']>): ReturnType<MemorySaver['put']> {
      puts.push(args[2]['source'])
      return super.put(...args)
    }
  }
  const saver = new Noting()
  expect(await builder.compile({ checkpointer: saver }).invoke({ n: 1 }, thread)).toEqual({ n: 2 })
  expect(puts).toEqual(['input', 'loop', 'loop'])
  expect((await saver.get(thread))?.channel_values).toMatchObject({ n: 2 })
})

test('a proxy before a saver is asked in our way, as the saver is', async () => {
  const asked = new Set<PropertyKey>()
  const saver = new Proxy(new MemorySaver(), {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target)
      if (typeof member !== 'function') return member
      return (...parameters: unknown[]): unknown => {
        asked.add(name)
        return member.apply(target, parameters)
      }
    },
  })
  await builder.compile({ checkpointer: saver }).invoke({ n: 1 }, thread)
  expect([...asked].toSorted()).toEqual(['commit', 'load'])
})

test.each(['getTuple', 'put', 'putWrites'] as const)('what %s throws ends the run', async (method) => {
  class Faulty extends MemorySaver {}
  Object.defineProperty(Faulty.prototype, method, {
    value: async () => {
      throw new Error(`Faulty ${method}`)
    },
  })
  const graph = new StateGraph(State)
    .addNode('a', () => ({ n: 1 }))
    .addNode('b', async () => ({}))
    .addEdge(START, 'a')
    .addEdge(START, 'b')
    .compile({ checkpointer: new Faulty() })
  await expect(graph.invoke({ n: 1 }, thread)).rejects.toThrow(`Faulty ${method}`)
})

test('a saver made from the class keeps threads', async () => {
  class Wrapped extends BaseCheckpointSaver {
    readonly inner = new MemorySaver()
    override getTuple(config: SaverConfig): ReturnType<MemorySaver['getTuple']> {
      return this.inner.getTuple(config)
    }
    override list(...args: Parameters<MemorySaver['list']>): ReturnType<MemorySaver['list']> {
      return this.inner.list(...args)
    }
    override put(...args: Parameters<MemorySaver['put']>): ReturnType<MemorySaver['put']> {
      return this.inner.put(...args)
    }
    override putWrites(...args: Parameters<MemorySaver['putWrites']>): Promise<void> {
      return this.inner.putWrites(...args)
    }
    override deleteThread(id: string): void {
      void this.inner.deleteThread(id)
    }
  }
  const graph = builder.compile({ checkpointer: new Wrapped() })
  await graph.invoke({ n: 1 }, thread)
  expect((await graph.getState(thread)).values).toEqual({ n: 2 })
})

test('the history of a channel is what was written to it since it last had a value', async () => {
  const saver = new MemorySaver()
  const checkpoint = (id: string, values: Record<string, unknown>) => ({
    v: 4,
    id,
    ts: '2026-01-01T00:00:00.000Z',
    channel_values: values,
    channel_versions: {},
    versions_seen: {},
  })
  let config: SaverConfig = thread
  for (const [id, values, write] of [
    ['1', { seen: 'seed' }, 'a'],
    ['2', {}, 'b'],
    ['3', {}, 'c'],
  ] as const) {
    config = await saver.put(config, checkpoint(id, values), {})
    await saver.putWrites(config, [['seen', write]], 'task')
  }
  expect(await saver.getDeltaChannelHistory({ config, channels: ['seen', 'other'] })).toEqual({
    seen: {
      seed: 'seed',
      writes: [
        ['task', 'seen', 'a'],
        ['task', 'seen', 'b'],
      ],
    },
    other: { writes: [] },
  })
  expect(await saver.getDeltaChannelHistory({ config, channels: [] })).toEqual({})
})
