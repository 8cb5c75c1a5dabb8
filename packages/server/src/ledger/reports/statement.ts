import { sql } from 'kysely'
import type { SelectQueryBuilder } from 'kysely'
import type { Queries } from '../../store/database.ts'
import type { LedgerEntryRow, Schema } from '../../store/schema.ts'

/** One line of a statement. */
export type StatementLine = Pick<
  LedgerEntryRow,
  | 'request_id'
  | 'at_ms'
  | 'settled_ms'
  | 'state'
  | 'cost_pico_usd'
  | 'key_hash'
  | 'model'
  | 'model_group'
  | 'provider'
>

export interface StatementPage {
  /** Admitted from then on. */
  readonly fromMs: number
  /** Admitted before. */
  readonly toMs: number
  readonly limit: number
  /** Goes on behind this line. */
  readonly after?: Pick<StatementLine, 'at_ms' | 'request_id'> | undefined
}

type PartyKind = 'key' | 'user' | 'team' | 'organization' | 'end_user' | 'agent' | 'run'

const columns: Readonly<Record<PartyKind, 'key_hash' | `${Exclude<PartyKind, 'key'>}_id`>> = {
  key: 'key_hash',
  user: 'user_id',
  team: 'team_id',
  organization: 'organization_id',
  end_user: 'end_user_id',
  agent: 'agent_id',
  run: 'run_id',
}

export type StatementKind = PartyKind | 'global' | 'tag'

/** Whom a statement can be asked for. */
export const statementKinds: readonly StatementKind[] = [
  ...(Object.keys(columns) as PartyKind[]),
  'tag',
  'global',
]

export interface StatementScope {
  readonly kind: StatementKind
  /** Empty for the global one. */
  readonly id: string
}

/** What a scope was debited, in the order of admission: each page costs the same. */
export async function readStatement(
  queries: Queries,
  scope: StatementScope,
  { fromMs, toMs, limit, after }: StatementPage,
): Promise<StatementLine[]> {
  let query = entriesOf(queries, scope)
    .select([
      'ledger_entries.request_id',
      'ledger_entries.at_ms',
      'settled_ms',
      'state',
      'cost_pico_usd',
      'key_hash',
      'model',
      'model_group',
      'provider',
    ])
    .where(placeOf(scope, 'at_ms'), '>=', fromMs)
    .where(placeOf(scope, 'at_ms'), '<', toMs)
    .orderBy(placeOf(scope, 'at_ms'))
    .orderBy(placeOf(scope, 'request_id'))
    .limit(limit)
  if (after !== undefined)
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(
        refTuple(placeOf(scope, 'at_ms'), placeOf(scope, 'request_id')),
        '>',
        tuple(after.at_ms, after.request_id),
      ),
    )
  return await query.execute()
}

/** What a scope had been debited before. */
export async function totalBefore(
  queries: Queries,
  scope: StatementScope,
  beforeMs: number,
): Promise<bigint> {
  const { total_pico_usd } = await entriesOf(queries, scope)
    .select(({ fn }) => fn.coalesce(fn.sum<bigint>('cost_pico_usd'), sql<bigint>`0`).as('total_pico_usd'))
    .where(placeOf(scope, 'at_ms'), '<', beforeMs)
    .executeTakeFirstOrThrow()
  return total_pico_usd
}

type Entries = SelectQueryBuilder<Schema, 'ledger_entries' | 'ledger_tags', object>

function entriesOf(queries: Queries, { kind, id }: StatementScope): Entries {
  const entries = queries.selectFrom('ledger_entries')
  if (kind === 'global') return entries as Entries
  if (kind === 'tag')
    return queries
      .selectFrom('ledger_tags')
      .innerJoin('ledger_entries', 'ledger_entries.request_id', 'ledger_tags.request_id')
      .where('tag', '=', id)
  return entries.where(columns[kind], '=', id) as Entries
}

/** The column that the index is ordered by. */
function placeOf<Column extends 'at_ms' | 'request_id'>(
  { kind }: StatementScope,
  column: Column,
): `ledger_entries.${Column}` | `ledger_tags.${Column}` {
  return kind === 'tag' ? `ledger_tags.${column}` : `ledger_entries.${column}`
}
