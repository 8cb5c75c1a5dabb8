import { completion } from '@switchyard/llm'
import type { MessageParam, ToolParam } from '@switchyard/llm'
import { startDemo } from './support/demo.ts'

const demo = await startDemo()

// #region tools
const tools: ToolParam[] = [
  {
    type: 'function',
    function: {
      name: 'get_weather',
      description: 'The weather of a city.',
      parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    },
  },
]
const messages: MessageParam[] = [{ role: 'user', content: 'What is the weather in Oslo?' }]
// #endregion

// #region loop
for (;;) {
  const answer = await completion({ model: 'openai/demo', ...demo.target, messages, tools })
  const message = answer.choices[0]?.message
  if (message === undefined) break
  messages.push(message)
  if (message.tool_calls === undefined) {
    console.log(message.content)
    break
  }
  for (const call of message.tool_calls) {
    if (call.type !== 'function') continue
    const { city } = JSON.parse(call.function.arguments) as { city: string }
    console.log(`calls ${call.function.name} for ${city}`)
    messages.push({ role: 'tool', tool_call_id: call.id, content: `12 °C and rain in ${city}` })
  }
}
// #endregion

await demo.close()
