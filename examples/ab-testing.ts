// An A/B test: two models behind one name, half of the calls each, and a trace that says which was which.
import assert from 'node:assert/strict'
import { Router } from '@switchyard/llm'
import type { StandardLoggingPayload } from '@switchyard/llm'
import { startProviders } from './support/providers.ts'

const { openai, anthropic, close } = await startProviders()
const calls: StandardLoggingPayload[] = []

const router = new Router({
  model_list: [
    { model_name: 'candidate', litellm_params: { model: 'openai/gpt-4o', ...openai, weight: 1 } },
    {
      model_name: 'candidate',
      litellm_params: { model: 'anthropic/claude-3-7-sonnet-20250219', ...anthropic, weight: 1 },
    },
  ],
  routing_strategy: 'simple-shuffle',
  callbacks: [{ success: (call) => void calls.push(call) }],
})

for (let user = 0; user < 40; user++)
  await router.completion({
    model: 'candidate',
    messages: [{ role: 'user', content: `Question of user ${user}` }],
    metadata: { test_name: 'tone-of-voice' },
  })

for (const [variant, of = []] of Object.entries(Object.groupBy(calls, ({ model }) => model))) {
  const cost = of.reduce((sum, { response_cost }) => sum + (response_cost ?? 0), 0)
  console.log(variant, `${of.length} calls, $${cost.toFixed(6)}`)
}
assert.equal(calls.length, 40)
assert.ok(calls.every(({ metadata }) => metadata['test_name'] === 'tone-of-voice'))
assert.equal(new Set(calls.map(({ model }) => model)).size, 2)

await close()
