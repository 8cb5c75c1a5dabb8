import { expect, it } from 'vitest'
import type { ImportReport } from '../../litellm-import/report.ts'
import { renderReport, reportJson } from './render-report.ts'

const counts = { found: 3, created: 2, updated: 0, kept: 0, leftOut: 1, spentPicoUsd: 150_000n }
const report: ImportReport = {
  kinds: [
    { what: 'keys', from: 'LiteLLM_VerificationToken', ...counts },
    { what: 'teams', from: 'LiteLLM_TeamTable', ...counts, spentPicoUsd: 1_500_000_000_000n },
    { ...counts, what: 'tags', from: 'LiteLLM_TagTable', found: 0, created: 0, leftOut: 0, spentPicoUsd: 0n },
  ],
  notes: [
    { what: 'keys', message: 'left out: it is the master key', count: 4, ids: ['a'.repeat(64), 'b', 'c'] },
  ],
  leftTables: [{ table: 'LiteLLM_SpendLogs', rows: 10_000, why: 'logs stay' }],
}

it('tells what was taken over, what was not, and why', () => {
  expect(renderReport(report)).toBe(
    [
      "what   LiteLLM's table            found  new  updated  kept  left out  spent so far USD",
      'keys   LiteLLM_VerificationToken      3    2        0     0         1        0.00000015',
      'teams  LiteLLM_TeamTable              3    2        0     0         1        1.5',
      '─────  ─────────────────────────  ─────  ───  ───────  ────  ────────  ────────────────',
      'total                                 6    4        0     0         2',
      '',
      'What is different here:',
      '',
      'what  rows  note                            which',
      'keys     4  left out: it is the master key  aaaaaaaaaaaa, b, c …',
      '',
      'Tables that stay where they are:',
      '',
      'table                       rows  why',
      'LiteLLM_SpendLogs  10000 or more  logs stay',
      '',
    ].join('\n'),
  )
})

it('says nothing of what is not there', () => {
  expect(renderReport({ ...report, notes: [], leftTables: [] })).not.toMatch(/different|Tables that/)
})

it('is exact for programs', () => {
  expect(JSON.parse(JSON.stringify(reportJson(report)))).toMatchObject({
    kinds: [
      { what: 'keys', found: 3, created: 2, left_out: 1, spent_usd: '0.00000015' },
      { spent_usd: '1.5' },
      { what: 'tags', found: 0 },
    ],
    notes: report.notes,
    left_tables: report.leftTables,
  })
})
