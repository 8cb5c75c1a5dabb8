// What happens in a run, as it happens: updates of nodes, tokens of models, words of one's own.
import assert from 'node:assert/strict'
import { chat, MessagesAnnotation, START, StateGraph, textOf } from '@switchyard/graph'
import type { Message } from '@switchyard/graph'
import { startModel } from './support/model.ts'

const { llm, isDemo, close } = await startModel()

const app = new StateGraph(MessagesAnnotation)
  .addNode('explain', async ({ messages }, runtime) => {
    runtime.writer({ progress: 'asking the model' })
    return { messages: [await chat({ ...llm, messages }, runtime)] }
  })
  .addEdge(START, 'explain')
  .compile()

const input = { messages: [{ role: 'user' as const, content: 'Explain machine learning' }] }

for await (const chunk of await app.stream(input)) console.log('Chunk:', JSON.stringify(chunk).slice(0, 80))

const tokens: string[] = []
for await (const chunk of await app.stream(input, { streamMode: ['messages', 'custom'] })) {
  const [mode, payload] = chunk as [string, unknown]
  if (mode === 'custom') console.log('Custom:', payload)
  else {
    const [message, { langgraph_node: node }] = payload as [Message, Record<string, unknown>]
    assert.equal(node, 'explain')
    tokens.push(textOf(message))
    process.stdout.write(textOf(message))
  }
}
console.log()
if (isDemo) assert.ok(tokens.length > 5, 'the answer comes token by token')

await close()
