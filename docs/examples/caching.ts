import { createCache, createClient } from '@switchyard/llm'
import { startDemo } from './support/demo.ts'

const demo = await startDemo()

// #region sdk
const client = createClient({ cache: createCache({ type: 'local', ttl: 300 }) })
const question = {
  model: 'openai/demo',
  ...demo.target,
  messages: [{ role: 'user' as const, content: 'What is machine learning?' }],
}
const first = await client.completion({ ...question, caching: true })
const again = await client.completion({ ...question, caching: true })
const anew = await client.completion({ ...question, cache: { 'no-cache': true } })
console.log(first.id === again.id, first.id === anew.id) // true false
// #endregion

// #region shared
const nightly = createCache({
  type: 'disk',
  disk_cache_file: ':memory:',
  namespace: 'nightly',
  coalesce: true,
})
const batch = createClient({ cache: nightly })
const answers = await Promise.all(Array.from({ length: 20 }, () => batch.completion(question)))
console.log(new Set(answers.map(({ id }) => id)).size) // 1
await nightly.close()
// #endregion

if (first.id !== again.id || first.id === anew.id || new Set(answers.map(({ id }) => id)).size !== 1)
  process.exitCode = 1
await demo.close()
