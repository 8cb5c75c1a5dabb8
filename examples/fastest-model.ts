// One question to several models at once: the first that answers wins, or all of them side by side.
import assert from 'node:assert/strict'
import { batchCompletionModels, batchCompletionModelsAllResponses } from '@switchyard/llm'
import { startProviders } from './support/providers.ts'

const { openai, close } = await startProviders()
const models = ['openai/no-such-model', 'openai/gpt-4o', 'openai/gpt-4o-mini']
const messages = [{ role: 'user' as const, content: 'What is a switchyard?' }]

const fastest = await batchCompletionModels({ models, ...openai, messages })
console.log('first:', fastest.model)
assert.match(fastest.model, /^gpt-4o/)

const all = await batchCompletionModelsAllResponses({ models, ...openai, messages })
for (const [index, result] of all.entries())
  console.log(models[index], result.status === 'fulfilled' ? result.value.usage?.total_tokens : 'failed')
assert.deepEqual(
  all.map(({ status }) => status),
  ['rejected', 'fulfilled', 'fulfilled'],
)

await close()
