import { completion } from '@switchyard/llm'
import { startDemo } from './support/demo.ts'

const demo = await startDemo()
const messages = [{ role: 'user' as const, content: 'Count to three.' }]

// #region chunks
const stream = await completion({
  model: 'openai/demo',
  ...demo.target,
  messages,
  stream: true,
  stream_options: { include_usage: true },
})
for await (const chunk of stream) {
  process.stdout.write(chunk.choices[0]?.delta.content ?? '')
  if (chunk.usage) console.log(`\n${chunk.usage.completion_tokens} tokens`)
}
// #endregion

// #region events
const { events } = await completion({ model: 'openai/demo', ...demo.target, messages, stream: true })
for await (const event of events) {
  if (event.type === 'text-delta') process.stdout.write(event.text)
  if (event.type === 'finish') console.log(`\n${event.reason}`)
  if (event.type === 'error') console.error(event.failure.message)
}
// #endregion

// #region abort
const controller = new AbortController()
const long = await completion({
  model: 'openai/demo',
  ...demo.target,
  messages,
  stream: true,
  signal: controller.signal,
})
for await (const chunk of long) {
  console.log('first chunk:', chunk.choices[0]?.delta)
  break // leaving the loop ends the call, as controller.abort() does from elsewhere
}
// #endregion

await demo.close()
