import { completion, isSwitchyardError } from '@switchyard/llm'
import { startDemo } from './support/demo.ts'

const demo = await startDemo()
const messages = [{ role: 'user' as const, content: 'Hello' }]

// #region refuse
const params = {
  model: 'anthropic/claude-sonnet-5',
  api_base: demo.url,
  api_key: demo.key,
  messages,
  seed: 7,
}
await completion(params).catch((error: unknown) => {
  if (!isSwitchyardError(error)) throw error
  console.log(error.name, error.param)
})
// #endregion

// #region drop
const dropped = await completion({ ...params, model: 'anthropic/demo', drop_params: true })
console.log(dropped.choices[0]?.message.content)
// #endregion

// #region fields
const answer = await completion({
  model: 'openai/demo',
  ...demo.target,
  messages,
  logit_bias: { '50256': -100 },
  additional_drop_params: ['logit_bias'],
  extra_body: { tags: ['docs'] },
  extra_headers: { 'x-team': 'docs' },
})
console.log(answer.choices[0]?.message.content)
// #endregion

await demo.close()
