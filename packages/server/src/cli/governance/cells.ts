import { formatUsd, picoUsdFromUsd } from '@switchyard/llm/kit'
import type { Field } from '../terminal/table.ts'
import type { LimitedAnswer } from './answers.ts'

const ID_LETTERS = 12
/** More names than these make a table that nobody reads. */
const NAMES_SHOWN = 3

/** What every table of things with limits shows of them. */
export const spendFields: readonly Field<LimitedAnswer>[] = [
  {
    title: 'spend USD',
    align: 'decimal',
    cell: ({ spend }) => usdText(spend ?? 0),
    total: (rows) => sumText(rows.map(({ spend }) => spend ?? 0)),
  },
]

export const limitFields: readonly Field<LimitedAnswer>[] = [
  { title: 'budget USD', optional: true, cell: budgetText },
  { title: 'resets (UTC)', optional: true, cell: (row) => timeText(row.budget_reset_at) },
  { title: 'limits', optional: true, cell: rateText },
]

/** The exact decimal text of an amount that the API sends as a number. */
export function usdText(usd: number): string {
  return formatUsd(picoUsdFromUsd(usd))
}

/** The exact sum of amounts that the API sends as numbers. */
function sumText(amounts: readonly number[]): string {
  return formatUsd(amounts.reduce((sum, usd) => sum + picoUsdFromUsd(usd), 0n))
}

/** `10 per 30d` */
function budgetText({ max_budget: budget, budget_duration: duration }: LimitedAnswer): string {
  if (budget == null) return ''
  return duration == null ? usdText(budget) : `${usdText(budget)} per ${duration}`
}

/** `60 rpm, 10000 tpm, 4 at once` */
function rateText(row: LimitedAnswer): string {
  const { rpm_limit: rpm, tpm_limit: tpm, max_parallel_requests: parallel } = row
  return [
    ...(rpm == null ? [] : [`${rpm} rpm`]),
    ...(tpm == null ? [] : [`${tpm} tpm`]),
    ...(parallel == null ? [] : [`${parallel} at once`]),
  ].join(', ')
}

/** `all` for a list that holds nothing, which is how the API says so. */
export function modelsText(models: readonly string[] | null | undefined): string {
  if (models == null || models.length === 0) return 'all'
  const shown = models.slice(0, NAMES_SHOWN).join(', ')
  return models.length > NAMES_SHOWN ? `${shown} +${models.length - NAMES_SHOWN}` : shown
}

/** Minutes are as exact as anybody needs: `2026-12-01 00:00`. */
export function timeText(time: string | null | undefined): string {
  return time == null ? '' : time.slice(0, 'yyyy-mm-ddThh:mm'.length).replace('T', ' ')
}

/** The beginning of a hash: enough to name a key by. */
export function shortId(id: string): string {
  return id.slice(0, ID_LETTERS)
}

/** `3 keys`, below a table of them. */
export function countOf(noun: string): (rows: readonly unknown[]) => string {
  return ({ length }) => `${length} ${length === 1 ? noun : `${noun}s`}`
}
