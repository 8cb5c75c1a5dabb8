import { picoUsdFromUsd } from '@switchyard/llm/kit'
import type { Windows } from '../policy/windows.ts'
import type { Database, Queries } from '../store/database.ts'
import { insertRows } from '../store/tables/bulk.ts'
import { startBalances } from '../store/tables/ledger-sums.ts'
import { memberTable } from '../store/tables/members.ts'
import type { Member, MemberTableName } from '../store/tables/members.ts'
import { resourceTable } from '../store/tables/resources.ts'
import type { Resource, ResourceTableName } from '../store/tables/resources.ts'
import { Columns } from './columns.ts'
import type { LitellmRow } from './columns.ts'
import type { Context, Kind, Mapped, Outcome, Spent } from './kinds/kind.ts'
import type { KindReport, Notes } from './report.ts'
import type { UniqueNames } from './unique-names.ts'

/** Where the rows go and how. */
export interface Target {
  readonly queries: Queries
  readonly dialect: Database['dialect']
  readonly windows: Windows
  /** Writes over what is here already. */
  readonly update: boolean
  /** Nothing was taken over before. */
  readonly isFirst: boolean
  readonly names: UniqueNames
}

/** What there is to say. */
interface Told {
  readonly report: KindReport
  readonly notes: Notes
}

const memberTables: Readonly<Partial<Record<ResourceTableName, MemberTableName>>> = {
  teams: 'team_members',
  organizations: 'organization_members',
}

/** Takes over some rows of one kind. What is here already stays as it is, unless it is to be updated. */
export async function takeOver<T extends ResourceTableName>(
  kind: Kind<T>,
  rows: readonly LitellmRow[],
  context: Context,
  target: Target,
  { report, notes }: Told,
): Promise<void> {
  const table = resourceTable(kind.table)
  const spent: Spent[] = []
  const mapped: Row<T>[] = []
  for (const row of rows) {
    const result = await mapRow(kind, row, context, { report, notes })
    if (!('leftOut' in result)) mapped.push({ ...result, row })
    else if (target.isFirst || target.update) spent.push(...(result.spent ?? []))
  }
  const known = await table.getMany(
    target.queries,
    mapped.map(({ resource }) => resource.id),
  )
  const created: Resource<T>[] = []
  const members: Member<MemberTableName>[] = []
  for (const { row, ...first } of mapped) {
    const before = known.get(first.resource.id)
    if (before !== undefined && !target.update) {
      report.kept += 1
      continue
    }
    const { resource, ...rest } = before === undefined ? first : await mapAgain(kind, row, context, before)
    const named = await target.names.claim(kind.table, resource)
    if (before === undefined) created.push(named)
    else await table.update(target.queries, { ...named, version: before.version })
    report[before === undefined ? 'created' : 'updated'] += 1
    members.push(...(rest.members ?? []))
    spent.push(...(rest.spent ?? []))
  }
  await insertAll(kind.table, created, target)
  await writeMembers(kind.table, members, target.queries)
  report.spentPicoUsd += await startSpending(spent, context.nowMs, target)
}

type Row<T extends ResourceTableName> = Mapped<T> & { readonly row: LitellmRow }

async function mapRow<T extends ResourceTableName>(
  kind: Kind<T>,
  row: LitellmRow,
  context: Context,
  { report, notes }: Told,
): Promise<Outcome<T>> {
  const columns = new Columns(row)
  const result = await kind.map(columns, context)
  const id = String(row[kind.id])
  report.found += 1
  if ('leftOut' in result) {
    report.leftOut += 1
    notes.add(kind.table, id, `left out: ${result.leftOut}`)
    return result
  }
  for (const problem of columns.problems) notes.add(kind.table, id, `without ${problem}`)
  for (const column of columns.unread) {
    const why = kind.passedOver?.[column] ?? 'this release has nothing of the kind'
    notes.add(kind.table, id, `without ${column}: ${why}`)
  }
  return result
}

/** The row again, for one that is here: spend is counted from when that was made. */
async function mapAgain<T extends ResourceTableName>(
  kind: Kind<T>,
  row: LitellmRow,
  context: Context,
  before: Resource<T>,
): Promise<Mapped<T>> {
  const result = await kind.map(new Columns(row), { ...context, createdMs: before.created_ms })
  if ('leftOut' in result) throw new Error(`${kind.source}: a row is read in two ways`)
  return result
}

async function insertAll<T extends ResourceTableName>(
  table: T,
  resources: readonly Resource<T>[],
  { queries, dialect }: Target,
): Promise<void> {
  const rows = resources.map((resource) => ({ ...resource, data: JSON.stringify(resource.data) }))
  const columns = Object.keys(rows[0] ?? {}) as (keyof (typeof rows)[number] & string)[]
  await insertRows(queries, dialect, { table, columns, ending: '' }, rows)
}

async function writeMembers(
  of: ResourceTableName,
  members: readonly Member<MemberTableName>[],
  queries: Queries,
): Promise<void> {
  const name = memberTables[of]
  if (name === undefined || members.length === 0) return
  const table = memberTable(name)
  for (const member of members)
    if (!(await table.update(queries, member))) await table.insert(queries, member)
}

/** Begins the current windows with what was spent, and gives how much that is. */
async function startSpending(spent: readonly Spent[], nowMs: number, target: Target): Promise<bigint> {
  const rows = spent
    .filter(({ usd }) => usd > 0)
    .map(({ limits: { scope, budgets }, usd }) => ({
      scope_kind: scope.kind,
      scope_id: scope.id,
      window_id: target.windows.at(budgets[0]?.duration, nowMs, budgets[0]?.sinceMs).id,
      started_pico_usd: picoUsdFromUsd(usd),
      updated_ms: nowMs,
    }))
  await startBalances(target.queries, target.dialect, rows)
  return rows.reduce((sum, { started_pico_usd: picoUsd }) => sum + picoUsd, 0n)
}
