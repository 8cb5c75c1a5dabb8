import { picoUsdFromUsd } from '@switchyard/llm/kit'
import type { ScopeKind } from '../policy/scope.ts'
import type { DailySpendRow } from '../store/schema.ts'
import { writeForeignDays } from '../store/tables/ledger-sums.ts'
import type { KindReport } from './report.ts'
import type { LitellmDay, Source } from './source.ts'
import type { Target } from './take-over.ts'

/** One of LiteLLM's tables of daily sums, by whom it tells apart. */
export interface History {
  readonly what: string
  readonly source: string
  readonly column: string
  readonly kind: ScopeKind
}

export const histories: readonly History[] = [
  { what: 'days of users', source: 'LiteLLM_DailyUserSpend', column: 'user_id', kind: 'user' },
  { what: 'days of teams', source: 'LiteLLM_DailyTeamSpend', column: 'team_id', kind: 'team' },
  { what: 'days of tags', source: 'LiteLLM_DailyTagSpend', column: 'tag', kind: 'tag' },
  { what: 'days of agents', source: 'LiteLLM_DailyAgentSpend', column: 'agent_id', kind: 'agent' },
  { what: 'days of customers', source: 'LiteLLM_DailyEndUserSpend', column: 'end_user_id', kind: 'end_user' },
  {
    what: 'days of organizations',
    source: 'LiteLLM_DailyOrganizationSpend',
    column: 'organization_id',
    kind: 'organization',
  },
]

/** Takes over what reports of single days are made from. What LiteLLM said before is replaced. */
export async function takeOverHistory(
  { what, source: table, column, kind }: History,
  source: Source,
  { queries, dialect }: Pick<Target, 'queries' | 'dialect'>,
): Promise<KindReport> {
  const report = { found: 0, created: 0, updated: 0, kept: 0, leftOut: 0, spentPicoUsd: 0n }
  for await (const days of source.days(table, column)) {
    await writeForeignDays(queries, dialect, summed(days, kind))
    report.found += days.length
    report.created += days.length
    report.spentPicoUsd += days.reduce((sum, { spend }) => sum + picoUsdFromUsd(spend), 0n)
  }
  return { what, from: table, ...report }
}

/** Everything that anybody spent is in the table of users once: keys and the whole are summed from it. */
function summed(days: readonly LitellmDay[], kind: ScopeKind): DailySpendRow[] {
  const rows = new Map<string, DailySpendRow>()
  for (const day of days) {
    const scopes = [
      ...(day.entity === '' ? [] : [{ kind, id: day.entity, keyHash: day.key_hash }]),
      ...(kind === 'user'
        ? [
            { kind: 'key', id: day.key_hash, keyHash: day.key_hash },
            { kind: 'global', id: '', keyHash: '' },
          ]
        : []),
    ]
    for (const scope of scopes) add(rows, scope, day)
  }
  return [...rows.values()]
}

function add(
  rows: Map<string, DailySpendRow>,
  scope: { kind: string; id: string; keyHash: string },
  { date, entity: _entity, spend, ...day }: LitellmDay,
): void {
  const { model, model_group, provider, endpoint } = day
  const name = JSON.stringify([scope.kind, scope.id, scope.keyHash, model, model_group, provider, endpoint])
  const known = rows.get(name)
  rows.set(name, {
    ...day,
    scope_kind: scope.kind,
    scope_id: scope.id,
    key_hash: scope.keyHash,
    day: Math.floor(Date.parse(date) / 86_400_000),
    cost_pico_usd: picoUsdFromUsd(spend) + (known?.cost_pico_usd ?? 0n),
    input_tokens: day.input_tokens + (known?.input_tokens ?? 0),
    output_tokens: day.output_tokens + (known?.output_tokens ?? 0),
    cache_read_tokens: day.cache_read_tokens + (known?.cache_read_tokens ?? 0),
    cache_write_tokens: day.cache_write_tokens + (known?.cache_write_tokens ?? 0),
    requests: day.requests + (known?.requests ?? 0),
    successful_requests: day.successful_requests + (known?.successful_requests ?? 0),
    failed_requests: day.failed_requests + (known?.failed_requests ?? 0),
    rate_limited_requests: 0,
    cached_requests: 0,
    cached_output_tokens: 0,
  })
}
