import { completion } from '@switchyard/llm'
import { startDemo } from './support/demo.ts'

const demo = await startDemo()

// #region call
const answer = await completion({
  model: 'openai/demo',
  ...demo.target,
  messages: [
    { role: 'system', content: 'Answer in one sentence.' },
    { role: 'user', content: 'What is a switchyard?' },
  ],
  max_tokens: 200,
})
console.log(answer.choices[0]?.message.content)
console.log(answer.choices[0]?.finish_reason, answer.usage?.total_tokens)
// #endregion

// #region mock
const mocked = await completion({
  model: 'anthropic/claude-sonnet-5',
  messages: [{ role: 'user', content: 'Hello' }],
  mock_response: 'Nobody was called.',
})
console.log(mocked.choices[0]?.message.content)
// #endregion

await demo.close()
