import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { InMemoryStore, MessagesAnnotation, START, StateGraph, tool, ToolNode } from '@switchyard/graph'
import { calculator, connectMcp, httpFetch, sqlQuery, tavilySearch } from '@switchyard/graph/tools'
import { z } from 'zod'

// #region tool
const getWeather = tool(({ city, days }) => ({ city, days, celsius: 12 }), {
  name: 'get_weather',
  description: 'The weather of a city.',
  schema: z.object({ city: z.string(), days: z.number().default(1) }),
})

console.log(await getWeather.invoke({ city: 'Oslo' }))
// { city: 'Oslo', days: 1, celsius: 12 }
// #endregion

// #region node
const remember = tool(
  async ({ fact }: { fact: string }, { store, toolCallId, state }) => {
    await store?.put(['facts'], toolCallId, { fact })
    const { messages } = state as typeof MessagesAnnotation.State
    return `remembered after ${messages.length} message`
  },
  {
    name: 'remember',
    description: 'Remembers a fact.',
    schema: { type: 'object', properties: { fact: { type: 'string' } }, required: ['fact'] },
  },
)

const graph = new StateGraph(MessagesAnnotation)
  .addNode('tools', new ToolNode([getWeather, remember], { maxResultCharacters: 50_000 }))
  .addEdge(START, 'tools')
  .compile({ store: new InMemoryStore() })

let count = 0
const asked = (name: string, args: string) => ({
  id: `call-${++count}`,
  type: 'function' as const,
  function: { name, arguments: args },
})
const { messages } = await graph.invoke({
  messages: [
    {
      role: 'assistant',
      content: null,
      tool_calls: [
        asked('remember', '{"fact": "Ada likes tea"}'),
        asked('get_weather', '{"city": 7}'),
        asked('get_wether', '{}'),
        asked('get_weather', '{"city": "Os'),
      ],
    },
  ],
})
for (const message of messages.slice(1)) console.log(message.content)
// #endregion

const folder = await mkdtemp(join(tmpdir(), 'graph-tools-'))
const file = join(folder, 'shop.db')
const shop = new DatabaseSync(file)
shop.exec('CREATE TABLE orders (id INTEGER, total INTEGER); INSERT INTO orders VALUES (1, 250), (2, 100)')
shop.close()

// #region built-in
const tools = [
  calculator(),
  httpFetch({ allowHosts: ['*.wikipedia.org'], maxBytes: 100_000 }),
  tavilySearch({ apiKey: process.env['TAVILY_API_KEY'] ?? 'tvly-…', maxResults: 3 }),
  sqlQuery({ database: file, description: 'Tables: orders(id, total).' }),
]

console.log(await tools[0]?.invoke({ expression: '25 * 4 + 10' } as never)) // 110
console.log(await tools[3]?.invoke({ sql: 'SELECT sum(total) AS total FROM orders' } as never)) // [{"total":350}]
for (const [index, input] of [
  [1, { url: 'http://169.254.169.254/latest/meta-data' }],
  [3, { sql: 'DELETE FROM orders' }],
] as const) {
  const refused = await tools[index]?.invoke(input as never).catch((error: Error) => error.message)
  console.log(refused)
}
// #endregion

const server = join(import.meta.dirname, '../../packages/graph/src/tools/testing/mcp-server.ts')

// #region mcp
const mcp = await connectMcp({ maths: { command: process.execPath, args: [server] } })
console.log(mcp.tools.map(({ name }) => name)) // [ 'add', 'show', 'fail' ]
console.log(await mcp.tools[0]?.invoke({ type: 'tool_call', id: 'c1', name: 'add', args: { a: 1, b: 2 } }))
await mcp.close()
// #endregion

await rm(folder, { recursive: true })
