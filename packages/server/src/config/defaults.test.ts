import { describe, expect, it } from 'vitest'
import { loadDefaultConfig } from './defaults.ts'
import type { DeploymentConfig } from './gateway-config.ts'

function deployments(env: Record<string, string>): readonly DeploymentConfig[] {
  const result = loadDefaultConfig(env)
  expect(result.findings).toEqual([])
  return result.ok ? result.config.deployments : []
}

describe('loadDefaultConfig', () => {
  it('offers the demo model when there is no key', () => {
    expect(deployments({}).map(({ modelGroup, model }) => [modelGroup, model])).toEqual([
      ['demo', 'demo/echo'],
    ])
  })

  it.each([
    ['OPENAI_API_KEY', 'openai/*', ['gpt-5.4-mini', 'text-embedding-3-small']],
    ['ANTHROPIC_API_KEY', 'anthropic/*', ['claude-sonnet-5', 'claude-haiku-4-5']],
    ['GEMINI_API_KEY', 'gemini/*', ['gemini-3.5-flash', 'gemini-embedding-001']],
    ['GROQ_API_KEY', 'groq/*', ['llama-3.1-8b-instant']],
    ['MISTRAL_API_KEY', 'mistral/*', ['mistral-small-latest', 'mistral-embed']],
    ['DEEPSEEK_API_KEY', 'deepseek/*', ['deepseek-v4-flash']],
    ['XAI_API_KEY', 'xai/*', ['grok-4.3']],
    ['OPENROUTER_API_KEY', 'openrouter/*', []],
    ['COHERE_API_KEY', 'cohere/*', ['command-a-03-2025', 'embed-v4.0']],
    ['PERPLEXITY_API_KEY', 'perplexity/*', ['sonar']],
    ['TOGETHER_API_KEY', 'together_ai/*', []],
    ['FIREWORKS_API_KEY', 'fireworks_ai/*', []],
    ['CEREBRAS_API_KEY', 'cerebras/*', ['gpt-oss-120b']],
  ])('adds the models of %s and %s', (variable, wildcard, some) => {
    const found = deployments({ [variable]: 'the-key' }).filter(({ modelGroup }) => modelGroup !== 'demo')
    expect(found.map(({ modelGroup }) => modelGroup)).toEqual(expect.arrayContaining([wildcard, ...some]))
    expect(new Set(found.map(({ target }) => target.apiKey?.reveal()))).toEqual(new Set(['the-key']))
    const provider = wildcard.slice(0, -1)
    expect(found.every(({ model }) => model.startsWith(provider))).toBe(true)
  })

  it('marks embedding models', () => {
    const found = deployments({ OPENAI_API_KEY: 'k' }).find(({ modelGroup }) =>
      modelGroup.includes('embedding'),
    )
    expect(found?.modelInfo).toEqual({ mode: 'embedding' })
  })

  it('does not take an empty variable for a key', () => {
    expect(deployments({ OPENAI_API_KEY: ' ' })).toHaveLength(1)
  })

  it('takes the master key from the environment', () => {
    const result = loadDefaultConfig({ SWITCHYARD_MASTER_KEY: 'sk-1' })
    expect(result.ok && result.config.settings.masterKey?.reveal()).toBe('sk-1')
  })
})
