import { picoUsdFromUsd } from '@switchyard/llm/kit'
import { z } from 'zod'
import type { Ask } from '../gateway/send.ts'
import { readAnswer } from './answers.ts'

/** What spend can be summed by. */
export type Grouping =
  | 'key'
  | 'team'
  | 'model'
  | 'tag'
  | 'agent'
  | 'user'
  | 'customer'
  | 'organization'
  | 'provider'
  | 'day'

/** What somebody or something used. */
export interface Usage {
  /** The id, the model, the day …; empty for requests that belong to none. */
  readonly name: string
  readonly alias?: string | undefined
  readonly requests: number
  readonly failed: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly costPicoUsd: bigint
}

export interface Days {
  /** The first and the last day in UTC, both included: `2026-11-01`. */
  readonly from: string
  readonly to: string
}

const metrics = z.object({
  spend: z.number(),
  prompt_tokens: z.number().default(0),
  completion_tokens: z.number().default(0),
  api_requests: z.number().default(0),
  failed_requests: z.number().default(0),
})
type Metrics = z.infer<typeof metrics>

const part = z.object({ metrics, metadata: z.record(z.string(), z.unknown()).nullish() })
type Part = z.infer<typeof part>
const parts = z.record(z.string(), part).default({})

/** A page of `/user/daily/activity` and its siblings. */
const activity = z.object({
  results: z.array(
    z.object({
      date: z.string(),
      metrics,
      breakdown: z.object({ models: parts, providers: parts, api_keys: parts, entities: parts }),
    }),
  ),
  metadata: z.object({ total_pages: z.number().default(1) }),
})
type Day = z.infer<typeof activity>['results'][number]

/** Which report knows it, and where in it each day's parts stand. */
const sources: Readonly<Record<Grouping, { path: string; partsOf: (day: Day) => Record<string, Part> }>> = {
  key: { path: '/user/daily/activity', partsOf: ({ breakdown }) => breakdown.api_keys },
  model: { path: '/user/daily/activity', partsOf: ({ breakdown }) => breakdown.models },
  provider: { path: '/user/daily/activity', partsOf: ({ breakdown }) => breakdown.providers },
  day: { path: '/user/daily/activity', partsOf: ({ date, metrics }) => ({ [date]: { metrics } }) },
  user: { path: '/user/daily/activity', partsOf: entities },
  team: { path: '/team/daily/activity', partsOf: entities },
  tag: { path: '/tag/daily/activity', partsOf: entities },
  agent: { path: '/agent/daily/activity', partsOf: entities },
  customer: { path: '/customer/daily/activity', partsOf: entities },
  organization: { path: '/organization/daily/activity', partsOf: entities },
}

function entities({ breakdown }: Day): Record<string, Part> {
  return breakdown.entities
}

const PAGE_SIZE = 1000

/** Asks for a report, page by page, and sums it: days in their order, all else by cost. */
export async function fetchUsage(ask: Ask, by: Grouping, { from, to }: Days): Promise<Usage[]> {
  const { path, partsOf } = sources[by]
  const sums = new Map<string, Usage>()
  for (let number = 1, pages = 1; number <= pages; number += 1) {
    const query = { start_date: from, end_date: to, page: number, page_size: PAGE_SIZE }
    const { results, metadata } = readAnswer(activity, await ask({ path, query }))
    for (const day of results)
      for (const [name, { metrics, metadata }] of Object.entries(partsOf(day)))
        sums.set(name, add(sums.get(name) ?? nothing(name, aliasIn(metadata)), metrics))
    pages = metadata.total_pages
  }
  return [...sums.values()].toSorted(by === 'day' ? byName : byCost)
}

function nothing(name: string, alias: string | undefined): Usage {
  return { name, alias, requests: 0, failed: 0, inputTokens: 0, outputTokens: 0, costPicoUsd: 0n }
}

function add(usage: Usage, more: Metrics): Usage {
  return {
    ...usage,
    requests: usage.requests + more.api_requests,
    failed: usage.failed + more.failed_requests,
    inputTokens: usage.inputTokens + more.prompt_tokens,
    outputTokens: usage.outputTokens + more.completion_tokens,
    costPicoUsd: usage.costPicoUsd + picoUsdFromUsd(more.spend),
  }
}

function aliasIn(metadata: Part['metadata']): string | undefined {
  const aliases = ['key_alias', 'team_alias', 'user_email', 'alias'].map((name) => metadata?.[name])
  return aliases.find((alias): alias is string => typeof alias === 'string' && alias !== '')
}

function byName(left: Usage, right: Usage): number {
  return left.name < right.name ? -1 : 1
}

function byCost(left: Usage, right: Usage): number {
  if (left.costPicoUsd === right.costPicoUsd) return byName(left, right)
  return left.costPicoUsd > right.costPicoUsd ? -1 : 1
}
