import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../types/json.ts'
import { InvalidModelEntryError } from './entry-reader.ts'
import { parseLitellmModel, renderLitellmModel } from './litellm-format.ts'
import { createCatalog } from './lookup.ts'

const gpt5Like: JsonObject = {
  litellm_provider: 'openai',
  mode: 'chat',
  max_tokens: 128_000,
  max_input_tokens: 272_000,
  max_output_tokens: 128_000,
  input_cost_per_token: 1.25e-6,
  input_cost_per_token_flex: 6.25e-7,
  input_cost_per_token_priority: 2.5e-6,
  input_cost_per_token_batches: 6.25e-7,
  output_cost_per_token: 1e-5,
  output_cost_per_token_flex: 5e-6,
  cache_read_input_token_cost: 1.25e-7,
  search_context_cost_per_query: {
    search_context_size_low: 0.01,
    search_context_size_medium: 0.025,
    search_context_size_high: 0.05,
  },
  supports_function_calling: true,
  supports_audio_input: false,
  deprecation_date: '2027-01-01',
  supported_endpoints: ['/v1/chat/completions'],
}

const claudeLike: JsonObject = {
  litellm_provider: 'anthropic',
  input_cost_per_token: 3e-6,
  output_cost_per_token: 1.5e-5,
  cache_creation_input_token_cost: 3.75e-6,
  cache_creation_input_token_cost_above_1hr: 6e-6,
  cache_creation_input_token_cost_above_200k_tokens: 7.5e-6,
  cache_creation_input_token_cost_above_1hr_above_200k_tokens: 1.2e-5,
  input_cost_per_token_above_200k_tokens: 6e-6,
  input_cost_per_token_above_200k_tokens_priority: 7e-6,
  output_cost_per_reasoning_token: 1.6e-5,
}

describe('parseLitellmModel', () => {
  it('reads prices, limits, abilities and service tiers', () => {
    expect(parseLitellmModel(gpt5Like)).toEqual({
      provider: 'openai',
      mode: 'chat',
      maxInputTokens: 272_000,
      maxOutputTokens: 128_000,
      rates: {
        inputPicoUsd: 1_250_000n,
        outputPicoUsd: 10_000_000n,
        cacheReadPicoUsd: 125_000n,
        perWebSearchPicoUsd: 25_000_000_000n,
        serviceTiers: {
          flex: { inputPicoUsd: 625_000n, outputPicoUsd: 5_000_000n },
          priority: { inputPicoUsd: 2_500_000n },
          batch: { inputPicoUsd: 625_000n },
        },
      },
      capabilities: new Map([
        ['function_calling', true],
        ['audio_input', false],
      ]),
      deprecationDate: '2027-01-01',
    })
  })

  it('reads length tiers and cache lifetimes', () => {
    expect(parseLitellmModel(claudeLike).rates).toEqual({
      inputPicoUsd: 3_000_000n,
      outputPicoUsd: 15_000_000n,
      cacheWritePicoUsd: 3_750_000n,
      cacheWrite1hPicoUsd: 6_000_000n,
      reasoningPicoUsd: 16_000_000n,
      tiers: [
        {
          aboveInputTokens: 200_000,
          inputPicoUsd: 6_000_000n,
          cacheWritePicoUsd: 7_500_000n,
          cacheWrite1hPicoUsd: 12_000_000n,
        },
      ],
      serviceTiers: { priority: { tiers: [{ aboveInputTokens: 200_000, inputPicoUsd: 7_000_000n }] } },
    })
  })

  it('reads prices by range', () => {
    const entry = {
      tiered_pricing: [
        { range: [0, 32_000], input_cost_per_token: 1e-6, output_cost_per_token: 5e-6 },
        { range: [32_000, 128_000], input_cost_per_token: 2e-6, output_cost_per_token: 1e-5 },
      ],
    }
    expect(parseLitellmModel(entry).rates).toEqual({
      inputPicoUsd: 1_000_000n,
      outputPicoUsd: 5_000_000n,
      tiers: [{ aboveInputTokens: 32_000, inputPicoUsd: 2_000_000n, outputPicoUsd: 10_000_000n }],
    })
  })

  it.each<[string, JsonObject, unknown]>([
    ['a price as text', { input_cost_per_token: '1.5e-7' }, { inputPicoUsd: 150_000n }],
    ['a price of zero', { input_cost_per_token: 0 }, { inputPicoUsd: 0n }],
    ['null', { input_cost_per_token: null }, undefined],
    ['a price that we cannot express', { input_cost_per_character: 0.0001 }, undefined],
    ['a price per second', { input_cost_per_second: 0.0001 }, { perAudioSecondPicoUsd: 100_000_000n }],
    ['a price per query', { input_cost_per_query: 0.002 }, { perQueryPicoUsd: 2_000_000_000n }],
  ])('takes %s', (_name, entry, rates) => {
    expect(parseLitellmModel(entry).rates).toEqual(rates)
  })

  it.each<[string, JsonObject, string]>([
    ['a negative price', { input_cost_per_token: -1 }, 'm.input_cost_per_token'],
    ['NaN', { output_cost_per_token: Number.NaN }, 'm.output_cost_per_token'],
    ['text that is no price', { cache_read_input_token_cost: 'cheap' }, 'm.cache_read_input_token_cost'],
    ['a boolean price', { input_cost_per_token_flex: true }, 'm.input_cost_per_token_flex'],
    ['a fractional limit', { max_tokens: 1.5 }, 'm.max_tokens'],
    ['a limit that is a list', { max_input_tokens: [1] }, 'm.max_input_tokens'],
    ['an ability that is text', { supports_vision: 'yes' }, 'm.supports_vision'],
    ['a provider that is a number', { litellm_provider: 7 }, 'm.litellm_provider'],
    [
      'a search price inside',
      { search_context_cost_per_query: { search_context_size_low: -1 } },
      'm.search_context_cost_per_query.search_context_size_low',
    ],
    [
      'a search price that is no object',
      { search_context_cost_per_query: 5 },
      'm.search_context_cost_per_query',
    ],
    ['ranges that are no list', { tiered_pricing: 5 }, 'm.tiered_pricing'],
    ['a range without start', { tiered_pricing: [{ range: [] }] }, 'm.tiered_pricing[0]'],
    [
      'a price in a range',
      { tiered_pricing: [{ range: [0, 5], input_cost_per_token: -1 }] },
      'm.tiered_pricing[0].input_cost_per_token',
    ],
  ])('refuses %s and says where', (_name, entry, path) => {
    expect(findings(entry)).toEqual([path])
  })

  it('reports every fault at once', () => {
    expect(findings({ max_tokens: -1, input_cost_per_token: -1, mode: 3 })).toHaveLength(3)
  })

  it('has nothing to say about modes that we have no word for', () => {
    expect(parseLitellmModel({ mode: 'video_generation' }).mode).toBeUndefined()
  })
})

function findings(entry: JsonObject): string[] {
  try {
    parseLitellmModel(entry, 'm')
    return []
  } catch (error) {
    if (!(error instanceof InvalidModelEntryError)) throw error
    return error.findings.map(({ path }) => path)
  }
}

it.each([
  'gpt-5',
  'gpt-4o',
  'claude-sonnet-4-5',
  'gemini-2.5-flash',
  'perplexity/sonar-pro',
  'cohere/rerank-v3.5',
])('renders %s so that it reads back the same', (model) => {
  const now = (): number => 0
  const info = createCatalog({ now }).findModel(model)
  if (info === undefined) throw new Error('not in the catalogue')
  const own = createCatalog({ now })
  own.register({ copy: JSON.parse(JSON.stringify(renderLitellmModel(info))) as JsonObject })
  const copy = own.findModel('copy', { provider: info.provider })
  expect(copy?.rates).toEqual(info.rates)
  expect(copy?.capabilities).toEqual(info.capabilities)
  expect(copy).toMatchObject({ mode: info.mode, provider: info.provider })
})
