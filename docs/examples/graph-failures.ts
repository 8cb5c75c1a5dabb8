import {
  Annotation,
  InMemoryCache,
  isNodeTimeoutError,
  MemorySaver,
  RunBudgetError,
  RunControl,
  START,
  StateGraph,
} from '@switchyard/graph'

const State = Annotation.Root({
  city: Annotation<string>,
  log: Annotation<string[]>({ reducer: (all, more) => [...all, ...more], default: () => [] }),
})

// #region retry
let attempts = 0
const careful = new StateGraph(State)
  .setNodeDefaults({ retryPolicy: { maxAttempts: 3, initialInterval: 1, jitter: false } })
  .addNode('flaky', (_state, { executionInfo }) => {
    attempts += 1
    if (attempts < 3) throw new Error('the service is busy')
    return { log: [`attempt ${executionInfo?.nodeAttempt}`] }
  })
  .addNode(
    'hopeless',
    () => {
      throw new Error('no such city')
    },
    {
      retryPolicy: { retryOn: (error: Error) => !error.message.includes('no such') },
      errorHandler: (state, { node, error }) => ({ log: [`${node}: ${error.message} (${state.city})`] }),
    },
  )
  .addEdge(START, 'flaky')
  .addEdge('flaky', 'hopeless')
  .compile()
console.log((await careful.invoke({ city: 'Atlantis' })).log)
// ['attempt 3', 'hopeless: no such city (Atlantis)']
// #endregion

// #region timeout
const slow = new StateGraph(State)
  .addNode(
    'listen',
    (_state, { signal }) =>
      new Promise<never>((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason as Error))
      }),
    { timeout: { runTimeout: 20, idleTimeout: 10 } },
  )
  .addEdge(START, 'listen')
  .compile()
await slow.invoke({ city: 'Oslo' }).catch((error: unknown) => {
  if (isNodeTimeoutError(error)) console.log(error.node, error.kind) // listen idle
})
// #endregion

// #region cache
let looked = 0
const cached = new StateGraph(State)
  .addNode(
    'look up',
    ({ city }) => {
      looked += 1
      return { log: [`weather of ${city}`] }
    },
    { cachePolicy: { ttl: 60, keyFunc: ([state]) => (state as { city: string }).city } },
  )
  .addEdge(START, 'look up')
  .compile({ cache: new InMemoryCache() })
await cached.invoke({ city: 'Oslo' })
await cached.invoke({ city: 'Oslo' })
console.log(looked) // 1
// #endregion

// #region budget
const worker = new StateGraph(State)
  .addNode('ask', (_state, { control }) => {
    control?.addUsage({ tokens: 400 })
    return { log: ['asked'] }
  })
  .addEdge(START, 'ask')
  .addConditionalEdges('ask', ({ log }) => (log.length < 5 ? 'ask' : '__end__'))
  .compile({ checkpointer: new MemorySaver() })
const thread = { configurable: { thread_id: 'budget' } }
const limited = { ...thread, budgets: { maxTokens: 1_000, deadline: Date.now() + 60_000 } }
await worker.invoke({ city: 'Oslo' }, limited).catch((error: unknown) => {
  if (error instanceof RunBudgetError) console.log(error.message.split('\n')[0])
})
console.log((await worker.invoke(null, thread)).log.length) // 5: the run went on where its budget ended it
// #endregion

// #region stop
const control = new RunControl()
const stopped = worker.invoke({ city: 'Rome' }, { configurable: { thread_id: 'stop' }, control })
control.requestDrain('deploying')
await stopped.catch((error: Error) => console.log(error.message)) // Graph drained: deploying
await worker
  .invoke({ city: 'Rome' }, { configurable: { thread_id: 'abort' }, signal: AbortSignal.abort() })
  .catch((error: Error) => console.log(error.name)) // AbortError
// #endregion

// #region storage
const durable = new StateGraph(State)
  .addNode('write', () => ({ log: ['written'] }))
  .addEdge(START, 'write')
  .compile({ checkpointer: new MemorySaver() })
  .withConfig({ storagePatience: 60_000 })
const watched = new RunControl()
const kept = await durable.invoke(
  { city: 'Oslo' },
  { configurable: { thread_id: 'outage' }, control: watched },
)
console.log(kept.log, watched.storageWait) // ['written'] undefined: the storage was there all the time
// #endregion
