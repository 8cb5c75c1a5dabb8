import { expect, it } from 'vitest'
import type { Json } from './testing/gate.ts'
import { describeOnBoth } from './testing/gates.ts'

/** Calls as people have them in their scripts, word for word. */
const CALLS: readonly [path: string, body: string | undefined, answer: Json | readonly unknown[]][] = [
  [
    '/key/generate',
    `{
    "models": ["gpt-4o", "claude-sonnet"],
    "max_budget": 100.0,
    "budget_duration": "monthly",
    "metadata": {
      "team": "backend",
      "user": "developer-1"
    },
    "tpm_limit": 50000,
    "rpm_limit": 100
  }`,
    { key: expect.stringMatching(/^sk-/), max_budget: 100, models: ['gpt-4o', 'claude-sonnet'] },
  ],
  [
    '/key/generate',
    `{
    "rpm_limit": 50,
    "tpm_limit": 20000,
    "max_budget": 10.0,
    "budget_duration": "daily"
  }`,
    { rpm_limit: 50, budget_reset_at: '2026-11-28T00:00:00.000Z' },
  ],
  [
    '/team/new',
    `{
    "team_alias": "backend-team",
    "rpm_limit": 200,
    "tpm_limit": 80000,
    "max_budget": 500.0,
    "budget_duration": "monthly"
  }`,
    { team_alias: 'backend-team', max_budget: 500, budget_reset_at: '2026-12-01T00:00:00.000Z' },
  ],
  [
    '/user/new',
    `{
    "user_id": "user-123",
    "max_budget": 50.0,
    "budget_duration": "monthly",
    "models": ["gpt-4o-mini", "claude-sonnet"]
  }`,
    { user_id: 'user-123', key: expect.stringMatching(/^sk-/), max_budget: 50 },
  ],
  ['/user/info?user_id=user-123', undefined, { user_id: 'user-123', user_info: { spend: 0 } }],
  ['/global/spend', undefined, { spend: 0 }],
  ['/global/spend?api_key=sk-key-abc', undefined, { spend: 0 }],
  ['/global/spend?model=gpt-4o', undefined, { spend: 0 }],
  ['/global/spend/logs?start_date=2026-03-01&end_date=2026-03-20', undefined, []],
]

describeOnBoth('scripts that were written for LiteLLM', (gate) => {
  it.each(CALLS)('%s works: %s', async (path, body, answer) => {
    const sent: object | undefined = body === undefined ? undefined : JSON.parse(body)
    expect(await gate().get(path, sent)).toMatchObject(answer)
  })

  it('/team/info works', async () => {
    await gate().get('/team/new', { team_id: 'team-backend' })
    expect(await gate().get('/team/info?team_id=team-backend')).toMatchObject({
      team_id: 'team-backend',
      team_info: { spend: 0 },
    })
  })
})
