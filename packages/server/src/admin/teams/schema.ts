import { z } from 'zod'

/** A team in answers. */
export const teamRow: z.ZodType = z
  .looseObject({
    team_id: z.string(),
    team_alias: z.string().nullable(),
    organization_id: z.string().nullable(),
    members_with_roles: z.array(
      z.object({ user_id: z.string(), user_email: z.string().nullable(), role: z.string() }),
    ),
    models: z.array(z.string()),
    spend: z.number().meta({ description: 'US dollars in the current window' }),
    max_budget: z.number().nullable(),
    budget_reset_at: z.string().nullable(),
    blocked: z.boolean(),
  })
  .meta({ id: 'Team' })
