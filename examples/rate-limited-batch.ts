// Many calls, three at once and sixty a minute, in the order of asking.
import assert from 'node:assert/strict'
import { batchCompletion, createClient } from '@switchyard/llm'
import { startProviders } from './support/providers.ts'

const { openai, close } = await startProviders()
const requests = Array.from({ length: 10 }, (_, index) => ({
  model: index === 4 ? 'openai/no-such-model' : 'openai/gpt-3.5-turbo',
  ...openai,
  messages: [{ role: 'user' as const, content: `Question ${index}` }],
}))

const results = await batchCompletion(requests, { limit: { concurrency: 3, rpm: 60 } })
for (const [index, result] of results.entries())
  console.log(
    index,
    result.status === 'fulfilled' ? result.value.choices[0]?.message.content : String(result.reason),
  )
assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 9)
assert.equal(results[4]?.status, 'rejected')

// The same for every call of a client, wherever it is made.
const client = createClient({ limit: { concurrency: 3, rpm: 60, tpm: 100_000 } })
const answers = await Promise.all(
  Array.from({ length: 5 }, (_, index) =>
    client.completion({
      model: 'openai/gpt-4o-mini',
      ...openai,
      messages: [{ role: 'user', content: `Question ${index}` }],
    }),
  ),
)
for (const answer of answers) console.log(answer.choices[0]?.message.content?.slice(0, 50))
assert.equal(answers.length, 5)

await close()
