import { batchCompletion, batchCompletionModels, createClient } from '@switchyard/llm'
import { startDemo } from './support/demo.ts'

const demo = await startDemo()
const say = (content: string): { role: 'user'; content: string }[] => [{ role: 'user', content }]

// #region batch
const results = await batchCompletion({
  model: 'openai/demo',
  ...demo.target,
  messages: [say('one'), say('two'), say('three')],
  limit: { concurrency: 2, rpm: 60 },
})
for (const result of results)
  console.log(
    result.status === 'fulfilled' ? result.value.choices[0]?.message.content : String(result.reason),
  )
// #endregion

// #region models
const fastest = await batchCompletionModels({
  models: ['openai/no-such-model', 'openai/demo'],
  ...demo.target,
  messages: say('Hello'),
})
// #endregion
console.log(fastest.choices[0]?.message.content)

// #region limit
const client = createClient({ limit: { rpm: 500, tpm: 100_000, concurrency: 5 } })
// #endregion
console.log((await client.completion({ model: 'openai/demo', ...demo.target, messages: say('Hello') })).model)

await demo.close()
