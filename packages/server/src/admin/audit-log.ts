import { z } from 'zod'
import type { RestRoute } from '../rest/route.ts'
import type { AuditRow } from '../store/schema.ts'
import { countAudit, listAudit } from '../store/tables/audit.ts'
import type { Filter } from '../store/tables/filter.ts'
import { action } from './action.ts'
import type { Admin } from './admin.ts'
import { pageFields, pageOf, pagesOf } from './paging.ts'
import { notFound } from './refusals.ts'

const entry = z
  .object({
    id: z.string(),
    updated_at: z.string(),
    changed_by: z.string(),
    changed_by_api_key: z.string(),
    action: z.string(),
    table_name: z.string(),
    object_id: z.string(),
    before_value: z.unknown(),
    updated_values: z.unknown(),
  })
  .meta({ id: 'AuditEntry' })

/** LiteLLM's names for what is changed. */
const TABLES: Readonly<Record<string, string>> = {
  key: 'LiteLLM_VerificationToken',
  team: 'LiteLLM_TeamTable',
  user: 'LiteLLM_UserTable',
  organization: 'LiteLLM_OrganizationTable',
  customer: 'LiteLLM_EndUserTable',
  budget: 'LiteLLM_BudgetTable',
  tag: 'LiteLLM_TagTable',
  model: 'LiteLLM_ProxyModelTable',
  credential: 'LiteLLM_CredentialsTable',
}

const filters = {
  changed_by: z.string().optional(),
  changed_by_api_key: z.string().optional(),
  action: z.string().optional().meta({ description: '`created`, `updated`, `deleted`, `blocked` …' }),
  table_name: z.string().optional().meta({ description: 'LiteLLM’s table, or `key`, `team` …' }),
  object_id: z.string().optional(),
  start_date: z.iso.date().optional(),
  end_date: z.iso.date().optional(),
}

const DAY_MS = 86_400_000

export function createAuditRoutes(admin: Admin): readonly RestRoute[] {
  const { page, size } = pageFields(10, 100)
  const list = action(admin, {
    method: 'GET',
    paths: ['/audit'],
    tag: 'Audit',
    summary: 'Who changed what, the newest first, by page',
    access: 'audit:read',
    query: z.object({ ...filters, page, page_size: size }),
    answer: {
      description: 'One page',
      schema: z.object({
        audit_logs: z.array(entry),
        total: z.int(),
        page: z.int(),
        page_size: z.int(),
        total_pages: z.int(),
      }),
    },
    run: async ({ query }, { db }) => {
      const where = filterOf(query)
      const total = await countAudit(db, where)
      const rows = await listAudit(db, { where, ...pageOf({ page: query.page, size: query.page_size }) })
      return {
        audit_logs: rows.map(render),
        total,
        page: query.page,
        page_size: query.page_size,
        total_pages: pagesOf(total, query.page_size),
      }
    },
  })
  const single = action(admin, {
    method: 'GET',
    paths: ['/audit/:id'],
    params: { id: 'The entry' },
    tag: 'Audit',
    summary: 'One change, with the thing before and after',
    access: 'audit:read',
    answer: { description: 'The change', schema: entry },
    run: async ({ params }, { db }) => {
      const [row] = await listAudit(db, { where: { id: params['id'] ?? '' }, limit: 1 })
      if (row === undefined) throw notFound('There is no such entry in the audit log.', 'id')
      return render(row)
    },
  })
  return [list, single]
}

function filterOf(query: z.output<z.ZodObject<typeof filters>>): Filter<AuditRow> {
  const { table_name: table } = query
  const kind = Object.keys(TABLES).find((one) => TABLES[one] === table) ?? table
  return {
    actor_user_id: query.changed_by,
    actor_key: query.changed_by_api_key,
    action: query.action,
    object_kind: kind,
    object_id: query.object_id,
    at_ms: {
      from: query.start_date === undefined ? undefined : Date.parse(query.start_date),
      to: query.end_date === undefined ? undefined : Date.parse(query.end_date) + DAY_MS - 1,
    },
  }
}

function render(row: AuditRow): z.output<typeof entry> {
  return {
    id: row.id,
    updated_at: new Date(row.at_ms).toISOString(),
    changed_by: row.actor_user_id ?? '',
    changed_by_api_key: row.actor_key,
    action: row.action,
    table_name: TABLES[row.object_kind] ?? row.object_kind,
    object_id: row.object_id,
    before_value: row.before === null ? null : JSON.parse(row.before),
    updated_values: row.after === null ? null : JSON.parse(row.after),
  }
}
