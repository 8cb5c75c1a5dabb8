import { picoUsdFromUsd } from '@switchyard/llm/kit'
import { z } from 'zod'
import type { Principal } from '../../auth/principal.ts'
import { keyHashOf } from '../../auth/virtual-key.ts'
import type { LogSearch } from '../../ledger/reports/logs.ts'
import type { RequestLogRow } from '../../store/schema.ts'
import type { Filter } from '../../store/tables/filter.ts'
import { endOf, momentOf } from './period.ts'
import { visibleLogs } from './whose.ts'

const amount = z.coerce.number().min(0, 'must not be negative').optional()
const text = z.string().optional()

/** What logs can be looked for by, in LiteLLM's names. */
export interface LogQuery {
  readonly api_key?: string | undefined
  readonly user_id?: string | undefined
  readonly team_id?: string | undefined
  readonly end_user?: string | undefined
  readonly request_id?: string | undefined
  readonly model?: string | undefined
  readonly model_group?: string | undefined
  readonly model_id?: string | undefined
  readonly key_alias?: string | undefined
  readonly session_id?: string | undefined
  readonly status_filter?: 'success' | 'failure' | undefined
  readonly error_code?: number | undefined
  /** US dollars. */
  readonly min_spend?: number | undefined
  readonly max_spend?: number | undefined
  readonly start_date?: string | undefined
  readonly end_date?: string | undefined
}

export const logFields: { readonly [Name in keyof Required<LogQuery>]: z.ZodType<LogQuery[Name]> } = {
  api_key: text.meta({ description: 'A key or its hash' }),
  user_id: text,
  team_id: text,
  end_user: text,
  request_id: text.meta({ description: 'The id of the answer, or of the call' }),
  model: text.meta({ description: 'The model that answered' }),
  model_group: text.meta({ description: 'The model that was asked for' }),
  model_id: text.meta({ description: 'The deployment' }),
  key_alias: text,
  session_id: text,
  status_filter: z.enum(['success', 'failure'], 'expected success or failure').optional(),
  error_code: z.coerce.number().int().optional().meta({ description: 'The status of the answer' }),
  min_spend: amount,
  max_spend: amount,
  start_date: text.meta({ description: '2026-11-01 or 2026-11-01 10:00:00, in UTC' }),
  end_date: text,
}

/** What is asked for, as far as the caller sees it. */
export function logSearch(query: LogQuery, principal: Principal): LogSearch {
  const { start_date, end_date, request_id, min_spend, max_spend } = query
  const isPriced = min_spend !== undefined || max_spend !== undefined
  const wanted: Filter<RequestLogRow> = {
    key_hash: query.api_key === undefined ? undefined : keyHashOf(query.api_key),
    user_id: query.user_id,
    team_id: query.team_id,
    end_user_id: query.end_user,
    model: query.model,
    model_group: query.model_group,
    deployment_id: query.model_id,
    key_alias: query.key_alias,
    session_id: query.session_id,
    status: query.status_filter,
    status_code: query.error_code,
    cost_pico_usd: isPriced ? { from: picoUsd(min_spend), to: picoUsd(max_spend) } : undefined,
  }
  return {
    where: wanted,
    visible: visibleLogs(principal),
    id: request_id,
    fromMs: start_date === undefined ? undefined : momentOf(start_date, 'start_date'),
    toMs: end_date === undefined ? undefined : endOf(end_date, 'end_date'),
  }
}

function picoUsd(usd: number | undefined): bigint | undefined {
  return usd === undefined ? undefined : picoUsdFromUsd(usd)
}
