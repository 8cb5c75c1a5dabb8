import {
  Command,
  createHandoffTool,
  createPlanAndExecute,
  createReactAgent,
  createSupervisor,
  createSwarm,
  isInterrupted,
  MemorySaver,
  textOf,
  tool,
  withApproval,
} from '@switchyard/graph'
import type { Message } from '@switchyard/graph'
import { z } from 'zod'
import { startDemo } from './support/demo.ts'

const demo = await startDemo()
const llm = { model: 'openai/demo', ...demo.target }

const getWeather = tool(({ city }) => `12 °C and rain in ${city}`, {
  name: 'get_weather',
  description: 'The weather of a city.',
  schema: z.object({ city: z.string() }),
})

// #region react
const agent = createReactAgent({ llm, tools: [getWeather], prompt: 'Be brief.' })

const { messages } = await agent.invoke({ messages: 'How is the weather in "Oslo"?' })
for (const message of messages) console.log(`${message.role}: ${textOf(message)}`)

for await (const chunk of await agent.stream({ messages: 'And in "Rome"?' }, { streamMode: 'messages' })) {
  const [token] = chunk as [Message, unknown]
  process.stdout.write(textOf(token))
}
console.log()
// #endregion

// #region function
const scripted = createReactAgent({
  llm: ({ messages }) => ({ role: 'assistant', content: `I heard ${messages.length} message.` }),
  tools: [],
})
console.log(textOf((await scripted.invoke({ messages: 'Hello' })).messages.at(-1) ?? {}))

const byLength = createReactAgent({
  llm: ({ messages }) => (messages.length > 20 ? { ...llm, model: 'openai/demo' } : llm),
  tools: [getWeather],
})
console.log(textOf((await byLength.invoke({ messages: 'Weather in "Bern"?' })).messages.at(-1) ?? {}))
// #endregion

// #region structured
const booking = createReactAgent({
  llm,
  tools: [],
  responseFormat: z.object({ city: z.string(), nights: z.number() }),
})
console.log((await booking.invoke({ messages: 'Book 2 nights in Oslo' })).structuredResponse)
// #endregion

// #region approval
const guarded = createReactAgent({
  llm,
  tools: [withApproval(getWeather, { description: 'May I look?' })],
  checkpointer: new MemorySaver(),
})
const thread = { configurable: { thread_id: 'careful' } }
const paused = await guarded.invoke({ messages: 'Weather in "Oslo"?' }, thread)
if (isInterrupted(paused)) console.log(JSON.stringify(paused.__interrupt__[0]?.value))
const answer = { type: 'edit', args: { action: 'get_weather', args: { city: 'Bergen' } } }
const done = await guarded.invoke(new Command({ resume: [answer] }), thread)
console.log(textOf(done.messages.at(-1) ?? {}))
// #endregion

// #region supervisor
const weather = createReactAgent({ llm, tools: [getWeather], name: 'weather' })
const poet = createReactAgent({ llm, tools: [], name: 'poet' })
const team = createSupervisor({ agents: [weather, poet], llm, outputMode: 'last_message' }).compile({
  name: 'team',
})
const told = (await team.invoke({ messages: 'transfer_to_weather, please' } as never)) as {
  messages: Message[]
}
for (const message of told.messages) console.log(`${message.name ?? message.role}: ${textOf(message)}`)
// #endregion

// #region swarm
const front = createReactAgent({ llm, tools: [createHandoffTool({ agentName: 'poet' })], name: 'front' })
const swarm = createSwarm({ agents: [front, poet], defaultActiveAgent: 'front' })
const app = swarm.compile({ checkpointer: new MemorySaver() })
const talk = { configurable: { thread_id: 'talk' } }
await app.invoke({ messages: 'transfer_to_poet' } as never, talk)
console.log(
  ((await app.invoke({ messages: 'Still there?' } as never, talk)) as { activeAgent: string }).activeAgent,
)
// #endregion

// #region plan
const planner = createPlanAndExecute({ llm, tools: [getWeather], maxSteps: 2 })
const { plan, pastSteps } = await planner.invoke({ objective: 'Find out how the weather in "Oslo" is' })
console.log(plan, pastSteps.length)
// #endregion

await demo.close()
