import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Rates } from '../types/model.ts'
import type { Usage } from '../types/usage.ts'
import { type CostOptions, cost } from './cost.ts'
import { formatUsd } from './money.ts'

const gpt4o: Rates = {
  inputPicoUsd: 2_500_000n,
  cacheReadPicoUsd: 1_250_000n,
  outputPicoUsd: 10_000_000n,
}

const sonnet45: Rates = {
  inputPicoUsd: 3_000_000n,
  cacheReadPicoUsd: 300_000n,
  cacheWritePicoUsd: 3_750_000n,
  cacheWrite1hPicoUsd: 6_000_000n,
  outputPicoUsd: 15_000_000n,
  perWebSearchPicoUsd: 10_000_000_000n,
  tiers: [
    {
      aboveInputTokens: 200_000,
      inputPicoUsd: 6_000_000n,
      cacheReadPicoUsd: 600_000n,
      cacheWritePicoUsd: 7_500_000n,
      cacheWrite1hPicoUsd: 12_000_000n,
      outputPicoUsd: 22_500_000n,
    },
  ],
}

const gemini25Flash: Rates = {
  inputPicoUsd: 300_000n,
  inputAudioPicoUsd: 1_000_000n,
  cacheReadPicoUsd: 30_000n,
  cacheReadAudioPicoUsd: 100_000n,
  outputPicoUsd: 2_500_000n,
}

const sonarDeepResearch: Rates = {
  inputPicoUsd: 2_000_000n,
  outputPicoUsd: 8_000_000n,
  reasoningPicoUsd: 3_000_000n,
  perWebSearchPicoUsd: 5_000_000_000n,
}

const sonar: Rates = {
  inputPicoUsd: 1_000_000n,
  outputPicoUsd: 1_000_000n,
  perRequestPicoUsd: 12_000_000_000n,
}

const rerank: Rates = { inputPicoUsd: 0n, outputPicoUsd: 0n, perQueryPicoUsd: 2_000_000_000n }

const whisper: Rates = { inputPicoUsd: 0n, outputPicoUsd: 0n, perAudioSecondPicoUsd: 100_000_000n }

const gptRealtime: Rates = {
  inputPicoUsd: 4_000_000n,
  cacheReadPicoUsd: 400_000n,
  inputAudioPicoUsd: 32_000_000n,
  inputImagePicoUsd: 5_000_000n,
  outputPicoUsd: 16_000_000n,
  outputAudioPicoUsd: 64_000_000n,
}

const gpt5: Rates = {
  inputPicoUsd: 1_250_000n,
  cacheReadPicoUsd: 125_000n,
  outputPicoUsd: 10_000_000n,
  serviceTiers: {
    flex: { inputPicoUsd: 625_000n, cacheReadPicoUsd: 62_500n, outputPicoUsd: 5_000_000n },
    priority: { inputPicoUsd: 2_500_000n, cacheReadPicoUsd: 250_000n, outputPicoUsd: 20_000_000n },
  },
}

const geminiProImage: Rates = {
  inputPicoUsd: 2_000_000n,
  outputPicoUsd: 12_000_000n,
  outputImagePicoUsd: 120_000_000n,
}

function used(inputTokens: number, outputTokens: number, parts: Partial<Usage> = {}): Usage {
  return { inputTokens, outputTokens, source: 'provider', ...parts }
}

describe('golden costs, computed by hand from the price lists', () => {
  it.each<[string, Rates, Usage, string, CostOptions?]>([
    ['gpt-4o', gpt4o, used(1000, 200), '0.0045'],
    ['gpt-4o, 400 of 1,000 cached', gpt4o, used(1000, 200, { cacheReadTokens: 400 }), '0.004'],
    ['gpt-4o, reasoning at the output rate', gpt4o, used(0, 200, { reasoningTokens: 150 }), '0.002'],
    ['gpt-4o, one token each way', gpt4o, used(1, 1), '0.0000125'],
    [
      'claude-sonnet-4-5 with both cache lifetimes',
      sonnet45,
      used(10_000, 500, { cacheReadTokens: 6000, cacheWriteTokens: 3000, cacheWrite1hTokens: 1000 }),
      '0.0258',
    ],
    ['claude-sonnet-4-5 at its long-context border', sonnet45, used(200_000, 0), '0.6'],
    ['claude-sonnet-4-5 one token past it', sonnet45, used(200_001, 0), '1.200006'],
    ['claude-sonnet-4-5 long, output too', sonnet45, used(250_000, 1000), '1.5225'],
    [
      'claude-sonnet-4-5 long, mostly from the cache',
      sonnet45,
      used(250_000, 0, { cacheReadTokens: 240_000, cacheWriteTokens: 10_000, cacheWrite1hTokens: 10_000 }),
      '0.264',
    ],
    ['claude-sonnet-4-5 with three searches', sonnet45, used(1000, 0, { webSearchRequests: 3 }), '0.033'],
    [
      'gemini-2.5-flash with audio, partly cached, and thinking',
      gemini25Flash,
      used(5000, 1000, {
        inputAudioTokens: 2000,
        cacheReadTokens: 1000,
        cacheReadAudioTokens: 500,
        reasoningTokens: 800,
      }),
      '0.004815',
    ],
    [
      'sonar-deep-research',
      sonarDeepResearch,
      used(100, 5000, { reasoningTokens: 3000, webSearchRequests: 20 }),
      '0.1252',
    ],
    ['sonar, per request', sonar, used(100, 100), '0.0122'],
    ['a rerank of three search units', rerank, used(0, 0, { searchUnits: 3 }), '0.006'],
    ['a recording, by the second', whisper, used(0, 0, { audioMs: 36_710 }), '0.003671'],
    [
      'a part of a second, to the nearest',
      { ...whisper, perAudioSecondPicoUsd: 3n },
      used(0, 0, { audioMs: 500 }),
      '0.000000000002',
    ],
    ['a rerank that counts none is one', rerank, used(40, 0), '0.002'],
    [
      'gpt-realtime with audio both ways and an image',
      gptRealtime,
      used(1000, 300, { inputAudioTokens: 600, inputImageTokens: 100, outputAudioTokens: 250 }),
      '0.0377',
    ],
    ['gemini-3-pro-image', geminiProImage, used(100, 1220, { outputImageTokens: 1120 }), '0.1358'],
    ['gpt-5 standard', gpt5, used(1000, 100), '0.00225'],
    ['gpt-5 flex asked for', gpt5, used(1000, 100), '0.001125', { serviceTier: 'flex' }],
    ['gpt-5 priority as served', gpt5, used(1000, 100, { serviceTier: 'Priority' }), '0.0045'],
    [
      'gpt-5 priority asked for, default served',
      gpt5,
      used(1000, 100, { serviceTier: 'default' }),
      '0.00225',
      { serviceTier: 'priority' },
    ],
    ['gpt-5 in a tier without rates of its own', gpt5, used(1000, 100), '0.00225', { serviceTier: 'scale' }],
  ])('%s', (_name, rates, usage, usd, options) => {
    expect(formatUsd(cost(usage, rates, options).totalPicoUsd)).toBe(usd)
  })
})

it('shows what each part cost', () => {
  const usage = used(1000, 300, {
    cacheReadTokens: 200,
    inputAudioTokens: 100,
    outputAudioTokens: 50,
    reasoningTokens: 20,
  })
  expect(cost(usage, gptRealtime)).toEqual({
    inputPicoUsd: 2_800_000_000n,
    cacheReadPicoUsd: 80_000_000n,
    cacheWritePicoUsd: 0n,
    inputAudioPicoUsd: 3_200_000_000n,
    inputImagePicoUsd: 0n,
    outputPicoUsd: 3_680_000_000n,
    reasoningPicoUsd: 320_000_000n,
    outputAudioPicoUsd: 3_200_000_000n,
    outputImagePicoUsd: 0n,
    requestPicoUsd: 0n,
    toolPicoUsd: 0n,
    totalPicoUsd: 13_280_000_000n,
    unpriced: [],
  })
})

describe('missing rates', () => {
  const plain: Rates = { inputPicoUsd: 10n, outputPicoUsd: 100n }
  it.each<[string, Rates, Usage, bigint]>([
    ['cache read: input', plain, used(5, 0, { cacheReadTokens: 5 }), 50n],
    ['cache write: input', plain, used(5, 0, { cacheWriteTokens: 5 }), 50n],
    [
      'one-hour cache write: cache write',
      { ...plain, cacheWritePicoUsd: 12n },
      used(5, 0, { cacheWriteTokens: 5, cacheWrite1hTokens: 5 }),
      60n,
    ],
    ['audio: text', plain, used(5, 5, { inputAudioTokens: 5, outputAudioTokens: 5 }), 550n],
    ['image: text', plain, used(5, 5, { inputImageTokens: 5, outputImageTokens: 5 }), 550n],
    [
      'cached audio: cache read',
      { ...plain, cacheReadPicoUsd: 1n, inputAudioPicoUsd: 30n },
      used(5, 0, { cacheReadTokens: 5, cacheReadAudioTokens: 5, inputAudioTokens: 5 }),
      5n,
    ],
    [
      'cached audio without any cache rate: audio',
      { ...plain, inputAudioPicoUsd: 30n },
      used(5, 0, { cacheReadTokens: 5, cacheReadAudioTokens: 5, inputAudioTokens: 5 }),
      150n,
    ],
  ])('%s', (_name, rates, usage, expected) => {
    expect(cost(usage, rates).totalPicoUsd).toBe(expected)
  })

  it('names a search that has no known price instead of calling it free', () => {
    const { toolPicoUsd, unpriced } = cost(used(1, 1, { webSearchRequests: 2 }), plain)
    expect({ toolPicoUsd, unpriced }).toEqual({ toolPicoUsd: 0n, unpriced: ['webSearchRequests'] })
  })
})

describe('service tiers and length tiers together', () => {
  const rates: Rates = {
    inputPicoUsd: 10n,
    outputPicoUsd: 100n,
    tiers: [
      { aboveInputTokens: 10, inputPicoUsd: 20n },
      { aboveInputTokens: 100, inputPicoUsd: 30n },
    ],
    serviceTiers: {
      flex: { inputPicoUsd: 5n, tiers: [{ aboveInputTokens: 10, inputPicoUsd: 8n }] },
      priority: { inputPicoUsd: 15n, outputPicoUsd: 150n },
    },
  }
  it.each<[number, string | undefined, bigint]>([
    [10, undefined, 200n],
    [11, undefined, 320n],
    [101, undefined, 3130n],
    [10, 'flex', 150n],
    [11, 'flex', 188n],
    [10, 'priority', 300n],
    [11, 'priority', 370n],
  ])('%d input tokens and one output token in tier %s', (inputTokens, serviceTier, expected) => {
    expect(cost(used(inputTokens, 1), rates, { serviceTier }).totalPicoUsd).toBe(expected)
  })
})

describe('provider nonsense', () => {
  const rates: Rates = {
    inputPicoUsd: 10n,
    outputPicoUsd: 100n,
    cacheReadPicoUsd: 1n,
    cacheWritePicoUsd: 12n,
  }
  it.each<[string, Usage, bigint]>([
    ['more cached than input', used(5, 0, { cacheReadTokens: 50 }), 5n],
    ['reads and writes together too many', used(5, 0, { cacheReadTokens: 4, cacheWriteTokens: 4 }), 16n],
    ['more reasoning than output', used(0, 3, { reasoningTokens: 30 }), 300n],
    ['negative counts', used(-5, -1, { cacheReadTokens: -3 }), 0n],
    ['counts that are no numbers', used(Number.NaN, Number.POSITIVE_INFINITY), 0n],
    ['fractions', used(0.5, 1.2), 210n],
  ])('%s', (_name, usage, expected) => {
    expect(cost(usage, rates).totalPicoUsd).toBe(expected)
  })
})

describe('properties', () => {
  const tokens = fc.integer({ min: -10, max: 2_000_000 })
  const part = fc.option(tokens, { nil: undefined })
  const anyUsage: fc.Arbitrary<Usage> = fc.record({
    inputTokens: tokens,
    outputTokens: tokens,
    cacheReadTokens: part,
    cacheWriteTokens: part,
    cacheWrite1hTokens: part,
    reasoningTokens: part,
    inputAudioTokens: part,
    cacheReadAudioTokens: part,
    outputAudioTokens: part,
    inputImageTokens: part,
    outputImageTokens: part,
    webSearchRequests: part,
    source: fc.constant('provider' as const),
  })
  const allRates = [
    gpt4o,
    sonnet45,
    gemini25Flash,
    sonarDeepResearch,
    sonar,
    gptRealtime,
    gpt5,
    geminiProImage,
  ]
  const anyRates = fc.constantFrom(...allRates)

  it('no part is negative and the parts add up to the total', () => {
    fc.assert(
      fc.property(anyUsage, anyRates, (usage, rates) => {
        const { totalPicoUsd, unpriced: _unpriced, ...parts } = cost(usage, rates)
        const values = Object.values(parts)
        expect(values.every((value) => value >= 0n)).toBe(true)
        expect(values.reduce((sum, value) => sum + value, 0n)).toBe(totalPicoUsd)
      }),
    )
  })

  it('more whole tokens never cost less', () => {
    fc.assert(
      fc.property(anyUsage, anyRates, fc.nat(100_000), fc.nat(100_000), (usage, rates, moreIn, moreOut) => {
        const larger = {
          ...usage,
          inputTokens: usage.inputTokens + moreIn,
          outputTokens: usage.outputTokens + moreOut,
        }
        expect(cost(larger, rates).totalPicoUsd).toBeGreaterThanOrEqual(cost(usage, rates).totalPicoUsd)
      }),
    )
  })

  it('is additive where nothing depends on the size of the call', () => {
    const count = fc.nat(100_000)
    const wellFormed = fc
      .record({ text: count, cacheRead: count, cacheWrite: count, output: count, reasoning: count })
      .map(({ text, cacheRead, cacheWrite, output, reasoning }) =>
        used(text + cacheRead + cacheWrite, output + reasoning, {
          cacheReadTokens: cacheRead,
          cacheWriteTokens: cacheWrite,
          reasoningTokens: reasoning,
        }),
      )
    fc.assert(
      fc.property(wellFormed, wellFormed, (left, right) => {
        const both = used(left.inputTokens + right.inputTokens, left.outputTokens + right.outputTokens, {
          cacheReadTokens: (left.cacheReadTokens ?? 0) + (right.cacheReadTokens ?? 0),
          cacheWriteTokens: (left.cacheWriteTokens ?? 0) + (right.cacheWriteTokens ?? 0),
          reasoningTokens: (left.reasoningTokens ?? 0) + (right.reasoningTokens ?? 0),
        })
        expect(cost(both, gemini25Flash).totalPicoUsd).toBe(
          cost(left, gemini25Flash).totalPicoUsd + cost(right, gemini25Flash).totalPicoUsd,
        )
      }),
    )
  })
})
