import { setTimeout } from 'node:timers/promises'
import { Annotation, Command, END, interrupt, Send, START, StateGraph } from '@switchyard/graph'
import type { Checkpointer, Runtime, StateSnapshot } from '@switchyard/graph'

const State = Annotation.Root({
  topics: Annotation<string[]>,
  drafts: Annotation<string[]>({ reducer: (all, more) => [...all, ...more], default: () => [] }),
  summary: Annotation<{ text: string; written: Date } | undefined>,
  approved: Annotation<boolean>,
  trail: Annotation<string[]>({ reducer: (all, more) => [...all, ...more], default: () => [] }),
})

const thread = { configurable: { thread_id: 'crash' }, durability: 'sync' } as const

/** Told of each node that has done its work, with the id of the task it was. */
export type Effect = (task: { id: string; name: string }) => void

/** What the test needs of the graph. */
export interface CrashGraph {
  invoke(input: unknown, options: object): Promise<unknown>
  getState(config: object): Promise<StateSnapshot>
}

/** Waits until a saver has kept writes so often, but not for long: parts that are taken up may have nobody to wait for. */
function countKept(checkpointer: Checkpointer): (times: number) => Promise<void> {
  const addWrites = checkpointer.addWrites.bind(checkpointer)
  let count = 0
  checkpointer.addWrites = (...parameters) => {
    const stored = addWrites(...parameters)
    const note = (): void => {
      count += 1
    }
    if (stored instanceof Promise) return stored.then(note)
    return note()
  }
  return async (times) => {
    for (let waited = 0; count < times && waited < 100; waited += 1) await setTimeout(1)
  }
}

/** Five steps: one plans, three write at once, one gathers, one asks, one ends. */
export function crashGraph(checkpointer: Checkpointer, effect: Effect): CrashGraph {
  const does = (name: string, runtime: Runtime): { trail: string[] } => {
    effect({ id: runtime.executionInfo?.taskId ?? '', name })
    return { trail: [name] }
  }
  const kept = countKept(checkpointer)
  return new StateGraph(State)
    .addNode('plan', (_state, runtime) => ({ topics: ['a', 'b', 'c'], ...does('plan', runtime) }))
    .addNode('write', async ({ topic }: { topic: string }, runtime) => {
      // Each part ends when the one before it is stored, the last one first.
      await kept('c'.charCodeAt(0) - topic.charCodeAt(0))
      return { drafts: [`about ${topic}`], ...does(`write ${topic}`, runtime) }
    })
    .addNode('gather', ({ drafts }, runtime) => ({
      summary: { text: drafts.join(', '), written: new Date(0) },
      ...does('gather', runtime),
    }))
    .addNode('ask', (_state, runtime) => {
      const answer = interrupt('Is it good?')
      return { approved: answer === 'yes', ...does('ask', runtime) }
    })
    .addNode('end', (_state, runtime) => does('end', runtime))
    .addEdge(START, 'plan')
    .addConditionalEdges('plan', ({ topics }) => topics.map((topic) => new Send('write', { topic })))
    .addEdge('write', 'gather')
    .addEdge('gather', 'ask')
    .addEdge('ask', 'end')
    .addEdge('end', END)
    .compile({ checkpointer })
}

/** Begins the thread or takes it up where it is, until it has ended; answers on the way. */
export async function finish(graph: CrashGraph): Promise<unknown> {
  for (;;) {
    const { next, tasks, values, createdAt } = await graph.getState(thread)
    if (createdAt === undefined) await graph.invoke({}, thread)
    else if (next.length === 0) return values
    else if (tasks.some(({ interrupts }) => interrupts.length > 0))
      await graph.invoke(new Command({ resume: 'yes' }), thread)
    else await graph.invoke(null, thread)
  }
}
