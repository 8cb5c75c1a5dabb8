import { describe, expect, test } from 'vitest'
import { loadConfig } from '../config/index.ts'
import { demoModel } from '../demo/demo-model.ts'
import { createServices } from '../services.ts'
import type { Deployment, Deployments } from './deployments.ts'

async function deploymentsOf(list: string, rest = '', monotonicMs = () => 0): Promise<Deployments> {
  const text = `model_list:\n${list}\n${rest}`
  const loaded = await loadConfig({ path: 'config.yaml', readFile: () => Promise.resolve(text), env: {} })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.findings))
  return createServices({
    config: loaded.config,
    version: '1',
    env: (name) => (name === 'OPENAI_API_KEY' ? 'sk-env' : undefined),
    localModels: [demoModel],
    monotonicMs,
  }).deployments
}

const entry = (name: string, id: string, params = 'model: openai/gpt-4o', info = ''): string =>
  `  - {model_name: '${name}', litellm_params: {${params}}, model_info: {id: ${id}${info}}}`

const ids = (found: readonly Deployment[]): string[] => found.map(({ id }) => id)

describe('which deployments serve a name', () => {
  const list = [
    entry('gpt', 'a'),
    entry('gpt', 'b'),
    entry('claude', 'c', 'model: anthropic/claude-x'),
    entry('*', 'any', 'model: openai/*'),
    entry('openai/*', 'openai', 'model: openai/*'),
    entry('openai/gpt-*', 'family', 'model: azure/gpt-*'),
    entry('openai/gpt-*', 'family-2', 'model: azure/eu-gpt-*'),
    entry('*-with-many-stars-*', 'stars', 'model: openai/*'),
    entry('a.b*', 'dot', 'model: openai/*'),
  ].join('\n')
  const aliases = `
router_settings:
  model_group_alias:
    best: gpt
    both: [claude, gpt]
    secret: {model: gpt, hidden: true}
    further: best
    claude: [claude, gpt]`

  test.each<[string, string[]]>([
    ['gpt', ['a', 'b']],
    ['best', ['a', 'b']],
    ['both', ['c', 'a', 'b']],
    ['secret', ['a', 'b']],
    ['further', ['a', 'b']],
    ['claude', ['c', 'a', 'b']],
    ['b', ['b']],
    ['openai/gpt-5', ['family', 'family-2']],
    ['openai/o3', ['openai']],
    ['x-with-many-stars-y', ['stars']],
    ['a.bc', ['dot']],
    ['axbc', ['any']],
    ['anything/at/all', ['any']],
    ['line\nbreak', ['any']],
    ['constructor', ['any']],
    ['__proto__', ['any']],
  ])('%s', async (name, expected) => {
    const deployments = await deploymentsOf(list, aliases)
    expect(ids(deployments.find(name))).toEqual(expected)
    expect(deployments.find(name).map((one) => one.place)).toEqual(
      deployments.find(name).map((one) => one.place),
    )
  })

  test('clients see groups and open aliases', async () => {
    const deployments = await deploymentsOf(list, aliases)
    expect(deployments.groups()).toEqual(['gpt', 'claude', 'best', 'both', 'further'])
    expect(ids(deployments.all())).toEqual(['a', 'b', 'c'])
    expect(deployments.byId('c')?.group).toBe('claude')
    expect(deployments.byId('nobody')).toBeUndefined()
  })

  test('clients see what a pattern leads to as far as the catalogue knows it', async () => {
    const deployments = await deploymentsOf(
      [
        entry('claude/*', 'a', 'model: anthropic/*'),
        entry('*', 'b', 'model: openai/*'),
        entry('all-*', 'c'),
      ].join('\n'),
    )
    expect(deployments.groups()).toEqual([])
    expect(deployments.names()).toEqual(expect.arrayContaining(['claude/claude-sonnet-4-5', 'gpt-4o-mini']))
    expect(deployments.names().filter((name) => name.includes('*'))).toEqual([])
  })

  test('nobody without a pattern', async () => {
    const deployments = await deploymentsOf(entry('gpt', 'a'))
    for (const name of ['other', '', 'constructor', '__proto__']) expect(deployments.find(name)).toEqual([])
  })
})

test.each<[string, string, string, string]>([
  ['openai/*', 'openai/*', 'openai/gpt-5', 'gpt-5'],
  ['*', 'openai/*', 'gpt-5', 'gpt-5'],
  ['my-*', 'openai/*', 'my-gpt-5', 'gpt-5'],
  ['*', '*', 'openai/gpt-5', 'gpt-5'],
  ['fixed-*', 'openai/gpt-4o', 'fixed-x', 'gpt-4o'],
  ['a-*-*', 'openai/*.*', 'a-b-c', 'b.c'],
])('%s to %s: %s asks for %s', async (pattern, model, asked, expected) => {
  const [found] = (await deploymentsOf(entry(pattern, 'p', `model: '${model}'`))).find(asked)
  if (found?.place.type !== 'provider') throw new Error('no provider')
  expect(found.place.resolved).toMatchObject({ provider: { id: 'openai' }, target: { model: expected } })
})

test('many names through a pattern are not all kept', async () => {
  const deployments = await deploymentsOf(entry('*', 'any', "model: 'openai/*'"))
  const first = deployments.find('name-0')
  expect(deployments.find('name-0')).toBe(first)
  for (let index = 1; index <= 1_000; index++) deployments.find(`name-${index}`)
  expect(deployments.find('name-0')).not.toBe(first)
  expect(ids(deployments.find('name-0'))).toEqual(['any'])
})

describe('where a deployment answers', () => {
  test.each<[string, string, object]>([
    [
      'a provider',
      'model: openai/m, api_key: sk-own',
      { type: 'provider', resolved: { target: { apiKey: 'sk-own' } } },
    ],
    [
      'with the key of the environment',
      'model: openai/m',
      { type: 'provider', resolved: { target: { apiKey: 'sk-env' } } },
    ],
    ['a fixed text', 'model: openai/m, mock_response: hi', { type: 'mock', text: 'hi' }],
    ['a fixed object', 'model: openai/m, mock_response: {a: 1}', { type: 'mock', text: '{"a":1}' }],
    ['this process', 'model: demo/echo', { type: 'local', name: 'echo' }],
  ])('%s', async (_name, params, expected) => {
    const [found] = (await deploymentsOf(entry('gpt', 'a', params))).find('gpt')
    expect(found?.place).toMatchObject(expected)
  })
})

describe('prices', () => {
  const prices = ', input_cost_per_token: 0.000001, output_cost_per_token: 0.000002'
  test.each<[string, string, string, bigint | undefined]>([
    ['of model_info', 'model: openai/own', prices, 1_000_000n],
    ['of the parameters', `model: openai/own${prices}`, '', 1_000_000n],
    ['of the catalogue', 'model: openai/gpt-4o', '', 2_500_000n],
    ['of the configuration before the catalogue', 'model: openai/gpt-4o', prices, 1_000_000n],
    ['of the base model', 'model: azure/my-deployment', ', base_model: gpt-4o', 2_500_000n],
    ['of the catalogue, with other limits', 'model: openai/gpt-4o', ', max_input_tokens: 5', 2_500_000n],
    ['unknown', 'model: openai/own', '', undefined],
    ['unknown for a fixed text', 'model: openai/gpt-4o, mock_response: hi', '', undefined],
    ['of a fixed text', 'model: openai/own, mock_response: hi', prices, 1_000_000n],
    ['zero for the demo', 'model: demo/echo', '', 0n],
    ['zero for the demo, with limits', 'model: demo/echo', ', max_input_tokens: 5', 0n],
    ['of the configuration for the demo', 'model: demo/echo', prices, 1_000_000n],
  ])('%s', async (_name, params, info, expected) => {
    const [found] = (await deploymentsOf(entry('gpt', 'a', params, info))).find('gpt')
    expect(found?.info()?.rates?.inputPicoUsd).toBe(expected)
    expect(found?.ratesFor(undefined)?.inputPicoUsd).toBe(expected)
    if (info.includes('max_input')) expect(found?.info()?.maxInputTokens).toBe(5)
  })

  test('are looked up once a second', async () => {
    let nowMs = 5
    const [found] = (
      await deploymentsOf(entry('gpt', 'a', 'model: openai/gpt-4o', ', max_input_tokens: 5'), '', () => nowMs)
    ).find('gpt')
    const first = found?.info()
    nowMs += 999
    expect(found?.info()).toBe(first)
    nowMs += 1
    expect(found?.info()).not.toBe(first)
    expect(found?.info()).toEqual(first)
  })
})

test.each<[string, string, object]>([
  ['', '', { timeoutMs: 600_000, streamTimeoutMs: 600_000, dropParams: false }],
  [', timeout: 5', '', { timeoutMs: 5_000, streamTimeoutMs: 5_000 }],
  [', timeout: 5, stream_timeout: 2', '', { timeoutMs: 5_000, streamTimeoutMs: 2_000 }],
  ['', 'router_settings: {timeout: 9, stream_timeout: 3}', { timeoutMs: 9_000, streamTimeoutMs: 3_000 }],
  [', timeout: 5', 'router_settings: {stream_timeout: 3}', { timeoutMs: 5_000, streamTimeoutMs: 3_000 }],
  ['', 'litellm_settings: {drop_params: true}', { dropParams: true }],
  [', drop_params: false', 'litellm_settings: {drop_params: true}', { dropParams: false }],
  [', weight: 2, order: 1, rpm: 3, tpm: 4', '', { weight: 2, order: 1, rpm: 3, tpm: 4 }],
])('settings: %s %s', async (params, rest, expected) => {
  const deployments = await deploymentsOf(entry('gpt', 'a', `model: openai/m${params}`), rest)
  expect(deployments.byId('a')).toMatchObject(expected)
})
