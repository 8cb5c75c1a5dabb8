import { expect, test } from 'vitest'
import type { ScopeLimits } from './limits.ts'
import { linesOf } from './lines.ts'
import type { Lines, TokenGuess } from './lines.ts'
import { createWindows } from './windows.ts'

const nowMs = Date.parse('2026-11-27T09:28:00Z')

function plan(limits: readonly ScopeLimits[], tokens: TokenGuess = { inputTokens: 10 }): Lines {
  return linesOf(limits, { nowMs, windows: createWindows(), tokens })
}

const key = { kind: 'key', id: 'k' } as const
const team = { kind: 'team', id: 't' } as const

test('every scope is written down, and counted where something looks at it', () => {
  const lines = plan([
    { scope: { kind: 'global', id: '' }, budgets: [{ maxPicoUsd: 9n, duration: '30d' }] },
    { scope: { kind: 'organization', id: 'o' }, budgets: [] },
    { scope: team, budgets: [{ softPicoUsd: 5n, duration: '7d' }] },
    { scope: { kind: 'user', id: 'u' }, budgets: [{ sinceMs: 36 }] },
    { scope: key, budgets: [] },
  ])
  expect(lines.ledger).toEqual([
    ['global:', '1mo/2026-11-01'],
    ['organization:o', 'all'],
    ['team:t', '1w/2026-11-23'],
    ['user:u', 'all@10'],
    ['key:k', 'all'],
  ])
  expect(lines.budgets.map(({ scope, maxPicoUsd }) => [scope.kind, maxPicoUsd])).toEqual([
    ['global', 9n],
    ['team', undefined],
    ['key', undefined],
  ])
})

test('several windows of one scope must all have room, the same one once', () => {
  const budgets = [
    { maxPicoUsd: 10n, duration: '24h' },
    { maxPicoUsd: 100n, duration: '30d' },
    { maxPicoUsd: 7n, duration: 'daily' },
    { duration: '1d' },
  ]
  expect(
    plan([{ scope: key, budgets }]).budgets.map(({ windowId, maxPicoUsd }) => [windowId, maxPicoUsd]),
  ).toEqual([
    ['1d/2026-11-27', 7n],
    ['1mo/2026-11-01', 100n],
  ])
})

test('rates and parallel calls of one scope are one line each, the smaller', () => {
  const lines = plan([
    { scope: key, budgets: [], rpm: 60, maxParallelRequests: 5 },
    { scope: team, budgets: [], rpm: 600 },
    { scope: key, budgets: [], rpm: 6, maxParallelRequests: 9 },
  ])
  expect(lines.rates).toEqual([
    { scope: key, unit: 'requests', max: 6, amount: 1 },
    { scope: team, unit: 'requests', max: 600, amount: 1 },
  ])
  expect(lines.parallels).toEqual([{ scope: key, max: 5 }])
})

test.each<[string, TokenGuess, number[], number[]]>([
  ['what the client named', { inputTokens: 10, maxOutputTokens: 90 }, [1_000], [100]],
  ['4,096 where it named nothing', { inputTokens: 10 }, [100_000], [4_106]],
  ['a quarter of the tightest limit where that is less', { inputTokens: 10 }, [1_000, 400], [110, 110]],
  ['all of the limit where it asks for more', { inputTokens: 10, maxOutputTokens: 990 }, [400], [400]],
  ['more than a limit of nothing', { inputTokens: 10 }, [0], [1]],
])('counts for tokens: %s', (_, tokens, tpms, amounts) => {
  const limits = tpms.map((tpm, at) => ({ scope: { kind: 'tag', id: `${at}` } as const, budgets: [], tpm }))
  expect(plan(limits, tokens).rates.map(({ amount }) => amount)).toEqual(amounts)
})
