import { usdFromPicoUsd } from '@switchyard/llm/kit'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

/** What one finished request counts. */
export interface RequestOutcome {
  group: string
  provider: string
  status: number
  durationMs: number
  inputTokens: number
  outputTokens: number
  costPicoUsd: bigint
  /** Left out: the cache was not asked. */
  cacheHit?: boolean | undefined
}

export interface Metrics {
  record: (outcome: RequestOutcome) => void
  /** A soft budget of this kind of scope was passed. */
  softBudgetPassed: (scope: string) => void
  /** A deployment is left alone for a while. */
  deploymentCooled: (deploymentId: string, code: string) => void
  /** Shows how far the ledger's database is behind its journal. */
  watchLedger: (stats: () => LedgerState) => void
  /** All metrics in Prometheus' text form. */
  render: () => Promise<string>
  contentType: string
}

/** What the ledger says of itself. */
export interface LedgerState {
  /** Records that are not in the database yet. */
  pending: number
  /** How old the oldest of them is at most. */
  lagMs: number
  /** Writes to the journal that failed. */
  failures: number
}

const DURATION_BUCKETS_S = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]

const ledgerGauges: readonly { name: string; help: string; read: (state: LedgerState) => number }[] = [
  {
    name: 'switchyard_ledger_pending_records',
    help: 'Records of the journal that are not in the database yet.',
    read: ({ pending }) => pending,
  },
  {
    name: 'switchyard_ledger_lag_seconds',
    help: 'The time for which the database has been behind the journal.',
    read: ({ lagMs }) => lagMs / 1000,
  },
  {
    name: 'switchyard_ledger_journal_failures',
    help: 'Writes to the journal that failed since the start.',
    read: ({ failures }) => failures,
  },
]

/** Plain numbers of one model group and provider since the last look. A request adds to them and nothing else. */
interface Tally {
  group: string
  provider: string
  statuses: Map<number, number>
  durationsS: number[]
  inputTokens: number
  outputTokens: number
  costPicoUsd: bigint
  cacheHits: number
  cacheMisses: number
}

/** So many durations are kept before they are counted into buckets. */
const MAX_DURATIONS = 1_024

/** Prometheus metrics under LiteLLM's names. Requests write plain numbers; the registry is fed when it is looked at. */
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

  const softBudgets = new Counter({
    name: 'switchyard_soft_budgets_passed_total',
    help: 'Soft budgets that were passed, once for each window.',
    labelNames: ['scope'],
    registers,
  })

  const cooled = new Counter({
    name: 'litellm_deployment_cooled_down',
    help: 'Times that a deployment was left alone after it failed, by the failure.',
    labelNames: ['model_id', 'code'],
    registers,
  })

  const hits = new Counter({
    name: 'litellm_cache_hits_metric',
    help: 'Answers that were given from the cache.',
    labelNames: labels,
    registers,
  })
  const misses = new Counter({
    name: 'litellm_cache_misses_metric',
    help: 'Answers that the cache was asked for and did not have.',
    labelNames: labels,
    registers,
  })

  /** By group, then by provider: a key of both would have to be written for each request. */
  const tallies = new Map<string, Map<string, Tally>>()

  const tallyOf = (group: string, provider: string): Tally => {
    let ofGroup = tallies.get(group)
    if (ofGroup === undefined) tallies.set(group, (ofGroup = new Map()))
    let tally = ofGroup.get(provider)
    if (tally === undefined) {
      tally = {
        group,
        provider,
        statuses: new Map(),
        durationsS: [],
        inputTokens: 0,
        outputTokens: 0,
        costPicoUsd: 0n,
        cacheHits: 0,
        cacheMisses: 0,
      }
      ofGroup.set(provider, tally)
    }
    return tally
  }

  const observeDurations = (tally: Tally): void => {
    const series = duration.labels(tally.group, tally.provider)
    for (const seconds of tally.durationsS) series.observe(seconds)
    tally.durationsS = []
  }

  const feed = (): void => {
    for (const tally of [...tallies.values()].flatMap((ofGroup) => [...ofGroup.values()])) {
      const { group, provider } = tally
      for (const [status, count] of tally.statuses)
        requests.labels(group, provider, String(status)).inc(count)
      observeDurations(tally)
      input.labels(group, provider).inc(tally.inputTokens)
      output.labels(group, provider).inc(tally.outputTokens)
      cost.labels(group, provider).inc(usdFromPicoUsd(tally.costPicoUsd))
      if (tally.cacheHits > 0) hits.labels(group, provider).inc(tally.cacheHits)
      if (tally.cacheMisses > 0) misses.labels(group, provider).inc(tally.cacheMisses)
    }
    tallies.clear()
  }

  return {
    record: ({ group, provider, status, durationMs, inputTokens, outputTokens, costPicoUsd, cacheHit }) => {
      const tally = tallyOf(group, provider)
      tally.statuses.set(status, (tally.statuses.get(status) ?? 0) + 1)
      if (tally.durationsS.push(durationMs / 1000) >= MAX_DURATIONS) observeDurations(tally)
      tally.inputTokens += inputTokens
      tally.outputTokens += outputTokens
      tally.costPicoUsd += costPicoUsd
      if (cacheHit === true) tally.cacheHits++
      if (cacheHit === false) tally.cacheMisses++
    },
    softBudgetPassed: (scope) => softBudgets.inc({ scope }),
    deploymentCooled: (deploymentId, code) => {
      cooled.labels(deploymentId, code).inc()
    },
    watchLedger: (stats) => {
      for (const { name, help, read } of ledgerGauges) {
        const gauge: Gauge = new Gauge({ name, help, registers, collect: () => gauge.set(read(stats())) })
      }
    },
    render: () => {
      feed()
      return registry.metrics()
    },
    contentType: registry.contentType,
  }
}
