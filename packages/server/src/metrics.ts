import { Counter, Histogram, Registry, collectDefaultMetrics } from 'prom-client'

/** What one finished request counts. */
export interface RequestOutcome {
  group: string
  provider: string
  status: number
  durationMs: number
  inputTokens: number
  outputTokens: number
  costUsd: number
}

export interface Metrics {
  record: (outcome: RequestOutcome) => void
  /** All metrics in Prometheus' text form. */
  render: () => Promise<string>
  contentType: string
}

const DURATION_BUCKETS_S = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]

interface Series {
  requests: Map<number, { inc: () => void }>
  duration: { observe: (seconds: number) => void }
  input: { inc: (value: number) => void }
  output: { inc: (value: number) => void }
  cost: { inc: (value: number) => void }
}

/** Prometheus metrics under LiteLLM's names. Label sets are bound once, so that a request pays for numbers only. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const labels = ['model_group', 'provider'] as const
  const registers = [registry]
  const requests = new Counter({
    name: 'litellm_proxy_total_requests_metric',
    help: 'Requests answered, by status.',
    labelNames: [...labels, 'status_code'],
    registers,
  })
  const duration = new Histogram({
    name: 'litellm_request_total_latency_metric',
    help: 'Seconds from the request to the end of its answer.',
    labelNames: labels,
    buckets: DURATION_BUCKETS_S,
    registers,
  })
  const input = new Counter({
    name: 'litellm_input_tokens_metric',
    help: 'Input tokens.',
    labelNames: labels,
    registers,
  })
  const output = new Counter({
    name: 'litellm_output_tokens_metric',
    help: 'Output tokens.',
    labelNames: labels,
    registers,
  })
  const cost = new Counter({
    name: 'litellm_spend_metric',
    help: 'Cost in USD.',
    labelNames: labels,
    registers,
  })

  const bound = new Map<string, Series>()
  const seriesOf = (group: string, provider: string): Series => {
    const key = `${group}\n${provider}`
    let series = bound.get(key)
    if (series === undefined) {
      series = {
        requests: new Map(),
        duration: duration.labels(group, provider),
        input: input.labels(group, provider),
        output: output.labels(group, provider),
        cost: cost.labels(group, provider),
      }
      bound.set(key, series)
    }
    return series
  }

  return {
    record: (outcome) => {
      const series = seriesOf(outcome.group, outcome.provider)
      let counter = series.requests.get(outcome.status)
      if (counter === undefined) {
        counter = requests.labels(outcome.group, outcome.provider, String(outcome.status))
        series.requests.set(outcome.status, counter)
      }
      counter.inc()
      series.duration.observe(outcome.durationMs / 1000)
      if (outcome.inputTokens > 0) series.input.inc(outcome.inputTokens)
      if (outcome.outputTokens > 0) series.output.inc(outcome.outputTokens)
      if (outcome.costUsd > 0) series.cost.inc(outcome.costUsd)
    },
    render: () => registry.metrics(),
    contentType: registry.contentType,
  }
}
