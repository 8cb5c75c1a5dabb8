import { describe, expect, it } from 'vitest'
import type { Rates } from '../types/model.ts'
import { InvalidModelEntryError } from './entry-reader.ts'
import { createCatalog } from './lookup.ts'

/** Prices that change with time are asked for on this day. */
const now = (): number => Date.parse('2026-11-21T12:00:00Z')
const catalog = createCatalog({ now })

/** USD per million tokens: input, output, cache read, cache write. */
function perMillion(rates: Rates | undefined): string {
  if (rates === undefined) return 'no price'
  const { inputPicoUsd, outputPicoUsd, cacheReadPicoUsd, cacheWritePicoUsd } = rates
  return [inputPicoUsd, outputPicoUsd, cacheReadPicoUsd, cacheWritePicoUsd]
    .map((rate) => (rate === undefined ? '-' : String(Number(rate) / 1e6)))
    .join(' ')
}

it.each<[name: string, provider: string, prices: string]>([
  ['gpt-4o', 'openai', '2.5 10 1.25 -'],
  ['openai/gpt-4o-2024-08-06', 'openai', '2.5 10 1.25 -'],
  ['gpt-4o-2024-05-13', 'openai', '5 15 - -'],
  ['gpt-4o-mini', 'openai', '0.15 0.6 0.075 -'],
  ['gpt-4.1', 'openai', '2 8 0.5 -'],
  ['gpt-5', 'openai', '1.25 10 0.125 -'],
  ['gpt-5-mini-2025-08-07', 'openai', '0.25 2 0.025 -'],
  ['o3', 'openai', '2 8 0.5 -'],
  ['o4-mini', 'openai', '1.1 4.4 0.275 -'],
  ['gpt-3.5-turbo', 'openai', '0.5 1.5 - -'],
  ['text-embedding-3-small', 'openai', '0.02 0 - -'],
  ['omni-moderation-latest', 'openai', '0 0 - -'],
  ['ft:gpt-4o-2024-08-06:acme::abc123', 'openai', '3.75 15 - -'],
  ['ft:gpt-4.1-mini-2025-04-14:acme::abc123', 'openai', '0.8 3.2 0.2 -'],
  ['claude-3-5-haiku-latest', 'anthropic', '0.8 4 0.08 1'],
  ['claude-sonnet-4-5-20250929', 'anthropic', '3 15 0.3 3.75'],
  ['claude-opus-4-1', 'anthropic', '15 75 1.5 18.75'],
  ['anthropic/claude-haiku-4-5', 'anthropic', '1 5 0.1 1.25'],
  ['gemini-2.5-flash', 'vertex_ai', '0.3 2.5 0.03 -'],
  ['gemini/gemini-2.5-pro', 'gemini', '1.25 10 0.125 -'],
  ['gemini/gemini-2.0-flash-001', 'gemini', '0.1 0.4 0.025 -'],
  ['vertex_ai/claude-sonnet-4-5@20250929', 'vertex_ai', '3 15 0.3 3.75'],
  ['vertex_ai/publishers/google/models/gemini-2.5-flash', 'vertex_ai', '0.3 2.5 0.03 -'],
  ['bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0', 'bedrock', '3.3 16.5 0.33 4.125'],
  ['bedrock/global.anthropic.claude-sonnet-4-5-20250929-v1:0', 'bedrock', '3 15 0.3 3.75'],
  ['bedrock/converse/us-east-1/amazon.nova-pro-v1:0', 'bedrock', '0.8 3.2 0.2 -'],
  ['apac.amazon.nova-lite-v1:0', 'bedrock', '0.06 0.24 0.015 -'],
  [
    'arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.claude-haiku-4-5-20251001-v1:0',
    'bedrock',
    '1.1 5.5 0.11 1.375',
  ],
  ['bedrock/amazon.titan-embed-text-v2:0', 'bedrock', '0.02 0 - -'],
  ['openrouter/anthropic/claude-sonnet-4.5', 'openrouter', '3 15 0.3 3.75'],
  ['openrouter/deepseek/deepseek-r1:free', 'openrouter', '0 0 - -'],
  ['openrouter/vendor/brand-new:free', 'openrouter', '0 0 - -'],
  ['openrouter/openai/gpt-4o:nitro', 'openrouter', '2.5 10 - -'],
  ['azure/gpt-35-turbo', 'azure', '0.5 1.5 - -'],
  ['azure/gpt-4.1-mini', 'azure', '0.4 1.6 0.1 -'],
  ['azure/eu/gpt-4o-2024-08-06', 'azure', '2.75 11 1.375 -'],
  ['command-r-plus', 'cohere_chat', '2.5 10 - -'],
  ['mistral/mistral-large', 'mistral', '0.5 1.5 0.05 -'],
  ['azure/deepseek-r1', 'azure', '1.35 5.4 - -'],
  ['groq/llama-3.3-70b-versatile', 'groq', '0.59 0.79 - -'],
  ['xai/grok-4', 'xai', '3 15 0.75 -'],
  ['perplexity/sonar-pro', 'perplexity', '3 15 - -'],
  ['together_ai/meta-llama/Llama-3.3-70B-Instruct-Turbo', 'together_ai', '0.88 0.88 - -'],
  ['fireworks_ai/deepseek-v4-pro', 'fireworks_ai', '1.74 3.48 0.145 -'],
  ['fireworks_ai/accounts/fireworks/models/deepseek-v4-pro', 'fireworks_ai', '1.74 3.48 0.145 -'],
  ['whisper-1', 'openai', '0 0 - -'],
  ['ollama/gpt-oss:20b', 'ollama', 'no price'],
])('finds %s', (name, provider, prices) => {
  const info = catalog.findModel(name)
  expect(info?.provider).toBe(provider)
  expect(perMillion(info?.rates)).toBe(prices)
})

it.each([
  'nonsense',
  'openai/nonsense',
  'azure/my-deployment',
  'ft:gpt-99:acme::x',
  'gpt-oss-120b',
  '',
  '/',
  'openai/',
])('does not know %j', (name) => {
  expect(catalog.findModel(name)).toBeUndefined()
})

describe('facts beside the price', () => {
  it('knows windows and limits', () => {
    expect(catalog.findModel('gpt-4o')).toMatchObject({
      mode: 'chat',
      maxInputTokens: 128_000,
      maxOutputTokens: 16_384,
    })
    expect(catalog.findModel('bedrock/us.anthropic.claude-haiku-4-5-20251001-v1:0')).toMatchObject({
      maxInputTokens: 200_000,
      maxOutputTokens: 64_000,
    })
    expect(catalog.findModel('text-embedding-3-large')).toMatchObject({
      mode: 'embedding',
      outputVectorSize: 3072,
    })
    expect(catalog.findModel('o1-pro')?.mode).toBe('responses')
    expect(catalog.findModel('cohere/rerank-v3.5')?.mode).toBe('rerank')
  })

  it('knows length tiers, the one-hour cache price and service tiers', () => {
    expect(
      catalog.findModel('bedrock/us.anthropic.claude-haiku-4-5-20251001-v1:0')?.rates?.cacheWrite1hPicoUsd,
    ).toBe(2_200_000n)
    expect(catalog.findModel('gemini-2.5-pro')?.rates?.tiers).toEqual([
      expect.objectContaining({
        aboveInputTokens: 200_000,
        inputPicoUsd: 2_500_000n,
        outputPicoUsd: 15_000_000n,
      }),
    ])
    expect(catalog.findModel('gpt-5')?.rates?.serviceTiers).toMatchObject({
      flex: { inputPicoUsd: 625_000n, outputPicoUsd: 5_000_000n },
      priority: { inputPicoUsd: 2_500_000n, outputPicoUsd: 20_000_000n },
      batch: { inputPicoUsd: 625_000n, outputPicoUsd: 5_000_000n },
    })
    expect(catalog.findModel('gpt-5.5')?.rates?.serviceTiers).toMatchObject({
      flex: { inputPicoUsd: 2_500_000n, cacheReadPicoUsd: 250_000n, outputPicoUsd: 15_000_000n },
      priority: { inputPicoUsd: 12_500_000n, cacheReadPicoUsd: 1_250_000n, outputPicoUsd: 75_000_000n },
      batch: { inputPicoUsd: 2_500_000n, cacheReadPicoUsd: 250_000n, outputPicoUsd: 15_000_000n },
    })
    // Google's discounts for batches and for caches do not add up.
    const pro = catalog.findModel('gemini-2.5-pro')?.rates
    expect(pro?.serviceTiers?.['batch']).toMatchObject({
      inputPicoUsd: 625_000n,
      cacheReadPicoUsd: pro?.cacheReadPicoUsd,
      outputPicoUsd: 5_000_000n,
      tiers: [{ inputPicoUsd: 1_250_000n, cacheReadPicoUsd: pro?.tiers?.[0]?.cacheReadPicoUsd }],
    })
    expect(catalog.findModel('claude-sonnet-4-5')?.rates?.serviceTiers?.['batch']).toMatchObject({
      inputPicoUsd: 1_500_000n,
      cacheReadPicoUsd: 150_000n,
      cacheWrite1hPicoUsd: 3_000_000n,
    })
    expect(catalog.findModel('perplexity/sonar-pro')?.rates?.perRequestPicoUsd).toBe(14_000_000_000n)
    // $0.36 an hour.
    expect(catalog.findModel('whisper-1')?.rates?.perAudioSecondPicoUsd).toBe(100_000_000n)
  })

  it('says where a price comes from', () => {
    expect(catalog.findModel('gpt-4o')?.priceSource).toBe('genai-prices')
    expect(catalog.findModel('cohere/rerank-v3.5')?.priceSource).toBe('override')
    expect(catalog.findModel('aihubmix/claude-opus-4-6')?.priceSource).toBe('models.dev')
    expect(catalog.findModel('ollama/gpt-oss:20b')).toMatchObject({ priceSource: undefined })
  })

  it.each([
    ['function_calling', 'gpt-4o', true],
    ['parallel_function_calling', 'gpt-4o', true],
    ['vision', 'gpt-3.5-turbo', false],
    ['vision', 'anthropic/claude-sonnet-4-5', true],
    ['reasoning', 'o3', true],
    ['reasoning', 'gpt-4o', false],
    ['reasoning', 'gpt-6-sol', true],
    ['prompt_caching', 'gemini/gemini-2.5-flash', true],
    ['web_search', 'perplexity/sonar-pro', true],
    ['audio_input', 'gemini-2.5-pro', true],
    ['response_schema', 'gpt-4o', true],
    ['function_calling', 'nonsense', false],
  ] as const)('supports %s of %s: %s', (capability, model, expected) => {
    expect(catalog.supports(capability, model)).toBe(expected)
  })
})

it('follows prices that change with the date', () => {
  const input = (day: string): bigint | undefined =>
    createCatalog({ now: () => Date.parse(day) }).findModel('gemini/gemini-3.6-flash')?.rates?.inputPicoUsd
  expect([input('2026-11-21'), input('2027-01-01')]).toEqual([750_000n, 1_500_000n])
})

it.each([
  ['gpt-4o', 'openai'],
  ['o3-mini', 'openai'],
  ['gpt-99-preview', 'openai'],
  ['text-embedding-3-large', 'openai'],
  ['whisper-1', 'openai'],
  ['ft:gpt-4o-mini-2024-07-18:acme::x', 'openai'],
  ['claude-3-sonnet-20240229', 'anthropic'],
  ['claude-99', 'anthropic'],
  ['claude-sonnet-4@20250514', 'vertex_ai'],
  ['gemini-pro', 'vertex_ai'],
  ['command-r', 'cohere_chat'],
  ['embed-english-v3.0', 'cohere'],
  ['anthropic.claude-3-haiku-20240307-v1:0', 'bedrock'],
  ['us.meta.llama4-scout-17b-instruct-v1:0', 'bedrock'],
  ['grok-4', 'xai'],
  ['deepseek-chat', 'deepseek'],
  ['gpt-oss-120b', undefined],
  ['llama-3.3-70b', undefined],
])('the bare name %s means %s', (model, provider) => {
  expect(catalog.providerOfBareModel(model)).toBe(provider)
})

describe('register', () => {
  it('makes an unknown model known', () => {
    const own = createCatalog({ now })
    own.register({
      'my-model': {
        litellm_provider: 'openai',
        input_cost_per_token: 1e-6,
        output_cost_per_token: 2e-6,
        max_tokens: 100,
      },
    })
    for (const name of ['my-model', 'openai/my-model']) {
      expect(own.findModel(name)).toMatchObject({
        provider: 'openai',
        model: 'my-model',
        maxOutputTokens: 100,
        priceSource: 'registered',
      })
    }
    expect(own.findModel('azure/my-model')).toBeUndefined()
    expect(own.providerOfBareModel('my-model')).toBe('openai')
    expect(catalog.findModel('my-model')).toBeUndefined()
  })

  it('lays an entry over what is known, with a price list of its own', () => {
    const own = createCatalog({ now })
    expect(own.findModel('gpt-4o')?.rates?.inputPicoUsd).toBe(2_500_000n)
    own.register({ 'gpt-4o': { input_cost_per_token: 0.000001, supports_vision: false } })
    expect(own.findModel('openai/gpt-4o')).toMatchObject({
      maxInputTokens: 128_000,
      rates: { inputPicoUsd: 1_000_000n, outputPicoUsd: 10_000_000n },
    })
    expect(own.findModel('gpt-4o')?.rates).not.toHaveProperty('cacheReadPicoUsd')
    expect(own.supports('vision', 'gpt-4o')).toBe(false)
    expect(own.supports('function_calling', 'gpt-4o')).toBe(true)
  })

  it('adds a part price to the list that is known', () => {
    const own = createCatalog({ now })
    own.register({ 'openai/gpt-4o': { cache_read_input_token_cost: 1e-7 } })
    expect(perMillion(own.findModel('gpt-4o')?.rates)).toBe('2.5 10 0.1 -')
  })

  it('takes the facts of the base model for an opaque name', () => {
    const own = createCatalog({ now })
    own.register({ 'azure/prod-chat': { base_model: 'azure/gpt-4o-mini' } })
    expect(perMillion(own.findModel('azure/prod-chat')?.rates)).toBe('0.15 0.6 0.075 -')
    const named = own.findModel('azure/other', { baseModel: 'gpt-4o' })
    expect(perMillion(named?.rates)).toBe('2.5 10 1.25 -')
    expect(named).toMatchObject({ provider: 'azure', model: 'other' })
    const hosted = own.findModel('mine', { provider: 'custom_openai', baseModel: 'gpt-4o' })
    expect(hosted).toMatchObject({ provider: 'custom_openai', model: 'mine', maxInputTokens: 128_000 })
  })

  it('takes all entries or none', () => {
    const own = createCatalog({ now })
    expect(() =>
      own.register({ good: { input_cost_per_token: 1 }, bad: { input_cost_per_token: -1 } }),
    ).toThrow(InvalidModelEntryError)
    expect(own.findModel('good')).toBeUndefined()
  })
})
