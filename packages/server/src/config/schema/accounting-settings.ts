import { z } from 'zod'
import { choice, flag } from './values.ts'

const time = z
  .string('expected a time such as 30d')
  .regex(
    /^(?:[1-9]\d{0,5}(?:s|m|h|d|w|mo)?|hourly|daily|weekly|monthly)$/,
    'expected a time such as 30d, 24h or 1mo',
  )
  .nullish()

/** What `general_settings` says about how money, tokens and requests are counted. */
export interface AccountingKeys {
  budget_enforcement?: string | null | undefined
  token_rate_limit_type?: string | null | undefined
  store_prompts_in_spend_logs?: boolean | null | undefined
  counters?: string | null | undefined
  maximum_spend_logs_retention_period?: string | null | undefined
  maximum_spend_logs_retention_interval?: string | null | undefined
}

export const accountingKeys: { readonly [Key in keyof AccountingKeys]-?: z.ZodType<AccountingKeys[Key]> } = {
  budget_enforcement: choice(['reserve', 'postpaid']),
  token_rate_limit_type: choice(['total', 'input', 'output']),
  store_prompts_in_spend_logs: flag(),
  /** Ours: where several instances meet. */
  counters: choice(['memory', 'postgres', 'redis']),
  maximum_spend_logs_retention_period: time,
  maximum_spend_logs_retention_interval: time,
}

/** `litellm_settings.timezone`: any that the runtime knows, LiteLLM's handful among them. */
export const timezone: z.ZodType<string | null | undefined> = z
  .string('expected the name of a time zone')
  .refine(isTimezone, 'expected the name of a time zone, such as Europe/Berlin')
  .nullish()

function isTimezone(name: string): boolean {
  try {
    return Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch {
    return false
  }
}
