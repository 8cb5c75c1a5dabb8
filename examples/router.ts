// A router over several deployments of a model: load is spread, and whoever fails is left out.
import assert from 'node:assert/strict'
import { Router } from '@switchyard/llm'
import { startProviders } from './support/providers.ts'

const { openai, anthropic, outage, close } = await startProviders()
const used: (string | null)[] = []

const router = new Router({
  model_list: [
    { model_name: 'gpt-4', litellm_params: { model: 'openai/gpt-4', ...openai }, rpm: 500, tpm: 100_000 },
    { model_name: 'gpt-4', litellm_params: { model: 'openai/gpt-4o', ...openai }, rpm: 500, tpm: 100_000 },
    { model_name: 'gpt-4', litellm_params: { model: 'openai/gpt-4', ...outage }, rpm: 300, tpm: 80_000 },
    {
      model_name: 'claude-3',
      litellm_params: { model: 'anthropic/claude-3-7-sonnet-20250219', ...anthropic },
      rpm: 400,
      tpm: 90_000,
    },
  ],
  routing_strategy: 'least-busy',
  num_retries: 3,
  timeout: 30,
  allowed_fails: 0,
  cooldown_time: 60,
  fallbacks: [{ 'gpt-4': ['claude-3'] }],
  success_callback: [({ standard_logging_object: call }) => void used.push(call.model_id)],
})

const questions = Array.from({ length: 20 }, (_, index) => `Complex reasoning task ${index}`)
const answers = await Promise.all(
  questions.map((content) => router.completion({ model: 'gpt-4', messages: [{ role: 'user', content }] })),
)
const counts = Object.groupBy(used, (id) => String(id))
for (const [id, calls] of Object.entries(counts)) console.log(id, calls?.length)
assert.equal(answers.length, 20)
// The third deployment is down: nobody noticed, and both others had work.
assert.deepEqual(Object.keys(counts).toSorted(), ['gpt-4#1', 'gpt-4#2'])

async function healthCheck(): Promise<{ status: string; detail: string }> {
  try {
    const messages = [{ role: 'user' as const, content: 'test' }]
    const { model } = await router.completion({ model: 'claude-3', messages, max_tokens: 1 })
    return { status: 'healthy', detail: model }
  } catch (error) {
    return { status: 'unhealthy', detail: String(error) }
  }
}
const health = await healthCheck()
console.log(health)
assert.equal(health.status, 'healthy')

await close()
