import { z } from 'zod'
import { limitsOf } from '../auth/scope-limits.ts'
import type { RestRoute } from '../rest/route.ts'
import type { TagData } from '../store/data.ts'
import { resourceTable } from '../store/tables/resources.ts'
import type { Resource } from '../store/tables/resources.ts'
import { action } from './action.ts'
import type { Admin } from './admin.ts'
import { budgetsOf, checkBudget, limitsIn, renderBudgetTable } from './budget-table.ts'
import { budgetFields, id, text, texts } from './fields.ts'
import { badRequest, notFound } from './refusals.ts'
import { readSpending } from './spending.ts'
import { checkVersion } from './version.ts'
import type { Work } from './work.ts'

type Tag = Resource<'tags'>

const tags = resourceTable('tags')

const row = z
  .looseObject({
    name: z.string(),
    description: z.string().nullable(),
    models: z.array(z.string()),
    spend: z.number().meta({ description: 'US dollars in the current window' }),
  })
  .meta({ id: 'Tag' })

const given = z.object({
  ...budgetFields,
  name: id,
  description: text.nullish(),
  models: texts.nullish(),
  budget_id: id.nullish(),
})
type Given = z.output<typeof given>

const changed = z.object({ message: z.string(), tag: row })

export function createTagRoutes(admin: Admin): readonly RestRoute[] {
  const common = { tag: 'Tags' } as const
  const render = async (found: readonly Tag[], work: Work): Promise<object[]> => {
    const budgets = await budgetsOf(found, work)
    const limits = found.map(({ id: tag, data, budget_id }) =>
      limitsOf({ kind: 'tag', id: tag }, data, budgets.get(budget_id ?? ''), data.budget_since_ms),
    )
    const clock = { nowMs: work.nowMs, timezone: admin.settings.timezone }
    const spending = await readSpending(work.db, limits, admin.balances, clock)
    return found.map((tag, index) => ({
      name: tag.id,
      description: tag.data.description ?? null,
      models: tag.data.models ?? [],
      model_info: Object.fromEntries((tag.data.models ?? []).map((model) => [model, model])),
      spend: spending[index]?.spend ?? 0,
      budget_id: tag.budget_id,
      litellm_budget_table: renderBudgetTable(tag, budgets, spending[index]?.budget_reset_at ?? null),
      created_at: new Date(tag.created_ms).toISOString(),
      updated_at: new Date(tag.updated_ms).toISOString(),
      created_by: tag.created_by,
    }))
  }
  return [
    action(admin, {
      ...common,
      method: 'POST',
      paths: ['/tag/new'],
      summary: 'Makes a tag that can be given a budget and models',
      access: 'tags:write',
      body: given,
      example: { name: 'batch', description: 'Nightly jobs', max_budget: 20 },
      answer: { description: 'The tag', schema: changed },
      run: async ({ body }, work) => {
        if ((await tags.get(work.db, body.name)) !== undefined)
          throw badRequest(`Tag ${body.name} already exists`, 'name')
        await checkBudget(body.budget_id, work)
        const tag = await work.insert('tags', {
          id: body.name,
          budget_id: body.budget_id ?? null,
          data: dataOf(body),
        })
        return { message: `Tag ${body.name} created successfully`, tag: (await render([tag], work))[0] }
      },
    }),
    action(admin, {
      ...common,
      method: 'POST',
      paths: ['/tag/update'],
      summary: 'Changes a tag; null clears a limit',
      access: 'tags:write',
      body: given,
      example: { name: 'batch', max_budget: 30 },
      answer: { description: 'The tag as it is now', schema: changed },
      run: async ({ body, ifMatch, show }, work) => {
        const tag = await find(body.name, work)
        checkVersion(tag, ifMatch)
        await checkBudget(body.budget_id, work)
        const updated = await work.update('tags', tag, {
          budget_id: body.budget_id === undefined ? tag.budget_id : body.budget_id,
          data: { ...tag.data, ...dataOf(body) },
        })
        show(updated)
        return { message: `Tag ${body.name} updated successfully`, tag: (await render([updated], work))[0] }
      },
    }),
    action(admin, {
      ...common,
      method: 'POST',
      paths: ['/tag/info'],
      summary: 'Tags by their names',
      access: 'tags:read',
      body: z.object({ names: z.array(id).min(1).max(1_000) }),
      example: { names: ['batch'] },
      answer: { description: 'The tags, by name', schema: z.record(z.string(), row) },
      run: async ({ body }, work) => {
        const found = [...(await tags.getMany(work.db, body.names)).values()]
        if (found.length === 0) throw notFound('No tags found', 'names')
        const rendered = await render(found, work)
        return Object.fromEntries(found.map(({ id: name }, index) => [name, rendered[index]]))
      },
    }),
    action(admin, {
      ...common,
      method: 'GET',
      paths: ['/tag/list'],
      summary: 'All tags',
      access: 'tags:read',
      answer: { description: 'The tags', schema: z.array(row) },
      run: async (_, work) => await render(await tags.list(work.db), work),
    }),
    action(admin, {
      ...common,
      method: 'POST',
      paths: ['/tag/delete'],
      summary: 'Deletes a tag; requests may go on naming it',
      access: 'tags:write',
      body: z.object({ name: id }),
      example: { name: 'batch' },
      answer: { description: 'That it is gone', schema: z.object({ message: z.string() }) },
      run: async ({ body }, work) => {
        await work.remove('tags', [await find(body.name, work)])
        return { message: `Tag ${body.name} deleted successfully` }
      },
    }),
  ]
}

async function find(name: string, { db }: Work): Promise<Tag> {
  const tag = await tags.get(db, name)
  if (tag === undefined) throw notFound(`Tag ${name} not found`, 'name')
  return tag
}

function dataOf({ description, models, ...rest }: Given): TagData {
  const own = Object.entries({ description, models }).filter(([, value]) => value !== undefined)
  return { ...limitsIn(rest), ...Object.fromEntries(own) }
}
