import {
  Annotation,
  Command,
  END,
  Send,
  START,
  StateGraph,
  StateSchema,
  ReducedValue,
  entrypoint,
  task,
} from '@switchyard/graph'
import { z } from 'zod'

// #region first
const State = Annotation.Root({
  topic: Annotation<string>,
  notes: Annotation<string[]>({ reducer: (all, more) => [...all, ...more], default: () => [] }),
})

const graph = new StateGraph(State)
  .addNode('research', (state) => ({ notes: [`what ${state.topic} is`] }))
  .addNode('write', (state) => ({ notes: [`${state.notes.length} note on ${state.topic}`] }))
  .addEdge(START, 'research')
  .addEdge('research', 'write')
  .addEdge('write', END)
  .compile()

console.log(await graph.invoke({ topic: 'tea' }))
// { topic: 'tea', notes: ['what tea is', '1 note on tea'] }
// #endregion

// #region route
const router = new StateGraph(State)
  .addNode('plan', () => new Command({ update: { notes: ['planned'] }, goto: 'check' }), { ends: ['check'] })
  .addNode('check', () => ({ notes: ['checked'] }))
  .addNode('ask', (question: { about: string }) => ({ notes: [`asked about ${question.about}`] }))
  .addEdge(START, 'plan')
  .addConditionalEdges('check', (state) =>
    state.notes.length > 3 ? END : ['leaves', 'water'].map((about) => new Send('ask', { about })),
  )
  .compile()

console.log((await router.invoke({ topic: 'tea' })).notes)
// ['planned', 'checked', 'asked about leaves', 'asked about water']
// #endregion

// #region schema
const Checked = new StateSchema({
  question: z.string().min(1),
  answers: new ReducedValue(
    z.array(z.string()).default(() => []),
    { inputSchema: z.string(), reducer: (all: string[], one: string) => [...all, one] },
  ),
})
const strict = new StateGraph(Checked)
  .addNode('answer', ({ question }) => ({ answers: question.toUpperCase() }))
  .addEdge(START, 'answer')
  .compile()
await strict.invoke({ question: '' }).catch((error: Error) => console.log(error.message.split('\n')[0]))
// #endregion

// #region stream
for await (const [mode, chunk] of await graph.stream(
  { topic: 'tea' },
  { streamMode: ['updates', 'values'] },
)) {
  console.log(mode, chunk)
}

const run = graph.run({ topic: 'tea' })
for await (const state of run.values) console.log(state.notes.length)
console.log((await run.output).notes)
// #endregion

// #region policies
let attempts = 0
const careful = new StateGraph(State)
  .addNode(
    'flaky',
    () => {
      attempts += 1
      if (attempts < 3) throw new Error('try again')
      return { notes: ['third time lucky'] }
    },
    {
      retryPolicy: { maxAttempts: 3, initialInterval: 1, jitter: false },
      timeout: { runTimeout: 10_000 },
      errorHandler: (_state, { error }) => ({ notes: [`gave up: ${error.message}`] }),
    },
  )
  .addEdge(START, 'flaky')
  .compile()
console.log((await careful.invoke({ topic: 'tea' })).notes)
// #endregion

// #region subgraph
const outer = new StateGraph(State)
  .addNode('inner', graph)
  .addNode('sum up', (state) => ({ notes: [`${state.notes.length} in all`] }))
  .addEdge(START, 'inner')
  .addEdge('inner', 'sum up')
  .compile()
console.log((await outer.invoke({ topic: 'tea' })).notes)
// #endregion

// #region functional
const fetchPage = task('fetchPage', async (url: string) => `text of ${url}`)
const summarize = entrypoint('summarize', async (urls: string[]) => {
  const pages = await Promise.all(urls.map(fetchPage))
  return pages.join('; ')
})
console.log(await summarize.invoke(['/a', '/b']))
// #endregion
