import OpenAI from 'openai'
import { expect, it } from 'vitest'
import type { Json } from './support/admin.ts'
import { readCurl } from './support/curl.ts'
import { at, describeProxy, soon } from './support/litellm-proxy.ts'

/** Commands as people have them in their scripts, word for word. */
const COMMANDS: readonly [command: string, answer: object | readonly unknown[]][] = [
  [
    `curl -X POST http://localhost:4000/key/generate \\
  -H "Authorization: Bearer sk-master-key-1234" \\
  -H "Content-Type: application/json" \\
  -d '{
    "models": ["gpt-4o", "claude-sonnet"],
    "max_budget": 100.0,
    "budget_duration": "monthly",
    "metadata": {
      "team": "backend",
      "user": "developer-1"
    },
    "tpm_limit": 50000,
    "rpm_limit": 100
  }'`,
    {
      key: expect.stringMatching(/^sk-/),
      models: ['gpt-4o', 'claude-sonnet'],
      max_budget: 100,
      metadata: { team: 'backend', user: 'developer-1' },
      tpm_limit: 50000,
      rpm_limit: 100,
    },
  ],
  [
    `curl -X POST http://localhost:4000/key/generate \\
  -H "Authorization: Bearer sk-master-key-1234" \\
  -H "Content-Type: application/json" \\
  -d '{
    "rpm_limit": 50,
    "tpm_limit": 20000,
    "max_budget": 10.0,
    "budget_duration": "daily"
  }'`,
    { key: expect.stringMatching(/^sk-/), budget_reset_at: expect.stringMatching(/T00:00:00.000Z$/) },
  ],
  [
    `curl -X POST http://localhost:4000/team/new \\
  -H "Authorization: Bearer sk-master-key-1234" \\
  -H "Content-Type: application/json" \\
  -d '{
    "team_alias": "backend-team",
    "rpm_limit": 200,
    "tpm_limit": 80000,
    "max_budget": 500.0,
    "budget_duration": "monthly"
  }'`,
    { team_alias: 'backend-team', budget_reset_at: expect.stringMatching(/-01T00:00:00.000Z$/) },
  ],
  [
    `curl -X POST http://localhost:4000/user/new \\
  -H "Authorization: Bearer sk-master-key-1234" \\
  -H "Content-Type: application/json" \\
  -d '{
    "user_id": "user-123",
    "max_budget": 50.0,
    "budget_duration": "monthly",
    "models": ["gpt-4o-mini", "claude-sonnet"]
  }'`,
    { user_id: 'user-123', key: expect.stringMatching(/^sk-/), max_budget: 50 },
  ],
  [
    `curl http://localhost:4000/user/info?user_id=user-123 \\
  -H "Authorization: Bearer sk-master-key-1234"`,
    { user_id: 'user-123', user_info: { max_budget: 50, spend: 0 } },
  ],
  [
    `curl http://localhost:4000/global/spend \\
  -H "Authorization: Bearer sk-master-key-1234"`,
    { spend: expect.any(Number) },
  ],
  [
    `curl "http://localhost:4000/global/spend?api_key=sk-key-abc" \\
  -H "Authorization: Bearer sk-master-key-1234"`,
    { spend: 0 },
  ],
  [
    `curl "http://localhost:4000/global/spend?model=gpt-4o" \\
  -H "Authorization: Bearer sk-master-key-1234"`,
    { spend: 0 },
  ],
  [
    `curl "http://localhost:4000/team/info?team_id=team-backend" \\
  -H "Authorization: Bearer sk-master-key-1234"`,
    { team_id: 'team-backend', team_info: { spend: 0 } },
  ],
  [
    `curl "http://localhost:4000/global/spend/logs?start_date=2026-03-01&end_date=2026-03-20" \\
  -H "Authorization: Bearer sk-master-key-1234"`,
    [],
  ],
]

const MASTER_KEY = 'sk-master-key-1234'

describeProxy(
  'scripts that were written for LiteLLM',
  (proxy, gateway) => {
    const run = async (command: string): Promise<unknown> => {
      const { method, url, headers, body } = readCurl(command)
      const response = await fetch(url.replace('http://localhost:4000', gateway().url), {
        method,
        headers,
        ...(body === undefined ? {} : { body }),
      })
      expect(response.status).toBe(200)
      return await response.json()
    }

    it('work word for word', async () => {
      await proxy.ask('/team/new', { team_id: 'team-backend' }, MASTER_KEY)
      for (const [command, answer] of COMMANDS) expect(await run(command)).toMatchObject(answer)
    })

    it('make a key that a client works with, and find what it spent by key, by model and by day', async () => {
      const made = (await run(
        `curl -X POST http://localhost:4000/key/generate -H "Authorization: Bearer ${MASTER_KEY}" -H "Content-Type: application/json" -d '{"models": ["house"], "max_budget": 100.0, "budget_duration": "monthly"}'`,
      )) as Json
      const key = String(made['key'])
      const client = new OpenAI({ apiKey: key, baseURL: gateway().url, maxRetries: 0 })
      const body: OpenAI.ChatCompletionCreateParamsNonStreaming = {
        model: 'house',
        messages: [{ role: 'user', content: 'What is Python?' }],
      }
      // What Python's client is given as `extra_body`, and metadata for the log.
      for (const extra of [{}, { cache: { 'no-cache': true } }, { metadata: { job: 'nightly' } }])
        expect((await client.chat.completions.create({ ...body, ...extra })).object).toBe('chat.completion')
      const spent = await soon(async () => {
        const logs = await proxy.ask(`/spend/logs?api_key=${key}`, undefined, MASTER_KEY)
        expect(logs).toHaveLength(3)
        return (Object.values(logs) as Json[]).reduce((sum, { spend }) => sum + Number(spend), 0)
      })
      const today = new Date().toISOString().slice(0, 10)
      for (const query of [
        `api_key=${key}`,
        'model=house',
        `start_date=${today}&end_date=${today}&api_key=${key}`,
      ])
        expect(at(await proxy.ask(`/global/spend?${query}`, undefined, MASTER_KEY), 'spend')).toBeCloseTo(
          spent,
          10,
        )
      expect(at(await proxy.ask('/key/info', undefined, key), 'info', 'spend')).toBeCloseTo(spent, 10)
    })
  },
  { master_key: MASTER_KEY },
)
