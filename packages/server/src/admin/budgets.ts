import { z } from 'zod'
import { windowAt } from '../policy/windows.ts'
import type { RestRoute } from '../rest/route.ts'
import { resourceTable } from '../store/tables/resources.ts'
import type { Resource } from '../store/tables/resources.ts'
import { action } from './action.ts'
import type { Admin } from './admin.ts'
import { limitsIn } from './budget-table.ts'
import { budgetFields, id, optional } from './fields.ts'
import { badRequest, notFound } from './refusals.ts'
import { checkVersion } from './version.ts'
import type { Work } from './work.ts'

type Budget = Resource<'budgets'>

const budgets = resourceTable('budgets')

const row = z
  .looseObject({
    budget_id: z.string(),
    max_budget: z.number().nullable(),
    budget_duration: z.string().nullable(),
    budget_reset_at: z.string().nullable(),
  })
  .meta({ id: 'Budget' })

export function createBudgetRoutes(admin: Admin): readonly RestRoute[] {
  const common = { tag: 'Budgets' } as const
  const render = ({ id: budget_id, data, ...made }: Budget, nowMs: number): object => {
    const { timezone } = admin.settings
    const { endMs } = windowAt(data.budget_duration ?? undefined, nowMs, {
      timezone,
      sinceMs: made.created_ms,
    })
    return {
      ...EMPTY,
      ...data,
      budget_id,
      budget_reset_at: endMs === undefined ? null : new Date(endMs).toISOString(),
      created_at: new Date(made.created_ms).toISOString(),
      created_by: made.created_by,
      updated_at: new Date(made.updated_ms).toISOString(),
      updated_by: made.updated_by,
    }
  }
  return [
    action(admin, {
      ...common,
      method: 'POST',
      paths: ['/budget/new'],
      summary: 'Makes a budget that keys, customers, tags and organizations can name',
      access: 'budgets:write',
      body: z.object({ budget_id: optional(id), ...budgetFields }),
      example: { budget_id: 'free-tier', max_budget: 5, budget_duration: '30d', rpm_limit: 10 },
      answer: { description: 'The budget', schema: row },
      run: async ({ body }, work) => {
        const budgetId = body.budget_id ?? work.newId()
        if ((await budgets.get(work.db, budgetId)) !== undefined)
          throw badRequest(
            `Budget with id=${budgetId} already exists. Change it with /budget/update.`,
            'budget_id',
          )
        return render(await work.insert('budgets', { id: budgetId, data: limitsIn(body) }), work.nowMs)
      },
    }),
    action(admin, {
      ...common,
      method: 'POST',
      paths: ['/budget/update'],
      summary: 'Changes a budget for everybody who names it; null clears a limit',
      access: 'budgets:write',
      body: z.object({ budget_id: id, ...budgetFields }),
      example: { budget_id: 'free-tier', max_budget: 6 },
      answer: { description: 'The budget as it is now', schema: row },
      run: async ({ body, ifMatch, show }, work) => {
        const budget = await find(body.budget_id, work)
        checkVersion(budget, ifMatch)
        const updated = await work.update('budgets', budget, { data: { ...budget.data, ...limitsIn(body) } })
        show(updated)
        return render(updated, work.nowMs)
      },
    }),
    action(admin, {
      ...common,
      method: 'POST',
      paths: ['/budget/info'],
      summary: 'Budgets by their ids',
      access: 'budgets:read',
      body: z.object({ budgets: z.array(id) }),
      example: { budgets: ['free-tier'] },
      answer: { description: 'Those that are there', schema: z.array(row) },
      run: async ({ body }, work) => {
        if (body.budgets.length === 0)
          throw badRequest("Specify list of budget id's to query. Passed in=[]", 'budgets')
        return [...(await budgets.getMany(work.db, body.budgets)).values()].map((one) =>
          render(one, work.nowMs),
        )
      },
    }),
    action(admin, {
      ...common,
      method: 'GET',
      paths: ['/budget/list'],
      summary: 'All budgets',
      access: 'budgets:read',
      answer: { description: 'The budgets', schema: z.array(row) },
      run: async (_, work) => (await budgets.list(work.db)).map((one) => render(one, work.nowMs)),
    }),
    action(admin, {
      ...common,
      method: 'GET',
      paths: ['/budget/settings'],
      summary: 'The fields of a budget, for forms',
      access: 'budgets:read',
      query: z.object({ budget_id: id.meta({ description: 'The budget' }) }),
      answer: { description: 'The fields', schema: z.array(z.unknown()) },
      run: async ({ query }, work) => {
        const { data } = await find(query.budget_id, work)
        return SETTINGS.map(([name, type]) => ({
          field_name: name,
          field_type: type,
          field_description: budgetFields[name].meta()?.description ?? '',
          field_value: data[name] ?? null,
          stored_in_db: data[name] != null,
          field_default_value: null,
        }))
      },
    }),
    action(admin, {
      ...common,
      method: 'POST',
      paths: ['/budget/delete'],
      summary: 'Deletes a budget; who names it has no such limit any more',
      access: 'budgets:write',
      body: z.object({ id: id.meta({ description: 'The budget' }) }),
      example: { id: 'free-tier' },
      answer: { description: 'What it was', schema: row },
      run: async ({ body }, work) => {
        const budget = await find(body.id, work)
        await work.remove('budgets', [budget])
        return render(budget, work.nowMs)
      },
    }),
  ]
}

async function find(budgetId: string, { db }: Work): Promise<Budget> {
  const budget = await budgets.get(db, budgetId)
  if (budget === undefined) throw notFound(`Budget with id=${budgetId} does not exist.`, 'budget_id')
  return budget
}

const SETTINGS = [
  ['max_parallel_requests', 'Integer'],
  ['tpm_limit', 'Integer'],
  ['rpm_limit', 'Integer'],
  ['budget_duration', 'String'],
  ['max_budget', 'Float'],
  ['soft_budget', 'Float'],
] as const

const EMPTY = {
  max_budget: null,
  soft_budget: null,
  budget_duration: null,
  max_parallel_requests: null,
  tpm_limit: null,
  rpm_limit: null,
  model_max_budget: null,
} as const
