import {
  Annotation,
  Command,
  interrupt,
  isInterrupted,
  MemorySaver,
  START,
  StateGraph,
} from '@switchyard/graph'

// #region thread
const State = Annotation.Root({
  draft: Annotation<string>,
  log: Annotation<string[]>({ reducer: (all, more) => [...all, ...more], default: () => [] }),
})

const graph = new StateGraph(State)
  .addNode('write', (state) => ({ draft: `draft ${state.log.length}`, log: ['written'] }))
  .addNode(
    'review',
    async (state, runtime) => {
      const sent = await runtime.step('notify', () => `told somebody about ${state.draft}`)
      const verdict = interrupt<{ draft: string }, 'ok' | 'again'>({ draft: state.draft })
      if (verdict === 'again') return new Command({ update: { log: [sent] }, goto: 'write' })
      return { log: [sent, 'approved'] }
    },
    { ends: ['write'] },
  )
  .addEdge(START, 'write')
  .addEdge('write', 'review')
  .compile({ checkpointer: new MemorySaver() })

const thread = { configurable: { thread_id: 'essay' } }
const paused = await graph.invoke({ log: ['asked for an essay'] }, thread)
if (isInterrupted<{ draft: string }>(paused)) console.log(paused.__interrupt__)
// [{ id: '…', value: { draft: 'draft 1' } }]
const done = await graph.invoke(new Command({ resume: 'ok' }), thread)
console.log(done.log)
// #endregion

// #region state
const snapshot = await graph.getState(thread)
console.log(snapshot.values.draft, snapshot.next, snapshot.metadata?.step)
await graph.updateState(thread, { draft: 'edited by hand' }, 'write')
console.log((await graph.getState(thread)).next) // ['review']: what follows `write`
// #endregion

// #region travel
const history = []
for await (const past of graph.getStateHistory(thread)) history.push(past)
const beforeWriting = history.find(({ next }) => next[0] === 'write')
if (beforeWriting !== undefined) {
  const again = await graph.invoke(null, beforeWriting.config) // a branch: nothing of the first try is lost
  console.log(isInterrupted(again)) // it asks anew
}
// #endregion

// #region conflict
const [first, second] = await Promise.allSettled([
  graph.invoke({ log: ['one'] }, { configurable: { thread_id: 'shared' } }),
  graph.invoke({ log: ['two'] }, { configurable: { thread_id: 'shared' } }),
])
console.log([first.status, second.status]) // one of them is told `thread_conflict`
// #endregion

// #region budget
const stopped = await graph
  .invoke({ log: [] }, { configurable: { thread_id: 'short' }, budgets: { maxSteps: 1 } })
  .catch((error: Error) => error.name)
console.log(stopped) // RunBudgetError; `invoke(null)` goes on with a new budget
// #endregion
