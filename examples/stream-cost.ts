// The cost of a stream, from the usage that its last chunk brings.
import assert from 'node:assert/strict'
import { completion, costPerToken } from '@switchyard/llm'
import { startProviders } from './support/providers.ts'

const { openai, close } = await startProviders()

let totalCost = 0
const stream = await completion({
  model: 'openai/gpt-4o',
  ...openai,
  messages: [{ role: 'user', content: 'Analyze this data' }],
  stream: true,
  stream_options: { include_usage: true },
})
for await (const chunk of stream) {
  process.stdout.write(chunk.choices[0]?.delta.content ?? '')
  if (chunk.usage == null) continue
  const { prompt_tokens, completion_tokens } = chunk.usage
  totalCost += costPerToken({ model: 'gpt-4o', prompt_tokens, completion_tokens }).total
}
console.log(`\nTotal cost: $${totalCost.toFixed(6)}`)
assert.ok(totalCost > 0)

await close()
