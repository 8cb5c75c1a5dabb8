// A chatbot: one node that calls a model, and a state of messages.
import assert from 'node:assert/strict'
import { chat, END, MessagesAnnotation, START, StateGraph, textOf } from '@switchyard/graph'
import { startModel } from './support/model.ts'

const { llm, isDemo, close } = await startModel()

const app = new StateGraph(MessagesAnnotation)
  .addNode('chatbot', async ({ messages }, runtime) => ({
    messages: [await chat({ ...llm, messages }, runtime)],
  }))
  .addEdge(START, 'chatbot')
  .addEdge('chatbot', END)
  .compile()

const { messages } = await app.invoke({ messages: [{ role: 'user', content: 'Explain graphs' }] })
for (const message of messages) console.log(`[${message.role.toUpperCase()}]: ${textOf(message)}`)

assert.deepEqual(
  messages.map(({ role }) => role),
  ['user', 'assistant'],
)
if (isDemo) assert.match(textOf(messages[1] ?? {}), /Explain graphs/)

await close()
