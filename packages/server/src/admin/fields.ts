import { z } from 'zod'
import { DURATION_FORM, parseDuration } from '../policy/duration.ts'
import type { BudgetWindowData, ModelBudgetData } from '../store/data.ts'

// What several resources take. `null` is nothing set when a thing is made, and clears the field when it is changed.

/** Fields as a client gives them. */
export type Given<T> = { [Name in keyof T]?: T[Name] | null | undefined }

/** Digits as text count too, as they do for LiteLLM. */
const number: z.ZodType<number> = z
  .union([z.number(), z.string().regex(/^\s*-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i)], 'expected a number')
  .transform(Number)
  .pipe(z.number('expected a number'))

export const usd: z.ZodType<number> = number.refine((value) => value >= 0, 'must not be negative')

export const count: z.ZodType<number> = number.refine(
  (value) => Number.isSafeInteger(value) && value >= 0,
  'expected a whole number, at least 0',
)

/** `30s`, `12h`, `30d`, `1mo`, `monthly` … */
export const duration: z.ZodType<string> = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, `expected ${DURATION_FORM}`)

/** Ids end up in addresses, logs and scopes. */
export const id: z.ZodType<string> = z
  .string()
  .min(1, 'must not be empty')
  .max(255, 'must have at most 255 characters')
  .refine((text) => !/[\p{Cc}]/u.test(text), 'must not hold control characters')

export const text: z.ZodType<string> = z.string().max(10_000, 'must have at most 10,000 characters')
export const texts: z.ZodType<string[]> = z.array(z.string().max(1_000))
export const flag: z.ZodType<boolean> = z.boolean()
export const map: z.ZodType<Record<string, unknown>> = z.record(z.string(), z.unknown())
const counts: z.ZodType<Record<string, number>> = z.record(z.string(), count)

const budgetWindow: z.ZodType<BudgetWindowData> = z.object({
  budget_duration: duration,
  max_budget: usd,
})

/** LiteLLM has two spellings; both are kept as they were written. */
const modelBudget: z.ZodType<ModelBudgetData> = z.union([
  usd.transform((max_budget) => ({ max_budget })),
  z
    .object({
      max_budget: usd.nullable().exactOptional(),
      budget_limit: usd.nullable().exactOptional(),
      budget_duration: duration.nullable().exactOptional(),
      time_period: duration.nullable().exactOptional(),
      rpm_limit: count.nullable().exactOptional(),
      tpm_limit: count.nullable().exactOptional(),
      models: texts.nullable().exactOptional(),
    })
    .refine(
      (given) => Object.values(given).some((value) => typeof value === 'number'),
      'needs max_budget, the most that may be spent, in US dollars',
    ),
])

type Nullish<T> = z.ZodOptional<z.ZodNullable<z.ZodType<T>>>

/** A text that may be left out, which an empty one counts as: forms send what nobody filled in. */
export function optional(schema: z.ZodType<string>): Nullish<string | null> {
  return z.union([z.literal('').transform(() => null), schema]).nullish()
}

/** What one scope may spend and ask for. */
export const budgetFields: {
  max_budget: Nullish<number>
  soft_budget: Nullish<number>
  budget_duration: Nullish<string | null>
  max_parallel_requests: Nullish<number>
  tpm_limit: Nullish<number>
  rpm_limit: Nullish<number>
  model_max_budget: Nullish<Record<string, ModelBudgetData>>
} = {
  max_budget: usd.nullish().meta({ description: 'The most that may be spent, in US dollars' }),
  soft_budget: usd.nullish().meta({ description: 'Passing it is told, not refused; US dollars' }),
  budget_duration: optional(duration).meta({
    description: 'How long a budget lasts before it starts anew: `30d`, `monthly` …; left out: for ever',
  }),
  max_parallel_requests: count.nullish().meta({ description: 'Requests under way at once' }),
  tpm_limit: count.nullish().meta({ description: 'Tokens per minute' }),
  rpm_limit: count.nullish().meta({ description: 'Requests per minute' }),
  model_max_budget: z.record(z.string(), modelBudget).nullish().meta({
    description: 'A budget for each model: `{"gpt-4o": {"max_budget": 1, "budget_duration": "1d"}}`',
  }),
}

/** Those, and what only keys, teams and users can have. */
export const limitFields: typeof budgetFields & {
  budget_limits: Nullish<BudgetWindowData[]>
  model_rpm_limit: Nullish<Record<string, number>>
  model_tpm_limit: Nullish<Record<string, number>>
} = {
  ...budgetFields,
  budget_limits: z
    .array(budgetWindow)
    .max(16)
    .nullish()
    .meta({ description: 'Several budgets at once, each with its own duration' }),
  model_rpm_limit: counts.nullish().meta({ description: 'Requests per minute, by model' }),
  model_tpm_limit: counts.nullish().meta({ description: 'Tokens per minute, by model' }),
}
