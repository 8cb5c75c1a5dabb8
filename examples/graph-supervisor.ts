// A supervisor who hands the work to agents with tools of their own, and a swarm of agents who hand it to one another.
import assert from 'node:assert/strict'
import {
  createHandoffTool,
  createReactAgent,
  createSupervisor,
  createSwarm,
  MemorySaver,
  textOf,
  tool,
} from '@switchyard/graph'
import type { Message } from '@switchyard/graph'
import { calculator } from '@switchyard/graph/tools'
import { z } from 'zod'
import { startModel } from './support/model.ts'

const { llm, isDemo, close } = await startModel()

const quote = tool(({ symbol }) => `${symbol}: 123.45`, {
  name: 'stock_quote',
  description: 'The price of a stock.',
  schema: z.object({ symbol: z.string() }),
})
const finance = createReactAgent({ llm, tools: [quote], name: 'finance', prompt: 'You know stocks.' })
const maths = createReactAgent({ llm, tools: [calculator()], name: 'maths', prompt: 'You calculate.' })

const team = createSupervisor({
  agents: [finance, maths],
  llm,
  prompt: 'Hand each question to the agent who knows.',
})
const app = team.compile({ name: 'team' })
const ask = { messages: [{ role: 'user', content: 'transfer_to_finance for "ACME"' }] }
const { messages } = (await app.invoke(ask as never)) as { messages: Message[] }
for (const message of messages) console.log(`${message.name ?? message.role}: ${textOf(message)}`)
if (isDemo) assert.ok(messages.some(({ name }) => name === 'finance'))
console.log(app.getGraph().drawMermaid())

const alice = createReactAgent({ llm, tools: [createHandoffTool({ agentName: 'bob' })], name: 'alice' })
const bob = createReactAgent({ llm, tools: [], name: 'bob' })
const swarm = createSwarm({ agents: [alice, bob], defaultActiveAgent: 'alice' }).compile({
  checkpointer: new MemorySaver(),
})
const thread = { configurable: { thread_id: 'swarm' } }
await swarm.invoke({ messages: 'transfer_to_bob' } as never, thread)
const second = (await swarm.invoke({ messages: 'Who is there?' } as never, thread)) as {
  messages: Message[]
  activeAgent: string
}
console.log('active:', second.activeAgent)
if (isDemo) assert.deepEqual([second.activeAgent, second.messages.at(-1)?.name], ['bob', 'bob'])

await close()
