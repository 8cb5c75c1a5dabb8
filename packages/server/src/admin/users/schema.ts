import { z } from 'zod'

/** A user in answers. */
export const userRow: z.ZodType = z
  .looseObject({
    user_id: z.string(),
    user_email: z.string().nullable(),
    user_role: z.string(),
    models: z.array(z.string()),
    teams: z.array(z.string()),
    spend: z.number().meta({ description: 'US dollars in the current window' }),
    max_budget: z.number().nullable(),
    budget_reset_at: z.string().nullable(),
  })
  .meta({ id: 'User' })
