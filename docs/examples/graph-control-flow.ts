import { Annotation, Command, END, Send, START, StateGraph } from '@switchyard/graph'
import { LastValue } from '@switchyard/graph/channels'
import { Channel, Pregel } from '@switchyard/graph/pregel'

const State = Annotation.Root({
  topics: Annotation<string[]>,
  log: Annotation<string[]>({ reducer: (all, more) => [...all, ...more], default: () => [] }),
})

// #region edges
const joined = new StateGraph(State)
  .addNode('search', () => ({ log: ['searched'] }))
  .addNode('read', () => ({ log: ['read'] }))
  .addNode('sum up', ({ log }) => ({ log: [`${log.length} sources`] }))
  .addEdge(START, 'search')
  .addEdge(START, 'read')
  .addEdge(['search', 'read'], 'sum up')
  .addEdge('sum up', END)
  .compile()
console.log((await joined.invoke({})).log) // ['read', 'searched', '2 sources']
// #endregion

// #region condition
const loop = new StateGraph(State)
  .addNode('try', ({ log }) => ({ log: [`try ${log.length + 1}`] }))
  .addEdge(START, 'try')
  .addConditionalEdges('try', ({ log }) => (log.length < 3 ? 'again' : 'enough'), {
    again: 'try',
    enough: END,
  })
  .compile()
console.log((await loop.invoke({})).log) // ['try 1', 'try 2', 'try 3']
// #endregion

// #region send
const mapReduce = new StateGraph(State)
  .addNode('write', ({ topic }: { topic: string }) => ({ log: [`about ${topic}`] }))
  .addNode('bind', ({ log }) => ({ log: [`${log.length} chapters`] }), { defer: true })
  .addConditionalEdges(START, ({ topics }) => topics.map((topic) => new Send('write', { topic })), ['write'])
  .addEdge('write', 'bind')
  .compile()
console.log((await mapReduce.invoke({ topics: ['tea', 'water'] }, { maxConcurrency: 1 })).log)
// ['about tea', 'about water', '2 chapters']
// #endregion

// #region command
const triage = new StateGraph(State)
  .addNode(
    'triage',
    ({ topics }) => new Command({ update: { log: ['triaged'] }, goto: topics.length > 1 ? 'many' : 'one' }),
    { ends: ['one', 'many'] },
  )
  .addNode('one', () => ({ log: ['one'] }))
  .addNode('many', () => ({ log: ['many'] }))
  .addEdge(START, 'triage')
  .compile()
console.log((await triage.invoke({ topics: ['tea'] })).log) // ['triaged', 'one']
// #endregion

// #region channels
const raw = new Pregel({
  nodes: {
    trim: Channel.subscribeTo('input')
      .pipe((text: string) => text.trim())
      .pipe(Channel.writeTo(['trimmed'])),
    count: Channel.subscribeTo('trimmed')
      .pipe((text: string) => text.length)
      .pipe(Channel.writeTo(['length'])),
  },
  channels: { input: new LastValue(), trimmed: new LastValue(), length: new LastValue() },
  inputChannels: 'input',
  outputChannels: ['trimmed', 'length'],
})
console.log(await raw.invoke(' tea ')) // { trimmed: 'tea', length: 3 }
// #endregion
