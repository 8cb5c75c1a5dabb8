import type { Checkpointer, Durability } from '@switchyard/graph'
import {
  BaseLangGraphError,
  Command,
  GraphRecursionError,
  isInterrupted,
  MemorySaver,
} from '@switchyard/graph'
import { SqliteSaver } from '@switchyard/graph/sqlite'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import type { BuiltGraph, Disturbance } from './support/build-plan.ts'
import { buildPlan } from './support/build-plan.ts'
import type { Story } from './support/interpreter.ts'
import { interpret } from './support/interpreter.ts'
import { killedAt } from './support/killed-saver.ts'
import type { GraphPlan, State } from './support/plan.ts'
import { answerTo, graphPlans } from './support/plan.ts'

// A command that leads on besides an edge is warned about, which is what made-up graphs do all the time.
vi.spyOn(console, 'warn').mockImplementation(() => undefined)

const INPUT = { log: ['in'], total: 1 }
const LIMIT = 15
const thread = { configurable: { thread_id: 't' }, recursionLimit: LIMIT }

const disturbance = (fails: boolean): Disturbance => ({ fails, calls: new Map(), ran: [] })

function endOf(error: unknown): Story['end'] | 'failed' {
  if (error instanceof GraphRecursionError) return 'limit'
  if (error instanceof BaseLangGraphError && error.lc_error_code === 'INVALID_CONCURRENT_GRAPH_UPDATE')
    return 'conflict'
  return 'failed'
}

/** Goes on, answering what is asked and beginning again where a failure left off, until the graph has ended. */
async function runToEnd(
  open: (attempt: number) => BuiltGraph,
  durability: Durability = 'sync',
): Promise<Story['end']> {
  let input: unknown = INPUT
  for (let attempt = 0; attempt < 400; attempt += 1) {
    const graph = open(attempt)
    try {
      const result: unknown = await graph.invoke(input, { ...thread, durability })
      if (!isInterrupted<string>(result)) return 'done'
      const answers = result.__interrupt__.map(({ id, value }) => [id, answerTo(value as string)])
      input = new Command({ resume: Object.fromEntries(answers) as Record<string, unknown> })
    } catch (error) {
      const end = endOf(error)
      if (end !== 'failed') return end
      if (!/no luck|killed/.test(String(error))) throw error
      input =
        (await open(-1).getState(thread)).config.configurable?.['checkpoint_id'] === undefined ? INPUT : null
    }
  }
  throw new Error('The graph did not end.')
}

/** The states of a thread from its input on. */
async function statesOf(graph: BuiltGraph): Promise<unknown[]> {
  const states: unknown[] = []
  for await (const { values, metadata } of graph.getStateHistory(thread)) {
    if (metadata?.source === 'loop') states.unshift(values)
  }
  return states
}

/** A run that stops for good asks for more steps each time it goes on: such graphs are compared undisturbed only. */
const ending = graphPlans.filter((plan) => interpret(plan, INPUT, LIMIT).end !== 'limit')

async function expectStory(
  plan: GraphPlan,
  story: Story,
  saver: Checkpointer,
  end: Story['end'],
): Promise<void> {
  expect(end).toBe(story.end)
  expect(await statesOf(buildPlan(plan, saver, disturbance(false)))).toEqual(
    story.states satisfies readonly State[],
  )
}

describe('any graph', () => {
  test('goes as a plain reading of the rules says', { timeout: 120_000 }, async () => {
    const ends: Story['end'][] = []
    await fc.assert(
      fc.asyncProperty(graphPlans, async (planned) => {
        const plan = { ...planned, nodes: planned.nodes.map((node) => ({ ...node, asks: 0 })) }
        const story = interpret(plan, INPUT, LIMIT)
        ends.push(story.end)
        const saver = new MemorySaver()
        const seen = disturbance(false)
        const end = await runToEnd(() => buildPlan(plan, saver, seen))
        await expectStory(plan, story, saver, end)
        expect(seen.ran.toSorted()).toEqual(story.ran.toSorted())
      }),
      { numRuns: 300 },
    )
    for (const end of ['done', 'limit', 'conflict'] as const) expect(ends).toContain(end)
  })

  test(
    'ends the same although nodes fail and ask, and does nothing twice',
    { timeout: 120_000 },
    async () => {
      let disturbed = 0
      const durabilities = fc.constantFrom<Durability[]>('sync', 'async', 'exit')
      await fc.assert(
        fc.asyncProperty(ending, durabilities, async (plan, durability) => {
          const story = interpret(plan, INPUT, LIMIT)
          const saver = new MemorySaver()
          const seen = disturbance(true)
          let attempts = 0
          const open = (attempt: number): BuiltGraph => {
            attempts = Math.max(attempts, attempt)
            return buildPlan(plan, saver, seen)
          }
          const end = await runToEnd(open, durability)
          if (attempts > 0) disturbed += 1
          if (durability !== 'exit') await expectStory(plan, story, saver, end)
          else if (end === 'done') expect((await statesOf(open(0))).at(-1)).toEqual(story.states.at(-1))
          if (end === 'done') expect(seen.ran.toSorted()).toEqual(story.ran.toSorted())
        }),
        { numRuns: 300 },
      )
      expect(disturbed).toBeGreaterThan(50)
    },
  )

  test(
    'ends the same although its process dies at some operation of its storage',
    { timeout: 120_000 },
    async () => {
      let kills = 0
      await fc.assert(
        fc.asyncProperty(
          ending,
          fc.array(fc.nat(20), { minLength: 1, maxLength: 4 }),
          async (plan, operations) => {
            const story = interpret(plan, INPUT, LIMIT)
            const saver = new MemorySaver()
            const seen = disturbance(true)
            const end = await runToEnd((attempt) => {
              const operation = operations[attempt]
              if (operation === undefined) return buildPlan(plan, saver, seen)
              return buildPlan(
                plan,
                killedAt(saver, operation, () => (kills += 1)),
                seen,
              )
            })
            await expectStory(plan, story, saver, end)
            for (const task of story.ran) if (end === 'done') expect(seen.ran).toContain(task)
          },
        ),
        { numRuns: 200 },
      )
      expect(kills).toBeGreaterThan(50)
    },
  )

  test('reads the same from changes in a file as from memory', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(ending, async (plan) => {
        const story = interpret(plan, INPUT, LIMIT)
        const saver = SqliteSaver.fromConnString(':memory:')
        try {
          const end = await runToEnd(() => buildPlan(plan, saver, disturbance(false)))
          await expectStory(plan, story, saver, end)
        } finally {
          saver.close()
        }
      }),
      { numRuns: 60 },
    )
  })
})
