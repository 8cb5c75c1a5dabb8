import { describe, expect, test } from 'vitest'
import { defaultCatalog } from '../catalog/sdk.ts'
import { providers } from '../providers/index.ts'
import { baseUrlOf, findProvider, resolveTarget } from './resolve.ts'
import type { ResolveContext, TargetOptions } from './resolve.ts'

function contextOf(variables: Readonly<Record<string, string>> = {}): ResolveContext {
  return {
    registry: providers,
    env: (name) => variables[name],
    providerOfModel: (name) => defaultCatalog.providerOfBareModel(name),
  }
}

describe('findProvider', () => {
  test.each<[string, Omit<TargetOptions, 'model'>, string, string]>([
    ['groq/llama-3.3-70b-versatile', {}, 'groq', 'llama-3.3-70b-versatile'],
    ['openai/gpt-4o', {}, 'openai', 'gpt-4o'],
    ['openai/some/any-model', { apiBase: 'http://localhost:9/v1' }, 'openai', 'some/any-model'],
    ['bedrock/us.anthropic.claude-x', {}, 'bedrock', 'us.anthropic.claude-x'],
    ['bedrock/converse/anthropic.claude-x', {}, 'bedrock', 'converse/anthropic.claude-x'],
    ['vertex_ai/claude-sonnet-4', {}, 'vertex_ai', 'claude-sonnet-4'],
    ['huggingface/together/deepseek-ai/DeepSeek-R1', {}, 'huggingface', 'together/deepseek-ai/DeepSeek-R1'],
    ['openrouter/anthropic/claude-sonnet-4', {}, 'openrouter', 'anthropic/claude-sonnet-4'],
    ['azure/my-deployment', {}, 'azure', 'my-deployment'],
    ['ollama_chat/llama3', {}, 'ollama', 'llama3'],
    ['text-completion-openai/davinci-002', {}, 'text-completion-openai', 'davinci-002'],
    ['cohere_chat/command-r', {}, 'cohere', 'command-r'],
    ['gpt-4o', {}, 'openai', 'gpt-4o'],
    ['claude-3-5-sonnet-20241022', {}, 'anthropic', 'claude-3-5-sonnet-20241022'],
    ['command-r', {}, 'cohere', 'command-r'],
    ['gpt-4o', { customProvider: 'azure' }, 'azure', 'gpt-4o'],
    ['azure/gpt-4o', { customProvider: 'azure' }, 'azure', 'gpt-4o'],
    ['meta-llama/Llama-3', { customProvider: 'hosted_vllm' }, 'hosted_vllm', 'meta-llama/Llama-3'],
    ['llama-3', { apiBase: 'https://api.groq.com/openai/v1' }, 'groq', 'llama-3'],
    ['gpt-4o', { apiBase: 'https://my-resource.services.ai.azure.com' }, 'azure_ai', 'gpt-4o'],
    ['kimi-k2', { apiBase: 'https://api.moonshot.cn/v1' }, 'moonshot', 'kimi-k2'],
    ['deepseek/deepseek-chat', { apiBase: 'https://api.groq.com/openai/v1' }, 'deepseek', 'deepseek-chat'],
  ])('%s %j is %s', (model, options, provider, name) => {
    const found = findProvider({ model, ...options }, contextOf())
    expect([found.provider.id, found.model]).toEqual([provider, name])
  })

  test.each<[TargetOptions]>([
    [{ model: 'nobody-knows-me' }],
    [{ model: 'nobody/knows-me' }],
    [{ model: 'x', customProvider: 'nobody' }],
    [{ model: 'x', apiBase: 'http://127.0.0.1:1/v1' }],
  ])('%j is unknown, and says how to write it', (options) => {
    expect(() => findProvider(options, contextOf())).toThrow(
      expect.objectContaining({ code: 'unknown_provider', status: 400, param: 'model' }),
    )
  })
})

describe('resolveTarget', () => {
  test('takes key, address, version and organization from the environment', () => {
    const context = contextOf({
      AZURE_API_KEY: 'key',
      AZURE_API_BASE: 'https://r.openai.azure.com',
      AZURE_API_VERSION: '2024-10-21',
      OPENAI_API_KEY: 'sk-1',
      OPENAI_ORGANIZATION: 'org-1',
    })
    expect(resolveTarget({ model: 'azure/d' }, context).target).toMatchObject({
      apiKey: 'key',
      apiBase: 'https://r.openai.azure.com',
      apiVersion: '2024-10-21',
    })
    expect(resolveTarget({ model: 'gpt-4o' }, context).target).toMatchObject({
      apiKey: 'sk-1',
      organization: 'org-1',
    })
  })

  test('what the caller says goes first', () => {
    const context = contextOf({ WATSONX_PROJECT_ID: 'from-env', WATSONX_APIKEY: 'env-key' })
    const options = { model: 'watsonx/m', apiKey: 'mine', options: { project_id: 'mine' } }
    expect(resolveTarget(options, context).target).toMatchObject({
      apiKey: 'mine',
      options: { project_id: 'mine' },
    })
    expect(resolveTarget({ model: 'watsonx/m' }, context).target.options).toEqual({ project_id: 'from-env' })
  })
})

describe('baseUrlOf', () => {
  const none = (): undefined => undefined

  test('fills the places of an address from options, variables and defaults', () => {
    const resolved = resolveTarget(
      { model: 'bedrock/m', options: { aws_region_name: 'eu-west-1' } },
      contextOf(),
    )
    expect(baseUrlOf(resolved, none).base).toBe('https://bedrock-runtime.eu-west-1.amazonaws.com')
    const fromDefaults = resolveTarget({ model: 'bedrock/m' }, contextOf())
    expect(baseUrlOf(fromDefaults, none).base).toBe('https://bedrock-runtime.us-east-1.amazonaws.com')
  })

  test.each([
    ['databricks/m', 'api_base'],
    ['snowflake/m', 'account_id'],
    ['cloudflare/m', 'account_id'],
  ])('%s needs %s, and says so', (model, param) => {
    const resolved = resolveTarget({ model }, contextOf())
    expect(() => baseUrlOf(resolved, none)).toThrow(expect.objectContaining({ code: 'bad_request', param }))
  })
})
