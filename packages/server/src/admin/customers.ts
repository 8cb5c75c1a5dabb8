import { z } from 'zod'
import { limitsOf } from '../auth/scope-limits.ts'
import type { ScopeLimits } from '../policy/limits.ts'
import type { RestRoute } from '../rest/route.ts'
import type { BudgetData, CustomerData } from '../store/data.ts'
import { resourceTable } from '../store/tables/resources.ts'
import type { Resource } from '../store/tables/resources.ts'
import { action } from './action.ts'
import type { Admin } from './admin.ts'
import { budgetsOf, checkBudget, limitsIn, renderBudgetTable } from './budget-table.ts'
import { budgetFields, flag, id, optional, text, usd } from './fields.ts'
import { badRequest, notFound } from './refusals.ts'
import { findSeen, listSeen } from './seen-customers.ts'
import { readSpending, startSpending } from './spending.ts'
import { checkVersion } from './version.ts'
import type { Work } from './work.ts'

type Customer = Resource<'customers'>

const customers = resourceTable('customers')

const row = z
  .looseObject({
    user_id: z.string(),
    alias: z.string().nullable(),
    blocked: z.boolean(),
    spend: z.number().meta({ description: 'US dollars in the current window' }),
  })
  .meta({ id: 'Customer' })

const fields = {
  ...budgetFields,
  user_id: id.meta({ description: 'The end user, as requests name them in `user`' }),
  alias: text.nullish(),
  blocked: flag.nullish(),
  budget_id: optional(id),
  allowed_model_region: z.enum(['eu', 'us']).nullish(),
  default_model: text.nullish(),
  spend: usd.nullish(),
}
const given = z.object(fields)
type Given = z.output<typeof given>

const many = z.object({ user_ids: z.array(id).min(1).max(1_000) })

export function createCustomerRoutes(admin: Admin): readonly RestRoute[] {
  const common = { tag: 'Customers' } as const
  const { settings, balances } = admin

  const render = async (found: readonly Customer[], work: Work): Promise<object[]> => {
    const budgets = await budgetsOf(found, work)
    const limits = found.map((customer) => limitsOfCustomer(customer, budgets))
    const { nowMs } = work
    const spending = await readSpending(work.db, limits, balances, { nowMs, timezone: settings.timezone })
    return found.map((customer, index) => ({
      user_id: customer.id,
      alias: customer.data.alias ?? null,
      blocked: customer.data.blocked ?? false,
      spend: spending[index]?.spend ?? 0,
      allowed_model_region: customer.data.allowed_model_region ?? null,
      default_model: customer.data.default_model ?? null,
      budget_id: customer.budget_id,
      litellm_budget_table: renderBudgetTable(customer, budgets, spending[index]?.budget_reset_at ?? null),
      object_permission: null,
    }))
  }
  const renderOne = async (customer: Customer, work: Work): Promise<object> =>
    (await render([customer], work))[0] ?? {}

  const create = async (body: Given, work: Work): Promise<Customer> => {
    if ((await customers.get(work.db, body.user_id)) !== undefined)
      throw badRequest(`Customer already exists, passed user_id=${body.user_id}.`, 'user_id')
    await checkFields(body, work)
    const customer = await work.insert('customers', {
      id: body.user_id,
      budget_id: body.budget_id ?? null,
      data: dataOf(body),
    })
    const limits = limitsOfCustomer(customer, await budgetsOf([customer], work))
    await startSpending(work.db, limits, body.spend ?? 0, { nowMs: work.nowMs, timezone: settings.timezone })
    return customer
  }

  return [
    action(admin, {
      ...common,
      method: 'POST',
      paths: ['/customer/new', '/end_user/new'],
      summary: 'Makes a customer: an end user with limits',
      access: 'customers:write',
      body: given,
      example: { user_id: 'customer-1', max_budget: 5, budget_duration: '30d' },
      answer: { description: 'The customer', schema: row },
      run: async ({ body }, work) => await renderOne(await create(body, work), work),
    }),
    action(admin, {
      ...common,
      method: 'POST',
      paths: ['/customer/update', '/end_user/update'],
      summary: 'Changes a customer; null clears a limit',
      access: 'customers:write',
      body: given,
      example: { user_id: 'customer-1', max_budget: 6 },
      answer: { description: 'The customer as it is now', schema: row },
      run: async ({ body, ifMatch, show }, work) => {
        await checkFields(body, work)
        const known = await customers.get(work.db, body.user_id)
        const customer = known ?? (await create({ user_id: (await find(body.user_id, work)).id }, work))
        checkVersion(customer, ifMatch)
        const updated = await work.update('customers', customer, {
          budget_id: body.budget_id === undefined ? customer.budget_id : body.budget_id,
          data: { ...customer.data, ...dataOf(body) },
        })
        show(updated)
        return await renderOne(updated, work)
      },
    }),
    action(admin, {
      ...common,
      method: 'GET',
      paths: ['/customer/info', '/end_user/info'],
      summary: 'A customer with what they have spent',
      access: 'customers:read',
      query: z.object({ end_user_id: id.meta({ description: 'The end user' }) }),
      answer: { description: 'The customer', schema: row },
      run: async ({ query, show }, work) => {
        const customer = await find(query.end_user_id, work)
        if (customer.version > 0) show(customer)
        return await renderOne(customer, work)
      },
    }),
    action(admin, {
      ...common,
      method: 'GET',
      paths: ['/customer/list', '/end_user/list'],
      summary: 'All customers, and end users who have spent without being made one',
      access: 'customers:read',
      answer: { description: 'The customers', schema: z.array(row) },
      run: async (_, work) => {
        const made = await customers.list(work.db, { limit: MOST })
        const seen = await listSeen(work.db, MOST - made.length)
        return await render([...made, ...seen], work)
      },
    }),
    action(admin, {
      ...common,
      method: 'POST',
      paths: ['/customer/delete', '/end_user/delete'],
      summary: 'Deletes customers',
      access: 'customers:write',
      body: many,
      example: { user_ids: ['customer-1'] },
      answer: {
        description: 'How many were deleted',
        schema: z.object({ deleted_customers: z.int(), message: z.string() }),
      },
      run: async ({ body }, work) => {
        const found = await customers.getMany(work.db, body.user_ids)
        const missing = body.user_ids.filter((one) => !found.has(one))
        if (missing.length > 0)
          throw notFound(`End User Id(s)=${missing.join(', ')} do not exist in db`, 'user_ids')
        await work.remove('customers', [...found.values()])
        const names = body.user_ids.join(', ')
        return { deleted_customers: found.size, message: `Successfully deleted customers with ids: ${names}` }
      },
    }),
    ...(['block', 'unblock'] as const).map((verb) =>
      action(admin, {
        ...common,
        method: 'POST',
        paths: [`/customer/${verb}`, `/end_user/${verb}`],
        summary:
          verb === 'block'
            ? 'Blocks end users, also such as were never seen'
            : 'Lets blocked end users in again',
        access: 'customers:write',
        body: many,
        example: { user_ids: ['customer-1'] },
        answer: { description: 'They as they are now', schema: z.object({ blocked_users: z.array(row) }) },
        run: async ({ body }, work) => {
          const changed: Customer[] = []
          for (const user_id of new Set(body.user_ids)) {
            const known = await customers.get(work.db, user_id)
            const customer = known ?? (await create({ user_id }, work))
            const data = { ...customer.data, blocked: verb === 'block' }
            changed.push(await work.update('customers', customer, { data }, `${verb}ed`))
          }
          return { blocked_users: await render(changed, work) }
        },
      }),
    ),
  ]
}

/** The list is not paged: its clients expect all of them. */
const MOST = 10_000

async function find(customerId: string, { db }: Work): Promise<Customer> {
  const customer = (await customers.get(db, customerId)) ?? (await findSeen(db, customerId))
  if (customer === undefined) throw notFound(`End User Id=${customerId} does not exist in db`, 'end_user_id')
  return customer
}

async function checkFields({ budget_id, max_budget }: Given, work: Work): Promise<void> {
  if (budget_id != null && max_budget != null)
    throw badRequest("Set either 'max_budget' or 'budget_id', not both.", 'budget_id')
  await checkBudget(budget_id, work)
}

function dataOf({ alias, blocked, allowed_model_region, default_model, ...rest }: Given): CustomerData {
  const own = Object.entries({ alias, blocked, allowed_model_region, default_model })
  return { ...limitsIn(rest), ...Object.fromEntries(own.filter(([, value]) => value !== undefined)) }
}

function limitsOfCustomer(
  { id: customerId, data, budget_id }: Customer,
  budgets: ReadonlyMap<string, BudgetData>,
): ScopeLimits {
  const scope = { kind: 'end_user', id: customerId } as const
  return limitsOf(scope, data, budgets.get(budget_id ?? ''), data.budget_since_ms)
}
