import { addTotals } from '../../ledger/reports/daily.ts'
import type { DailySum } from '../../ledger/reports/daily.ts'
import type { DailyTotals } from '../../store/tables/daily-totals.ts'
import { renderMetrics, tally } from './metrics.ts'
import type { SpendMetrics, Tally } from './metrics.ts'
import { dayText } from './period.ts'

/** How a day's spend is broken down, by LiteLLM's names. */
export type Part = 'models' | 'model_groups' | 'providers' | 'endpoints' | 'api_keys' | 'entities'

const parts: readonly Part[] = ['models', 'model_groups', 'providers', 'endpoints', 'api_keys', 'entities']

/** What is known of keys, teams and others besides their ids. */
export type Names = (part: Part, id: string) => Readonly<Record<string, unknown>>

interface Named {
  readonly metrics: SpendMetrics
  readonly metadata: Readonly<Record<string, unknown>>
  readonly api_key_breakdown: Readonly<Record<string, Omit<Named, 'api_key_breakdown'>>>
}

/** LiteLLM's `DailySpendData`. */
export interface ActivityDay {
  readonly date: string
  readonly metrics: SpendMetrics
  readonly breakdown: Readonly<Record<Part | 'mcp_servers', Readonly<Record<string, Named>>>>
}

interface Day {
  total: DailyTotals
  readonly parts: Readonly<Record<Part, Tally>>
  /** By part and name, the keys within. */
  readonly keys: Map<string, Tally>
}

/** Days of which every row knows every dimension. */
export type WholeRow = DailySum<
  'day' | 'scope_id' | 'key_hash' | 'model' | 'model_group' | 'provider' | 'endpoint'
>

/** Gathers days, the newest first when they are rendered. */
export interface Activity {
  /** Adds a row to its day and to all parts of it. */
  add: (row: WholeRow) => void
  /** Adds sums of a day alone, or of one part of it. */
  addSum: (day: number, totals: DailyTotals, place?: { part: Part; name: string }) => void
  days: () => readonly { readonly total: DailyTotals }[]
  /** The names of everything in these parts. */
  namesIn: (part: Part) => readonly string[]
  render: (names: Names) => ActivityDay[]
}

/** @param hasEntities whether a row's scope is one of several that are compared. */
export function createActivity(hasEntities: boolean): Activity {
  const days = new Map<number, Day>()

  const dayOf = (number: number): Day => {
    let day = days.get(number)
    if (day === undefined) {
      day = {
        total: addTotals([]),
        parts: {
          models: new Map(),
          model_groups: new Map(),
          providers: new Map(),
          endpoints: new Map(),
          api_keys: new Map(),
          entities: new Map(),
        },
        keys: new Map(),
      }
      days.set(number, day)
    }
    return day
  }

  const namesOf = (row: WholeRow): readonly (readonly [Part, string])[] => [
    ['models', row.model],
    ['model_groups', row.model_group],
    ['providers', row.provider],
    ['endpoints', row.endpoint],
    ['api_keys', row.key_hash],
    ...(hasEntities ? [['entities', row.scope_id] as const] : []),
  ]

  return {
    add: (row) => {
      const day = dayOf(row.day)
      day.total = addTotals([day.total, row])
      for (const [part, name] of namesOf(row)) {
        if (name === '' && part !== 'api_keys') continue
        tally(day.parts[part], name, row)
        if (part === 'api_keys') continue
        const within = `${part}\0${name}`
        const keys = day.keys.get(within) ?? new Map()
        tally(keys, row.key_hash, row)
        day.keys.set(within, keys)
      }
    },
    addSum: (number, totals, place) => {
      const day = dayOf(number)
      if (place === undefined) day.total = addTotals([day.total, totals])
      else if (place.name !== '') tally(day.parts[place.part], place.name, totals)
    },
    days: () => [...days.values()],
    namesIn: (part) => [...new Set([...days.values()].flatMap((day) => [...day.parts[part].keys()]))],
    render: (names) =>
      [...days]
        .sort(([one], [other]) => other - one)
        .map(([number, day]) => ({
          date: dayText(number),
          metrics: renderMetrics(day.total),
          breakdown: {
            ...(Object.fromEntries(
              parts.map((part) => [part, renderPart(part, day, names)]),
            ) as ActivityDay['breakdown']),
            mcp_servers: {},
          },
        })),
  }
}

function renderPart(part: Part, day: Day, names: Names): Record<string, Named> {
  const rendered: Record<string, Named> = Object.create(null) as Record<string, Named>
  for (const [name, totals] of day.parts[part]) {
    const keys = [...(day.keys.get(`${part}\0${name}`) ?? [])]
    rendered[name] = {
      metrics: renderMetrics(totals),
      metadata: names(part, name),
      api_key_breakdown: Object.fromEntries(
        keys.map(([key, within]) => [
          key,
          { metrics: renderMetrics(within), metadata: names('api_keys', key) },
        ]),
      ),
    }
  }
  return rendered
}

/** LiteLLM's `DailySpendMetadata`: sums of what was answered, and which page of the days' rows it was. */
export function renderTotals(
  totals: DailyTotals,
  { page, totalPages }: { page: number; totalPages: number },
): Record<string, unknown> {
  const metrics = renderMetrics(totals)
  return {
    total_spend: metrics.spend,
    total_prompt_tokens: metrics.prompt_tokens,
    total_completion_tokens: metrics.completion_tokens,
    total_tokens: metrics.total_tokens,
    total_api_requests: metrics.api_requests,
    total_successful_requests: metrics.successful_requests,
    total_failed_requests: metrics.failed_requests,
    total_cache_read_input_tokens: metrics.cache_read_input_tokens,
    total_cache_creation_input_tokens: metrics.cache_creation_input_tokens,
    page,
    total_pages: totalPages,
    has_more: page < totalPages,
  }
}
