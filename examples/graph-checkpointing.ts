// A conversation that is there again when the program starts anew: checkpoints in a SQLite file.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createReactAgent, textOf } from '@switchyard/graph'
import { SqliteSaver } from '@switchyard/graph/sqlite'
import { startModel } from './support/model.ts'

const { llm, close } = await startModel()
const folder = await mkdtemp(join(tmpdir(), 'graph-checkpointing-'))
const config = { configurable: { thread_id: 'conversation_1' } }

for (const content of ['I am Ada.', 'Continue…']) {
  // As if the program had been started anew: another saver, another agent, the same file.
  const checkpointer = SqliteSaver.fromConnString(join(folder, 'checkpoints.db'))
  const app = createReactAgent({ llm, tools: [], checkpointer })
  await app.invoke({ messages: [{ role: 'user', content }] }, config)
  const { values } = await app.getState(config)
  console.log((values as { messages: { content: string }[] }).messages.map(textOf))
}

const app = createReactAgent({
  llm,
  tools: [],
  checkpointer: SqliteSaver.fromConnString(join(folder, 'checkpoints.db')),
})
const steps: number[] = []
for await (const { values } of app.getStateHistory(config)) {
  steps.push((values as { messages?: unknown[] }).messages?.length ?? 0)
}
console.log('messages at each checkpoint, the newest first:', steps)
assert.equal(steps[0], 4)

await rm(folder, { recursive: true })
await close()
