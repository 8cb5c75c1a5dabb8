import { z } from 'zod'
import type { Permission } from '../../auth/permissions.ts'
import type { Principal } from '../../auth/principal.ts'
import { keyHashOf } from '../../auth/virtual-key.ts'
import { addTotals, countDays, listDays, sumDays } from '../../ledger/reports/daily.ts'
import type { DailySum, DaysWanted, Dimension } from '../../ledger/reports/daily.ts'
import type { RestRoute } from '../../rest/route.ts'
import type { Queries } from '../../store/database.ts'
import { resourceTable } from '../../store/tables/resources.ts'
import { action } from '../action.ts'
import type { Admin } from '../admin.ts'
import { pagesOf } from '../paging.ts'
import { forbidden, notFound } from '../refusals.ts'
import { createActivity, renderTotals } from './activity.ts'
import type { Activity, Names, Part } from './activity.ts'
import { namesOfEntities, namesOfKeys } from './names.ts'
import { dateFields, requiredPeriod } from './period.ts'
import { seesAllSpend, wantedFields, whoseByKey } from './whose.ts'

const whole = z.coerce.number().int('expected a whole number').min(1, 'must be at least 1')
const pages = {
  page: whole.max(1_000_000).default(1).meta({ description: 'From 1' }),
  page_size: whole.max(1_000).default(1_000).meta({ description: 'How many rows of days make a page' }),
}
const fields = { ...dateFields, ...wantedFields, ...pages }
const answer = {
  description: 'Spend by day, each broken down',
  schema: z.looseObject({
    results: z.array(z.looseObject({ date: z.string() })),
    metadata: z.looseObject({}),
  }),
}

/** Those who can be compared: where they are asked for, and who may. */
interface Entity {
  readonly name: 'team' | 'tag' | 'organization' | 'customer' | 'agent'
  readonly kind: DaysWanted['kind']
  /** The field that names them, separated by commas. */
  readonly field: string
  readonly access: Permission
}

const entities: readonly Entity[] = [
  { name: 'team', kind: 'team', field: 'team_ids', access: 'spend:read' },
  { name: 'organization', kind: 'organization', field: 'organization_ids', access: 'spend:read' },
  { name: 'tag', kind: 'tag', field: 'tags', access: 'spend:read_all' },
  { name: 'customer', kind: 'end_user', field: 'end_user_ids', access: 'spend:read_all' },
  { name: 'agent', kind: 'agent', field: 'agent_ids', access: 'spend:read_all' },
]

export function createActivityRoutes(admin: Admin): readonly RestRoute[] {
  return [
    userActivity(admin),
    aggregatedActivity(admin),
    ...entities.map((entity) => entityActivity(entity, admin)),
  ]
}

const userFields = {
  ...fields,
  user_id: z.string().optional().meta({ description: 'Only of this user; left out: of everyone' }),
}

function userActivity(admin: Admin): RestRoute {
  return action(admin, {
    method: 'GET',
    paths: ['/user/daily/activity'],
    tag: 'Spend',
    summary: 'Spend by day of all users, or of one',
    access: 'spend:read',
    query: z.object(userFields),
    answer,
    run: async ({ query }, { db, principal }) => {
      const wanted = { ...whoseByKey(query, principal), ...requiredPeriod(query) }
      // On one page only, for whoever adds the pages up.
      const users = query.page === 1 ? await daysOfUsers(db, wanted, principal) : []
      return await pageOfDays(db, wanted, query, wanted.kind === 'user', users)
    },
  })
}

function aggregatedActivity(admin: Admin): RestRoute {
  return action(admin, {
    method: 'GET',
    paths: ['/user/daily/activity/aggregated'],
    tag: 'Spend',
    summary: 'The same, whole on one page',
    access: 'spend:read',
    query: z.object({ ...dateFields, ...wantedFields, user_id: userFields.user_id }),
    answer,
    run: async ({ query }, { db, principal }) => {
      const wanted = { ...whoseByKey(query, principal), ...requiredPeriod(query) }
      const activity = createActivity(false)
      for (const row of await sumDays(db, { ...wanted, by: ['day'] })) activity.addSum(row.day, row)
      for (const [part, column] of dimensions)
        for (const row of await sumDays(db, { ...wanted, by: ['day', column] }))
          activity.addSum(row.day, row, { part, name: row[column] })
      for (const row of await daysOfUsers(db, wanted, principal))
        activity.addSum(row.day, row, { part: 'entities', name: row.scope_id })
      return await answerOf(db, activity, wanted.kind, { page: 1, totalPages: 1 })
    },
  })
}

const dimensions = [
  ['models', 'model'],
  ['model_groups', 'model_group'],
  ['providers', 'provider'],
  ['endpoints', 'endpoint'],
  ['api_keys', 'key_hash'],
] as const satisfies readonly (readonly [Part, Dimension])[]

/** Who is behind the days of keys, which know nothing of users: told to whoever sees what everybody spends. */
async function daysOfUsers(
  db: Queries,
  { kind, where, fromDay, toDay }: DaysWanted,
  principal: Principal,
): Promise<DailySum<'day' | 'scope_id'>[]> {
  if (kind !== 'key' || !seesAllSpend(principal)) return []
  const { scope_id: key_hash, model } = where ?? {}
  return await sumDays(db, {
    kind: 'user',
    where: { key_hash, model },
    fromDay,
    toDay,
    by: ['day', 'scope_id'],
  })
}

function entityActivity({ name, kind, field, access }: Entity, admin: Admin): RestRoute {
  const ids = z.string().optional()
  return action(admin, {
    method: 'GET',
    paths:
      name === 'customer'
        ? ['/customer/daily/activity', '/end_user/daily/activity']
        : [`/${name}/daily/activity`],
    tag: 'Spend',
    summary: `Spend by day of each ${name}, or of some`,
    access,
    query: z.object({
      ...fields,
      [field]: ids.meta({ description: 'Only of these, separated by commas' }),
      [`exclude_${field}`]: ids.meta({ description: 'Not of these' }),
    }),
    answer,
    run: async ({ query }, { db, principal }) => {
      const listAt = (name: string): readonly string[] | undefined => listOf(Object(query)[name])
      const { scopes, keys } = await visibleEntities(kind, listAt(field), principal, db)
      const keyHash = query.api_key === undefined ? undefined : keyHashOf(query.api_key)
      if (keys !== undefined && keyHash !== undefined && !keys.includes(keyHash))
        throw forbidden('You can only view the spend data of your own keys.', 'api_key')
      const wanted: DaysWanted = {
        kind,
        where: { scope_id: scopes, key_hash: keyHash ?? keys, model: query.model },
        except: listAt(`exclude_${field}`),
        ...requiredPeriod(query),
      }
      return await pageOfDays(db, wanted, query, true)
    },
  })
}

/** Whom of those who are asked for somebody sees; `keys`: only what these keys spent there. */
async function visibleEntities(
  kind: DaysWanted['kind'],
  asked: readonly string[] | undefined,
  principal: Principal,
  db: Queries,
): Promise<{ scopes: readonly string[] | undefined; keys?: readonly string[] }> {
  if (seesAllSpend(principal)) return { scopes: asked }
  const { adminOfTeams, memberOfTeams, adminOfOrganizations, teamId, userId, keyHash } = principal
  if (kind === 'organization') {
    const foreign = asked?.find((id) => !adminOfOrganizations.includes(id))
    if (foreign !== undefined || adminOfOrganizations.length === 0)
      throw forbidden('Only admins of an organization can view its spend data.', 'organization_ids')
    return { scopes: asked ?? adminOfOrganizations }
  }
  const own = [...new Set([...adminOfTeams, ...memberOfTeams, ...(teamId === undefined ? [] : [teamId])])]
  const foreign = asked?.find((id) => !own.includes(id))
  if (foreign !== undefined)
    throw notFound(
      `User does not belong to Team= ${foreign}. Call \`/user/info\` to see user's teams.`,
      'team_ids',
    )
  const scopes = asked ?? own
  if (scopes.every((id) => adminOfTeams.includes(id))) return { scopes }
  const keys =
    userId === undefined ? [] : await resourceTable('keys').list(db, { where: { user_id: userId } })
  return { scopes, keys: [keyHash, ...keys.map(({ id }) => id)] }
}

function listOf(text: unknown): readonly string[] | undefined {
  if (typeof text !== 'string') return undefined
  const ids = text
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '')
  return ids.length === 0 ? undefined : ids
}

async function pageOfDays(
  db: Queries,
  wanted: DaysWanted,
  { page, page_size: size }: { page: number; page_size: number },
  hasEntities: boolean,
  users: readonly DailySum<'day' | 'scope_id'>[] = [],
): Promise<unknown> {
  const rows = await listDays(db, wanted, { limit: size, offset: (page - 1) * size })
  const activity = createActivity(hasEntities)
  for (const row of rows) activity.add(row)
  for (const row of users) activity.addSum(row.day, row, { part: 'entities', name: row.scope_id })
  // What fits on the first page needs no counting.
  const isAll = page === 1 && rows.length < size
  const totalPages = isAll ? 1 : pagesOf(await countDays(db, wanted), size)
  return await answerOf(db, activity, wanted.kind, { page, totalPages })
}

async function answerOf(
  db: Queries,
  activity: Activity,
  kind: DaysWanted['kind'],
  place: { page: number; totalPages: number },
): Promise<unknown> {
  const keys = await namesOfKeys(db, activity.namesIn('api_keys'))
  const others = await namesOfEntities(db, kind === 'key' ? 'user' : kind, activity.namesIn('entities'))
  const names: Names = (part, id) =>
    part === 'api_keys' ? { ...keys(id) } : part === 'entities' ? others(id) : {}
  const total = addTotals(activity.days().map((day) => day.total))
  return { results: activity.render(names), metadata: renderTotals(total, place) }
}
