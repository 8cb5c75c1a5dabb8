import { usdFromPicoUsd } from '@switchyard/llm/kit'
import { z } from 'zod'
import { addTotals, sumDays } from '../../ledger/reports/daily.ts'
import type { DailySum, DaysWanted } from '../../ledger/reports/daily.ts'
import type { RestRoute } from '../../rest/route.ts'
import type { Queries } from '../../store/database.ts'
import { action } from '../action.ts'
import type { Admin } from '../admin.ts'
import { namesOfEntities } from './names.ts'
import { dateFields, dayText, requiredPeriod } from './period.ts'
import { whose } from './whose.ts'

const text = z.string().optional()

/** LiteLLM's `/global/spend/report`. */
export function createReportRoute(admin: Admin): RestRoute {
  return action(admin, {
    method: 'GET',
    paths: ['/global/spend/report'],
    tag: 'Spend',
    summary: 'Spend by day and team or customer, or of keys by model',
    access: 'spend:read_all',
    query: z.object({
      ...dateFields,
      group_by: z
        .enum(['team', 'customer', 'api_key', 'user'], 'expected team, customer or api_key')
        .default('team'),
      api_key: text,
      internal_user_id: text,
      team_id: text,
      customer_id: text,
    }),
    answer: { description: 'Days, or keys', schema: z.array(z.looseObject({})) },
    run: async ({ query }, { db, principal }) => {
      const period = requiredPeriod(query)
      const { api_key, internal_user_id: user_id, team_id, customer_id } = query
      if (api_key !== undefined || user_id !== undefined)
        return await keysByModel(db, { ...whose({ api_key, user_id }, principal), ...period })
      if (query.group_by === 'api_key') return await keysByModel(db, { kind: 'key', ...period })
      if (query.group_by === 'customer' || customer_id !== undefined)
        return await daysByCustomer(db, { kind: 'end_user', where: { scope_id: customer_id }, ...period })
      return await daysByTeam(db, { kind: 'team', where: { scope_id: team_id }, ...period })
    },
  })
}

async function keysByModel(db: Queries, wanted: DaysWanted): Promise<unknown[]> {
  const rows = await sumDays(db, { ...wanted, by: ['key_hash', 'model'] })
  return [...Map.groupBy(rows, ({ key_hash }) => key_hash)]
    .map(([key, models]) => ({ key, models, total: addTotals(models) }))
    .sort((one, other) => (one.total.cost_pico_usd < other.total.cost_pico_usd ? 1 : -1))
    .map(({ key, models, total }) => ({
      api_key: key,
      total_cost: usdFromPicoUsd(total.cost_pico_usd),
      total_input_tokens: total.input_tokens,
      total_output_tokens: total.output_tokens,
      model_details: models.map((model) => ({
        model: model.model,
        total_cost: usdFromPicoUsd(model.cost_pico_usd),
        total_input_tokens: model.input_tokens,
        total_output_tokens: model.output_tokens,
      })),
    }))
}

type Row = DailySum<'day' | 'scope_id' | 'key_hash' | 'model'>

async function daysByTeam(db: Queries, wanted: DaysWanted): Promise<unknown[]> {
  const rows = await sumDays(db, { ...wanted, by: ['day', 'scope_id', 'key_hash', 'model'] })
  const ids = [...new Set(rows.map(({ scope_id }) => scope_id))]
  const aliasOf = await namesOfEntities(db, 'team', ids)
  return byDay(rows, 'teams', (id) => ({ team_id: id, team_name: aliasOf(id)['team_alias'] ?? id }))
}

async function daysByCustomer(db: Queries, wanted: DaysWanted): Promise<unknown[]> {
  const rows = await sumDays(db, { ...wanted, by: ['day', 'scope_id', 'key_hash', 'model'] })
  return byDay(rows, 'customers', (id) => ({ customer: id }))
}

function byDay(rows: readonly Row[], name: string, describe: (id: string) => object): unknown[] {
  return [...Map.groupBy(rows, ({ day }) => day)].map(([day, ofDay]) => ({
    group_by_day: dayText(day),
    [name]: [...Map.groupBy(ofDay, ({ scope_id }) => scope_id)].map(([id, parts]) => ({
      ...describe(id),
      total_spend: usdFromPicoUsd(addTotals(parts).cost_pico_usd),
      metadata: parts.map((part) => ({
        model: part.model,
        api_key: part.key_hash,
        spend: usdFromPicoUsd(part.cost_pico_usd),
        total_tokens: part.input_tokens + part.output_tokens,
      })),
    })),
  }))
}
