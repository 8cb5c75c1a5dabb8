import type { DeploymentStates, SharedRouting } from '@switchyard/llm/kit'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Accounts } from './accounts.ts'
import type { GatewayConfig } from './config/index.ts'
import { openCounters, openRoutingState } from './counters/open.ts'
import { keepHolds } from './ledger/hold-keeper.ts'
import { createLedger } from './ledger/ledger.ts'
import type { Ledger } from './ledger/ledger.ts'
import { createRetention } from './ledger/retention.ts'
import { readRetentionTimes } from './ledger/retention-times.ts'
import { timers } from './ledger/schedule.ts'
import { followStoredModels } from './models/stored-models.ts'
import type { StoredModels, StoredModelsInput } from './models/stored-models.ts'
import { createWindows } from './policy/windows.ts'
import type { ShareSpend } from './policy/share-spend.ts'
import type { BudgetKey } from './policy/counters.ts'
import type { Store } from './services.ts'
import type { Database, DatabaseLimits } from './store/database.ts'
import { sweepRotatedKeys } from './store/rotated-keys.ts'
import { prepareDatabase } from './store/prepare.ts'
import type { PreparedDatabase } from './store/prepare.ts'
import { sealingKeys } from './models/sealing-keys.ts'
import { createSealer } from './store/seal.ts'
import { readBalances } from './store/tables/balances.ts'
import { findEntry } from './store/tables/ledger-entries.ts'

/** What keys, budgets and the ledger stand on, running. */
export interface Governance {
  /** Accounts by the rules of a configuration: they may change while the gateway runs. */
  readonly accountsOf: (config: GatewayConfig) => Accounts
  readonly store: Store
  readonly ledger: Ledger
  /** Tells other instances what is known of deployments. Left out: there is no Redis to do so. */
  readonly shareRouting?: ((states: DeploymentStates) => SharedRouting) | undefined
  /** Tells other instances what was spent through deployments, and hears of theirs; left out as above. */
  readonly shareSpend?: ShareSpend | undefined
  /** When the database has its tables; until then everything that needs it is refused. Fails when it never will. */
  readonly ready: PreparedDatabase['ready']
  /** Tells of the models that are kept in the database, now and whenever they are different. */
  readonly followModels: (onRead: StoredModelsInput['onRead']) => StoredModels
  /** Ends when everything that was closed is in the database, as far as it can be reached. */
  close: () => Promise<void>
}

export interface GovernanceInput {
  readonly config: GatewayConfig
  /** What the server keeps on this machine. */
  readonly dataDirectory: string
  readonly log: Logger
  readonly nowMs: () => number
  readonly newId: () => string
}

/** Opens the database, replays what a crash left behind and begins to keep accounts. */
export async function openGovernance(input: GovernanceInput): Promise<Governance> {
  const { config, dataDirectory, log, nowMs } = input
  const owner = input.newId()
  const { accounting, settings } = config
  const leaseMs = accounting.holdLeaseMs
  const prepared = await prepareDatabase({
    url: settings.databaseUrl,
    file: join(dataDirectory, 'switchyard.db'),
    limits: limitsOf(settings),
    instance: owner,
    log,
  })
  const { database, changes } = prepared
  const load = (keys: readonly BudgetKey[]): Promise<readonly bigint[]> => readBalances(database.kysely, keys)
  const counters = await openCounters({
    kind: countersOf(config, database),
    database,
    redisUrl: accounting.redisUrl,
    leaseMs,
    redisTimeoutMs: accounting.redisTimeoutMs,
    redisPrefix: prefixOf(database),
    load,
    flushLedger: () => ledger.flush(),
    allowUnchecked: config.access.allowWithoutDatabase,
    newId: input.newId,
    nowMs,
    monotonicMs: () => performance.now(),
    random: Math.random,
    log,
  })
  const routingState =
    accounting.redisUrl === undefined
      ? undefined
      : await openRoutingState({
          redisUrl: accounting.redisUrl,
          redisTimeoutMs: accounting.redisTimeoutMs,
          redisPrefix: prefixOf(database),
          monotonicMs: () => performance.now(),
          random: Math.random,
          newId: input.newId,
          log,
        })
  const ledger = createLedger({
    database,
    folder: join(dataDirectory, 'journal'),
    owner,
    log,
    nowMs,
    onReplayed: ({ opening, closing }) =>
      counters.settle({
        requestId: opening.requestId,
        nowMs: nowMs(),
        costPicoUsd: closing.costPicoUsd,
        isPresumed: closing.isPresumed,
      }),
  })
  await ledger.start()
  const times = readRetentionTimes(accounting.logRetention, accounting.logRetentionInterval)
  const retention =
    times === undefined ? undefined : createRetention({ ...times, database, nowMs, schedule: timers, log })
  retention?.start()
  const stopSweeping = sweepRotatedKeys({ queries: database.kysely, nowMs, schedule: timers, log })
  const store = { database, changes }
  const sealer = createSealer(sealingKeys(settings))
  const holds = keepHolds({
    counters,
    ledger,
    find: async (requestId) => {
      const entry = await findEntry(database.kysely, requestId)
      return entry === undefined
        ? undefined
        : { costPicoUsd: entry.cost_pico_usd, isPresumed: entry.presumed === 1 }
    },
    owner,
    leaseMs,
    nowMs,
    log,
  })
  return {
    accountsOf: ({ accounting: rules }) => ({
      owner,
      counters,
      ledger,
      windows: createWindows(rules.timezone),
      rule: rules.budgetEnforcement,
      leaseMs,
      countedTokens: rules.countedTokens,
      keepsContent: rules.keepsContent,
    }),
    store,
    ledger,
    shareRouting: routingState?.share,
    shareSpend: routingState?.shareSpend,
    ready: prepared.ready,
    followModels: (onRead) => followStoredModels({ store, sealer, log, onRead }),
    close: async () => {
      holds.stop()
      await retention?.stop()
      await stopSweeping()
      await ledger.stop()
      routingState?.close()
      await counters.close()
      await prepared.close()
    },
  }
}

/**
 * A database that other instances may use wants counters that they use too; a file is this process's own.
 */
export function countersOf(
  { accounting }: Pick<GatewayConfig, 'accounting'>,
  { dialect }: Pick<Database, 'dialect'>,
): 'memory' | 'postgres' | 'redis' {
  if (accounting.counters !== undefined) return accounting.counters
  if (dialect === 'sqlite') return 'memory'
  return accounting.redisUrl === undefined ? 'postgres' : 'redis'
}

/** Instances of one database share their counters; others may use the same Redis. */
function prefixOf({ place }: Database): string {
  return `switchyard:${createHash('sha256').update(place).digest('hex').slice(0, 12)}`
}

function limitsOf({
  databaseConnections: connections,
  databaseConnectTimeoutMs: connectTimeoutMs,
  databaseStatementTimeoutMs: statementTimeoutMs,
}: GatewayConfig['settings']): Partial<DatabaseLimits> {
  return {
    ...(connections === undefined ? {} : { connections }),
    ...(connectTimeoutMs === undefined ? {} : { connectTimeoutMs }),
    ...(statementTimeoutMs === undefined ? {} : { statementTimeoutMs }),
  }
}
