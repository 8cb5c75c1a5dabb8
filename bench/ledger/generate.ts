import { sql } from 'kysely'
import type { RawBuilder } from 'kysely'
import type { Database } from '../../packages/server/src/store/database.ts'
import { ensureLogPartitions } from '../../packages/server/src/store/log-partitions.ts'

export const DAYS = 90
/** 2026-11-27 */
export const LAST_DAY = 20_784
const ROWS_AT_ONCE = 250_000
const DAY_MS = 86_400_000

/** Every request is of one of these; keys belong to users, teams and all else by their number. */
export const cast = {
  keys: 500,
  users: 200,
  teams: 20,
  organizations: 5,
  customers: 2_000,
  tags: 20,
  agents: 10,
}

/** Fills empty tables with requests of the last 90 days, evenly, and with everything that is summed from them. */
export async function generate(database: Database, rows: number, say: (text: string) => void): Promise<void> {
  const { kysely, dialect } = database
  const firstDay = LAST_DAY - DAYS + 1
  await ensureLogPartitions(
    database,
    Array.from({ length: DAYS }, (_, index) => firstDay + index),
  )
  if (dialect === 'sqlite') await sql`pragma cache_size = -1000000`.execute(kysely)
  const indexes = await dropIndexes(database)
  for (let start = 0; start < rows; start += ROWS_AT_ONCE) {
    await logs(
      database,
      start,
      Math.min(start + ROWS_AT_ONCE, rows),
      (DAYS * DAY_MS) / rows,
      firstDay,
    ).execute(kysely)
    say(`${Math.min(start + ROWS_AT_ONCE, rows).toLocaleString('en')} requests`)
  }
  for (const [index, statement] of derived(database).entries()) {
    await statement.execute(kysely)
    say(`days, balances and entries: step ${index + 1}`)
  }
  for (const index of indexes) await sql.raw(index).execute(kysely)
  await sql.raw('analyze').execute(kysely)
  say('indexes')
}

function logs(
  database: Database,
  from: number,
  to: number,
  stepMs: number,
  firstDay: number,
): RawBuilder<unknown> {
  const isPostgres = database.dialect === 'postgres'
  const series = isPostgres
    ? sql`select generate_series(${sql.lit(from)}::bigint, ${sql.lit(to - 1)}::bigint) as i`
    : sql`with recursive numbers(i) as (
        select ${sql.lit(from)} union all select i + 1 from numbers where i + 1 < ${sql.lit(to)}
      ) select i from numbers`
  const hex = (value: string): string =>
    isPostgres ? `lpad(to_hex(${value}), 64, '0')` : `printf('%064x', ${value})`
  const id = isPostgres ? 'md5(i::text)' : 'lower(hex(randomblob(16)))'
  const startMs = firstDay * DAY_MS
  const text = isPostgres ? '::text' : ''
  return sql`
    insert into request_logs (day, request_id, response_id, call_type, status, status_code, started_ms, ended_ms,
      first_byte_ms, key_hash, user_id, team_id, organization_id, end_user_id, agent_id, model, model_group,
      deployment_id, provider, api_base, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens,
      cost_pico_usd, usage_source, cache_hit, tags, attempts, metadata)
    select ms / ${sql.lit(DAY_MS)}, ${sql.raw(id)}, 'chatcmpl-' || ${sql.raw(id)}, 'acompletion',
      case when i % 50 = 0 then 'failure' else 'success' end, case when i % 50 = 0 then 429 else 200 end,
      ms, ms + 900, ms + 200, ${sql.raw(hex('k'))}, 'user-' || (k % 200)${sql.raw(text)}, 'team-' || (k % 20)${sql.raw(text)},
      'org-' || (k % 5)${sql.raw(text)}, 'customer-' || (k * 4 + i % 4)${sql.raw(text)}, 'agent-' || (k % 10)${sql.raw(text)},
      'model-' || ((k + i % 3) % 10)${sql.raw(text)}, 'group-' || ((k + i % 3) % 10)${sql.raw(text)},
      'deployment-' || ((k + i % 3) % 10)${sql.raw(text)}, 'provider-' || ((k + i % 3) % 4)${sql.raw(text)},
      'https://api.example.com/v1', 1000 + i % 500, 200 + i % 100, 0, 0, (i % 1000 + 1) * 1000000, 'provider', 0,
      '["tag-' || (k % 20) || '"]', '[{"deploymentId":"deployment-1","ms":850,"costPicoUsd":"250000"}]',
      '{"usage":{"prompt_tokens":1000,"completion_tokens":200,"prompt_tokens_details":{"cached_tokens":0}}}'
    from (
      select i, (i * 7919) % ${sql.lit(cast.keys)} as k,
        ${sql.lit(startMs)} + ${isPostgres ? sql`floor(i * ${sql.lit(stepMs)})::bigint` : sql`cast(i * ${sql.lit(stepMs)} as integer)`} as ms
      from (${series}) as numbers
    ) as requests`
}

/** What the writer makes of requests when they are ingested, summed once and divided further from there. */
function derived({ dialect }: Database): RawBuilder<unknown>[] {
  const tag = sql`substr(tags, 3, length(tags) - 4)`
  const days = (
    kind: string,
    id: RawBuilder<unknown>,
    key: RawBuilder<unknown> = sql`key_hash`,
  ): RawBuilder<unknown> => sql`
    insert into daily_spend (scope_kind, scope_id, day, key_hash, model, model_group, provider, endpoint,
      input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_pico_usd, requests,
      successful_requests, failed_requests, rate_limited_requests, cached_requests, cached_output_tokens)
    select ${sql.lit(kind)}, ${id}, day, ${key}, model, model_group, provider, '/v1/chat/completions',
      sum(input), sum(output), 0, 0, sum(cost), sum(requests), sum(requests - failed), sum(failed), sum(failed), 0, 0
    from bench_sums group by 2, day, 4, model, model_group, provider`
  const balance = (kind: string, id: RawBuilder<unknown>): RawBuilder<unknown> => sql`
    insert into balances (scope_kind, scope_id, window_id, settled_pico_usd, requests, tokens, updated_ms)
    select ${sql.lit(kind)}, ${id}, 'all', sum(cost), sum(requests), sum(input + output), 0
    from bench_sums group by 2`
  const list = sql.raw(dialect === 'postgres' ? 'json_build_array' : 'json_array')
  const lines = sql`${list}(${list}('global:', 'all'), ${list}('key:' || key_hash, 'all'))`
  return [
    sql`create table bench_sums as
      select day, key_hash, user_id, team_id, organization_id, end_user_id, agent_id, deployment_id, model,
        model_group, provider, tags, sum(input_tokens) as input, sum(output_tokens) as output,
        sum(cost_pico_usd) as cost, count(*) as requests, sum(case when status = 'failure' then 1 else 0 end) as failed
      from request_logs
      group by day, key_hash, user_id, team_id, organization_id, end_user_id, agent_id, deployment_id, model,
        model_group, provider, tags`,
    days('global', sql`''`, sql`''`),
    days('deployment', sql`deployment_id`, sql`''`),
    days('key', sql`key_hash`),
    days('user', sql`user_id`),
    days('team', sql`team_id`),
    days('organization', sql`organization_id`),
    days('end_user', sql`end_user_id`),
    days('agent', sql`agent_id`),
    days('tag', tag),
    balance('global', sql`''`),
    balance('key', sql`key_hash`),
    sql`drop table bench_sums`,
    sql`insert into ledger_entries (request_id, at_ms, settled_ms, state, cost_pico_usd, held_pico_usd, owner, key_hash,
        user_id, team_id, organization_id, end_user_id, agent_id, deployment_id, provider, model, model_group, lines)
      select request_id, started_ms, ended_ms, 'settled', cost_pico_usd, cost_pico_usd, 'bench', key_hash, user_id, team_id,
        organization_id, end_user_id, agent_id, deployment_id, provider, model, model_group, cast(${lines} as text)
      from request_logs`,
    sql`insert into ledger_tags (tag, at_ms, request_id) select ${tag}, started_ms, request_id from request_logs`,
  ]
}

/** Indexes are made quicker at the end. Gives how. */
async function dropIndexes({ kysely, dialect }: Database): Promise<string[]> {
  const tables = sql.join(['request_logs', 'ledger_entries', 'daily_spend'].map((table) => sql.lit(table)))
  const { rows } =
    dialect === 'sqlite'
      ? await sql<{ name: string; text: string }>`
          select name, sql as text from sqlite_master
          where type = 'index' and tbl_name in (${tables}) and sql is not null`.execute(kysely)
      : await sql<{ name: string; text: string }>`
          select indexname as name, indexdef as text from pg_indexes
          where schemaname = current_schema() and tablename in (${tables}) and indexname not like '%\_pkey'`.execute(
          kysely,
        )
  for (const { name } of rows) await sql`drop index ${sql.id(name)}`.execute(kysely)
  // PostgreSQL shows an index of a divided table as one of no part of it.
  return rows.map(({ text }) => text.replace(' ON ONLY ', ' ON '))
}
