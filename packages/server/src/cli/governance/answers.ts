import { z } from 'zod'
import { CommandError } from '../world.ts'

/** What the commands read of the admin API's answers; all else is passed over. */

export interface LimitedAnswer {
  spend?: number | null | undefined
  max_budget?: number | null | undefined
  soft_budget?: number | null | undefined
  budget_duration?: string | null | undefined
  budget_reset_at?: string | null | undefined
  rpm_limit?: number | null | undefined
  tpm_limit?: number | null | undefined
  max_parallel_requests?: number | null | undefined
}

export interface KeyAnswer extends LimitedAnswer {
  token: string
  key_name?: string | null | undefined
  key_alias?: string | null | undefined
  team_id?: string | null | undefined
  user_id?: string | null | undefined
  models?: string[] | null | undefined
  expires?: string | null | undefined
  blocked?: boolean | null | undefined
}

/** A key that was made just now: the only answer that holds the key itself. */
export interface NewKeyAnswer {
  key: string
  token?: string | null | undefined
}

export interface TeamAnswer extends LimitedAnswer {
  team_id: string
  team_alias?: string | null | undefined
  organization_id?: string | null | undefined
  models?: string[] | null | undefined
  blocked?: boolean | null | undefined
  members_with_roles?: MemberAnswer[] | null | undefined
}

export interface MemberAnswer {
  user_id?: string | null | undefined
  user_email?: string | null | undefined
  role?: string | null | undefined
}

export interface BudgetAnswer extends LimitedAnswer {
  budget_id: string
}

const limits = {
  spend: z.number().nullish(),
  max_budget: z.number().nullish(),
  soft_budget: z.number().nullish(),
  budget_duration: z.string().nullish(),
  budget_reset_at: z.string().nullish(),
  rpm_limit: z.number().nullish(),
  tpm_limit: z.number().nullish(),
  max_parallel_requests: z.number().nullish(),
}

const key: z.ZodType<KeyAnswer> = z.object({
  ...limits,
  token: z.string(),
  key_name: z.string().nullish(),
  key_alias: z.string().nullish(),
  team_id: z.string().nullish(),
  user_id: z.string().nullish(),
  models: z.array(z.string()).nullish(),
  expires: z.string().nullish(),
  blocked: z.boolean().nullish(),
})

const newKey: z.ZodType<NewKeyAnswer> = z.object({ key: z.string(), token: z.string().nullish() })

const member: z.ZodType<MemberAnswer> = z.object({
  user_id: z.string().nullish(),
  user_email: z.string().nullish(),
  role: z.string().nullish(),
})

const team: z.ZodType<TeamAnswer> = z.object({
  ...limits,
  team_id: z.string(),
  team_alias: z.string().nullish(),
  organization_id: z.string().nullish(),
  models: z.array(z.string()).nullish(),
  blocked: z.boolean().nullish(),
  members_with_roles: z.array(member).nullish(),
})

const budget: z.ZodType<BudgetAnswer> = z.object({ ...limits, budget_id: z.string() })

export function readKey(answer: unknown): KeyAnswer {
  return readAnswer(key, answer)
}

export function readNewKey(answer: unknown): NewKeyAnswer {
  return readAnswer(newKey, answer)
}

export function readTeam(answer: unknown): TeamAnswer {
  return readAnswer(team, answer)
}

export function readBudget(answer: unknown): BudgetAnswer {
  return readAnswer(budget, answer)
}

/** Reads an answer. Throws `CommandError` when it is in another form, which is another server's or version's. */
export function readAnswer<T>(schema: z.ZodType<T>, answer: unknown): T {
  const read = schema.safeParse(answer)
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw new CommandError(
    `The gateway answers in a form that this command does not know (${issue?.path.join('.')}: ${issue?.message}). ` +
      'Use the switchyard of the same version as the gateway.',
  )
}

/** The members of an answer that is a list. */
export function readList(answer: unknown): unknown[] {
  return readAnswer(z.array(z.unknown()), answer)
}
