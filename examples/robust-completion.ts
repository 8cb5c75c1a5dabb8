// The loop that tutorials write, model after model with a reaction to each kind of failure, and the one line that does the same.
import assert from 'node:assert/strict'
import { AuthenticationError, completion, isSwitchyardError, RateLimitError } from '@switchyard/llm'
import type { ChatCompletion, MessageParam } from '@switchyard/llm'
import { startProviders } from './support/providers.ts'

const { openai, outage, close } = await startProviders()
const messages: MessageParam[] = [{ role: 'user', content: 'Explain machine learning' }]

const models = [
  { model: 'openai/gpt-4o', ...outage },
  { model: 'openai/no-such-model', ...openai },
  { model: 'openai/gpt-3.5-turbo', ...openai },
]

async function robustCompletion(): Promise<ChatCompletion> {
  for (const place of models) {
    try {
      return await completion({ ...place, messages, timeout: 30, max_retries: 0 })
    } catch (error) {
      if (!isSwitchyardError(error)) throw error
      if (error instanceof AuthenticationError) console.log(`${place.model}: check the key`)
      else if (error instanceof RateLimitError) console.log(`${place.model}: wait ${error.retryAfterMs} ms`)
      else console.log(`${place.model}: ${error.name}, retryable: ${error.retryable}`)
    }
  }
  throw new Error('All models failed')
}

const byLoop = await robustCompletion()
const [first, ...fallbacks] = models
assert.ok(first)
const byList = await completion({ ...first, messages, timeout: 30, fallbacks })
console.log(byLoop.model, '=', byList.model)
assert.equal(byList.model, 'gpt-3.5-turbo')
assert.equal(byLoop.choices[0]?.message.content, byList.choices[0]?.message.content)

await close()
