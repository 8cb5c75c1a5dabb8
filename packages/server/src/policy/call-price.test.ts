import type { Rates } from '@switchyard/llm/kit'
import { expect, test } from 'vitest'
import { paidOutputTokens, priceCall } from './call-price.ts'
import type { CallSize, PricedModel } from './call-price.ts'

/** 1 and 10 USD per million tokens. */
const rates: Rates = { inputPicoUsd: 1_000_000n, outputPicoUsd: 10_000_000n }
const model: PricedModel = { rates, maxOutputTokens: 8_192 }
const M = 1_000_000n

test.each<[string, CallSize, PricedModel[], [wanted: bigint, floor: bigint, least: bigint]]>([
  ['the bound of the client', { inputTokens: 100, maxTokens: 50 }, [model], [600n * M, 600n * M, 600n * M]],
  [
    'as often as there are answers',
    { inputTokens: 100, maxTokens: 50, answers: 3 },
    [model],
    [1_600n * M, 1_600n * M, 1_600n * M],
  ],
  ['no output: embeddings', { inputTokens: 100, maxTokens: 0 }, [model], [100n * M, 100n * M, 100n * M]],
  ['what the model can say', { inputTokens: 100 }, [model], [82_020n * M, 41_060n * M, 260n * M]],
  [
    'a model that says little',
    { inputTokens: 100 },
    [{ rates, maxOutputTokens: 1_000 }],
    [10_100n * M, 10_100n * M, 260n * M],
  ],
  ['a model that nobody knows', { inputTokens: 0 }, [{ rates }], [163_840n * M, 40_960n * M, 160n * M]],
  [
    'the dearest of several',
    { inputTokens: 100, maxTokens: 50 },
    [model, { rates: { inputPicoUsd: 0n, outputPicoUsd: 20n * M } }],
    [1_000n * M, 1_000n * M, 1_000n * M],
  ],
  [
    'a fee for each request',
    { inputTokens: 0, maxTokens: 0 },
    [{ rates: { inputPicoUsd: 0n, outputPicoUsd: 0n, perRequestPicoUsd: 5n } }],
    [5n, 5n, 5n],
  ],
  [
    'a fee for each search',
    { inputTokens: 9, maxTokens: 0, searchUnits: 3 },
    [{ rates: { inputPicoUsd: 0n, outputPicoUsd: 0n, perQueryPicoUsd: 5n } }],
    [15n, 15n, 15n],
  ],
  [
    'listening, by the second',
    { inputTokens: 9, maxTokens: 0, audioMs: 2_500, kinds: ['audio_input'] },
    [{ rates: { inputPicoUsd: 0n, outputPicoUsd: 0n, perAudioSecondPicoUsd: 10n } }],
    [25n, 25n, 25n],
  ],
  [
    'reasoning that costs more',
    { inputTokens: 0, maxTokens: 1 },
    [{ rates: { ...rates, reasoningPicoUsd: 11n * M } }],
    [11n * M, 11n * M, 11n * M],
  ],
  [
    'input that may be kept',
    { inputTokens: 8, maxTokens: 0, kinds: ['cache_write'] },
    [{ rates: { ...rates, cacheWritePicoUsd: 1_250_000n, cacheWrite1hPicoUsd: 2n * M } }],
    [16n * M, 16n * M, 16n * M],
  ],
  [
    'audio, where there may be any',
    { inputTokens: 2, maxTokens: 1, kinds: ['audio_input', 'audio_output'] },
    [{ rates: { ...rates, inputAudioPicoUsd: 32n * M, outputAudioPicoUsd: 64n * M } }],
    [128n * M, 128n * M, 128n * M],
  ],
  [
    'and not where there is none',
    { inputTokens: 2, maxTokens: 1 },
    [{ rates: { ...rates, inputAudioPicoUsd: 32n * M, outputAudioPicoUsd: 64n * M } }],
    [12n * M, 12n * M, 12n * M],
  ],
  [
    'a long input',
    { inputTokens: 11, maxTokens: 1 },
    [
      {
        rates: { ...rates, tiers: [{ aboveInputTokens: 10, inputPicoUsd: 2n * M, outputPicoUsd: 15n * M }] },
      },
    ],
    [37n * M, 37n * M, 37n * M],
  ],
  [
    'a dearer tier',
    { inputTokens: 1, maxTokens: 1, serviceTier: 'priority' },
    [{ rates: { ...rates, serviceTiers: { priority: { inputPicoUsd: 2n * M, outputPicoUsd: 20n * M } } } }],
    [22n * M, 22n * M, 22n * M],
  ],
])('holds %s', (_, call, models, [wantedPicoUsd, floorPicoUsd, leastPicoUsd]) => {
  expect(priceCall(call, models)).toMatchObject({
    state: 'known',
    hold: { wantedPicoUsd, floorPicoUsd, leastPicoUsd },
  })
})

test.each<[string, PricedModel[], string]>([
  ['all free', [{ rates: { inputPicoUsd: 0n, outputPicoUsd: 0n } }], 'free'],
  ['one of two free', [{ rates: { inputPicoUsd: 0n, outputPicoUsd: 0n } }, model], 'known'],
  ['no price', [{}], 'unknown'],
  ['no price for one of two', [{}, model], 'unknown'],
])('%s is %s', (_, models, state) => {
  expect(priceCall({ inputTokens: 5, maxTokens: 5 }, models).state).toBe(state)
})

test.each<[string, CallSize, bigint, number | undefined]>([
  ['the whole hold pays for all', { inputTokens: 100 }, 82_020n * M, undefined],
  ['half of it pays for half', { inputTokens: 100 }, 41_060n * M, 4_096],
  ['the least', { inputTokens: 100 }, 260n * M, 16],
  ['a part of a token is none', { inputTokens: 100 }, 269n * M, 16],
  ['shared by several answers', { inputTokens: 100, answers: 4 }, 740n * M, 16],
  ['the client named its own', { inputTokens: 100, maxTokens: 50 }, 600n * M, undefined],
])('%s', (_, call, held, tokens) => {
  expect(paidOutputTokens(priceCall(call, [model]), held)).toBe(tokens)
})

test('what is sent is what every deployment can pay for', () => {
  const price = priceCall({ inputTokens: 0 }, [
    model,
    { rates: { ...rates, outputPicoUsd: 40n * M }, maxOutputTokens: 8_192 },
  ])
  expect(paidOutputTokens(price, 400n * M)).toBe(10)
})
