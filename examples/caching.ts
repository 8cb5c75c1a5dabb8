// The same question is paid once: a cache in memory with a lifetime, seen by callbacks, left alone where an answer must be new.
import assert from 'node:assert/strict'
import { configure, completion, createCache, embedding } from '@switchyard/llm'
import { startProviders } from './support/providers.ts'

const { openai, close } = await startProviders()
const costs: [hit: boolean, cost: number | null][] = []

// For several programs: createCache({ type: 'redis', redis_client, ttl: 3600 }).
configure({
  cache: createCache({ type: 'local' }),
  success_callback: [(kwargs) => void costs.push([kwargs.cache_hit, kwargs.response_cost])],
})

const question = {
  model: 'openai/gpt-3.5-turbo',
  ...openai,
  messages: [{ role: 'user' as const, content: 'What is machine learning?' }],
}
const first = await completion({ ...question, caching: true, ttl: 300 })
const second = await completion({ ...question, caching: true })
const third = await completion({ ...question, cache: { 'no-cache': true } })
console.log('same answer:', first.id === second.id, 'a new one:', first.id !== third.id)
console.table(costs)
assert.equal(first.choices[0]?.message.content, second.choices[0]?.message.content)
assert.deepEqual(
  costs.map(([hit]) => hit),
  [false, true, false],
)
assert.equal(costs[1]?.[1], 0)

// Streams are replayed as streams.
let text = ''
for await (const chunk of await completion({ ...question, stream: true }))
  text += chunk.choices[0]?.delta.content ?? ''
assert.equal(text, first.choices[0]?.message.content)
assert.equal(costs.at(-1)?.[0], true)

// Of a list of texts only those that are new are asked for.
const texts = { model: 'openai/gpt-4o-mini', ...openai }
const one = await embedding({ ...texts, input: ['Hello world'] })
const two = await embedding({ ...texts, input: ['Hello world', 'How are you?'] })
assert.deepEqual(one.data[0]?.embedding, two.data[0]?.embedding)
console.log('tokens paid:', one.usage.total_tokens, two.usage.total_tokens)

await close()
