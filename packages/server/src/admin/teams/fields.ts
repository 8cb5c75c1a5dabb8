import { z } from 'zod'
import type { LimitData, TeamData } from '../../store/data.ts'
import { count, duration, flag, id, limitFields, map, optional, text, texts, usd } from '../fields.ts'
import type { Given } from '../fields.ts'

/** Who is meant to be in a team: by id, or by an address that one of the users has or gets. */
export interface MemberFields {
  user_id?: string | null | undefined
  user_email?: string | null | undefined
  role: 'admin' | 'user'
}

export const memberFields: z.ZodType<MemberFields> = z
  .object({
    user_id: id.nullish(),
    user_email: z.string().min(1).max(320).nullish(),
    role: z.enum(['admin', 'user']),
  })
  .refine(
    ({ user_id, user_email }) => (user_id ?? user_email) != null,
    'Either user_id or user_email must be provided',
  )

export interface TeamFields extends Given<LimitData> {
  team_id?: string | null | undefined
  team_alias?: string | null | undefined
  organization_id?: string | null | undefined
  models?: string[] | null | undefined
  spend?: number | null | undefined
  blocked?: boolean | null | undefined
  team_member_permissions?: string[] | null | undefined
  [field: string]: unknown
}

export interface NewTeamFields extends TeamFields {
  members_with_roles?: MemberFields[] | null | undefined
  admins?: string[] | null | undefined
  members?: string[] | null | undefined
}

/** Fields that are kept as they come. */
const kept = {
  ...limitFields,
  models: texts.nullish().meta({ description: 'Models, groups of models or patterns; empty: all' }),
  model_aliases: z
    .record(z.string(), z.string())
    .nullish()
    .meta({ description: 'Names of the team’s own for models' }),
  metadata: map.nullish(),
  tags: texts.nullish(),
  blocked: flag.nullish(),
  team_member_permissions: texts.nullish().meta({
    description: 'What plain members may do with the team’s keys: `/key/generate`, `/key/update` …',
  }),
  team_member_budget: usd.nullish().meta({ description: 'For members who have no budget of their own' }),
  team_member_budget_duration: duration.nullish(),
  team_member_rpm_limit: count.nullish(),
  team_member_tpm_limit: count.nullish(),
  team_member_key_duration: duration.nullish(),
  default_team_member_models: texts.nullish(),
  guardrails: texts.nullish(),
  policies: texts.nullish(),
  prompts: texts.nullish(),
  disable_global_guardrails: flag.nullish(),
  object_permission: map.nullish(),
  allowed_passthrough_routes: z.array(z.unknown()).nullish(),
  allowed_vector_store_indexes: z.array(z.unknown()).nullish(),
  access_group_ids: texts.nullish(),
  router_settings: map.nullish(),
  mcp_rpm_limit: z.record(z.string(), count).nullish(),
  rpm_limit_type: z.enum(['guaranteed_throughput', 'best_effort_throughput']).nullish(),
  tpm_limit_type: z.enum(['guaranteed_throughput', 'best_effort_throughput']).nullish(),
}

const common = {
  ...kept,
  team_alias: text.nullish().meta({ description: 'A name for people' }),
  organization_id: optional(id),
  spend: usd.nullish(),
}

export const newTeamFields: z.ZodType<NewTeamFields> = z
  .object({
    ...common,
    team_id: optional(id),
    members_with_roles: z.array(memberFields).nullish(),
    admins: z.array(id).nullish(),
    members: z.array(id).nullish(),
  })
  .meta({ id: 'NewTeam' })

export const changedTeamFields: z.ZodType<TeamFields & { team_id: string }> = z
  .object({ ...common, team_id: id })
  .meta({ id: 'ChangedTeam' })

export const patchedTeamFields: z.ZodType<TeamFields> = z.object(common).meta({ id: 'PatchedTeam' })

const KEPT: ReadonlySet<string> = new Set(Object.keys(kept))

/** Of those fields what `data` keeps. Null clears. */
export function dataOf(fields: TeamFields): Partial<TeamData> {
  return Object.fromEntries(
    Object.entries(fields).filter(([name, value]) => KEPT.has(name) && value !== undefined),
  )
}

/** Limits of one member within the team. */
export interface MemberLimits {
  max_budget_in_team?: number | null | undefined
  budget_duration?: string | null | undefined
  tpm_limit?: number | null | undefined
  rpm_limit?: number | null | undefined
  allowed_models?: string[] | null | undefined
}

export const memberLimits: {
  max_budget_in_team: z.ZodOptional<z.ZodNullable<z.ZodType<number>>>
  budget_duration: z.ZodOptional<z.ZodNullable<z.ZodType<string>>>
  tpm_limit: z.ZodOptional<z.ZodNullable<z.ZodType<number>>>
  rpm_limit: z.ZodOptional<z.ZodNullable<z.ZodType<number>>>
  allowed_models: z.ZodOptional<z.ZodNullable<z.ZodType<string[]>>>
} = {
  max_budget_in_team: usd
    .nullish()
    .meta({ description: 'The most they may spend in this team, in US dollars' }),
  budget_duration: duration.nullish(),
  tpm_limit: count.nullish(),
  rpm_limit: count.nullish(),
  allowed_models: texts.nullish(),
}
