import { z } from 'zod'
import { limitsOfUser } from '../../auth/principal-limits.ts'
import type { RestRoute } from '../../rest/route.ts'
import { resourceTable } from '../../store/tables/resources.ts'
import { action } from '../action.ts'
import type { Admin } from '../admin.ts'
import { visibleKeys } from '../keys/access.ts'
import { renderKeys } from '../keys/render.ts'
import { forbidden } from '../refusals.ts'
import { readSpending } from '../spending.ts'
import { seesAllSpend } from './whose.ts'

/** LiteLLM gives all there are. */
const MOST = 1_000

const rows = {
  description: 'Those that spent most first',
  schema: z.array(z.looseObject({ spend: z.number() })),
}

/** LiteLLM's `/spend/keys` and `/spend/users`: what each has spent in its current window. */
export function createSpenderRoutes(admin: Admin): readonly RestRoute[] {
  const keys = action(admin, {
    method: 'GET',
    paths: ['/spend/keys'],
    tag: 'Spend',
    summary: 'The keys that the caller sees, with what they spent',
    access: 'spend:read',
    answer: rows,
    run: async (_, work) => {
      const where = visibleKeys(work.principal, '/key/list')
      const found = await resourceTable('keys').list(work.db, { where, limit: MOST })
      return bySpend(await renderKeys(found, work, admin))
    },
  })
  const users = action(admin, {
    method: 'GET',
    paths: ['/spend/users'],
    tag: 'Spend',
    summary: 'The users, or one of them, with what they spent',
    access: 'spend:read',
    query: z.object({ user_id: z.string().optional() }),
    answer: rows,
    run: async ({ query }, { db, principal, nowMs }) => {
      const own = seesAllSpend(principal) ? query.user_id : (principal.userId ?? '')
      if (query.user_id !== undefined && own !== query.user_id)
        throw forbidden('You can only view your own spend data. Leave user_id out.', 'user_id')
      const found = await resourceTable('users').list(db, { where: { id: own }, limit: MOST })
      const limits = found.map((user) => limitsOfUser(user.id, user, false))
      const clock = { nowMs, timezone: admin.settings.timezone }
      const spending = await readSpending(db, limits, admin.balances, clock)
      return bySpend(
        found.map(({ id, email, role, data }, index) => ({
          user_id: id,
          user_email: email,
          user_role: role,
          max_budget: data.max_budget ?? null,
          budget_duration: data.budget_duration ?? null,
          ...spending[index],
        })),
      )
    },
  })
  return [keys, users]
}

function bySpend<Row extends Readonly<Record<string, unknown>>>(rows: readonly Row[]): Row[] {
  return rows.toSorted((one, other) => Number(other['spend'] ?? 0) - Number(one['spend'] ?? 0))
}
