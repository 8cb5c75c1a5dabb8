import { responses } from '@switchyard/llm'
import { startDemo } from './support/demo.ts'

const demo = await startDemo()

// #region call
const answer = await responses({
  model: 'openai/demo',
  ...demo.target,
  instructions: 'Answer in one sentence.',
  input: 'What is a switchyard?',
})
console.log(answer.status, JSON.stringify(answer.output))
// #endregion

// #region stream
const stream = await responses({ model: 'openai/demo', ...demo.target, input: 'Hello', stream: true })
for await (const event of stream)
  if (event.type === 'response.output_text.delta') process.stdout.write(String(event.delta))
console.log()
// #endregion

await demo.close()
