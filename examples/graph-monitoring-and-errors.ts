// Nodes that are timed, that note their failures and try again; and what the graph does of that by itself.
import assert from 'node:assert/strict'
import { Annotation, END, START, StateGraph } from '@switchyard/graph'

const State = Annotation.Root({
  result: Annotation<string>,
  error: Annotation<string>,
  retryCount: Annotation<number>({ reducer: (_, next) => next, default: () => 0 }),
  needsRetry: Annotation<boolean>,
})
type StateType = typeof State.State
type Update = typeof State.Update

/** Says how long a node took, and that it failed. */
function monitored(
  name: string,
  work: (state: StateType) => Promise<Update>,
): (state: StateType) => Promise<Update> {
  return async (state) => {
    const startedMs = performance.now()
    try {
      const update = await work(state)
      console.log(`${name} completed in ${(performance.now() - startedMs).toFixed(0)} ms`)
      return update
    } catch (error) {
      console.log(`${name} failed: ${String(error)}`)
      throw error
    }
  }
}

let calls = 0
async function flaky(): Promise<string> {
  calls += 1
  if (calls < 3) throw new Error(`no answer to call ${calls}`)
  return `answer to call ${calls}`
}

const looped = new StateGraph(State)
  .addNode('main_logic', async ({ retryCount }) => {
    try {
      return { result: await flaky(), needsRetry: false }
    } catch (error) {
      return { error: String(error), retryCount: retryCount + 1, needsRetry: retryCount < 3 }
    }
  })
  .addEdge(START, 'main_logic')
  .addConditionalEdges('main_logic', ({ needsRetry }) => (needsRetry ? 'main_logic' : END), [
    'main_logic',
    END,
  ])
  .compile()
const first = await looped.invoke({})
console.log(first)
assert.deepEqual([first.result, first.retryCount], ['answer to call 3', 2])

// The same declared: a policy retries, and a handler deals with what is left.
calls = 0
const declared = new StateGraph(State)
  .addNode(
    'main_logic',
    monitored('main_logic', async () => ({ result: await flaky() })),
    {
      retryPolicy: { maxAttempts: 3, initialInterval: 1, jitter: false },
    },
  )
  .addNode('hopeless', () => Promise.reject(new Error('out of order')), {
    errorHandler: (_, { node, error }) => ({ error: `${node}: ${error.message}` }),
  })
  .addEdge(START, 'main_logic')
  .addEdge('main_logic', 'hopeless')
  .compile()
const second = await declared.invoke({})
console.log(second)
assert.equal(second.result, 'answer to call 3')
assert.match(second.error, /out of order/)
