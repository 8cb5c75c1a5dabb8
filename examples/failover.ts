// Disaster recovery: three providers behind one name, retries by class of failure, and a failed one left alone for a minute.
import assert from 'node:assert/strict'
import { Router } from '@switchyard/llm'
import { startProviders } from './support/providers.ts'

const { openai, anthropic, outage, close } = await startProviders()

const router = new Router({
  model_list: [
    { model_name: 'main-model', litellm_params: { model: 'openai/gpt-4o', ...outage } },
    { model_name: 'fallback-1', litellm_params: { model: 'openai/no-such-model', ...openai } },
    {
      model_name: 'fallback-2',
      litellm_params: { model: 'anthropic/claude-3-7-sonnet-20250219', ...anthropic },
    },
  ],
  routing_strategy: 'latency-based-routing',
  fallbacks: [{ 'main-model': ['fallback-1', 'fallback-2'] }],
  model_group_alias: { best: 'main-model' },
  timeout: 30,
  allowed_fails: 0,
  cooldown_time: 60,
  // LiteLLM's names and the bare class names mean the same.
  retry_policy: {
    RateLimitError: 3,
    InternalServerErrorRetries: 1,
    ContentPolicyViolationError: 0,
    AuthenticationError: 0,
  },
  callbacks: [
    {
      success: ({ hidden_params: { attempts } }) =>
        console.log(attempts.map(({ model_group, status }) => `${model_group}: ${status}`).join(', ')),
    },
  ],
})

const messages = [{ role: 'user' as const, content: 'Are you there?' }]
for (const model of ['main-model', 'best']) {
  const answer = await router.completion({ model, messages })
  assert.equal(answer.model, 'claude-3-7-sonnet-20250219')
}

// Streams, too: nothing is seen of what failed before the first token.
let text = ''
for await (const chunk of await router.completion({ model: 'main-model', messages, stream: true }))
  text += chunk.choices[0]?.delta.content ?? ''
console.log(text)
assert.match(text, /Are you there\?/)

await close()
