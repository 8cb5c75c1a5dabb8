// A research agent that searches the web and remembers the conversation. With TAVILY_API_KEY it really searches.
import assert from 'node:assert/strict'
import {
  chat,
  END,
  MemorySaver,
  MessagesAnnotation,
  START,
  StateGraph,
  textOf,
  ToolNode,
  toolsCondition,
} from '@switchyard/graph'
import { tavilySearch } from '@switchyard/graph/tools'
import { startModel } from './support/model.ts'

const { llm, isDemo, close } = await startModel()

const key = process.env['TAVILY_API_KEY']
/** Plays Tavily where there is no key. */
const offline = async (): Promise<Response> =>
  Response.json({
    results: [{ title: 'LangGraph', url: 'https://example.com', content: 'Graphs of agents.' }],
  })
const search = tavilySearch({
  apiKey: key ?? 'offline',
  maxResults: 2,
  ...(key === undefined ? { fetch: offline } : {}),
})
const tools = [search]

const graph = new StateGraph(MessagesAnnotation)
  .addNode('agent', async ({ messages }, runtime) => ({
    messages: [await chat({ ...llm, messages, tools }, runtime)],
  }))
  .addNode('tools', new ToolNode(tools))
  .addEdge(START, 'agent')
  .addConditionalEdges('agent', toolsCondition, { tools: 'tools', [END]: END })
  .addEdge('tools', 'agent')
  .compile({ checkpointer: new MemorySaver() })

const config = { configurable: { thread_id: 'research' } }
const questions = ['What is LangGraph?', 'And who makes it?']
for (const question of questions) {
  console.log('User:', question)
  for await (const event of await graph.stream({ messages: [['user', question]] }, config)) {
    for (const { messages } of Object.values(
      event as Record<string, { messages: { role: string; content: string }[] }>,
    )) {
      const last = messages.at(-1)
      if (last?.role === 'assistant' && textOf(last) !== '') console.log('Assistant:', textOf(last))
    }
  }
}
const { values } = await graph.getState(config)
const { messages } = values as typeof MessagesAnnotation.State
if (isDemo) assert.equal(messages.length, 8)
assert.ok(messages.some((message) => message.role === 'tool' && message.trust === 'untrusted'))

await close()
