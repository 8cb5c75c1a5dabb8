import { expect, it } from 'vitest'
import { parseOpenaiUsage } from './openai-usage.ts'

it.each<[string, unknown, object]>([
  [
    'chat completions',
    {
      prompt_tokens: 100,
      completion_tokens: 50,
      total_tokens: 150,
      prompt_tokens_details: { cached_tokens: 40, cache_creation_tokens: 10, audio_tokens: 5 },
      completion_tokens_details: { reasoning_tokens: 20, audio_tokens: 3, accepted_prediction_tokens: 2 },
    },
    {
      inputTokens: 100,
      outputTokens: 50,
      totalTokens: 150,
      cacheReadTokens: 40,
      cacheWriteTokens: 10,
      inputAudioTokens: 5,
      reasoningTokens: 20,
      outputAudioTokens: 3,
      acceptedPredictionTokens: 2,
    },
  ],
  [
    "LiteLLM's additions",
    {
      prompt_tokens: 100,
      completion_tokens: 5,
      cache_creation_input_tokens: 30,
      cache_read_input_tokens: 60,
      prompt_tokens_details: {
        cached_tokens: 60,
        cache_creation_token_details: { ephemeral_1h_input_tokens: 20 },
      },
    },
    { inputTokens: 100, cacheReadTokens: 60, cacheWriteTokens: 30, cacheWrite1hTokens: 20 },
  ],
  ['embeddings', { prompt_tokens: 8, total_tokens: 8 }, { inputTokens: 8, outputTokens: 0 }],
  [
    'responses',
    {
      input_tokens: 30,
      input_tokens_details: { cached_tokens: 10 },
      output_tokens: 7,
      output_tokens_details: { reasoning_tokens: 2 },
    },
    { inputTokens: 30, cacheReadTokens: 10, outputTokens: 7, reasoningTokens: 2 },
  ],
  [
    "Anthropic's, where cached input is counted apart",
    {
      input_tokens: 10,
      cache_read_input_tokens: 60,
      cache_creation_input_tokens: 30,
      cache_creation: { ephemeral_1h_input_tokens: 30 },
      output_tokens: 7,
      server_tool_use: { web_search_requests: 2 },
    },
    {
      inputTokens: 100,
      cacheReadTokens: 60,
      cacheWriteTokens: 30,
      cacheWrite1hTokens: 30,
      outputTokens: 7,
      webSearchRequests: 2,
    },
  ],
  [
    'nonsense inside',
    { prompt_tokens: '5', completion_tokens: null, prompt_tokens_details: 3 },
    { inputTokens: 0 },
  ],
])('reads %s', (_name, usage, expected) => {
  expect(parseOpenaiUsage(usage)).toMatchObject({ ...expected, source: 'provider', raw: usage })
})

it.each([undefined, null, 5, 'usage', []])('reads nothing from %j', (usage) => {
  expect(parseOpenaiUsage(usage)).toBeUndefined()
})
