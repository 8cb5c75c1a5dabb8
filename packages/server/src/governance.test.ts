import { expect, test } from 'vitest'
import { loadConfig } from './config/index.ts'
import { countersOf } from './governance.ts'

test.each<[string, 'sqlite' | 'postgres', string | undefined, Record<string, string>, string]>([
  ['a file is this process’s own', 'sqlite', undefined, {}, 'memory'],
  ['also where there is a Redis', 'sqlite', undefined, { REDIS_URL: 'redis://a' }, 'memory'],
  ['others may use the database', 'postgres', undefined, {}, 'postgres'],
  ['Redis is faster', 'postgres', undefined, { REDIS_URL: 'redis://a' }, 'redis'],
  ['the configuration says so', 'postgres', 'memory', { REDIS_URL: 'redis://a' }, 'memory'],
  ['the configuration says so, too', 'sqlite', 'redis', { REDIS_URL: 'redis://a' }, 'redis'],
])('where it is counted: %s', async (_why, dialect, counters, env, expected) => {
  const text = JSON.stringify({
    model_list: [{ model_name: 'm', litellm_params: { model: 'openai/m' } }],
    ...(counters === undefined ? {} : { general_settings: { counters } }),
  })
  const loaded = await loadConfig({ path: 'config.yaml', readFile: () => Promise.resolve(text), env })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.findings))
  expect(countersOf(loaded.config, { dialect })).toBe(expected)
})
