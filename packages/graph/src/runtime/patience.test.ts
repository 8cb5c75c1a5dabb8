import { describe, expect, test } from 'vitest'
import type { Checkpointer, Durability } from '../index.ts'
import { Annotation, MemorySaver, RunControl, START, StateGraph } from '../index.ts'
import { fakeTiming } from '../testing/fake-timing.ts'

const State = Annotation.Root({
  log: Annotation<string[]>({ reducer: (all, more) => [...all, ...more], default: () => [] }),
})
const thread = { configurable: { thread_id: 't' } }

/** Storage that can be switched off; `isSlow` tells of failures by promises. */
function switchable(isSlow: boolean) {
  const kept = new MemorySaver()
  const storage = { isDown: false, calls: 0 }
  const saver: Checkpointer = new Proxy(kept, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target)
      if (typeof member !== 'function') return member
      return (...parameters: unknown[]): unknown => {
        if (!storage.isDown) return member.apply(target, parameters)
        storage.calls += 1
        const error = new Error('disk is full')
        if (isSlow) return Promise.reject(error)
        throw error
      }
    },
  })
  return { storage, saver }
}

function threeSteps(isSlow: boolean) {
  const { storage, saver } = switchable(isSlow)
  const timing = fakeTiming(1)
  const control = new RunControl()
  const ran: string[] = []
  const step = (name: string) => (): { log: string[] } => {
    ran.push(name)
    if (name === 'a') storage.isDown = true
    return { log: [name] }
  }
  const graph = new StateGraph(State)
    .addNode('a', step('a'))
    .addNode('b', step('b'))
    .addNode('c', step('c'))
    .addEdge(START, 'a')
    .addEdge('a', 'b')
    .addEdge('b', 'c')
    .compile({ checkpointer: saver })
  graph.timing = timing
  return { graph, storage, timing, control, ran, saver }
}

describe.each([
  ['at once', false],
  ['later', true],
])('a run whose storage fails %s', (_name, isSlow) => {
  test.each<Durability>(['sync', 'async'])('waits for it and goes on by itself: %s', async (durability) => {
    const { graph, storage, timing, control, ran } = threeSteps(isSlow)
    const result = graph.invoke({ log: ['in'] }, { ...thread, durability, control, storagePatience: 60_000 })
    await timing.pass(10_000)
    expect(ran).toEqual(['a'])
    expect(control.storageWait).toMatchObject({ attempts: storage.calls, error: new Error('disk is full') })
    expect(timing.waits.slice(0, 8)).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000])
    storage.isDown = false
    await timing.pass(5_000)
    expect((await result).log).toEqual(['in', 'a', 'b', 'c'])
    expect(control.storageWait).toBeUndefined()
    expect(ran).toEqual(['a', 'b', 'c'])
  })

  test('says what to do when its patience ends, and goes on from what was stored', async () => {
    const { graph, storage, timing, ran } = threeSteps(isSlow)
    const result = graph.invoke({ log: ['in'] }, { ...thread, storagePatience: 1_000 })
    const failure = result.catch((error: unknown) => error)
    await timing.pass(2_000)
    expect(await failure).toMatchObject({
      lc_error_code: 'storage_unavailable',
      message: expect.stringMatching(/1000 ms, 5 times; the last time with: disk is full[^]*invoke\(null\)/),
    })
    storage.isDown = false
    expect((await graph.getState(thread)).next).toEqual(['a'])
    const again = graph.invoke(null, { ...thread, storagePatience: 60_000 })
    await timing.pass(0)
    storage.isDown = false
    await timing.pass(5_000)
    expect((await again).log).toEqual(['in', 'a', 'b', 'c'])
    expect(ran).toEqual(['a', 'a', 'b', 'c'])
  })

  test('is cancelled while it waits', async () => {
    const { graph, timing, ran } = threeSteps(isSlow)
    const controller = new AbortController()
    const { signal } = controller
    const result = graph.invoke({ log: ['in'] }, { ...thread, signal, storagePatience: 60_000 })
    const failure = result.catch((error: unknown) => error)
    await timing.pass(1_000)
    controller.abort(new Error('enough'))
    expect(await failure).toMatchObject({ message: 'enough' })
    expect(ran).toEqual(['a'])
  })

  test('waits before it begins, too', async () => {
    const { graph, storage, timing } = threeSteps(isSlow)
    storage.isDown = true
    const result = graph.invoke({ log: ['in'] }, { ...thread, storagePatience: 60_000 })
    await timing.pass(1_000)
    storage.isDown = false
    await timing.pass(5_000)
    storage.isDown = false
    await timing.pass(5_000)
    expect((await result).log).toEqual(['in', 'a', 'b', 'c'])
  })

  test('fails with it at once unless it is told to wait', async () => {
    const { graph } = threeSteps(isSlow)
    await expect(graph.invoke({ log: ['in'] }, { ...thread, durability: 'sync' })).rejects.toThrow(
      'disk is full',
    )
  })
})

test('what storage refuses is not asked again', async () => {
  const { saver } = switchable(false)
  const timing = fakeTiming()
  const graph = new StateGraph(State)
    .addNode('a', async () => {
      await graph.updateState(thread, { log: ['meanwhile'] }, 'a')
      return { log: ['a'] }
    })
    .addEdge(START, 'a')
    .compile({ checkpointer: saver })
  graph.timing = timing
  await expect(graph.invoke({ log: ['in'] }, { ...thread, storagePatience: 60_000 })).rejects.toMatchObject({
    lc_error_code: 'thread_conflict',
  })
  expect(timing.waits).toEqual([])
})

test('a graph within waits as the one around does', async () => {
  const { storage, saver } = switchable(true)
  const timing = fakeTiming()
  const inner = new StateGraph(State)
    .addNode('x', () => {
      storage.isDown = true
      return { log: ['x'] }
    })
    .addNode('y', () => ({ log: ['y'] }))
    .addEdge(START, 'x')
    .addEdge('x', 'y')
    .compile()
  inner.timing = timing
  const graph = new StateGraph(State)
    .addNode('inner', async () => ({ log: (await inner.invoke({ log: [] })).log }))
    .addEdge(START, 'inner')
    .compile({ checkpointer: saver })
  graph.timing = timing
  const result = graph.invoke({ log: ['in'] }, { ...thread, storagePatience: 60_000 })
  await timing.pass(1_000)
  storage.isDown = false
  await timing.pass(5_000)
  expect((await result).log).toEqual(['in', 'x', 'y'])
})
