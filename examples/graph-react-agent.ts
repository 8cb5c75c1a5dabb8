// A ReAct agent twice: its graph written out, and by createReactAgent.
import assert from 'node:assert/strict'
import {
  chat,
  createReactAgent,
  END,
  MessagesAnnotation,
  START,
  StateGraph,
  textOf,
  tool,
  ToolNode,
  toolsCondition,
} from '@switchyard/graph'
import { calculator } from '@switchyard/graph/tools'
import { z } from 'zod'
import { startModel } from './support/model.ts'

const { llm, isDemo, close } = await startModel()

const search = tool(({ query }) => `Search results for: ${query}`, {
  name: 'search_tool',
  description: 'Searches for information about a query.',
  schema: z.object({ query: z.string() }),
})
const tools = [calculator(), search]

const written = new StateGraph(MessagesAnnotation)
  .addNode('agent', async ({ messages }, runtime) => ({
    messages: [await chat({ ...llm, messages, tools }, runtime)],
  }))
  .addNode('tools', new ToolNode(tools))
  .addEdge(START, 'agent')
  .addConditionalEdges('agent', toolsCondition, ['tools', END])
  .addEdge('tools', 'agent')
  .compile()

const made = createReactAgent({ llm, tools })

for (const app of [written, made]) {
  const { messages } = await app.invoke({ messages: 'What is "25 * 4 + 10"?' })
  for (const message of messages) console.log(`[${message.role}] ${textOf(message)}`)
  if (isDemo) {
    assert.deepEqual(
      messages.map(({ role }) => role),
      ['user', 'assistant', 'tool', 'assistant'],
    )
    assert.equal(textOf(messages[2] ?? {}), '110')
  }
}

await close()
