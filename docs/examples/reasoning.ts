import { completion } from '@switchyard/llm'
import type { MessageParam } from '@switchyard/llm'
import { startDemo } from './support/demo.ts'

const demo = await startDemo()

// #region call
const messages: MessageParam[] = [{ role: 'user', content: 'Is 91 prime?' }]
const answer = await completion({
  model: 'openai/demo',
  ...demo.target,
  messages,
  reasoning_effort: 'low',
})
const message = answer.choices[0]?.message
console.log('thought:', message?.reasoning_content)
console.log('said:', message?.content)
console.log(answer.usage?.completion_tokens_details?.reasoning_tokens, 'tokens of thought')
// #endregion

// #region next-turn
// The message goes back as it came: the proofs in it are what the provider checks.
if (message !== undefined) messages.push(message)
messages.push({ role: 'user', content: 'And 97?' })
const next = await completion({ model: 'openai/demo', ...demo.target, messages, reasoning_effort: 'low' })
console.log('said:', next.choices[0]?.message.content)
// #endregion

await demo.close()
