import { scopeName } from '../policy/scope.ts'
import type {
  Admission,
  AdmissionResult,
  BudgetKey,
  BudgetState,
  Orphan,
  Refused,
  Settlement,
} from '../policy/counters.ts'
import type { RawBuilder } from 'kysely'
import type { Database } from '../store/database.ts'
import type { Breaker } from './breaker.ts'
import { RATE_WINDOW_MS } from './rate-window.ts'
import type { SharedCounters } from './shared-counters.ts'

/** Counters of budgets that nobody asked for in this time are made anew from the ledger's balances. */
const IDLE_MS = 86_400_000
/** How long requests that are over stay known, so that telling their end twice changes nothing. */
const CLOSED_MS = 300_000
/** How long the truth may correct what was presumed. */
const PRESUMED_MS = 86_400_000
/** Rows that one round of clearing takes. */
const CLEARED_AT_ONCE = 5_000
const DEFAULT_LEASE_MS = 60_000

export interface PostgresCountersInput {
  readonly database: Pick<Database, 'kysely'>
  readonly breaker: Breaker
  /** How long holds that are taken over before this instance has any of its own outlive it. */
  readonly leaseMs?: number | undefined
}

/**
 * Counters that several instances share in the database. `admit` and `settle` are one statement each, see
 * store/migrations/0002-counters.ts.
 */
export async function createPostgresCounters({
  database,
  breaker,
  leaseMs: firstLeaseMs = DEFAULT_LEASE_MS,
}: PostgresCountersInput): Promise<SharedCounters> {
  const { sql } = await import('kysely')
  const run = async <Row>(query: RawBuilder<Row>): Promise<readonly Row[]> =>
    (await breaker.run(async () => await query.execute(database.kysely))).rows
  let lastLeaseMs = firstLeaseMs
  let instances = 1

  async function admit(admission: Admission): Promise<AdmissionResult> {
    const { requestId, owner, nowMs, leaseMs, rule, hold } = admission
    lastLeaseMs = leaseMs
    const { kinds, names, windows, maxes, amounts } = rowsOf(admission)
    const [told] = await run(sql<Told>`select * from counters_admit(
      ${requestId}, ${owner}, ${nowMs}, ${leaseMs}, ${rule},
      ${hold.wantedPicoUsd}, ${hold.floorPicoUsd}, ${hold.leastPicoUsd},
      ${kinds}, ${names}, ${windows}, ${maxes}, ${amounts},
      ${RATE_WINDOW_MS}, ${IDLE_MS}, ${admission.opening()}
    )`)
    if (told === undefined) throw new TypeError('counters_admit gave no row')
    return resultOf(admission, told)
  }

  async function read(keys: readonly BudgetKey[]): Promise<readonly BudgetState[]> {
    const names = keys.map(({ scope }) => scopeName(scope))
    const windows = keys.map(({ windowId }) => windowId)
    const rows = await run(sql<{ settled: bigint; reserved: bigint }>`
      select coalesce(c.settled, b.settled_pico_usd, 0) as settled, coalesce(c.reserved, 0) as reserved
      from unnest(${names}::text[], ${windows}::text[]) with ordinality as l (name, window_id, i)
      left join counters c on c.kind = 'budget' and c.name = l.name and c.window_id = l.window_id
      left join balances b on b.scope_kind = split_part(l.name, ':', 1)
        and b.scope_id = substr(l.name, strpos(l.name, ':') + 1) and b.window_id = l.window_id
      order by l.i`)
    return rows.map(({ settled, reserved }) => ({ settledPicoUsd: settled, reservedPicoUsd: reserved }))
  }

  async function takeOrphans(owner: string, nowMs: number, limit: number): Promise<readonly Orphan[]> {
    const rows = await run(sql<{ request_id: string; owner: string; hold_pico_usd: bigint; opening: string }>`
      with found as (
        select request_id, owner from reservations
        where state = 'open' and lease_until_ms <= ${nowMs} and owner <> ${owner}
        order by lease_until_ms limit ${limit} for update skip locked
      )
      update reservations r set owner = ${owner}, lease_until_ms = ${nowMs + lastLeaseMs}
      from found where r.request_id = found.request_id
      returning r.request_id, found.owner, r.hold_pico_usd, r.opening`)
    return rows.map((row) => ({
      requestId: row.request_id,
      owner: row.owner,
      holdPicoUsd: row.hold_pico_usd,
      opening: row.opening,
    }))
  }

  /** Rows that are locked are in use; they wait for the next round. It may take its time, so the breaker is left out. */
  async function clear(nowMs: number): Promise<void> {
    await sql`delete from reservations where request_id in (
      select request_id from reservations
      where (state = 'closed' and lease_until_ms < ${nowMs - CLOSED_MS})
        or (state = 'estimated' and lease_until_ms < ${nowMs - PRESUMED_MS})
      limit ${CLEARED_AT_ONCE} for update skip locked
    )`.execute(database.kysely)
    await sql`delete from counters where (kind, name, window_id) in (
      select kind, name, window_id from counters where expires_ms < ${nowMs} and reserved = 0
        limit ${CLEARED_AT_ONCE} for update skip locked
    )`.execute(database.kysely)
  }

  return {
    admit,
    extend: async (requestId, morePicoUsd) => {
      const rows = await run(sql<{ done: boolean }>`
        select counters_extend(${requestId}, ${morePicoUsd}) as done`)
      return rows[0]?.done ?? false
    },
    settle: async ({ requestId, nowMs, costPicoUsd, isPresumed = false, tokens }: Settlement) => {
      await run(sql`select counters_settle(
        ${requestId}, ${nowMs}, ${costPicoUsd}, ${isPresumed ? 'estimated' : 'settled'}, ${tokens ?? null}
      )`)
    },
    read,
    instances: () => instances,
    addSpent: async ({ requestId, nowMs, keys, costPicoUsd }) => {
      const names = keys.map(({ scope }) => scopeName(scope))
      const windows = keys.map(({ windowId }) => windowId)
      await run(sql`
        with first as (
          insert into reservations
            (request_id, owner, lease_until_ms, state, hold_pico_usd, cost_pico_usd, lines, opening)
          values (${requestId}, '', ${nowMs}, 'closed', 0, ${costPicoUsd}, '[]', '')
          on conflict do nothing returning request_id
        ), mine as (
          select kind, name, window_id from counters
          join unnest(${names}::text[], ${windows}::text[]) as l (name, window_id) using (name, window_id)
          where kind = 'budget' and exists (select from first)
          order by kind, name, window_id for update of counters
        )
        update counters c set settled = c.settled + ${costPicoUsd} from mine
        where c.kind = mine.kind and c.name = mine.name and c.window_id = mine.window_id`)
    },
    renew: async (owner, nowMs) => {
      await run(sql`update reservations set lease_until_ms = ${nowMs + lastLeaseMs}
        where owner = ${owner} and state = 'open'`)
      const [counted] = await run(sql<{ owners: number }>`
        select count(distinct owner) as owners from reservations where state = 'open' and lease_until_ms > ${nowMs}`)
      instances = Math.max(1, counted?.owners ?? 1)
      await clear(nowMs)
    },
    takeOrphans,
    close: () => Promise.resolve(),
  }
}

/** The lines of an admission in their order, column by column. */
interface Rows {
  readonly kinds: string[]
  readonly names: string[]
  readonly windows: string[]
  readonly maxes: (string | null)[]
  readonly amounts: number[]
}

/** What `counters_admit` gives: index of the line without room, or the hold; state of all lines. */
interface Told {
  readonly refused: number | null
  readonly hold: string | null
  readonly settled_now: readonly string[]
  readonly reserved_now: readonly string[]
  readonly resets: readonly (number | bigint | string | null)[]
}

function rowsOf({ budgets, rates, parallels }: Admission): Rows {
  const rows: Rows = { kinds: [], names: [], windows: [], maxes: [], amounts: [] }
  const add = (
    kind: string,
    name: string,
    window: string,
    max: bigint | number | undefined,
    amount: number,
  ): void => {
    rows.kinds.push(kind)
    rows.names.push(name)
    rows.windows.push(window)
    rows.maxes.push(max === undefined ? null : String(max))
    rows.amounts.push(amount)
  }
  for (const { scope, windowId, maxPicoUsd } of budgets)
    add('budget', scopeName(scope), windowId, maxPicoUsd, 0)
  for (const { scope, unit, max, amount } of rates)
    add('rate', `${unit}/${scopeName(scope)}`, '', max, amount)
  for (const { scope, max } of parallels) add('parallel', scopeName(scope), '', max, 1)
  return rows
}

function resultOf({ budgets, rates }: Admission, told: Told): AdmissionResult {
  const budgetAt = (at: number): BudgetState => ({
    settledPicoUsd: BigInt(told.settled_now[at] ?? 0),
    reservedPicoUsd: BigInt(told.reserved_now[at] ?? 0),
  })
  const rateAt = (at: number) => ({ used: Number(told.settled_now[at]), resetMs: Number(told.resets[at]) })
  if (told.refused !== null) return { admitted: false, line: refusedLine(told.refused) }
  return {
    admitted: true,
    holdPicoUsd: BigInt(told.hold ?? 0),
    budgets: budgets.map((_, index) => budgetAt(index)),
    rates: rates.map((_, index) => rateAt(budgets.length + index)),
  }

  function refusedLine(at: number): Refused['line'] {
    if (at < budgets.length) return { type: 'budget', index: at, state: budgetAt(at) }
    const rate = at - budgets.length
    if (rate < rates.length) return { type: 'rate', index: rate, state: rateAt(at) }
    return { type: 'parallel', index: rate - rates.length, running: Number(told.reserved_now[at]) }
  }
}
