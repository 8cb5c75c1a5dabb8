import { describe, expect, test } from 'vitest'
import { getLlmProvider, validateEnvironment } from './provider-info.ts'
import { supportsFunctionCalling, supportsReasoning, supportsVision } from './supports.ts'

describe('getLlmProvider', () => {
  test.each([
    [
      'groq/llama-3.3-70b',
      {},
      { provider: 'groq', model: 'llama-3.3-70b', apiBase: 'https://api.groq.com/openai/v1' },
    ],
    ['gpt-4o', { api_key: 'k' }, { provider: 'openai', model: 'gpt-4o', apiKey: 'k' }],
    [
      'm',
      { custom_llm_provider: 'custom_openai' },
      { provider: 'custom_openai', model: 'm', apiBase: undefined },
    ],
    ['m', { custom_llm_provider: 'custom_openai', api_base: 'http://h/v1/' }, { apiBase: 'http://h/v1' }],
  ])('%s %j', (model, question, wanted) => {
    expect(getLlmProvider(model, question)).toMatchObject(wanted)
  })

  test('throws where nothing tells', () => {
    expect(() => getLlmProvider('nobody-knows-me')).toThrow(
      expect.objectContaining({ code: 'unknown_provider' }),
    )
  })
})

describe('validateEnvironment', () => {
  test.each<[string, object, Record<string, string>, string[]]>([
    ['openai/gpt-4o', {}, {}, ['OPENAI_API_KEY']],
    ['openai/gpt-4o', {}, { OPENAI_API_KEY: 'k' }, []],
    ['openai/gpt-4o', { api_key: 'k' }, {}, []],
    ['together_ai/m', {}, { TOGETHER_AI_TOKEN: 'k' }, []],
    ['hosted_vllm/m', {}, {}, []],
    ['databricks/m', {}, {}, ['DATABRICKS_API_KEY', 'DATABRICKS_API_BASE']],
    ['databricks/m', { api_base: 'https://h' }, { DATABRICKS_TOKEN: 'k' }, []],
    ['bedrock/m', {}, {}, ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']],
    ['bedrock/m', {}, { AWS_ACCESS_KEY_ID: 'a' }, ['AWS_SECRET_ACCESS_KEY']],
    ['bedrock/m', {}, { AWS_BEARER_TOKEN_BEDROCK: 'k' }, []],
    ['azure/m', {}, {}, ['AZURE_API_KEY', 'AZURE_API_BASE']],
    ['azure/m', { api_base: 'https://h' }, { AZURE_AD_TOKEN: 't' }, []],
    ['azure/m', {}, { AZURE_API_KEY: 'k', AZURE_RESOURCE_NAME: 'r' }, []],
    ['vertex_ai/gemini-2.5-pro', {}, {}, ['GOOGLE_APPLICATION_CREDENTIALS', 'VERTEXAI_PROJECT']],
    ['vertex_ai/m', {}, { GOOGLE_APPLICATION_CREDENTIALS: 'f', GOOGLE_CLOUD_PROJECT: 'p' }, []],
    ['ollama/m', {}, {}, []],
  ])('%s %j with %j lacks %j', (model, question, variables, missing) => {
    const report = validateEnvironment(model, question, (name) => variables[name])
    expect(report).toEqual({ keys_in_environment: missing.length === 0, missing_keys: missing })
  })
})

test('supports… asks the catalogue', () => {
  expect(supportsVision('gpt-4o')).toBe(true)
  expect(supportsVision('gpt-3.5-turbo')).toBe(false)
  expect(supportsFunctionCalling('openai/gpt-4o')).toBe(true)
  expect(supportsReasoning('nobody-knows-me')).toBe(false)
})
