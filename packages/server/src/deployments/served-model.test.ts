import { createCatalog, createDeploymentStates, providers } from '@switchyard/llm/kit'
import { expect, test } from 'vitest'
import { loadConfig } from '../config/index.ts'
import { createDeployments } from './deployments.ts'

async function ratesOf(extra: string, servedModel: string | undefined): Promise<bigint | undefined> {
  const yaml = `model_list:\n  - model_name: group\n    litellm_params: { model: openai/gpt-4o, api_key: sk-x${extra} }\n`
  const loaded = await loadConfig({
    path: 'config.yaml',
    readFile: () => Promise.resolve(yaml),
    env: {},
  })
  if (!loaded.ok) throw new Error('the configuration should load')
  const deployments = createDeployments({
    states: createDeploymentStates(),
    config: loaded.config,
    catalog: createCatalog(),
    env: () => undefined,
    registry: providers,
    localModels: [],
    monotonicMs: () => 0,
  })
  return deployments.find('group')[0]?.ratesFor(servedModel)?.inputPicoUsd
}

test.each([
  ['the model asked for', '', 'gpt-4o', 2_500_000n],
  ['another model that the provider served instead', '', 'gpt-4o-mini', 150_000n],
  ['the model asked for, where the served one has no known price', '', 'gpt-secret', 2_500_000n],
  ['the model asked for, where the provider names none', '', undefined, 2_500_000n],
  [
    'the configuration, whatever was served',
    ', input_cost_per_token: 0.000001, output_cost_per_token: 0.000002',
    'gpt-4o-mini',
    1_000_000n,
  ],
])('prices come from %s', async (_name, extra, served, expected) => {
  expect(await ratesOf(extra, served)).toBe(expected)
})
