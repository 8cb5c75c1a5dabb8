// A workflow as it would be deployed: configured, resilient, kept in a database, within a budget, and shut down cleanly.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Annotation, chat, END, START, StateGraph, textOf } from '@switchyard/graph'
import { SqliteSaver } from '@switchyard/graph/sqlite'
import { startProviders } from './support/providers.ts'

const { openai, outage, close } = await startProviders()

interface ProductionConfig {
  /** Tried in order: the target of each model, as a gateway or the provider's own address. */
  models: { model: string; api_base: string; api_key: string }[]
  maxRetries: number
  timeoutS: number
  database: string
}

const State = Annotation.Root({
  sessionId: Annotation<string>,
  conversation: Annotation<{ role: 'user' | 'assistant'; content: string }[]>({
    reducer: (left, right) => [...left, ...right],
    default: () => [],
  }),
  errorCount: Annotation<number>({ reducer: (_, next) => next, default: () => 0 }),
  lastProvider: Annotation<string>,
})

function buildWorkflow(config: ProductionConfig) {
  return new StateGraph(State)
    .addNode('llm_call', async ({ conversation, errorCount }, runtime) => {
      for (const target of config.models) {
        try {
          const settings = { ...target, num_retries: config.maxRetries, timeout: config.timeoutS }
          const answer = await chat({ ...settings, messages: conversation }, runtime)
          const said = { role: 'assistant' as const, content: textOf(answer) }
          return { conversation: [said], lastProvider: target.model, errorCount: 0 }
        } catch (error) {
          console.log(`Model ${target.model} failed: ${String(error).slice(0, 60)}`)
        }
      }
      return { errorCount: errorCount + 1 }
    })
    .addEdge(START, 'llm_call')
    .addEdge('llm_call', END)
    .compile({ checkpointer: SqliteSaver.fromConnString(config.database), version: '2026-11-27' })
}

const folder = await mkdtemp(join(tmpdir(), 'graph-production-'))
const app = buildWorkflow({
  models: [
    { model: 'openai/gpt-4o', ...outage },
    { model: 'openai/gpt-3.5-turbo', ...openai },
  ],
  maxRetries: 0,
  timeoutS: 30,
  database: join(folder, 'production.db'),
})

const options = { configurable: { thread_id: 'session-1' }, durability: 'sync' as const, maxTokens: 10_000 }
for (const content of ['What did we sell today?', 'And yesterday?']) {
  const { conversation, lastProvider } = await app.invoke(
    { sessionId: 'session-1', conversation: [{ role: 'user', content }] },
    options,
  )
  console.log(lastProvider, conversation.at(-1)?.content)
  assert.equal(lastProvider, 'openai/gpt-3.5-turbo')
}
const { values } = await app.getState(options)
assert.equal((values as typeof State.State).conversation.length, 4)

await rm(folder, { recursive: true })
await close()
