import { expect, test } from 'vitest'
import { createMetrics } from './metrics.ts'
import type { Metrics, RequestOutcome } from './metrics.ts'

const outcome: RequestOutcome = {
  group: 'gpt',
  provider: 'openai',
  status: 200,
  durationMs: 300,
  inputTokens: 30,
  outputTokens: 7,
  costPicoUsd: 1_500_000n,
}

/** The lines of our own metrics, by name and labels. */
async function valuesOf(metrics: Metrics): Promise<Record<string, number>> {
  const lines = (await metrics.render()).split('\n').filter((line) => line.startsWith('litellm_'))
  return Object.fromEntries(
    lines.map((line) => {
      const space = line.lastIndexOf(' ')
      return [line.slice(0, space), Number(line.slice(space + 1))]
    }),
  )
}

const at = '{model_group="gpt",provider="openai"}'

test('what was recorded is what is shown', async () => {
  const metrics = createMetrics()
  metrics.record(outcome)
  metrics.record({ ...outcome, durationMs: 70_000 })
  metrics.record({ ...outcome, status: 429, inputTokens: 0, outputTokens: 0, costPicoUsd: 0n })
  expect(await valuesOf(metrics)).toMatchObject({
    'litellm_proxy_total_requests_metric{model_group="gpt",provider="openai",status_code="200"}': 2,
    'litellm_proxy_total_requests_metric{model_group="gpt",provider="openai",status_code="429"}': 1,
    [`litellm_input_tokens_metric${at}`]: 60,
    [`litellm_output_tokens_metric${at}`]: 14,
    [`litellm_spend_metric${at}`]: 0.000003,
    [`litellm_request_total_latency_metric_count${at}`]: 3,
    [`litellm_request_total_latency_metric_sum${at}`]: 70.6,
    'litellm_request_total_latency_metric_bucket{le="0.25",model_group="gpt",provider="openai"}': 0,
    'litellm_request_total_latency_metric_bucket{le="0.5",model_group="gpt",provider="openai"}': 2,
    'litellm_request_total_latency_metric_bucket{le="300",model_group="gpt",provider="openai"}': 3,
  })
})

test('looking twice does not count twice, and counting goes on', async () => {
  const metrics = createMetrics()
  metrics.record(outcome)
  const once = await valuesOf(metrics)
  expect(await valuesOf(metrics)).toEqual(once)
  metrics.record(outcome)
  expect(await valuesOf(metrics)).toMatchObject({ [`litellm_input_tokens_metric${at}`]: 60 })
})

test('groups and providers are told apart, whatever their names', async () => {
  const metrics = createMetrics()
  metrics.record(outcome)
  metrics.record({ ...outcome, provider: 'azure' })
  metrics.record({ ...outcome, group: 'a"b\\c', provider: '' })
  const values = await valuesOf(metrics)
  const counts = Object.entries(values).filter(([name]) => name.startsWith('litellm_input_tokens_metric'))
  expect(counts.map(([, count]) => count)).toEqual([30, 30, 30])
})

test('more requests than are kept between two looks are all counted', async () => {
  const metrics = createMetrics()
  for (let count = 0; count < 5_000; count++) metrics.record(outcome)
  expect(await valuesOf(metrics)).toMatchObject({
    [`litellm_request_total_latency_metric_count${at}`]: 5_000,
    [`litellm_input_tokens_metric${at}`]: 150_000,
    [`litellm_spend_metric${at}`]: 0.0075,
  })
})

test('the process is shown, too', async () => {
  const text = await createMetrics().render()
  expect(text).toContain('process_cpu_seconds_total')
  expect(createMetrics().contentType).toMatch(/^text\/plain/)
})

test('how far the ledger is behind is shown when somebody looks', async () => {
  const metrics = createMetrics()
  metrics.watchLedger(() => ({ pending: 3, lagMs: 1_500, failures: 0 }))
  const text = await metrics.render()
  expect(text).toContain('switchyard_ledger_pending_records 3')
  expect(text).toContain('switchyard_ledger_lag_seconds 1.5')
})

test('answers of the cache are counted where it was asked', async () => {
  const metrics = createMetrics()
  for (const cacheHit of [true, true, false, undefined]) metrics.record({ ...outcome, cacheHit })
  expect(await valuesOf(metrics)).toMatchObject({
    [`litellm_cache_hits_metric${at}`]: 2,
    [`litellm_cache_misses_metric${at}`]: 1,
  })
})
