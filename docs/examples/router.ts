import { completion, Router } from '@switchyard/llm'
import type { Strategy } from '@switchyard/llm'
import { startDemo } from './support/demo.ts'

const demo = await startDemo()
const target = demo.target
const down = { ...target, api_base: 'http://127.0.0.1:9/v1' }
const messages = [{ role: 'user' as const, content: 'Hello' }]

// #region router
const router = new Router({
  model_list: [
    { model_name: 'fast', litellm_params: { model: 'openai/demo', ...down }, rpm: 500 },
    { model_name: 'fast', litellm_params: { model: 'openai/demo', ...target }, rpm: 300 },
    { model_name: 'safe', litellm_params: { model: 'openai/demo', ...target }, model_info: { id: 'safe-1' } },
  ],
  routing_strategy: 'least-busy',
  num_retries: 2,
  retry_policy: { RateLimitError: 3, AuthenticationError: 0 },
  allowed_fails: 0,
  cooldown_time: 30,
  fallbacks: [{ fast: ['safe'] }],
})

const answer = await router.completion({ model: 'fast', messages })
console.log(answer.choices[0]?.message.content)
// #endregion

// #region stream
for await (const chunk of await router.completion({ model: 'fast', messages, stream: true }))
  process.stdout.write(chunk.choices[0]?.delta.content ?? '')
// #endregion
console.log()

// #region explain
const { chosen, others } = await router.explain({ model: 'fast', messages })
console.log(
  chosen?.id,
  others.map(({ id, why }) => `${id}: ${why}`),
)
// #endregion

// #region strategy
const newest: Strategy = { id: 'newest', pick: (candidates) => candidates.at(-1) }
const own = new Router({
  model_list: [{ model_name: 'fast', litellm_params: { model: 'openai/demo', ...target } }],
  routing_strategy: newest,
})
// #endregion
console.log((await own.completion({ model: 'fast', messages })).model)

// #region fallbacks
const other = await completion({
  model: 'openai/demo',
  ...down,
  messages,
  num_retries: 1,
  fallbacks: [{ model: 'openai/demo', ...target }],
})
// #endregion
console.log(other.model)

// #region cost
const bounded = await completion({
  model: 'openai/gpt-4o',
  messages,
  fallbacks: ['openai/gpt-4o-mini'],
  max_cost: 0.001,
  mock_response: 'Nobody was called.',
})
// #endregion
console.log(bounded.model)

await demo.close()
