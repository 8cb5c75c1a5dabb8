import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { ChatOpenAI } from '@langchain/openai'
import { streamText } from 'ai'
import { startDemo } from './support/demo.ts'

const { url, key, close } = await startDemo()

// #region openai
import OpenAI from 'openai'
const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: key })
const answer = await openai.chat.completions.create({
  model: 'demo',
  messages: [{ role: 'user', content: 'Hello' }],
})
// #endregion
console.log('openai:', answer.choices[0]?.message.content)

// #region anthropic
import Anthropic from '@anthropic-ai/sdk'
const anthropic = new Anthropic({ baseURL: url, apiKey: key })
const message = await anthropic.messages.create({
  model: 'demo',
  max_tokens: 100,
  messages: [{ role: 'user', content: 'Hello' }],
})
// #endregion
console.log('anthropic:', message.content[0]?.type === 'text' ? message.content[0].text : '')

// #region ai-sdk
const switchyard = createOpenAICompatible({
  name: 'switchyard',
  baseURL: `${url}/v1`,
  apiKey: key,
  includeUsage: true,
})
const { textStream } = streamText({ model: switchyard('demo'), prompt: 'Hello' })
// #endregion
let text = ''
for await (const piece of textStream) text += piece
console.log('ai sdk:', text)

// #region langchain
const model = new ChatOpenAI({ model: 'demo', apiKey: key, configuration: { baseURL: `${url}/v1` } })
const reply = await model.invoke('Hello')
// #endregion
console.log('langchain:', reply.content)

await close()
