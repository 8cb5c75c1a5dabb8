import {
  Annotation,
  Command,
  interrupt,
  isInterrupted,
  MemorySaver,
  START,
  StateGraph,
} from '@switchyard/graph'

// #region shared
const State = Annotation.Root({
  topic: Annotation<string>,
  log: Annotation<string[]>({ reducer: (_before, now) => now, default: () => [] }),
})
const research = new StateGraph(State)
  .addNode('search', ({ topic }) => ({ log: [`found ${topic}`] }))
  .addNode('check', ({ log }) => ({ log: [...log, `trusted: ${interrupt<string, string>('trust it?')}`] }))
  .addEdge(START, 'search')
  .addEdge('search', 'check')
  .compile()

const graph = new StateGraph(State)
  .addNode('research', research)
  .addNode('write', ({ log }) => ({ log: [...log, 'written'] }))
  .addEdge(START, 'research')
  .addEdge('research', 'write')
  .compile({ checkpointer: new MemorySaver() })

const thread = { configurable: { thread_id: 'tea' } }
console.log(isInterrupted(await graph.invoke({ topic: 'tea' }, thread))) // true: the question came from within
const { tasks } = await graph.getState(thread, { subgraphs: true })
console.log(tasks.map(({ name, state }) => [name, state !== undefined && 'next' in state && state.next]))
console.log((await graph.invoke(new Command({ resume: 'yes' }), thread)).log)
// ['found tea', 'trusted: yes', 'written']
// #endregion

// #region called
const Translation = Annotation.Root({ text: Annotation<string>, loud: Annotation<string> })
const translate = new StateGraph(Translation)
  .addNode('shout', ({ text }) => ({ loud: text.toUpperCase() }))
  .addEdge(START, 'shout')
  .compile()
const caller = new StateGraph(State)
  .addNode('translate', async ({ topic }) => {
    const { loud } = await translate.invoke({ text: topic })
    return { log: [loud] }
  })
  .addEdge(START, 'translate')
  .compile()
for await (const [namespace, update] of await caller.stream({ topic: 'tea' }, { subgraphs: true })) {
  console.log(namespace.length, update)
}
// #endregion

// #region parent
const worker = new StateGraph(State)
  .addNode(
    'give up',
    () => new Command({ graph: Command.PARENT, update: { log: ['too hard'] }, goto: 'expert' }),
  )
  .addEdge(START, 'give up')
  .compile()
const team = new StateGraph(State)
  .addNode('worker', worker, { ends: ['expert'] })
  .addNode('expert', ({ log }) => ({ log: [...log, 'easy'] }))
  .addEdge(START, 'worker')
  .compile()
console.log((await team.invoke({ topic: 'tea' })).log) // ['too hard', 'easy']
// #endregion

// #region memory
const Visits = Annotation.Root({
  visits: Annotation<number>({ reducer: (sum, more) => sum + more, default: () => 0 }),
})
const counter = new StateGraph(Visits)
  .addNode('count', () => ({ visits: 1 }))
  .addEdge(START, 'count')
  .compile({ checkpointer: true })
const shop = new StateGraph(State)
  .addNode('enter', async () => {
    const { visits } = await counter.invoke({ visits: 0 })
    return { log: [`visit ${visits}`] }
  })
  .addEdge(START, 'enter')
  .compile({ checkpointer: new MemorySaver() })
await shop.invoke({ topic: 'tea' }, thread)
console.log((await shop.invoke({ topic: 'tea' }, thread)).log) // ['visit 2']
// #endregion
