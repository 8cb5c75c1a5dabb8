// The best model that the money reaches: estimated before the call, bounded in it, exact after it.
import assert from 'node:assert/strict'
import { completion, completionCost, costPerToken, isSwitchyardError } from '@switchyard/llm'
import { startProviders } from './support/providers.ts'

const { openai, close } = await startProviders()
const messages = [{ role: 'user' as const, content: 'Simple question about Python' }]
const best = ['openai/gpt-4', 'openai/gpt-4o', 'openai/gpt-4o-mini']

for (const model of best) {
  const { total } = costPerToken({ model, prompt_tokens: 1000, completion_tokens: 150 })
  console.log(model.padEnd(20), `about $${total}`)
}

const [model = '', ...fallbacks] = best
async function ask(max_cost: number): Promise<string> {
  const answer = await completion({ model, ...openai, messages, fallbacks, max_tokens: 150, max_cost })
  const cost = completionCost({ completion_response: answer })
  console.log(`up to $${max_cost}: ${answer.model} for $${cost}`)
  assert.ok(cost <= max_cost)
  return answer.model
}

assert.equal(await ask(1), 'gpt-4')
assert.equal(await ask(0.005), 'gpt-4o')
assert.equal(await ask(0.0005), 'gpt-4o-mini')
await assert.rejects(ask(0.00001), (error) => isSwitchyardError(error) && error.code === 'budget_exceeded')
console.log('up to $0.00001: refused before anything was spent')

await close()
