import { z } from 'zod'
import type { LimitData, UserData } from '../../store/data.ts'
import { flag, id, limitFields, map, optional, text, texts, usd } from '../fields.ts'
import type { Given } from '../fields.ts'
import { lifetime } from '../keys/fields.ts'
import type { KeyFields } from '../keys/fields.ts'

/** Roles that may be given to a user. */
export const ROLES = [
  'proxy_admin',
  'proxy_admin_viewer',
  'org_admin',
  'internal_user',
  'internal_user_viewer',
] as const

export interface UserFields extends Given<LimitData> {
  user_id?: string | null | undefined
  user_email?: string | null | undefined
  user_alias?: string | null | undefined
  user_role?: (typeof ROLES)[number] | null | undefined
  sso_user_id?: string | null | undefined
  models?: string[] | null | undefined
  spend?: number | null | undefined
  [field: string]: unknown
}

/** A team that a new user joins. */
export interface JoinedTeam {
  team_id: string
  max_budget_in_team?: number | null | undefined
  user_role?: 'admin' | 'user' | undefined
}

/** One body for both: what the user and what their first key may do. */
export interface NewUserFields extends UserFields {
  team_id?: string | null | undefined
  teams?: JoinedTeam[] | null | undefined
  organizations?: string[] | null | undefined
  organization_id?: string | null | undefined
  auto_create_key?: boolean | null | undefined
  key_alias?: string | null | undefined
  duration?: string | null | undefined
  tags?: string[] | null | undefined
}

/** Fields that are kept as they come. */
const kept = {
  ...limitFields,
  user_alias: text.nullish(),
  models: texts.nullish().meta({ description: 'Models, groups of models or patterns; empty: all' }),
  metadata: map.nullish(),
  guardrails: texts.nullish(),
  policies: texts.nullish(),
  object_permission: map.nullish(),
}

const common = {
  ...kept,
  user_id: optional(id),
  user_email: z.string().max(320).nullish().meta({ description: 'No two users have the same' }),
  user_role: z.enum(ROLES).nullish(),
  sso_user_id: text.nullish(),
  spend: usd.nullish(),
}

const joinedTeam: z.ZodType<JoinedTeam> = z.union([
  id.transform((team_id) => ({ team_id })),
  z.object({
    team_id: id,
    max_budget_in_team: usd.nullish(),
    user_role: z.enum(['admin', 'user']).optional(),
  }),
])

export const newUserFields: z.ZodType<NewUserFields> = z
  .object({
    ...common,
    team_id: optional(id),
    teams: z.array(joinedTeam).nullish(),
    organizations: z.array(id).nullish(),
    organization_id: id.nullish().meta({ description: 'One organization, instead of `organizations`' }),
    auto_create_key: flag
      .nullish()
      .meta({ description: 'Whether a key is made with the user; default true' }),
    key_alias: optional(id),
    duration: optional(lifetime).meta({ description: 'How long that key works' }),
    aliases: z.record(z.string(), z.string()).nullish(),
    permissions: map.nullish(),
    config: map.nullish(),
    tags: texts.nullish(),
  })
  .meta({ id: 'NewUser' })

/** What of it is said of the key. Budgets are the user's alone. */
export function keyOf({
  user_email: _email,
  user_alias: _alias,
  user_role: _role,
  sso_user_id: _sso,
  max_budget: _max,
  soft_budget: _soft,
  budget_duration: _duration,
  budget_limits: _limits,
  spend: _spend,
  ...fields
}: NewUserFields): KeyFields {
  return fields
}

export const changedUserFields: z.ZodType<UserFields> = z
  .object({
    ...common,
    user_id: optional(id),
  })
  .refine(
    ({ user_id, user_email }) => (user_id ?? user_email) != null,
    'Either user_id or user_email must be provided',
  )
  .meta({ id: 'ChangedUser' })

const KEPT: ReadonlySet<string> = new Set(Object.keys(kept))

/** Of those fields what `data` keeps. Null clears. */
export function dataOf(fields: UserFields): Partial<UserData> {
  return Object.fromEntries(
    Object.entries(fields).filter(([name, value]) => KEPT.has(name) && value !== undefined),
  )
}
