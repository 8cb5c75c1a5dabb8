import { createReactAgent, InMemoryStore, MemorySaver, textOf, tool } from '@switchyard/graph'
import { SqliteStore } from '@switchyard/graph/sqlite'
import { embedding } from '@switchyard/llm'
import { startDemo } from './support/demo.ts'

const demo = await startDemo()

// #region keep
const store = new InMemoryStore()
await store.put(['users', 'ada'], 'food', { likes: 'pizza', stars: 5 })
await store.put(['users', 'ada'], 'sport', { likes: 'running', stars: 3 })
await store.put(['users', 'bob'], 'food', { likes: 'soup', stars: 4 })

console.log((await store.get(['users', 'ada'], 'food'))?.value) // { likes: 'pizza', stars: 5 }
const good = await store.search(['users'], { filter: { stars: { $gte: 4 } }, limit: 10 })
console.log(good.map(({ namespace, key }) => [...namespace, key].join('/'))) // users/ada/food, users/bob/food
console.log(await store.listNamespaces({ prefix: ['users'], maxDepth: 2 }))
await store.put(['sessions'], 'token', { seen: true }, undefined, { ttlMs: 60_000 })
await store.delete(['users', 'bob'], 'food')
// #endregion

// #region likeness
const embed = async (texts: string[]): Promise<number[][]> => {
  const { data } = await embedding({ model: 'openai/demo', ...demo.target, input: texts })
  return data.map(({ embedding }) => embedding)
}
const memories = SqliteStore.fromConnString(':memory:', { index: { dims: 16, embed, fields: ['text'] } })
await memories.put(['ada'], 'm1', { text: 'She likes pizza' })
await memories.put(['ada'], 'm2', { text: 'She runs every morning' })
const [best] = await memories.search(['ada'], { query: 'She likes pizza', limit: 1 })
console.log(best?.key, best?.score?.toFixed(2)) // m1 1.00
memories.stop()
// #endregion

// #region agent
const recall = tool(
  async (_, runtime) => {
    const user = String(runtime.configurable?.['user'])
    const items = (await runtime.store?.search(['users', user])) ?? []
    return items.map(({ value }) => value['likes']).join(', ')
  },
  { name: 'recall', description: 'What the user likes.' },
)
const agent = createReactAgent({
  llm: { model: 'openai/demo', ...demo.target },
  tools: [recall],
  store,
  checkpointer: new MemorySaver(),
})
const config = { configurable: { thread_id: 't1', user: 'ada' } }
const { messages } = await agent.invoke({ messages: 'What do I like?' }, config)
console.log(textOf(messages.at(-1) ?? {}))
// #endregion

await demo.close()
