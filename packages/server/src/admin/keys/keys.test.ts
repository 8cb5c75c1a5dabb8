import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testDatabases } from '../../store/testing/databases.ts'
import { openGate } from '../testing/gate.ts'
import type { Gate } from '../testing/gate.ts'

const endings: (() => Promise<void>)[] = []
afterAll(async () => {
  for (const end of endings.splice(0)) await end()
})

describe.each(testDatabases)('keys in $dialect', ({ open }) => {
  let gate: Gate
  beforeAll(async () => {
    gate = await openGate({ open }, (end) => endings.push(end))
  })

  it('are made with LiteLLM’s answer', async () => {
    const key = await gate.get('/key/generate', {
      models: ['gpt-4o', 'claude-sonnet'],
      max_budget: 100,
      budget_duration: 'monthly',
      metadata: { team: 'backend', user: 'developer-1' },
      tpm_limit: 50000,
      rpm_limit: 100,
      duration: '30d',
      unknown: 'is ignored',
    })
    expect(key).toMatchObject({
      key: expect.stringMatching(/^sk-[\w-]{32}$/),
      token: expect.stringMatching(/^[0-9a-f]{64}$/),
      key_name: `sk-...${String(key['key']).slice(-4)}`,
      models: ['gpt-4o', 'claude-sonnet'],
      max_budget: 100,
      budget_duration: 'monthly',
      budget_reset_at: '2026-12-01T00:00:00.000Z',
      expires: '2026-12-27T12:00:00.000Z',
      spend: 0,
      metadata: { team: 'backend', user: 'developer-1' },
    })
    expect(key).not.toHaveProperty('unknown')
    const { key: named, info } = await gate.get(`/key/info?key=${String(key['key'])}`)
    expect(named).toBe(key['key'])
    expect(info).toMatchObject({ tpm_limit: 50000, rpm_limit: 100 })
    expect(info).not.toHaveProperty('token')
  })
})
