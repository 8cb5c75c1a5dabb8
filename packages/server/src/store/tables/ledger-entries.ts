import type { Database, Queries } from '../database.ts'
import type { LedgerEntryRow, LedgerTagRow, RequestLogRow } from '../schema.ts'
import { insertNewRows, insertRows } from './bulk.ts'
import type { BulkInsert } from './bulk.ts'

const entries: BulkInsert<LedgerEntryRow> = {
  table: 'ledger_entries',
  columns: [
    'request_id',
    'at_ms',
    'settled_ms',
    'state',
    'cost_pico_usd',
    'presumed',
    'held_pico_usd',
    'owner',
    'key_hash',
    'user_id',
    'team_id',
    'organization_id',
    'end_user_id',
    'agent_id',
    'run_id',
    'deployment_id',
    'provider',
    'model',
    'model_group',
    'lines',
  ],
  ending: 'on conflict (request_id) do nothing',
}

const tags: BulkInsert<LedgerTagRow> = {
  table: 'ledger_tags',
  columns: ['tag', 'at_ms', 'request_id'],
  ending: 'on conflict do nothing',
}

const logs: BulkInsert<RequestLogRow> = {
  table: 'request_logs',
  columns: [
    'day',
    'request_id',
    'response_id',
    'call_type',
    'status',
    'status_code',
    'started_ms',
    'ended_ms',
    'first_byte_ms',
    'key_hash',
    'key_alias',
    'user_id',
    'team_id',
    'organization_id',
    'end_user_id',
    'agent_id',
    'run_id',
    'session_id',
    'model',
    'model_group',
    'deployment_id',
    'provider',
    'api_base',
    'input_tokens',
    'output_tokens',
    'cache_read_tokens',
    'cache_write_tokens',
    'cost_pico_usd',
    'usage_source',
    'cache_hit',
    'requester_ip',
    'tags',
    'attempts',
    'metadata',
    'messages',
    'response',
  ],
  ending: 'on conflict (day, request_id) do nothing',
}

/** Adds entries that are not there yet, and gives the ids of those. */
export async function addEntries(
  queries: Queries,
  dialect: Database['dialect'],
  rows: readonly LedgerEntryRow[],
): Promise<Set<string>> {
  return await insertNewRows(queries, dialect, entries, rows, 'request_id')
}

export async function addTags(
  queries: Queries,
  dialect: Database['dialect'],
  rows: readonly LedgerTagRow[],
): Promise<void> {
  await insertRows(queries, dialect, tags, rows)
}

/** PostgreSQL needs the partitions of their days first. */
export async function addLogs(
  queries: Queries,
  dialect: Database['dialect'],
  rows: readonly RequestLogRow[],
): Promise<void> {
  await insertRows(queries, dialect, logs, rows)
}

/** Those of these entries whose own process was not heard of, kept from others until the transaction ends. */
export async function presumedEntries(
  queries: Queries,
  dialect: Database['dialect'],
  requestIds: readonly string[],
): Promise<LedgerEntryRow[]> {
  if (requestIds.length === 0) return []
  const query = queries
    .selectFrom('ledger_entries')
    .selectAll()
    .where('request_id', 'in', requestIds)
    .where('presumed', '=', 1)
    .orderBy('request_id')
  return await (dialect === 'postgres' ? query.forUpdate() : query).execute()
}

/** An entry by its request: what it came to, for whoever finds a hold that nobody has settled. */
export async function findEntry(queries: Queries, requestId: string): Promise<LedgerEntryRow | undefined> {
  return await queries
    .selectFrom('ledger_entries')
    .selectAll()
    .where('request_id', '=', requestId)
    .executeTakeFirst()
}

/** Writes what the request's own process tells over what was presumed. */
export async function correctEntry(queries: Queries, row: LedgerEntryRow): Promise<void> {
  const { state, cost_pico_usd, presumed, settled_ms, deployment_id, provider, model } = row
  await queries
    .updateTable('ledger_entries')
    .set({ state, cost_pico_usd, presumed, settled_ms, deployment_id, provider, model })
    .where('request_id', '=', row.request_id)
    .execute()
}

export async function findLog(
  queries: Queries,
  day: number,
  requestId: string,
): Promise<RequestLogRow | undefined> {
  return await queries
    .selectFrom('request_logs')
    .selectAll()
    .where('day', '=', day)
    .where('request_id', '=', requestId)
    .executeTakeFirst()
}

export async function replaceLog(
  queries: Queries,
  dialect: Database['dialect'],
  row: RequestLogRow,
): Promise<void> {
  await queries
    .deleteFrom('request_logs')
    .where('day', '=', row.day)
    .where('request_id', '=', row.request_id)
    .execute()
  await addLogs(queries, dialect, [row])
}
