import { usdFromPicoUsd } from '@switchyard/llm/kit'
import { z } from 'zod'
import { sumDays } from '../../ledger/reports/daily.ts'
import type { RestRoute } from '../../rest/route.ts'
import { action } from '../action.ts'
import type { Admin } from '../admin.ts'
import { namesOfEntities, namesOfKeys } from './names.ts'
import { dateFields, dayText, momentOf, recentPeriod } from './period.ts'
import { wantedFields, whose, whoseByKey } from './whose.ts'
import { dayOf } from '../../ledger/rows.ts'

const MOST_KEYS = 100
const MOST_END_USERS = 100

const query = z.object({ ...dateFields, ...wantedFields })
const limited = query.extend({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(MOST_KEYS)
    .meta({ description: 'How many at most' }),
})
const rows = { description: 'Rows, those that cost most first', schema: z.array(z.looseObject({})) }

/** LiteLLM's `/global/spend/…`: the last 30 days where no dates are given. */
export function createRankingRoutes(admin: Admin): readonly RestRoute[] {
  return [
    byDay(admin),
    byKey(admin),
    byModel(admin),
    byProvider(admin),
    byTeam(admin),
    byTag(admin),
    spendTags(admin),
    tagNames(admin),
    byEndUser(admin),
    endUserNames(admin),
  ]
}

function byDay(admin: Admin): RestRoute {
  return action(admin, {
    method: 'GET',
    paths: ['/global/spend/logs'],
    tag: 'Spend',
    summary: 'Spend by day',
    access: 'spend:read',
    query,
    answer: rows,
    run: async ({ query }, { db, principal, nowMs }) => {
      const period = recentPeriod(query, nowMs)
      const days = await sumDays(db, { ...whose(query, principal), ...period, by: ['day'] })
      return days.map(({ day, cost_pico_usd }) => ({
        date: dayText(day),
        spend: usdFromPicoUsd(cost_pico_usd),
        ...(query.api_key === undefined ? {} : { api_key: query.api_key }),
      }))
    },
  })
}

function byKey(admin: Admin): RestRoute {
  return action(admin, {
    method: 'GET',
    paths: ['/global/spend/keys'],
    tag: 'Spend',
    summary: 'The keys that spent most',
    access: 'spend:read',
    query: limited,
    answer: rows,
    run: async ({ query }, { db, principal, nowMs }) => {
      const period = recentPeriod(query, nowMs)
      const wanted = { ...whoseByKey(query, principal), ...period }
      const keys = await sumDays(db, { ...wanted, by: ['key_hash'], top: query.limit })
      const nameOf = await namesOfKeys(
        db,
        keys.map(({ key_hash }) => key_hash),
      )
      return keys.map(({ key_hash, cost_pico_usd }) => {
        const { key_alias, key_name } = nameOf(key_hash)
        return { api_key: key_hash, key_alias, key_name, total_spend: usdFromPicoUsd(cost_pico_usd) }
      })
    },
  })
}

function byModel(admin: Admin): RestRoute {
  return action(admin, {
    method: 'GET',
    paths: ['/global/spend/models'],
    tag: 'Spend',
    summary: 'The models that cost most',
    access: 'spend:read',
    query: limited,
    answer: rows,
    run: async ({ query }, { db, principal, nowMs }) => {
      const wanted = { ...whose(query, principal), ...recentPeriod(query, nowMs) }
      const models = await sumDays(db, { ...wanted, by: ['model'], top: query.limit })
      return models.map(({ model, cost_pico_usd }) => ({ model, total_spend: usdFromPicoUsd(cost_pico_usd) }))
    },
  })
}

function byProvider(admin: Admin): RestRoute {
  return action(admin, {
    method: 'GET',
    paths: ['/global/spend/provider'],
    tag: 'Spend',
    summary: 'What each provider was paid',
    access: 'spend:read',
    query,
    answer: rows,
    run: async ({ query }, { db, principal, nowMs }) => {
      const wanted = { ...whose(query, principal), ...recentPeriod(query, nowMs) }
      const providers = await sumDays(db, { ...wanted, by: ['provider'], top: MOST_KEYS })
      return providers.map(({ provider, cost_pico_usd }) => ({
        provider: provider === '' ? 'Unassigned' : provider,
        spend: usdFromPicoUsd(cost_pico_usd),
      }))
    },
  })
}

function byTeam(admin: Admin): RestRoute {
  return action(admin, {
    method: 'GET',
    paths: ['/global/spend/teams'],
    tag: 'Spend',
    summary: 'Spend by day and team',
    access: 'spend:read_all',
    query: z.object({ ...dateFields, model: wantedFields.model }),
    answer: {
      description: 'Days, and sums by team',
      schema: z.looseObject({ daily_spend: z.array(z.looseObject({})), teams: z.array(z.string()) }),
    },
    run: async ({ query }, { db, nowMs }) => {
      const wanted = { kind: 'team', where: { model: query.model }, ...recentPeriod(query, nowMs) } as const
      const days = await sumDays(db, { ...wanted, by: ['day', 'scope_id'] })
      const totals = await sumDays(db, { ...wanted, by: ['scope_id'], top: 1_000 })
      const aliasOf = await namesOfEntities(
        db,
        'team',
        totals.map(({ scope_id }) => scope_id),
      )
      const nameOf = (id: string): string => {
        const { team_alias } = aliasOf(id)
        return typeof team_alias === 'string' ? team_alias : id
      }
      const byDay = Map.groupBy(days, ({ day }) => day)
      return {
        daily_spend: [...byDay].map(([day, teams]) => ({
          ...Object.fromEntries(
            teams.map((team) => [nameOf(team.scope_id), usdFromPicoUsd(team.cost_pico_usd)]),
          ),
          date: dayText(day),
        })),
        teams: totals.map(({ scope_id }) => nameOf(scope_id)),
        total_spend_per_team: totals.map(({ scope_id, cost_pico_usd }) => ({
          team_id: nameOf(scope_id),
          total_spend: usdFromPicoUsd(cost_pico_usd),
        })),
      }
    },
  })
}

const tagQuery = z.object({
  ...dateFields,
  ...wantedFields,
  tags: z.string().optional().meta({ description: 'Only these, separated by commas' }),
})

function byTag(admin: Admin): RestRoute {
  return action(admin, {
    method: 'GET',
    paths: ['/global/spend/tags'],
    tag: 'Spend',
    summary: 'Spend by tag',
    access: 'spend:read_all',
    query: tagQuery,
    answer: {
      description: 'Tags, those that cost most first',
      schema: z.object({ spend_per_tag: z.array(z.looseObject({ name: z.string() })) }),
    },
    run: async ({ query }, { db, principal, nowMs }) => {
      const { model, api_key } = query
      const key = api_key === undefined ? undefined : whose({ api_key }, principal).where?.scope_id
      const names = query.tags?.split(',').filter((name) => name !== '' && name !== 'all-tags')
      const tags = await sumDays(db, {
        kind: 'tag',
        where: {
          model,
          key_hash: key,
          scope_id: names === undefined || names.length === 0 ? undefined : names,
        },
        ...recentPeriod(query, nowMs),
        by: ['scope_id'],
        top: 1_000,
      })
      return {
        spend_per_tag: tags.map(({ scope_id, cost_pico_usd, requests }) => ({
          name: scope_id,
          spend: usdFromPicoUsd(cost_pico_usd),
          log_count: requests,
        })),
      }
    },
  })
}

function spendTags(admin: Admin): RestRoute {
  return action(admin, {
    method: 'GET',
    paths: ['/spend/tags'],
    tag: 'Spend',
    summary: 'Spend by tag',
    access: 'spend:read_all',
    query: z.object(dateFields),
    answer: rows,
    run: async ({ query }, { db, nowMs }) => {
      const wanted = { kind: 'tag', ...recentPeriod(query, nowMs) } as const
      const tags = await sumDays(db, { ...wanted, by: ['scope_id'], top: 1_000 })
      return tags.map(({ scope_id, cost_pico_usd, requests }) => ({
        individual_request_tag: scope_id,
        log_count: requests,
        total_spend: usdFromPicoUsd(cost_pico_usd),
      }))
    },
  })
}

function tagNames(admin: Admin): RestRoute {
  return action(admin, {
    method: 'GET',
    paths: ['/global/spend/all_tag_names'],
    tag: 'Spend',
    summary: 'The tags of the last 30 days',
    access: 'spend:read_all',
    answer: { description: 'Names', schema: z.object({ tag_names: z.array(z.string()) }) },
    run: async (_, { db, nowMs }) => {
      const tags = await sumDays(db, { kind: 'tag', ...recentPeriod({}, nowMs), by: ['scope_id'] })
      return { tag_names: tags.map(({ scope_id }) => scope_id) }
    },
  })
}

const endUserBody = z.object({
  api_key: z.string().nullish(),
  startTime: z.string().nullish().meta({ description: '2026-11-01' }),
  endTime: z.string().nullish(),
})

function byEndUser(admin: Admin): RestRoute {
  return action(admin, {
    method: 'POST',
    paths: ['/global/spend/end_users'],
    tag: 'Spend',
    summary: 'The customers that spent most',
    access: 'spend:read_all',
    body: endUserBody,
    example: { startTime: '2026-11-01', endTime: '2026-11-30' },
    answer: rows,
    run: async ({ body }, { db, principal, nowMs }) => {
      const key =
        body.api_key == null ? undefined : whose({ api_key: body.api_key }, principal).where?.scope_id
      const recent = recentPeriod({}, nowMs)
      const users = await sumDays(db, {
        kind: 'end_user',
        where: { key_hash: key },
        fromDay: body.startTime == null ? recent.fromDay : dayOf(momentOf(body.startTime, 'startTime')),
        toDay: body.endTime == null ? recent.toDay : dayOf(momentOf(body.endTime, 'endTime')),
        by: ['scope_id'],
        top: MOST_END_USERS,
      })
      return users.map((user) => ({
        end_user: user.scope_id,
        total_count: user.requests,
        total_spend: usdFromPicoUsd(user.cost_pico_usd),
      }))
    },
  })
}

function endUserNames(admin: Admin): RestRoute {
  return action(admin, {
    method: 'GET',
    paths: ['/global/all_end_users'],
    tag: 'Spend',
    summary: 'The customers of the last 30 days',
    access: 'spend:read_all',
    answer: { description: 'Ids', schema: z.object({ end_users: z.array(z.string()) }) },
    run: async (_, { db, nowMs }) => {
      const users = await sumDays(db, { kind: 'end_user', ...recentPeriod({}, nowMs), by: ['scope_id'] })
      return { end_users: users.map(({ scope_id }) => scope_id) }
    },
  })
}
