import {
  createCatalog,
  createDeploymentStates,
  createUndiciTransport,
  formatUsd,
  providers as builtinProviders,
} from '@switchyard/llm/kit'
import type {
  AuthContext,
  Catalog,
  DeploymentStates,
  ProviderRegistry,
  SharedRouting,
  Strategy,
} from '@switchyard/llm/kit'
import { readFile } from 'node:fs/promises'
import { pino } from 'pino'
import type { Logger } from 'pino'
import type { Accounts } from './accounts.ts'
import type { AnswerCache } from './cache/answer-cache.ts'
import type { GatewayConfig } from './config/index.ts'
import { createDialer } from './deployments/dial.ts'
import type { Resolve } from './deployments/dial.ts'
import { createHealth } from './deployments/health/health.ts'
import type { Health } from './deployments/health/health.ts'
import { createLiveDeployments } from './deployments/live-deployments.ts'
import type { LiveDeployments } from './deployments/live-deployments.ts'
import type { LocalModel } from './deployments/local-model.ts'
import { createRouting } from './deployments/routing.ts'
import type { Routing } from './deployments/routing.ts'
import { createRoutingSpend } from './deployments/routing-spend.ts'
import type { RoutingSpend } from './deployments/routing-spend.ts'
import { createShadows } from './deployments/shadows.ts'
import type { Shadows } from './deployments/shadows.ts'
import { createUpstream } from './deployments/upstream.ts'
import type { Upstream } from './deployments/upstream.ts'
import { createMetrics } from './metrics.ts'
import type { Metrics } from './metrics.ts'
import { descriptorOf } from './policy/scope-words.ts'
import { scopeName } from './policy/scope.ts'
import { createSoftBudgets } from './policy/soft-budgets.ts'
import type { PassedSoftBudget, SoftBudgets } from './policy/soft-budgets.ts'
import type { ShareSpend } from './policy/share-spend.ts'
import { createWindows } from './policy/windows.ts'
import type { Changes } from './store/changes.ts'
import type { Database } from './store/database.ts'
import { timeOrderedId } from './store/new-id.ts'

/** Everything a request may use. Passed around, never global; tests bring their own parts. */
export interface Services {
  config: GatewayConfig
  deployments: LiveDeployments
  routing: Routing
  /** Who of the deployments answers. */
  health: Health
  catalog: Catalog
  upstream: Upstream
  /** Copies of requests, for models that are tried out. */
  shadows: Shadows
  /** What requests are charged through; left out: nothing is limited or written down. */
  accounts?: Accounts | undefined
  /** Answers that were given once; left out: none are kept. */
  cache?: AnswerCache | undefined
  /** Where keys and everything else that is administered is kept; left out: there is only the master key. */
  store?: Store | undefined
  /** What signing a call may use: for tokens that have to be fetched. */
  auth: AuthContext
  log: Logger
  metrics: Metrics
  softBudgets: SoftBudgets
  /** Unix time. */
  nowMs: () => number
  /** For durations: never jumps. */
  monotonicMs: () => number
  newId: () => string
  random: () => number
  version: string
  /** The one thing here that changes: whether the gateway is on its way out. */
  state: { draining: boolean }
}

/** What is administered, and who hears when it is changed. */
export interface Store {
  readonly database: Database
  readonly changes: Changes
}

export interface ServicesInput {
  config: GatewayConfig
  /** Left out: nothing is logged. */
  log?: Logger
  version: string
  /** The process's variables; the configuration's `environment_variables` lie over them. */
  env: (name: string) => string | undefined
  /** Models that answer inside this process, by provider id. */
  localModels?: readonly LocalModel[]
  registry?: ProviderRegistry
  /** Strategies of one's own that the configuration names. */
  strategies?: ReadonlyMap<string, Strategy> | undefined
  /** Tells other instances what is known of deployments, and hears of theirs. */
  shareRouting?: ((states: DeploymentStates) => SharedRouting) | undefined
  /** Those of a gateway that goes on with another configuration; so are the soft budgets that it has told of. */
  metrics?: Metrics
  softBudgets?: SoftBudgets
  routingSpend?: RoutingSpend
  shadows?: Shadows
  /** Tells other instances what was spent through deployments. */
  shareSpend?: ShareSpend | undefined
  /** Finds the addresses of upstream hosts; as the operating system does, when left out. */
  resolve?: Resolve
  accounts?: Accounts | undefined
  cache?: AnswerCache | undefined
  store?: Store | undefined
  nowMs?: () => number
  monotonicMs?: () => number
  newId?: () => string
  random?: () => number
}

export function createServices(input: ServicesInput): Services {
  const { config, version } = input
  const env = (name: string): string | undefined => config.environment[name]?.reveal() ?? input.env(name)
  const nowMs = input.nowMs ?? Date.now
  const monotonicMs = input.monotonicMs ?? (() => performance.now())
  const newId = input.newId ?? timeOrderedId
  const catalog = createCatalog({ now: nowMs })
  const connect = createDialer({ allowPrivate: config.settings.allowPrivate, resolve: input.resolve })
  const log = input.log ?? pino({ level: 'silent' })
  const metrics = input.metrics ?? createMetrics()
  const random = input.random ?? Math.random
  const states = createDeploymentStates()
  const windows = createWindows(config.accounting.timezone)
  const deployments = createLiveDeployments(
    {
      config,
      catalog,
      env,
      registry: input.registry ?? builtinProviders,
      localModels: input.localModels ?? [],
      states,
      monotonicMs,
    },
    log,
  )
  const routing = createRouting({
    config,
    strategies: input.strategies,
    monotonicMs,
    nowMs,
    spend: input.routingSpend ?? createRoutingSpend({ nowMs, share: input.shareSpend }),
    windowAt: (duration, atMs) => windows.at(duration, atMs, undefined),
    random,
    shared: input.shareRouting?.(states),
    log,
    metrics,
  })
  const auth: AuthContext = {
    transport: createUndiciTransport({ connect }),
    nowMs,
    env,
    readFile: (path) => readFile(path, 'utf8'),
  }
  return {
    config,
    deployments,
    routing,
    health: createHealth({
      settings: config.health,
      deployments,
      engine: routing.engine,
      auth,
      newId,
      nowMs,
      monotonicMs,
      log,
      later,
    }),
    catalog,
    accounts: input.accounts,
    cache: input.cache,
    store: input.store,
    upstream: createUpstream(connect),
    shadows: input.shadows ?? createShadows(),
    auth,
    log,
    metrics,
    softBudgets: input.softBudgets ?? createSoftBudgets((passed) => tellPassed(passed, log, metrics)),
    nowMs,
    monotonicMs,
    newId,
    random,
    version,
    state: { draining: false },
  }
}

function later(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms)
  timer.unref()
  return () => clearTimeout(timer)
}

function tellPassed(passed: PassedSoftBudget, log: Logger, metrics: Metrics): void {
  const { scope, spentPicoUsd, softPicoUsd, resetMs } = passed
  metrics.softBudgetPassed(descriptorOf(scope))
  log.warn(
    {
      scope: scopeName(scope),
      spendUsd: formatUsd(spentPicoUsd),
      softBudgetUsd: formatUsd(softPicoUsd),
      resetsAt: resetMs === undefined ? undefined : new Date(resetMs).toISOString(),
    },
    'a soft budget is passed; nothing is refused',
  )
}
