import { z } from 'zod'
import { addTotals, sumDays } from '../../ledger/reports/daily.ts'
import type { DailySum } from '../../ledger/reports/daily.ts'
import type { RestRoute } from '../../rest/route.ts'
import { action } from '../action.ts'
import type { Admin } from '../admin.ts'
import { dateFields, dayText, requiredPeriod } from './period.ts'
import { wantedFields, whose, whoseByKey } from './whose.ts'

const query = z.object({ ...dateFields, ...wantedFields })
const days = z.array(z.looseObject({ date: z.string() }))

/** LiteLLM's `/global/activity…`: counts instead of money. */
export function createGlobalActivityRoutes(admin: Admin): readonly RestRoute[] {
  return [
    activity(admin),
    activityByModel(admin),
    cacheHits(admin),
    exceptions(admin),
    exceptionsByDeployment(admin),
  ]
}

function activity(admin: Admin): RestRoute {
  return action(admin, {
    method: 'GET',
    paths: ['/global/activity'],
    tag: 'Spend',
    summary: 'Requests and tokens by day',
    access: 'spend:read',
    query,
    answer: { description: 'Days and their sums', schema: z.looseObject({ daily_data: days }) },
    run: async ({ query }, { db, principal }) => {
      const wanted = { ...whose(query, principal), ...requiredPeriod(query) }
      return countsOf(await sumDays(db, { ...wanted, by: ['day'] }))
    },
  })
}

function activityByModel(admin: Admin): RestRoute {
  return action(admin, {
    method: 'GET',
    paths: ['/global/activity/model'],
    tag: 'Spend',
    summary: 'Requests and tokens by model and day',
    access: 'spend:read',
    query,
    answer: {
      description: 'Models',
      schema: z.array(z.looseObject({ model: z.string(), daily_data: days })),
    },
    run: async ({ query }, { db, principal }) => {
      const wanted = { ...whose(query, principal), ...requiredPeriod(query) }
      const models = Map.groupBy(
        await sumDays(db, { ...wanted, by: ['model_group', 'day'] }),
        ({ model_group }) => model_group,
      )
      return [...models]
        .map(([model, rows]) => ({ model, ...countsOf(rows) }))
        .sort((one, other) => other.sum_api_requests - one.sum_api_requests)
    },
  })
}

function countsOf(rows: readonly DailySum<'day'>[]) {
  const total = addTotals(rows)
  return {
    daily_data: rows.map((row) => ({
      date: shortDay(row.day),
      api_requests: row.requests,
      total_tokens: row.input_tokens + row.output_tokens,
    })),
    sum_api_requests: total.requests,
    sum_total_tokens: total.input_tokens + total.output_tokens,
  }
}

/** LiteLLM's rows are of a kind of call; ours of the path that was asked. */
function cacheHits(admin: Admin): RestRoute {
  return action(admin, {
    method: 'GET',
    paths: ['/global/activity/cache_hits'],
    tag: 'Spend',
    summary: 'How often the cache answered, by key, path and model',
    access: 'spend:read',
    query,
    answer: { description: 'Rows', schema: z.array(z.looseObject({ total_rows: z.int() })) },
    run: async ({ query }, { db, principal }) => {
      const wanted = { ...whoseByKey(query, principal), ...requiredPeriod(query) }
      const rows = await sumDays(db, { ...wanted, by: ['key_hash', 'endpoint', 'model'] })
      return rows.map((row) => ({
        api_key: row.key_hash,
        call_type: row.endpoint,
        model: row.model,
        total_rows: row.requests,
        cache_hit_true_rows: row.cached_requests,
        cached_completion_tokens: row.cached_output_tokens,
        generated_completion_tokens: row.output_tokens - row.cached_output_tokens,
      }))
    },
  })
}

const exceptionsQuery = z.object({
  ...dateFields,
  model_group: z.string().optional().meta({ description: 'Only of the model that was asked for' }),
})

function exceptions(admin: Admin): RestRoute {
  return action(admin, {
    method: 'GET',
    paths: ['/global/activity/exceptions'],
    tag: 'Spend',
    summary: 'Requests that a rate limit refused, by day',
    access: 'spend:read_all',
    query: exceptionsQuery,
    answer: { description: 'Days and their sum', schema: z.looseObject({ daily_data: days }) },
    run: async ({ query }, { db }) => {
      const { model_group } = query
      const wanted = { kind: 'global', where: { model_group }, ...requiredPeriod(query) } as const
      return exceptionsOf(await sumDays(db, { ...wanted, by: ['day'] }))
    },
  })
}

function exceptionsByDeployment(admin: Admin): RestRoute {
  return action(admin, {
    method: 'GET',
    paths: ['/global/activity/exceptions/deployment'],
    tag: 'Spend',
    summary: 'The same by deployment',
    access: 'spend:read_all',
    query: exceptionsQuery,
    answer: { description: 'Deployments', schema: z.array(z.looseObject({ daily_data: days })) },
    run: async ({ query }, { db }) => {
      const { model_group } = query
      const wanted = { kind: 'deployment', where: { model_group }, ...requiredPeriod(query) } as const
      const deployments = Map.groupBy(
        await sumDays(db, { ...wanted, by: ['scope_id', 'day'] }),
        ({ scope_id }) => scope_id,
      )
      return [...deployments].map(([model_id, rows]) => ({
        model_id,
        api_base: model_id,
        ...exceptionsOf(rows),
      }))
    },
  })
}

function exceptionsOf(rows: readonly DailySum<'day'>[]) {
  const limited = rows.filter((row) => row.rate_limited_requests > 0)
  return {
    daily_data: limited.map((row) => ({
      date: shortDay(row.day),
      num_rate_limit_exceptions: row.rate_limited_requests,
    })),
    sum_num_rate_limit_exceptions: addTotals(limited).rate_limited_requests,
  }
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `Nov 27`, as LiteLLM's dashboard shows it. */
function shortDay(day: number): string {
  const [, month, date] = dayText(day).split('-')
  return `${months[Number(month) - 1] ?? ''} ${date ?? ''}`
}
