import { describe, expect, it } from 'vitest'
import { completionCost, costPerToken, getModelInfo, registerModel, supports } from './sdk.ts'
import { UnknownPriceError } from '../errors.ts'

describe('costPerToken', () => {
  it('is a pair that can be taken apart, with names', () => {
    const pair = costPerToken({ model: 'gpt-4o', prompt_tokens: 1000, completion_tokens: 200 })
    const [prompt, completion] = pair
    expect([prompt, completion, pair.prompt, pair.completion, pair.total]).toEqual([
      0.0025, 0.002, 0.0025, 0.002, 0.0045,
    ])
    expect([...pair]).toEqual([0.0025, 0.002])
  })

  it('knows cached parts, providers and service tiers', () => {
    expect(
      costPerToken({
        model: 'claude-sonnet-4-5',
        prompt_tokens: 10_000,
        cache_read_input_tokens: 6000,
        cache_creation_input_tokens: 3000,
      }).prompt,
    ).toBe(0.01605)
    expect(
      costPerToken({
        model: 'llama-3.3-70b-versatile',
        custom_llm_provider: 'groq',
        prompt_tokens: 1_000_000,
      }).total,
    ).toBe(0.59)
    expect(costPerToken({ model: 'gpt-5', prompt_tokens: 1000, service_tier: 'flex' }).total).toBe(0.000625)
  })
})

describe('completionCost', () => {
  const usage = { prompt_tokens: 1000, completion_tokens: 200, prompt_tokens_details: { cached_tokens: 400 } }

  it.each([
    ['a response', { completion_response: { model: 'gpt-4o-2024-08-06', usage } }, 0.004],
    [
      'a response of a named model',
      { model: 'openai/gpt-4o', completion_response: { model: 'x', usage } },
      0.004,
    ],
    ['a usage', { model: 'gpt-4o', usage }, 0.004],
    ['texts', { model: 'gpt-4o', prompt: 'hello world', completion: 'hello world' }, 0.000025],
    // Eight tokens of a conversation of one word, and two of an answer.
    [
      'a conversation',
      { model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello' }], completion: 'hello world' },
      0.00004,
    ],
    ['a recording', { model: 'whisper-1', usage: { type: 'duration', seconds: 37 } }, 0.0037],
    ['a served tier', { completion_response: { model: 'gpt-5', service_tier: 'flex', usage } }, 0.0014],
  ])('prices %s', (_name, input, usd) => {
    expect(completionCost(input)).toBe(usd)
  })

  it.each(['nonsense', 'whisper-1', 'ollama/gpt-oss:20b'])(
    'throws for %s instead of calling it free',
    (model) => {
      expect(() => completionCost({ model, usage })).toThrow(UnknownPriceError)
      expect(() => completionCost({ model, usage })).toThrow(model)
    },
  )

  it('throws when nothing says what was used', () => {
    expect(() => completionCost({ model: 'gpt-4o' })).toThrow(TypeError)
    expect(() => completionCost({ usage })).toThrow(TypeError)
  })
})

it('registers models for all functions of the SDK', () => {
  registerModel({
    'sdk-test-model': { litellm_provider: 'openai', input_cost_per_token: 1e-6, supports_vision: true },
  })
  expect(getModelInfo('sdk-test-model')?.provider).toBe('openai')
  expect(supports('vision', 'sdk-test-model')).toBe(true)
  expect(costPerToken({ model: 'sdk-test-model', prompt_tokens: 3 }).total).toBe(0.000003)
})
