import { expect, test } from 'vitest'
import type { AccountingSettings } from './gateway-config.ts'
import { loadConfig } from './load.ts'
import { renderFinding } from './render-findings.ts'

async function accounting(sections: object, env: Record<string, string> = {}): Promise<AccountingSettings> {
  const text = JSON.stringify({
    model_list: [{ model_name: 'm', litellm_params: { model: 'openai/m' } }],
    ...sections,
  })
  const result = await loadConfig({ path: 'config.yaml', readFile: () => Promise.resolve(text), env })
  if (!result.ok) throw new Error(result.findings.map(renderFinding).join('\n'))
  return result.config.accounting
}

test.each<[string, object, Partial<AccountingSettings>]>([
  [
    'nothing',
    {},
    {
      timezone: 'UTC',
      budgetEnforcement: 'reserve',
      countedTokens: 'total',
      keepsContent: false,
      counters: undefined,
      redisUrl: undefined,
      holdLeaseMs: 60_000,
    },
  ],
  ['a time zone', { litellm_settings: { timezone: 'Europe/Berlin' } }, { timezone: 'Europe/Berlin' }],
  ['postpaid', { general_settings: { budget_enforcement: 'postpaid' } }, { budgetEnforcement: 'postpaid' }],
  [
    'a kind of tokens',
    { general_settings: { token_rate_limit_type: 'output' } },
    { countedTokens: 'output' },
  ],
  ['prompts', { general_settings: { store_prompts_in_spend_logs: true } }, { keepsContent: true }],
  ['counters', { general_settings: { counters: 'postgres' } }, { counters: 'postgres' }],
])('what holds when %s is said', async (_name, sections, expected) => {
  expect(await accounting(sections)).toMatchObject(expected)
})

test.each<[string, object, Record<string, string>, string | undefined]>([
  ['nowhere', {}, {}, undefined],
  ['at an address', { redis_url: 'redis://a:1/2' }, {}, 'redis://a:1/2'],
  ['on a host', { redis_host: 'a' }, {}, 'redis://a:6379/0'],
  [
    'on a host with a password',
    { redis_host: 'a', redis_port: 7000, redis_password: 'p/w', redis_db: 3 },
    {},
    'redis://:p%2Fw@a:7000/3',
  ],
  ['in the environment', {}, { REDIS_URL: 'redis://env' }, 'redis://env'],
  ['in the file, which wins', { redis_host: 'a' }, { REDIS_URL: 'redis://env' }, 'redis://a:6379/0'],
])('Redis is %s', async (_name, router_settings, env, expected) => {
  const { redisUrl } = await accounting({ router_settings }, env)
  expect(redisUrl?.reveal()).toBe(expected)
})
