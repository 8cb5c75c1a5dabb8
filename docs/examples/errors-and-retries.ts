import { completion, createClient, isSwitchyardError, RateLimitError } from '@switchyard/llm'
import { startDemo } from './support/demo.ts'

const demo = await startDemo()
const messages = [{ role: 'user' as const, content: 'Hello' }]

// #region catch
try {
  await completion({ model: 'openai/no-such-model', ...demo.target, messages })
} catch (error) {
  if (!isSwitchyardError(error)) throw error
  console.log(error.name, error.code, error.status, `retryable: ${error.retryable}`)
  console.log(error.provider, error.providerStatus, error.message)
}
// #endregion

// A provider that is busy twice and then answers.
let calls = 0
const client = createClient({
  sleep: () => Promise.resolve(),
  transport: () => {
    const busy = ++calls <= 2
    const body = busy
      ? { error: { message: 'slow down', type: 'rate_limit_error' } }
      : { choices: [{ message: { role: 'assistant', content: 'At last.' }, finish_reason: 'stop' }] }
    return Promise.resolve({
      status: busy ? 429 : 200,
      headers: { 'content-type': 'application/json', ...(busy ? { 'retry-after': '1' } : {}) },
      body: (async function* () {
        yield new TextEncoder().encode(JSON.stringify(body))
      })(),
    })
  },
})
const params = { model: 'openai/gpt-5.4-mini', api_key: 'sk-none', messages }

// #region retry
const answer = await client.completion({ ...params, num_retries: 2, timeout: 30 })
console.log(answer.choices[0]?.message.content, `after ${calls} calls`)
// #endregion

calls = 0
// #region class
await client.completion(params).catch((error: unknown) => {
  if (error instanceof RateLimitError) console.log('wait', error.retryAfterMs, 'ms')
  else throw error
})
// #endregion

await demo.close()
