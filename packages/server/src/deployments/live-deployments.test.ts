import { expect, test } from 'vitest'
import { loadConfig } from '../config/index.ts'
import type { DeploymentConfig } from '../config/index.ts'
import { createServices } from '../services.ts'
import type { Services } from '../services.ts'

async function configOf(
  ...models: [name: string, id: string, model?: string][]
): Promise<Services['config']> {
  const list = models.map(([name, id, model = 'openai/gpt-4o']) => ({
    model_name: name,
    litellm_params: { model, api_key: 'sk-1' },
    model_info: { id },
  }))
  const text = JSON.stringify({ model_list: list })
  const loaded = await loadConfig({ path: 'config.yaml', readFile: () => Promise.resolve(text), env: {} })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.findings))
  return loaded.config
}

async function storedModels(
  ...models: [name: string, id: string, model?: string][]
): Promise<readonly DeploymentConfig[]> {
  return (await configOf(...models)).deployments
}

const ids = ({ deployments }: Services, name: string): string[] => deployments.find(name).map(({ id }) => id)

test('models that are added stand beside those of the configuration, in place of those added before', async () => {
  const config = await configOf(['smart', 'file'])
  const services = createServices({ config, version: '1', env: () => undefined })
  services.deployments.add(await storedModels(['smart', 'db-1'], ['fast', 'db-2']))
  expect([ids(services, 'smart'), ids(services, 'fast')]).toEqual([['file', 'db-1'], ['db-2']])
  services.deployments.add(await storedModels(['fast', 'db-3']))
  expect([ids(services, 'smart'), ids(services, 'fast')]).toEqual([['file'], ['db-3']])
  expect(services.deployments.configs().map(({ id }) => id)).toEqual(['file', 'db-3'])
})

test('the file wins where both have the same id', async () => {
  const config = await configOf(['smart', 'same'])
  const services = createServices({ config, version: '1', env: () => undefined })
  services.deployments.add(await storedModels(['other', 'same']))
  expect([ids(services, 'smart'), ids(services, 'other')]).toEqual([['same'], []])
})

test('one that nobody can call is left out, and the others are added', async () => {
  const config = await configOf(['smart', 'file'])
  const services = createServices({ config, version: '1', env: () => undefined })
  services.deployments.add(
    await storedModels(['wrong', 'db-1', 'no-such-provider/x'], ['fast', 'db-2', 'openai/gpt-4o-mini']),
  )
  expect([ids(services, 'wrong'), ids(services, 'fast')]).toEqual([[], ['db-2']])
})
