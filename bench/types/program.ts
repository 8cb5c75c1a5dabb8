/** A graph of so many nodes as a user would write it: chained, with reducers, conditions, commands and a stream. */
export function graphProgram(library: string, nodes: number): string {
  const names = Array.from({ length: nodes }, (_, index) => `step${index}`)
  const lines = names.map((name, index) => {
    if (index % 5 === 4) {
      const to = names[(index + 3) % nodes] as string
      return `  .addNode('${name}', (state) => new Command({ update: { count: state.count + 1 }, goto: '${to}' }), { ends: ['${to}'] })`
    }
    return `  .addNode('${name}', async (state) => ({ messages: [\`\${state.topic} ${index}\`], count: state.count + ${index} }))`
  })
  const edges = names.slice(1).map((name, index) => `  .addEdge('${names[index]}', '${name}')`)
  return `import { Annotation, Command, END, MemorySaver, Send, START, StateGraph } from '${library}'

const State = Annotation.Root({
  topic: Annotation<string>,
  count: Annotation<number>({ reducer: (sum, more) => sum + more, default: () => 0 }),
  messages: Annotation<string[]>({ reducer: (all, more) => [...all, ...more], default: () => [] }),
  plan: Annotation<{ title: string; steps: { text: string; done: boolean }[] }>,
  verdict: Annotation<'good' | 'bad' | undefined>,
})

const graph = new StateGraph(State)
${lines.join('\n')}
  .addEdge(START, '${names[0]}')
${edges.join('\n')}
  .addConditionalEdges('${names.at(-1)}', (state) =>
    state.count > 100 ? END : state.messages.map((topic) => new Send('${names[0]}', { topic })),
  )
  .compile({ checkpointer: new MemorySaver() })

const result = await graph.invoke({ topic: 'tea' }, { configurable: { thread_id: '1' } })
export const total: number = result.count
for await (const chunk of await graph.stream({ topic: 'tea' }, { streamMode: 'values' })) {
  console.log(chunk.verdict)
}
`
}

/** What the library's types cost before anything is done with them. */
export function importProgram(library: string): string {
  return `import { StateGraph } from '${library}'\nexport const builder: typeof StateGraph = StateGraph\n`
}
