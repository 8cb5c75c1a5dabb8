import { rememberBy } from '../policy/remember.ts'
import { parseScopeName, scopeName } from '../policy/scope.ts'
import type { Scope } from '../policy/scope.ts'
import type { DailySpendRow } from '../store/schema.ts'
import { NO_TOTALS } from '../store/tables/daily-totals.ts'
import type { BalanceSums } from '../store/tables/ledger-sums.ts'
import type { Parties } from './entry.ts'
import { UNKNOWN_MODEL } from './entry.ts'
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
  /** By everything but the scope, then by the scope: of one request, most of the place is the same for all scopes. */
  const daily = new Map<string, Map<string, DailySpendRow>>()
  const balances = new Map<string, BalanceSums>()

  const daysOf = (pair: Pair, keyHash: string): Map<string, DailySpendRow> => {
    const { opening, closing } = pair
    const { model = '', provider = '' } = closing.log
    const place = `${dayOf(opening.atMs)}\0${keyHash}\0${model}\0${groupOf(pair)}\0${provider}\0${opening.endpoint}`
    let days = daily.get(place)
    if (days === undefined) daily.set(place, (days = new Map()))
    return days
  }

  const addToDay = (
    days: Map<string, DailySpendRow>,
    pair: Pair,
    { kind, id }: Scope,
    name: string,
    sign: 1 | -1,
  ): void => {
    const { opening, closing } = pair
    const { log } = closing
    let row = days.get(name)
    if (row === undefined) {
      row = {
        scope_kind: kind,
        scope_id: id,
        day: dayOf(opening.atMs),
        key_hash: keyless.has(kind) ? '' : opening.parties.keyHash,
        model: log.model ?? '',
        model_group: groupOf(pair),
        provider: log.provider ?? '',
        endpoint: opening.endpoint,
        ...NO_TOTALS,
      }
      days.set(name, row)
    }
    const isSuccess = log.status === 'success'
    row.input_tokens += sign * log.inputTokens
    row.output_tokens += sign * log.outputTokens
    row.cache_read_tokens += sign * log.cacheReadTokens
    row.cache_write_tokens += sign * log.cacheWriteTokens
    row.cost_pico_usd += sign === 1 ? closing.costPicoUsd : -closing.costPicoUsd
    row.requests += sign
    row.successful_requests += isSuccess ? sign : 0
    row.failed_requests += isSuccess ? 0 : sign
    row.rate_limited_requests += log.statusCode === RATE_LIMITED ? sign : 0
    row.cached_requests += log.cacheHit ? sign : 0
    row.cached_output_tokens += log.cacheHit ? sign * log.outputTokens : 0
  }

  const addToBalance = (pair: Pair, name: string, windowId: string, sign: 1 | -1): void => {
    const { log, costPicoUsd } = pair.closing
    const key = `${name}\0${windowId}`
    let row = balances.get(key)
    if (row === undefined) {
      const { kind, id } = parseScopeName(name)
      row = {
        scope_kind: kind,
        scope_id: id,
        window_id: windowId,
        settled_pico_usd: 0n,
        requests: 0,
        tokens: 0,
        updated_ms: nowMs,
      }
      balances.set(key, row)
    }
    row.settled_pico_usd += sign === 1 ? costPicoUsd : -costPicoUsd
    row.requests += sign
    row.tokens += sign * (log.inputTokens + log.outputTokens)
  }

  return {
    add: (pair, sign = 1) => {
      const ofAll = daysOf(pair, '')
      const ofKey = daysOf(pair, pair.opening.parties.keyHash)
      const paid: Scope = { kind: 'deployment', id: pair.closing.log.deploymentId ?? '' }
      addToDay(ofAll, pair, everything, scopeName(everything), sign)
      addToDay(ofAll, pair, paid, `deployment:${paid.id}`, sign)
      for (const scope of partyScopes(pair.opening.parties))
        addToDay(ofKey, pair, scope, scopeName(scope), sign)
      for (const [name, windowId] of pair.opening.lines) addToBalance(pair, name, windowId, sign)
    },
    sums: () => ({
      daily: [...daily.values()].flatMap((days) => [...days.values()]),
      balances: [...balances.values()],
    }),
  }
}

/** Sums of everything and of deployments are not divided by key: `key` has them, and these stay few. */
const keyless: ReadonlySet<Scope['kind']> = new Set(['global', 'deployment'])

const everything: Scope = { kind: 'global', id: '' }

/**
 * Whose days a request counts in besides those of everything and of the deployment that was paid: everyone it is
 * charged to. Runs have a balance only, as there is no end of them.
 */
const partyScopes: (parties: Parties) => readonly Scope[] = rememberBy((parties: Parties) => {
  const scopes: Scope[] = [{ kind: 'key', id: parties.keyHash }]
  for (const tag of new Set(parties.tags)) scopes.push({ kind: 'tag', id: tag })
  for (const [kind, party] of reportedParties) {
    const id = parties[party]
    if (id !== undefined) scopes.push({ kind, id })
  }
  return scopes
})

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

/** The row of a request keeps the name that was asked for. */
function groupOf({ opening, closing }: Pair): string {
  return closing.log.model === UNKNOWN_MODEL ? UNKNOWN_MODEL : (opening.modelGroup ?? '')
}
