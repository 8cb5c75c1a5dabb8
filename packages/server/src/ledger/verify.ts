import { sql } from 'kysely'
import type { RawBuilder } from 'kysely'
import type { Counters } from '../policy/counters.ts'
import type { ScopeKind } from '../policy/scope.ts'
import type { Database } from '../store/database.ts'
import { FOREIGN_ENDPOINT } from '../store/tables/ledger-sums.ts'
import type { Drift } from './drift.ts'
import { counterDrifts } from './verify-counters.ts'

const DRIFTS_SHOWN = 1_000

export interface Verification {
  readonly entries: number
  readonly totalPicoUsd: bigint
  /** Empty: everything agrees. At most 1,000 of each kind. */
  readonly drifts: readonly Drift[]
}

interface Comparison {
  scope: string
  period: string
  expected_pico_usd: bigint
  found_pico_usd: bigint
  expected_requests: number
  found_requests: number
}

/**
 * Proves that entries, balances, sums of days and counters agree, to the pico-USD. The database adds up, so that
 * it takes no memory here however many entries there are.
 *
 * @param counters left out: not looked at. They know of requests before the database does, so they agree only
 * when nothing is under way.
 */
export async function verify(database: Database, counters?: Pick<Counters, 'read'>): Promise<Verification> {
  const { entries, total_pico_usd } = await database.kysely
    .selectFrom('ledger_entries')
    .select(({ fn }) => [
      fn.countAll<number>().as('entries'),
      fn.coalesce(fn.sum<bigint>('cost_pico_usd'), sql<bigint>`0`).as('total_pico_usd'),
    ])
    .executeTakeFirstOrThrow()
  const drifts = [
    ...(await balanceDrifts(database)),
    ...(await dailyDrifts(database)),
    ...(counters === undefined ? [] : await counterDrifts(database, counters, DRIFTS_SHOWN)),
  ]
  return { entries, totalPicoUsd: total_pico_usd, drifts }
}

async function balanceDrifts({ kysely, dialect }: Database): Promise<Drift[]> {
  const line =
    dialect === 'postgres'
      ? { of: sql`json_array_elements(lines::json) as line`, scope: sql`line ->> 0`, period: sql`line ->> 1` }
      : {
          of: sql`json_each(lines) as line`,
          scope: sql`line.value ->> 0`,
          period: sql`line.value ->> 1`,
        }
  const expected = sql`
    select ${line.scope} as scope, ${line.period} as period, sum(cost_pico_usd) as cost, count(*) as requests
    from ledger_entries cross join ${line.of} group by 1, 2`
  const found = sql`
    select scope_kind || ':' || scope_id as scope, window_id as period,
      settled_pico_usd - started_pico_usd as cost, requests
    from balances`
  const { rows } = await comparison(expected, found).execute(kysely)
  return rows.map((row) => drift('balances', row, row.period))
}

async function dailyDrifts({ kysely }: Database): Promise<Drift[]> {
  const expected = sql.join(
    [
      sql`select 'global:' as scope, ${entryDay} as period, sum(cost_pico_usd) as cost, count(*) as requests
        from ledger_entries group by 2`,
      ...[...parties].map(
        ([kind, column]) => sql`
        select ${sql.lit(`${kind}:`)} || ${sql.ref(column)}, ${entryDay}, sum(cost_pico_usd), count(*)
        from ledger_entries where ${sql.ref(column)} is not null group by 1, 2`,
      ),
      sql`select 'deployment:' || coalesce(deployment_id, ''), ${entryDay}, sum(cost_pico_usd), count(*)
        from ledger_entries group by 1, 2`,
      sql`select 'tag:' || tag, ledger_tags.at_ms / 86400000, sum(cost_pico_usd), count(*)
        from ledger_tags join ledger_entries using (request_id) group by 1, 2`,
    ],
    sql` union all `,
  )
  const found = sql`
    select scope_kind || ':' || scope_id as scope, day as period, sum(cost_pico_usd) as cost,
      sum(requests) as requests
    from daily_spend where endpoint not like ${`${FOREIGN_ENDPOINT}%`} group by 1, 2`
  const { rows } = await comparison(expected, found).execute(kysely)
  return rows.map((row) =>
    drift('daily_spend', row, new Date(Number(row.period) * 86_400_000).toISOString().slice(0, 10)),
  )
}

const entryDay = sql`ledger_entries.at_ms / 86400000`
const parties: ReadonlyMap<ScopeKind, string> = new Map([
  ['key', 'key_hash'],
  ['user', 'user_id'],
  ['team', 'team_id'],
  ['organization', 'organization_id'],
  ['end_user', 'end_user_id'],
  ['agent', 'agent_id'],
])

/** Both sides under one another and summed by place: no database has to join two large sides. */
function comparison(expected: RawBuilder<unknown>, found: RawBuilder<unknown>): RawBuilder<Comparison> {
  return sql<Comparison>`
    with expected as (${expected}), found as (${found}), both_sides as (
      select scope, period, cost as expected_cost, requests as expected_requests, 0 as found_cost, 0 as found_requests
      from expected
      union all select scope, period, 0, 0, cost, requests from found)
    select scope, period, sum(expected_cost) as expected_pico_usd, sum(found_cost) as found_pico_usd,
      sum(expected_requests) as expected_requests, sum(found_requests) as found_requests
    from both_sides group by scope, period
    having sum(expected_cost) <> sum(found_cost) or sum(expected_requests) <> sum(found_requests)
    order by scope, period limit ${sql.lit(DRIFTS_SHOWN)}`
}

function drift(place: Drift['in'], row: Comparison, period: string): Drift {
  return {
    in: place,
    scope: row.scope,
    period,
    expectedPicoUsd: row.expected_pico_usd,
    foundPicoUsd: row.found_pico_usd,
    expectedRequests: row.expected_requests,
    foundRequests: row.found_requests,
  }
}
