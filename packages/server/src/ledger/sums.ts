import { parseScopeName } from '../policy/scope.ts'
import type { Scope } from '../policy/scope.ts'
import type { DailySpendRow } from '../store/schema.ts'
import type { BalanceSums } from '../store/tables/ledger-sums.ts'
import type { Pair } from './pairing.ts'
import { dayOf } from './rows.ts'

const RATE_LIMITED = 429

/** What many requests add to the sums of days and to balances: one row for each that changes. */
export interface Sums {
  readonly daily: readonly DailySpendRow[]
  readonly balances: readonly BalanceSums[]
}

export interface Summing {
  /** `-1` takes back what the same pair has added before. */
  add: (pair: Pair, sign?: 1 | -1) => void
  sums: () => Sums
}

export function createSumming(nowMs: number): Summing {
  const daily = new Map<string, DailySpendRow>()
  const balances = new Map<string, BalanceSums>()

  const addToDay = (pair: Pair, { kind, id }: Scope, sign: 1 | -1): void => {
    const { opening, closing } = pair
    const { log } = closing
    const day = dayOf(opening.atMs)
    const keyHash = keyless.has(kind) ? '' : opening.parties.keyHash
    const model = log.model ?? ''
    const modelGroup = opening.modelGroup ?? ''
    const provider = log.provider ?? ''
    const key = [kind, id, day, keyHash, model, modelGroup, provider, opening.endpoint].join('\0')
    const row = daily.get(key) ?? {
      scope_kind: kind,
      scope_id: id,
      day,
      key_hash: keyHash,
      model,
      model_group: modelGroup,
      provider,
      endpoint: opening.endpoint,
      ...noSpend,
    }
    const isSuccess = log.status === 'success'
    row.input_tokens += sign * log.inputTokens
    row.output_tokens += sign * log.outputTokens
    row.cache_read_tokens += sign * log.cacheReadTokens
    row.cache_write_tokens += sign * log.cacheWriteTokens
    row.cost_pico_usd += BigInt(sign) * closing.costPicoUsd
    row.requests += sign
    row.successful_requests += isSuccess ? sign : 0
    row.failed_requests += isSuccess ? 0 : sign
    row.rate_limited_requests += log.statusCode === RATE_LIMITED ? sign : 0
    row.cached_requests += log.cacheHit ? sign : 0
    row.cached_output_tokens += log.cacheHit ? sign * log.outputTokens : 0
    daily.set(key, row)
  }

  const addToBalance = (pair: Pair, name: string, windowId: string, sign: 1 | -1): void => {
    const { log, costPicoUsd } = pair.closing
    const key = `${name}\0${windowId}`
    const { kind, id } = parseScopeName(name)
    const row = balances.get(key) ?? {
      scope_kind: kind,
      scope_id: id,
      window_id: windowId,
      settled_pico_usd: 0n,
      requests: 0,
      tokens: 0,
      updated_ms: nowMs,
    }
    row.settled_pico_usd += BigInt(sign) * costPicoUsd
    row.requests += sign
    row.tokens += sign * (log.inputTokens + log.outputTokens)
    balances.set(key, row)
  }

  return {
    add: (pair, sign = 1) => {
      for (const scope of reportedScopes(pair)) addToDay(pair, scope, sign)
      for (const [name, windowId] of pair.opening.lines) addToBalance(pair, name, windowId, sign)
    },
    sums: () => ({ daily: [...daily.values()], balances: [...balances.values()] }),
  }
}

const noSpend = {
  input_tokens: 0,
  output_tokens: 0,
  cache_read_tokens: 0,
  cache_write_tokens: 0,
  cost_pico_usd: 0n,
  requests: 0,
  successful_requests: 0,
  failed_requests: 0,
  rate_limited_requests: 0,
  cached_requests: 0,
  cached_output_tokens: 0,
}

/** Sums of everything and of deployments are not divided by key: `key` has them, and these stay few. */
const keyless: ReadonlySet<Scope['kind']> = new Set(['global', 'deployment'])

/**
 * Whose days a request counts in: everyone it is charged to, and the deployment that was paid. Runs have a balance
 * only, as there is no end of them.
 */
function reportedScopes({ opening, closing }: Pair): Scope[] {
  const { parties } = opening
  const scopes: Scope[] = [
    { kind: 'global', id: '' },
    { kind: 'key', id: parties.keyHash },
    { kind: 'deployment', id: closing.log.deploymentId ?? '' },
    ...[...new Set(parties.tags)].map((tag) => ({ kind: 'tag', id: tag }) as const),
  ]
  for (const [kind, party] of reportedParties) {
    const id = parties[party]
    if (id !== undefined) scopes.push({ kind, id })
  }
  return scopes
}

const reportedParties: readonly (readonly [
  Scope['kind'],
  'userId' | 'teamId' | 'organizationId' | 'endUserId' | 'agentId',
])[] = [
  ['user', 'userId'],
  ['team', 'teamId'],
  ['organization', 'organizationId'],
  ['end_user', 'endUserId'],
  ['agent', 'agentId'],
]
