import { Annotation, START, StateGraph, streamMessage } from '@switchyard/graph'

// #region modes
const State = Annotation.Root({
  topic: Annotation<string>,
  text: Annotation<string>,
})
const graph = new StateGraph(State)
  .addNode('plan', ({ topic }, { writer }) => {
    writer?.({ progress: 0.5 })
    return { topic: topic.toUpperCase() }
  })
  .addNode('write', ({ topic }) => {
    const words = ['all', 'about', topic]
    for (const word of words) streamMessage({ id: '1', role: 'assistant', content: `${word} ` })
    return { text: words.join(' ') }
  })
  .addEdge(START, 'plan')
  .addEdge('plan', 'write')
  .compile()

const streamMode = ['updates', 'messages', 'custom'] as const
for await (const [mode, chunk] of await graph.stream({ topic: 'tea' }, { streamMode })) {
  if (mode === 'messages') console.log(chunk[0], chunk[1]['langgraph_node'])
  else console.log(mode, chunk)
}
// #endregion

// #region run
const run = graph.run({ topic: 'tea' })
const tokens: string[] = []
async function print(): Promise<void> {
  for await (const [message] of run.messages) tokens.push(JSON.stringify(message))
}
const [output] = await Promise.all([run.output, print()])
for await (const state of run.values) console.log(Object.keys(state)) // from the first one on
console.log(tokens.length, output.text) // 3 all about TEA
// #endregion

// #region leave
for await (const update of await graph.stream({ topic: 'tea' })) {
  console.log(Object.keys(update)) // ['plan']
  break // the run is cancelled here
}
// #endregion

// #region sse
const events = await graph.stream({ topic: 'tea' }, { streamMode: 'values', encoding: 'text/event-stream' })
console.log(await new Response(events as unknown as ReadableStream).text())
// #endregion

// #region handlers
const handler = {
  name: 'my handler',
  handleChainEnd: (result: unknown) => console.log('ended', result),
}
await graph.invoke({ topic: 'tea' }, { callbacks: [handler] })
for await (const { event, name } of graph.streamEvents({ topic: 'tea' }, { version: 'v2' })) {
  console.log(event, name) // on_chain_start LangGraph …
}
// #endregion
