import { describe, expect, test } from 'vitest'
import { planAdmission } from './admission.ts'
import type { PlannedAdmission } from './admission.ts'
import type { Admitted } from './counters.ts'
import { limitHeaders } from './limit-headers.ts'
import type { ScopeLimits } from './limits.ts'
import { ledgerUnavailable, refusalOf } from './refusal.ts'
import type { Scope, ScopeKind } from './scope.ts'
import { createWindows } from './windows.ts'

const nowMs = Date.parse('2026-11-27T09:28:00Z')
const CENT = 10_000_000_000n

function plan(limits: readonly ScopeLimits[]): PlannedAdmission {
  return planAdmission({
    requestId: 'r',
    owner: 'a',
    nowMs,
    leaseMs: 1,
    rule: 'reserve',
    limits,
    windows: createWindows(),
    call: { inputTokens: 100, maxTokens: 30 },
    models: [{ rates: { inputPicoUsd: 1_000_000n, outputPicoUsd: 10_000_000n } }],
    opening: () => '',
  })
}

function overBudget(scope: Scope, settled: bigint, reserved: bigint, statuses?: 'legacy') {
  const planned = plan([{ scope, budgets: [{ maxPicoUsd: CENT, duration: '1d' }] }])
  const state = { settledPicoUsd: settled, reservedPicoUsd: reserved }
  return refusalOf(
    planned,
    { admitted: false, line: { type: 'budget', index: 0, state } },
    { nowMs, statuses },
  ).error
}

describe('a budget', () => {
  test.each<[ScopeKind, string, string]>([
    ['key', 'hash', 'Budget has been exceeded! Current cost: 0.01, Max budget: 0.01.'],
    ['global', '', 'Budget has been exceeded! Current cost: 0.01, Max budget: 0.01.'],
    ['team', 't', 'Budget has been exceeded! Team=t Current cost: 0.01, Max budget: 0.01.'],
    [
      'team_member',
      't/u',
      'Budget has been exceeded! User=u in Team=t Current cost: 0.01, Max budget: 0.01.',
    ],
    ['organization', 'o', 'Budget has been exceeded! Organization=o Current cost: 0.01, Max budget: 0.01.'],
    ['tag', 'a:b', 'Budget has been exceeded! Tag=a:b Current cost: 0.01, Max budget: 0.01.'],
    ['key_model', 'hash/openai/gpt', 'Budget has been exceeded! Model=openai/gpt Current cost: 0.01'],
    [
      'user',
      'u',
      'ExceededBudget: User=u over budget. Spend=0.01, Budget=0.01. Budget has been exceeded! User=u',
    ],
    ['end_user', 'c', 'ExceededBudget: End User=c over budget. Spend=0.01, Budget=0.01.'],
  ])('of a %s is told as LiteLLM tells it', (kind, id, start) => {
    const { message, status, type, reason, retryable } = overBudget({ kind, id }, CENT, 0n)
    expect(message.slice(0, start.length)).toBe(start)
    expect(message).not.toContain('hash')
    expect([status, type, reason, retryable]).toEqual([429, 'budget_exceeded', 'budget_exceeded', false])
  })

  test('says what is held, what is needed, and when it resets', () => {
    expect(overBudget({ kind: 'key', id: 'k' }, CENT / 2n, CENT / 2n - 1_000_000n).message).toBe(
      'Budget has been exceeded! Current cost: 0.005, Max budget: 0.01. ' +
        'ExceededTokenBudget: Current spend for token: 0.005; Max Budget for Token: 0.01. ' +
        '0.004999 USD are held for requests under way. ' +
        'This request needs at least 0.0004 USD. The budget resets at 2026-11-28T00:00:00.000Z.',
    )
  })

  test('is a 400 by the older statuses, with no word of ours for its code', () => {
    expect(overBudget({ kind: 'key', id: 'k' }, CENT, 0n, 'legacy')).toMatchObject({
      status: 400,
      type: 'budget_exceeded',
      reason: undefined,
    })
  })
})

const limits: readonly ScopeLimits[] = [
  { scope: { kind: 'team', id: 't' }, budgets: [], rpm: 100 },
  {
    scope: { kind: 'key', id: 'hash' },
    budgets: [{ maxPicoUsd: CENT }],
    rpm: 60,
    tpm: 1_000,
    maxParallelRequests: 2,
  },
  { scope: { kind: 'key_model', id: 'hash/openai/gpt' }, budgets: [], rpm: 5 },
]

test('a rate says when it opens again', () => {
  const { error, headers } = refusalOf(
    plan(limits),
    { admitted: false, line: { type: 'rate', index: 1, state: { used: 60, resetMs: nowMs + 41_500 } } },
    { nowMs },
  )
  expect(error).toMatchObject({
    status: 429,
    reason: 'rate_limit_exceeded',
    retryAfterMs: 41_500,
    message:
      'Rate limit exceeded for api_key: this key. Limit type: requests. Current limit: 60, Remaining: 0. ' +
      'Limit resets at: 2026-11-27T09:28:41.500Z',
  })
  expect(headers.join(' ')).toBe(
    `rate_limit_type requests reset_at ${(nowMs + 42_000) / 1_000} ` +
      'x-ratelimit-api_key-limit-requests 60 x-ratelimit-api_key-remaining-requests 0 ' +
      'x-ratelimit-limit-requests 60 x-ratelimit-remaining-requests 0 x-ratelimit-reset-requests 42s',
  )
})

test('too many calls at once are told so', () => {
  const { error, headers } = refusalOf(
    plan(limits),
    { admitted: false, line: { type: 'parallel', index: 0, running: 2 } },
    { nowMs },
  )
  expect(error).toMatchObject({ status: 429, reason: 'too_many_parallel_requests', retryable: true })
  expect(error.message).toContain('Limit type: max_parallel_requests. Current limit: 2, Remaining: 0.')
  expect(headers).toEqual(['rate_limit_type', 'max_parallel_requests'])
})

test('what cannot be checked is a 503', () => {
  expect(ledgerUnavailable(new Error('away'))).toMatchObject({ status: 503, reason: 'ledger_unavailable' })
})

test('an admitted request tells its limits', () => {
  const admitted: Admitted = {
    admitted: true,
    holdPicoUsd: 0n,
    budgets: [{ settledPicoUsd: CENT / 4n, reservedPicoUsd: 0n }],
    rates: [7, 13, 400, 1].map((used) => ({ used, resetMs: nowMs + 30_000 })),
  }
  const headers = limitHeaders(plan(limits), admitted, { nowMs, costPicoUsd: CENT / 4n })
  const pairs = Object.fromEntries(
    headers.flatMap((name, at) => (at % 2 === 0 ? [[name, headers[at + 1]]] : [])),
  )
  expect(pairs).toEqual({
    'x-ratelimit-team-limit-requests': '100',
    'x-ratelimit-team-remaining-requests': '93',
    'x-ratelimit-api_key-limit-requests': '60',
    'x-ratelimit-api_key-remaining-requests': '47',
    'x-ratelimit-api_key-limit-tokens': '1000',
    'x-ratelimit-api_key-remaining-tokens': '600',
    'x-ratelimit-model_per_key-limit-requests': '5',
    'x-ratelimit-model_per_key-remaining-requests': '4',
    'x-litellm-key-remaining-requests-openai-gpt': '4',
    'x-ratelimit-limit-requests': '5',
    'x-ratelimit-remaining-requests': '4',
    'x-ratelimit-reset-requests': '30s',
    'x-ratelimit-limit-tokens': '1000',
    'x-ratelimit-remaining-tokens': '600',
    'x-ratelimit-reset-tokens': '30s',
    'x-litellm-key-rpm-limit': '60',
    'x-litellm-key-tpm-limit': '1000',
    'x-litellm-key-max-budget': '0.01',
    'x-litellm-key-spend': '0.005',
  })
})
