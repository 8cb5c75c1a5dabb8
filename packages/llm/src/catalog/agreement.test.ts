import { existsSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { createCatalog } from './lookup.ts'
import { picoUsdPerTokenFromUsdPerMillion } from './money.ts'

/**
 * The price package against models.dev, two sources that know nothing of each other. It takes the file that
 * scripts/build-catalog.mjs reads, which is not part of the repository.
 */
const oraclePath =
  process.env['SWITCHYARD_MODEL_DATA'] ??
  new URL('../../../../../shared/model-data/models.json', import.meta.url).pathname

interface OracleModel {
  provider: string
  model: string
  cost?: { input: number; output: number }
}

const providers = new Set(
  'openai anthropic gemini vertex_ai bedrock azure mistral groq deepseek xai cohere perplexity cerebras moonshot'.split(
    ' ',
  ),
)

/** Differences that are understood, each with the reason why ours stays. */
const known: readonly (readonly [RegExp, string])[] = [
  [
    /^bedrock\/(au\.|eu\.|jp\.|us\.)?anthropic\.claude-/,
    'regional endpoints cost a tenth more since Claude 4.5',
  ],
  [
    /^(gemini|azure|openai)\/.*image/,
    'theirs is the price of image output, which we keep as a rate of its own',
  ],
  [/^azure\/gpt-(4|3\.5-turbo-0613)$/, 'theirs is the price of the long-window model of that name'],
  [/^mistral\/mistral-embed$/, 'an embedding has no output'],
  [/^mistral\/mistral-medium-latest$/, 'ours follows the change of June 2026'],
]

const hasOracle = existsSync(oraclePath)
if (!hasOracle) console.log('prices: not compared with models.dev, SWITCHYARD_MODEL_DATA has no models.json')

it.skipIf(!hasOracle)('two independent price lists agree on the main providers', () => {
  const { models, source } = JSON.parse(readFileSync(oraclePath, 'utf8')) as {
    models: readonly OracleModel[]
    source: { date: string }
  }
  const catalog = createCatalog({ now: () => Date.parse(source.date) })
  const priced = models.filter(
    ({ provider, cost }) => providers.has(provider) && cost !== undefined && cost.input + cost.output > 0,
  )
  const differing = priced.filter(({ provider, model, cost }) => {
    const rates = catalog.findModel(model, { provider })?.rates
    return (
      rates?.inputPicoUsd !== picoUsdPerTokenFromUsdPerMillion(cost?.input ?? 0) ||
      rates.outputPicoUsd !== picoUsdPerTokenFromUsdPerMillion(cost?.output ?? 0)
    )
  })
  const names = differing.map(({ provider, model }) => `${provider}/${model}`)
  const unexplained = names.filter((name) => !known.some(([pattern]) => pattern.test(name)))
  console.log(
    `prices: ${priced.length - names.length} of ${priced.length} models agree, ` +
      `${names.length - unexplained.length} differ for known reasons, ${unexplained.length} unexplained: ${unexplained.join(' ')}`,
  )
  expect(unexplained.length / priced.length).toBeLessThan(0.05)
})
