import { usdFromPicoUsd } from '@switchyard/llm/kit'
import { z } from 'zod'
import { objectAt } from '../../config/document/tree.ts'
import type { GatewayConfig } from '../../config/index.ts'
import { keyHashOf } from '../../auth/virtual-key.ts'
import { addTotals, sumDays } from '../../ledger/reports/daily.ts'
import type { RestRoute } from '../../rest/route.ts'
import { resourceTable } from '../../store/tables/resources.ts'
import type { ResourceTableName } from '../../store/tables/resources.ts'
import { action } from '../action.ts'
import type { Admin } from '../admin.ts'
import type { Work } from '../work.ts'
import { dateFields, recentPeriod } from './period.ts'
import { wantedFields, whose } from './whose.ts'

/** LiteLLM's `/global/spend`, and its reset. */
export function createTotalRoutes(
  admin: Admin,
  config: Pick<GatewayConfig, 'sections'>,
): readonly RestRoute[] {
  const { max_budget } = objectAt(config.sections, 'litellm_settings')
  const total = action(admin, {
    method: 'GET',
    paths: ['/global/spend'],
    tag: 'Spend',
    summary: 'What was spent in the last 30 days, or in some days, by everyone or by one key',
    access: 'spend:read',
    query: z.object({
      ...dateFields,
      ...wantedFields,
      user_id: z.string().optional(),
      team_id: z.string().optional(),
    }),
    answer: {
      description: 'The sum',
      schema: z.object({ spend: z.number(), max_budget: z.number().nullable() }),
    },
    run: async ({ query }, { db, principal, nowMs }) => {
      const wanted = { ...whose(query, principal), ...recentPeriod(query, nowMs) }
      const { cost_pico_usd } = addTotals(await sumDays(db, { ...wanted, by: [] }))
      const key =
        query.api_key === undefined
          ? undefined
          : await resourceTable('keys').get(db, keyHashOf(query.api_key))
      const ofAll = typeof max_budget === 'number' ? max_budget : null
      return {
        spend: usdFromPicoUsd(cost_pico_usd),
        max_budget: query.api_key === undefined ? ofAll : (key?.data.max_budget ?? null),
      }
    },
  })
  const reset = action(admin, {
    method: 'POST',
    paths: ['/global/spend/reset'],
    tag: 'Spend',
    summary: 'Lets the spend of all keys and teams begin anew; the ledger keeps everything',
    access: 'spend:reset',
    answer: { description: 'Done', schema: z.object({ message: z.string(), status: z.string() }) },
    run: async (_, work) => {
      for (const table of ['keys', 'teams'] as const) await resetAll(table, work)
      return { message: 'Spend for all API Keys and Teams reset successfully', status: 'success' }
    },
  })
  return [total, reset]
}

const ROWS_AT_ONCE = 500

async function resetAll(table: Extract<ResourceTableName, 'keys' | 'teams'>, work: Work): Promise<void> {
  const resources = resourceTable(table)
  for (let offset = 0; ; offset += ROWS_AT_ONCE) {
    const some = await resources.list(work.db, {
      orderBy: 'id',
      direction: 'asc',
      limit: ROWS_AT_ONCE,
      offset,
    })
    for (const row of some)
      await work.update(table, row, { data: { ...row.data, budget_since_ms: work.nowMs } } as Partial<
        typeof row
      >)
    if (some.length < ROWS_AT_ONCE) return
  }
}
