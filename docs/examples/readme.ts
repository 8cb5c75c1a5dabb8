import { startDemo } from './support/demo.ts'

const demo = await startDemo(`
model_list:
  - { model_name: claude-sonnet-5, litellm_params: { model: demo/echo } }
  - { model_name: demo, litellm_params: { model: demo/echo } }
`)
const { url, key } = demo
process.env['ANTHROPIC_API_BASE'] = url
process.env['ANTHROPIC_API_KEY'] = key

// #region sdk
import { completion } from '@switchyard/llm'
const answer = await completion({
  model: 'anthropic/claude-sonnet-5', // or openai/…, gemini/…, bedrock/…, ollama/…
  messages: [{ role: 'user', content: 'What is a switchyard?' }],
})
console.log(answer.choices[0]?.message.content)
// #endregion

const messages = [{ role: 'user' as const, content: 'Hello' }]

// #region openai
import OpenAI from 'openai'
const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: key })
const completed = await openai.chat.completions.create({ model: 'demo', messages })
// #endregion
console.log(completed.choices[0]?.message.content)

// #region anthropic
import Anthropic from '@anthropic-ai/sdk'
const anthropic = new Anthropic({ baseURL: url, apiKey: key })
const message = await anthropic.messages.create({ model: 'demo', max_tokens: 100, messages })
// #endregion
console.log(message.content)

// #region graph
import { Annotation, Command, interrupt, MemorySaver, START, StateGraph } from '@switchyard/graph'
const graph = new StateGraph(Annotation.Root({ draft: Annotation<string>, verdict: Annotation<string> }))
  .addNode('write', () => ({ draft: 'A switchyard joins lines.' }))
  .addNode('review', ({ draft }) => ({ verdict: interrupt(`Publish "${draft}"?`) }))
  .addEdge(START, 'write')
  .addEdge('write', 'review')
  .compile({ checkpointer: new MemorySaver() })
const thread = { configurable: { thread_id: 'essay' } }
await graph.invoke({}, thread) // asks, and waits
const { verdict } = await graph.invoke(new Command({ resume: 'yes' }), thread)
// #endregion
console.log(verdict)

await demo.close()
