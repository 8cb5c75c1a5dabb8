import { randomUUID } from 'node:crypto'
import type { Checkpointer, Durability, RunOptions, StateSnapshot } from '@switchyard/graph'
import { MemorySaver } from '@switchyard/graph'
import fc from 'fast-check'
import { afterAll, describe, expect, test, vi } from 'vitest'
import type { BuiltGraph } from './support/build-plan.ts'
import { buildPlan } from './support/build-plan.ts'
import type { Case, ThreadCase } from './support/cases.ts'
import { endingCases, silentCases, silentThreadCases, threadCases } from './support/cases.ts'
import type { Story } from './support/interpreter.ts'
import { killedAt } from './support/killed-saver.ts'
import { dueNodes } from './support/moment.ts'
import { disturbance, endOf, historyOf, INPUT, LIMIT, runToEnd } from './support/run-plan.ts'
import { storedSavers } from './support/savers.ts'
import { indexOf, nodeAt, valuesAs } from './support/thread-script.ts'

const savers = storedSavers()
// A command that leads on besides an edge is warned about, which is what made-up graphs do all the time.
const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
afterAll(() => {
  warn.mockRestore()
})

const newThread = (): RunOptions => ({ configurable: { thread_id: randomUUID() } })

async function performAll(
  { plan, actions }: ThreadCase,
  thread: RunOptions,
  open: () => BuiltGraph,
): Promise<void> {
  const go = async (input: unknown, config: RunOptions): Promise<void> => {
    expect(await runToEnd(open, thread, { input, config })).toBe('done')
  }
  await go(INPUT, thread)
  for (const action of actions) {
    if (action.type === 'go on') {
      await go(null, thread)
      continue
    }
    if (action.type === 'change a pause') {
      await runToEnd(open, thread, { input: INPUT, config: thread, answers: false })
      const name = nodeAt(plan, action.asNode)
      await open().updateState(thread, valuesAs(name, 0), name)
      continue
    }
    const history = await historyOf(open(), thread)
    const { config } = history[indexOf(history.length, action.back)] as StateSnapshot
    if (action.type === 'replay') await go(null, config)
    else if (action.type === 'input') await go(INPUT, action.back === 0 ? thread : config)
    else {
      const supersteps = action.asNodes.map((nodes, place) => {
        const names = new Set(nodes.map((node) => nodeAt(plan, node)))
        return { updates: [...names].map((asNode) => ({ values: valuesAs(asNode, place), asNode })) }
      })
      await open().bulkUpdateState(action.back === 0 ? thread : config, supersteps)
    }
  }
}

async function expectStory(
  { plan, story }: Case,
  saver: Checkpointer,
  thread: RunOptions,
  end: Story['end'] | 'failed',
): Promise<void> {
  expect(end).toBe(story.end)
  const history = await historyOf(buildPlan(plan, saver, disturbance(false)), thread)
  const states = history.filter(({ metadata }) => metadata?.source === 'loop').map(({ values }) => values)
  expect(states).toEqual(story.moments.map(({ state }) => state))
}

/** Runs a graph that asks nothing, and keeps what a stream of it shows. */
async function watch(
  graph: BuiltGraph,
  thread: RunOptions,
): Promise<{ readonly end: Story['end'] | 'failed'; readonly states: readonly unknown[] }> {
  const states: unknown[] = []
  try {
    const options = { ...thread, recursionLimit: LIMIT, streamMode: 'values' as const }
    for await (const state of await graph.stream(INPUT, options)) states.push(state)
    return { end: 'done', states }
  } catch (error) {
    return { end: endOf(error), states }
  }
}

/** Compares what was run: once each, but for what may be run again. */
function expectRan(ran: readonly string[], story: Story, mayRepeat: (note: string) => boolean): void {
  const once = (notes: readonly string[]): string[] => notes.filter((note) => !mayRepeat(note)).toSorted()
  expect(once(ran)).toEqual(once(story.ran))
  expect([...new Set(ran)].toSorted()).toEqual([...new Set(story.ran)].toSorted())
}

/** What is said to be run again: nodes that nothing is remembered of. */
const isMarked = (note: string): boolean => note.startsWith('~')
/** A graph within is cut off when a task beside it fails, and is not stored before it ends or pauses at `exit`. */
const isWithin = (note: string): boolean => isMarked(note) || (note.split(' ')[0] ?? '').includes('/')

/** Does with a thread what is to be done, and compares all its checkpoints. */
async function expectThread(one: ThreadCase, saver: Checkpointer, fails: boolean): Promise<void> {
  const { plan, story } = one
  const seen = disturbance(fails)
  const thread = newThread()
  await performAll(one, thread, () => buildPlan(plan, saver, seen))
  const history = await historyOf(buildPlan(plan, saver, seen), thread)
  const ids = history.map(({ config }) => config.configurable.checkpoint_id)
  expect(
    history.map(({ values, next, metadata, parentConfig }) => ({
      values,
      next: [...next].toSorted(),
      source: metadata?.source,
      parent: parentConfig && ids.indexOf(parentConfig.configurable.checkpoint_id),
    })),
  ).toEqual(
    story.stored.map(({ moment, input, source, parent }) => ({
      values: moment.state,
      next: input === undefined ? dueNodes(plan, moment) : ['__start__'],
      source,
      parent,
    })),
  )
}

describe('any graph', () => {
  test('goes as a plain reading of the rules says', { timeout: 120_000 }, async () => {
    const ends = new Set<Story['end']>()
    const took = new Set<string>()
    await fc.assert(
      fc.asyncProperty(silentCases, async (one) => {
        const { plan, story } = one
        ends.add(story.end)
        for (const kind of story.took) took.add(kind)
        const saver = new MemorySaver()
        const seen = disturbance(false)
        const thread = newThread()
        const open = (): BuiltGraph => buildPlan(plan, saver, seen)
        const { end, states } = await watch(open(), thread)
        await expectStory(one, saver, thread, end)
        expect(states).toEqual(story.moments.map(({ state }) => state))
        if (end === 'done') expectRan(seen.ran, story, isMarked)
      }),
      { numRuns: 200 },
    )
    expect([...ends].toSorted()).toEqual(['conflict', 'done', 'limit'])
    expect([...took].toSorted()).toEqual([
      'command to the parent',
      'deferred node',
      'error handler',
      'memory: none',
      'memory: own',
      'memory: visit',
      'shared state',
      'state of its own',
    ])
  })

  test(
    'ends the same although nodes fail and ask, and does nothing twice',
    { timeout: 120_000 },
    async () => {
      let disturbed = 0
      const durabilities = fc.constantFrom<Durability[]>('sync', 'async', 'exit')
      await fc.assert(
        fc.asyncProperty(endingCases, durabilities, fc.boolean(), async (one, durability, fails) => {
          const { plan, story } = one
          const saver = new MemorySaver()
          const seen = disturbance(fails)
          const thread = newThread()
          let attempts = 0
          const open = (attempt: number): BuiltGraph => {
            attempts = Math.max(attempts, attempt)
            return buildPlan(plan, saver, seen)
          }
          const end = await runToEnd(open, thread, { input: INPUT, config: thread, durability })
          if (attempts > 0) disturbed += 1
          if (durability !== 'exit') await expectStory(one, saver, thread, end)
          else if (end === 'done')
            expect((await historyOf(open(0), thread)).at(-1)?.values).toEqual(story.moments.at(-1)?.state)
          if (end === 'done') expectRan(seen.ran, story, fails || durability === 'exit' ? isWithin : isMarked)
        }),
        { numRuns: 200 },
      )
      expect(disturbed).toBeGreaterThan(50)
    },
  )

  test(
    'ends the same although its process dies at some operation of its storage',
    { timeout: 120_000 },
    async () => {
      let kills = 0
      const operations = fc.array(fc.nat(20), { minLength: 1, maxLength: 4 })
      await fc.assert(
        fc.asyncProperty(endingCases, operations, async (one, fatal) => {
          const { plan, story } = one
          const saver = new MemorySaver()
          const seen = disturbance(true)
          const thread = newThread()
          const open = (attempt: number): BuiltGraph => {
            const operation = fatal[attempt]
            const used = operation === undefined ? saver : killedAt(saver, operation, () => (kills += 1))
            return buildPlan(plan, used, seen)
          }
          const end = await runToEnd(open, thread, { input: INPUT, config: thread })
          await expectStory(one, saver, thread, end)
          if (end === 'done') expectRan(seen.ran, story, () => true)
        }),
        { numRuns: 200 },
      )
      expect(kills).toBeGreaterThan(50)
    },
  )

  test('goes back, branches and takes changes as a plain reading says', { timeout: 120_000 }, async () => {
    const sources = new Set<string>()
    await fc.assert(
      fc.asyncProperty(threadCases, fc.boolean(), async (one, fails) => {
        for (const { source } of one.story.stored) sources.add(source)
        await expectThread(one, new MemorySaver(), fails)
      }),
      { numRuns: 150 },
    )
    expect([...sources].toSorted()).toEqual(['fork', 'input', 'loop', 'update'])
  })

  test('takes what graphs within remember along when it goes back', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(silentThreadCases, (one) => expectThread(one, new MemorySaver(), false)),
      { numRuns: 100 },
    )
  })

  test.each(savers)('is read the same from %s', { timeout: 120_000 }, async (name, open) => {
    const { saver, close } = await open()
    try {
      await fc.assert(
        fc.asyncProperty(endingCases, threadCases, async (one, other) => {
          const seen = disturbance(true)
          const thread = newThread()
          const end = await runToEnd(() => buildPlan(one.plan, saver, seen), thread, {
            input: INPUT,
            config: thread,
          })
          await expectStory(one, saver, thread, end)
          await expectThread(other, saver, false)
        }),
        // Servers take longer.
        { numRuns: name === 'SQLite' ? 40 : 15 },
      )
    } finally {
      await close()
    }
  })
})
