import type { Windows } from '../policy/windows.ts'
import type { LimitData } from '../store/data.ts'
import type { Database } from '../store/database.ts'
import { countAudit, insertAudit } from '../store/tables/audit.ts'
import type { ResourceTableName } from '../store/tables/resources.ts'
import { Columns } from './columns.ts'
import type { LitellmRow } from './columns.ts'
import { readBudget } from './kinds/budgets.ts'
import { histories, takeOverHistory } from './history.ts'
import { kinds } from './kinds/index.ts'
import type { Context, Kind } from './kinds/kind.ts'
import { readWithOthers, reasonFor } from './left-tables.ts'
import { Notes } from './report.ts'
import type { ImportReport, KindReport } from './report.ts'
import type { Secrets } from './secrets.ts'
import { withSource } from './source.ts'
import type { Source } from './source.ts'
import { takeOver } from './take-over.ts'
import type { Target } from './take-over.ts'
import { UniqueNames } from './unique-names.ts'

/** What the audit log calls it. */
const OBJECT_KIND = 'litellm import'

export interface ImportInput {
  /** LiteLLM's, which is only read. */
  readonly source: Database
  /** Ours, with the tables of this release. */
  readonly target: Database
  /** Writes over what is here already, where it came from LiteLLM or not. */
  readonly update: boolean
  /** Does everything, and takes it all back. */
  readonly dryRun: boolean
  readonly windows: Windows
  /** What everybody together may spend: `litellm_settings.max_budget`. */
  readonly global: LimitData
  readonly secrets: Secrets
  readonly masterKeyHash?: string | undefined
  readonly nowMs: number
  readonly newId: () => string
}

/** Takes over what LiteLLM's database knows of who may spend what: all of it or nothing. */
export async function importLitellm(input: ImportInput): Promise<ImportReport> {
  const { source, target, dryRun } = input
  return await withSource(source, async (tables) => {
    const context = await contextOf(tables, input)
    try {
      return await target.transaction(async (queries) => {
        const report = await importInto(tables, context, { ...input, queries, dialect: target.dialect })
        if (dryRun) throw new TakenBack(report)
        await insertAudit(queries, [auditRow(report, input)])
        return report
      })
    } catch (error) {
      if (error instanceof TakenBack) return error.report
      throw error
    }
  })
}

/** Ends a transaction without its changes. */
class TakenBack extends Error {
  readonly report: ImportReport

  constructor(report: ImportReport) {
    super('a dry run changes nothing')
    this.report = report
  }
}

async function importInto(
  source: Source,
  context: Context,
  target: Omit<Target, 'names' | 'isFirst'>,
): Promise<ImportReport> {
  const notes = new Notes()
  const { queries } = target
  const before = await countAudit(queries, { object_kind: OBJECT_KIND })
  const more = { names: new UniqueNames(queries, notes), isFirst: before === 0 }
  const reports: KindReport[] = []
  for (const kind of kinds)
    reports.push(await importKind(kind, source, context, { ...target, ...more }, notes))
  for (const history of histories) reports.push(await takeOverHistory(history, source, target))
  return { kinds: reports, leftTables: await leftTablesOf(source), notes: notes.all() }
}

async function importKind<T extends ResourceTableName>(
  kind: Kind<T>,
  source: Source,
  context: Context,
  target: Target,
  notes: Notes,
): Promise<KindReport> {
  const counts = { found: 0, created: 0, updated: 0, kept: 0, leftOut: 0, spentPicoUsd: 0n }
  const report: KindReport = { what: kind.table, from: kind.source, ...counts }
  for await (const rows of source.rows(kind.source, kind.id))
    await takeOver(kind, rows, context, target, { report, notes })
  return report
}

async function contextOf(
  source: Source,
  { nowMs, masterKeyHash, global, secrets }: ImportInput,
): Promise<Context> {
  const budgets = await source.all('LiteLLM_BudgetTable')
  return {
    nowMs,
    global,
    secrets,
    masterKeyHash,
    budgets: new Map(budgets.map((row) => [String(row['budget_id']), readBudget(new Columns(row))])),
    endedBudgets: new Set(budgets.filter((row) => isOver(row, nowMs)).map((row) => String(row['budget_id']))),
    objectPermissions: byId(await source.all('LiteLLM_ObjectPermissionTable'), 'object_permission_id'),
    modelAliases: byId(await source.all('LiteLLM_ModelTable'), 'id'),
    teamMembers: grouped(await source.all('LiteLLM_TeamMembership'), 'team_id'),
    organizationMembers: grouped(await source.all('LiteLLM_OrganizationMembership'), 'organization_id'),
  }
}

function isOver(row: LitellmRow, nowMs: number): boolean {
  const resetMs = new Columns(row).timeMs('budget_reset_at')
  return resetMs !== undefined && resetMs <= nowMs
}

async function leftTablesOf(source: Source): Promise<ImportReport['leftTables']> {
  const takenOver = new Set([...kinds, ...histories].map(({ source: table }) => table))
  const left: { table: string; rows: number; why: string }[] = []
  for (const table of [...source.tables].toSorted()) {
    if (takenOver.has(table) || readWithOthers.has(table)) continue
    const rows = await source.count(table)
    if (rows > 0) left.push({ table, rows, why: reasonFor(table) })
  }
  return left
}

function auditRow(
  { kinds }: ImportReport,
  { newId, nowMs }: ImportInput,
): Parameters<typeof insertAudit>[1][0] {
  const after = Object.fromEntries(kinds.map(({ what, created, updated }) => [what, { created, updated }]))
  const id = newId()
  return {
    id,
    at_ms: nowMs,
    actor_key: 'command line',
    actor_user_id: null,
    action: 'created',
    object_kind: OBJECT_KIND,
    object_id: id,
    before: null,
    after: JSON.stringify(after),
    request_id: id,
  }
}

function byId(rows: readonly LitellmRow[], id: string): Map<string, LitellmRow> {
  return new Map(rows.map((row) => [String(row[id]), row]))
}

function grouped(rows: readonly LitellmRow[], by: string): Map<string, LitellmRow[]> {
  return Map.groupBy(rows, (row) => String(row[by]))
}
