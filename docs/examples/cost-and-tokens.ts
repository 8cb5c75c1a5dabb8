import {
  completion,
  completionCost,
  costPerToken,
  getModelInfo,
  registerModel,
  supportsVision,
  tokenCounter,
} from '@switchyard/llm'

// #region cost
const answer = await completion({
  model: 'anthropic/claude-haiku-4-5',
  messages: [{ role: 'user', content: 'Hello' }],
  mock_response: 'Hello to you.',
})
console.log(completionCost({ model: 'anthropic/claude-haiku-4-5', completion_response: answer }), 'USD')
const {
  prompt,
  completion: output,
  total,
} = costPerToken({
  model: 'openai/gpt-5.4-mini',
  prompt_tokens: 10_000,
  cache_read_input_tokens: 8_000,
  completion_tokens: 500,
})
console.log(prompt, output, total)
// #endregion

// #region tokens
const tokens = await tokenCounter({
  model: 'gpt-5.4-mini',
  messages: [{ role: 'user', content: 'How many tokens is this?' }],
})
console.log(tokens, 'tokens')
// #endregion

// #region info
const info = getModelInfo('claude-haiku-4-5')
console.log(info?.maxInputTokens, info?.rates?.inputPicoUsd, supportsVision('claude-haiku-4-5'))
// #endregion

// #region unknown
try {
  costPerToken({ model: 'openai/my-own', prompt_tokens: 1 })
} catch (error) {
  console.log((error as Error).message)
}
registerModel({ 'openai/my-own': { input_cost_per_token: 1e-6, output_cost_per_token: 2e-6 } })
console.log(costPerToken({ model: 'openai/my-own', prompt_tokens: 1_000_000 }).total)
// #endregion
