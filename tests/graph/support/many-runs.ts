import { Annotation, MemorySaver, Send, START, StateGraph } from '@switchyard/graph'

const [runs = '0', samples = '0'] = process.argv.slice(2)
const { gc } = globalThis as { gc?: () => void }
if (gc === undefined) throw new Error('Start with --expose-gc.')

const State = Annotation.Root({
  log: Annotation<string[]>({ reducer: (all, more) => [...all, ...more], default: () => [] }),
})
const graph = new StateGraph(State)
  .addNode('plan', () => ({ log: ['plan'] }))
  .addNode('work', async ({ item }: { item: number }, { signal }) => {
    await Promise.resolve()
    return { log: [`${item} ${signal?.aborted}`] }
  })
  .addNode('last', ({ log }) => ({ log: [`${log.length}`] }), { timeout: 60_000 })
  .addEdge(START, 'plan')
  .addConditionalEdges('plan', () => [new Send('work', { item: 0 }), new Send('work', { item: 1 })])
  .addEdge('work', 'last')
  .compile({ checkpointer: new MemorySaver({ maxThreads: 50 }) })

/** One for all of them, as a server has for its shutdown. */
const { signal } = new AbortController()
const warnings: string[] = []
process.on('warning', ({ name }) => warnings.push(name))

const heap: number[] = []
const perSample = Math.floor(Number(runs) / Number(samples))
for (let sample = 0; sample < Number(samples); sample += 1) {
  for (let run = 0; run < perSample; run += 1) {
    const options = { configurable: { thread_id: `${sample} ${run}` }, signal }
    if (run % 4 === 0) for await (const _chunk of await graph.stream({}, options)) void _chunk
    else await graph.invoke({}, options)
  }
  // Twice, with a turn between: what is referred to weakly is let go of in the second.
  for (let turn = 0; turn < 2; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve))
    gc()
  }
  heap.push(process.memoryUsage().heapUsed)
}
process.stdout.write(JSON.stringify({ heap, warnings }))
