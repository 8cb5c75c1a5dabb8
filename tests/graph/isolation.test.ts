import type { Runtime } from '@switchyard/graph'
import {
  Annotation,
  Command,
  getConfig,
  getCurrentTaskInput,
  getWriter,
  interrupt,
  isInterrupted,
  MemorySaver,
  START,
  StateGraph,
} from '@switchyard/graph'
import { expect, test } from 'vitest'

const RUNS = 1_000

const State = Annotation.Root({
  user: Annotation<string>,
  seen: Annotation<string[]>({ reducer: (all, more) => [...all, ...more], default: () => [] }),
})

/** Lets other runs have their turn, by several ways that work is put off. */
async function letOthersRun(turn: number): Promise<void> {
  const ways = [
    (): Promise<void> => Promise.resolve(),
    (): Promise<void> => new Promise((resolve) => setImmediate(resolve)),
    (): Promise<void> => new Promise((resolve) => process.nextTick(resolve)),
    (): Promise<void> => new Promise((resolve) => setTimeout(resolve, turn % 3)),
  ]
  await (ways[turn % ways.length] as () => Promise<void>)()
}

/** Who the caller is, by every way to find out. */
function whoAmI(): string {
  const config = getConfig() as Runtime
  const names = new Set([
    getCurrentTaskInput<{ user: string }>().user,
    config.configurable?.['user'],
    config.context?.['user'],
    config.configurable?.['thread_id'],
    config.metadata?.['user'],
  ])
  return [...names].join(' and ')
}

test(
  'a thousand runs of one graph at a time never see anything of each other',
  { timeout: 60_000 },
  async () => {
    const inner = new StateGraph(State)
      .addNode('within', async ({ user }) => {
        await letOthersRun(Number(user) + 1)
        getWriter()?.(whoAmI())
        return { seen: [`within ${whoAmI()}`] }
      })
      .addEdge(START, 'within')
      .compile()
    const graph = new StateGraph(State)
      .addNode('look', async ({ user }) => {
        const before = whoAmI()
        await letOthersRun(Number(user))
        await Promise.all([letOthersRun(Number(user) + 2), letOthersRun(Number(user) + 3)])
        return { seen: [`${before}, then ${whoAmI()}`] }
      })
      .addNode('inner', async (state) => {
        const { seen } = await inner.invoke({ user: state.user })
        return { seen }
      })
      .addNode('ask', async ({ user }) => {
        const answer = interrupt<string, string>(`${user}?`)
        await letOthersRun(Number(user))
        return { seen: [`told ${answer}, as ${whoAmI()}`] }
      })
      .addEdge(START, 'look')
      .addEdge('look', 'inner')
      .addEdge('inner', 'ask')
      .compile({ checkpointer: new MemorySaver({ maxThreads: RUNS }) })

    async function runAs(user: string): Promise<unknown> {
      const options = {
        configurable: { thread_id: user, user },
        context: { user },
        metadata: { user },
        streamMode: ['custom', 'values'] as const,
        subgraphs: true as const,
      }
      const custom: unknown[] = []
      let last: unknown
      for (const input of [{ user }, new Command({ resume: `answer to ${user}` })]) {
        for await (const [, mode, chunk] of await graph.stream(input as never, options)) {
          if (mode === 'custom') custom.push(chunk)
          else last = chunk
        }
        if (input instanceof Command) break
        expect(isInterrupted(last) && last.__interrupt__.map(({ value }) => value)).toEqual([`${user}?`])
      }
      const { values } = await graph.getState({ configurable: { thread_id: user } })
      return { custom, values }
    }

    const users = Array.from({ length: RUNS }, (_, index) => String(index))
    const results = await Promise.all(users.map(runAs))
    expect(results).toEqual(
      users.map((user) => ({
        custom: [user],
        values: {
          user,
          seen: [`${user}, then ${user}`, `within ${user}`, `told answer to ${user}, as ${user}`],
        },
      })),
    )
    expect(getConfig()).toBeUndefined()
  },
)
