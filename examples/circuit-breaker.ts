// A circuit breaker: after a failure a deployment is not asked until its time is over, and an answer of one's own stands in meanwhile.
import assert from 'node:assert/strict'
import { isSwitchyardError, Router } from '@switchyard/llm'
import { startProviders } from './support/providers.ts'

const { outage, close } = await startProviders()
let attempts = 0

const router = new Router({
  model_list: [{ model_name: 'gpt-4', litellm_params: { model: 'openai/gpt-4', ...outage } }],
  num_retries: 2,
  allowed_fails: 1,
  cooldown_time: 60,
  failure_callback: [
    ({ standard_logging_object: call }) => {
      attempts += call.hidden_params.attempts.length
    },
  ],
})

async function answerOr(sorry: string): Promise<string> {
  try {
    const messages = [{ role: 'user' as const, content: 'Important request' }]
    const answer = await router.completion({ model: 'gpt-4', messages })
    return answer.choices[0]?.message.content ?? ''
  } catch (error) {
    if (!isSwitchyardError(error)) throw error
    console.log(error.name, error.message)
    return sorry
  }
}

for (let call = 0; call < 3; call++)
  assert.equal(await answerOr('Please try again later.'), 'Please try again later.')
console.log(`3 calls, ${attempts} attempts`)
// Once the circuit is open nobody waits for a provider that is down.
assert.ok(attempts <= 3)

await close()
