import { describe, expect, test } from 'vitest'
import { providers } from '../providers/index.ts'
import type { ChatRequest } from '../types/request.ts'
import { chatSurfaceOf, embeddingSurfaceOf, prepareChat, prepareEmbedding } from './prepare.ts'
import type { ChatOperation, PreparedCall, PrepareRules } from './prepare.ts'
import type { ChatProtocol } from '../protocols/protocol.ts'
import { resolveTarget } from './resolve.ts'
import type { TargetOptions } from './resolve.ts'

const none = (): undefined => undefined
const resolve = { registry: providers, env: none, providerOfModel: none }
const context = { env: none, newId: () => 'id' }
const BASE = 'http://proxy.example/base'

function prepare(
  options: TargetOptions,
  request: Partial<ChatRequest> = {},
  rules: PrepareRules = {},
  operation: ChatOperation = 'chat',
): PreparedCall<ChatProtocol> {
  const resolved = resolveTarget(options, resolve)
  const whole: ChatRequest = {
    model: options.model,
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
    stream: false,
    ...request,
  }
  return prepareChat(resolved, chatSurfaceOf(resolved, operation), whole, rules, context)
}

describe('addresses of chat calls', () => {
  test.each<[string, string, boolean, string]>([
    ['openai/gpt-4o', BASE, false, `${BASE}/chat/completions`],
    ['openai/gpt-4o', `${BASE}/`, false, `${BASE}/chat/completions`],
    ['openai/gpt-4o', `${BASE}/chat/completions`, false, `${BASE}/chat/completions`],
    ['groq/llama', BASE, true, `${BASE}/chat/completions`],
    ['writer/palmyra', BASE, false, `${BASE}/chat`],
    ['anthropic/claude-sonnet-4', BASE, false, `${BASE}/v1/messages`],
    ['anthropic/claude-sonnet-4', `${BASE}/v1`, false, `${BASE}/v1/messages`],
    ['anthropic/claude-sonnet-4', `${BASE}/v1/messages`, false, `${BASE}/v1/messages`],
    ['gemini/gemini-2.5-pro', BASE, false, `${BASE}/models/gemini-2.5-pro:generateContent`],
    ['gemini/gemini-2.5-pro', BASE, true, `${BASE}/models/gemini-2.5-pro:streamGenerateContent?alt=sse`],
    ['gemini/gemini-2.5-pro', `${BASE}/openai`, false, `${BASE}/openai/chat/completions`],
    ['bedrock/anthropic.claude-v3:0', BASE, false, `${BASE}/model/anthropic.claude-v3%3A0/converse`],
    ['bedrock/anthropic.claude-v3:0', BASE, true, `${BASE}/model/anthropic.claude-v3%3A0/converse-stream`],
    ['ollama/llama3', BASE, false, `${BASE}/api/chat`],
    ['ollama_chat/llama3', `${BASE}/`, true, `${BASE}/api/chat`],
    ['ollama/llama3', `${BASE}/v1`, false, `${BASE}/v1/chat/completions`],
    ['cohere/command-a', BASE, false, `${BASE}/v2/chat`],
    ['cohere/command-a', `${BASE}/v1`, false, `${BASE}/v2/chat`],
    ['cohere/command-a', `${BASE}/v2/chat`, false, `${BASE}/v2/chat`],
    [
      'azure/dep',
      BASE,
      false,
      `${BASE}/openai/deployments/dep/chat/completions?api-version=2025-02-01-preview`,
    ],
    [
      'azure/dep',
      `${BASE}/openai`,
      false,
      `${BASE}/openai/deployments/dep/chat/completions?api-version=2025-02-01-preview`,
    ],
    ['azure/dep', `${BASE}/openai/v1`, false, `${BASE}/openai/v1/chat/completions`],
    [
      'azure/dep',
      `${BASE}/openai/deployments/other`,
      false,
      `${BASE}/openai/deployments/other/chat/completions?api-version=2025-02-01-preview`,
    ],
    [
      'azure_ai/mistral',
      'https://r.services.ai.azure.com',
      false,
      'https://r.services.ai.azure.com/models/chat/completions?api-version=2024-05-01-preview',
    ],
    [
      'azure_ai/claude-sonnet-4',
      'https://r.services.ai.azure.com',
      false,
      'https://r.services.ai.azure.com/anthropic/v1/messages',
    ],
    [
      'azure_ai/claude-sonnet-4',
      'https://r.services.ai.azure.com/anthropic/v1/messages',
      false,
      'https://r.services.ai.azure.com/anthropic/v1/messages',
    ],
    ['watsonx/ibm/granite', BASE, true, `${BASE}/ml/v1/text/chat_stream?version=2024-03-13`],
    ['datarobot/m', BASE, false, `${BASE}/api/v2/genai/llmgw/chat/completions`],
  ])('%s at %s, stream: %s', (model, apiBase, stream, url) => {
    expect(prepare({ model, apiBase }, { stream }).url).toBe(url)
  })

  test.each<[string, Record<string, string>, string]>([
    ['openai/gpt-4o', {}, 'https://api.openai.com/v1/chat/completions'],
    ['perplexity/sonar', {}, 'https://api.perplexity.ai/chat/completions'],
    [
      'bedrock/eu-west-1/amazon.nova-pro',
      {},
      'https://bedrock-runtime.eu-west-1.amazonaws.com/model/amazon.nova-pro/converse',
    ],
    [
      'vertex_ai/gemini-2.5-pro',
      { vertex_project: 'p', vertex_location: 'us-central1' },
      'https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/us-central1/publishers/google/models/gemini-2.5-pro:generateContent',
    ],
    [
      'sagemaker_chat/my-endpoint',
      { aws_region_name: 'us-west-2' },
      'https://runtime.sagemaker.us-west-2.amazonaws.com/endpoints/my-endpoint/invocations',
    ],
    [
      'cloudflare/@cf/meta/llama',
      { account_id: 'acc' },
      'https://api.cloudflare.com/client/v4/accounts/acc/ai/v1/chat/completions',
    ],
    [
      'snowflake/claude',
      { account_id: 'acc' },
      'https://acc.snowflakecomputing.com/api/v2/cortex/v1/chat/completions',
    ],
  ])('%s at its own address', (model, options, url) => {
    expect(prepare({ model, options }).url).toBe(url)
  })

  test.each<[string, ChatOperation, string]>([
    ['openai/gpt-4o', 'responses', '/responses'],
    ['openai/gpt-4o', 'completions', '/completions'],
    ['openai/o3-pro', 'chat', '/responses'],
    ['openai/responses/gpt-4o', 'chat', '/responses'],
    ['text-completion-openai/davinci-002', 'chat', '/completions'],
    ['anthropic/claude-sonnet-4', 'messages', '/v1/messages'],
    ['groq/llama', 'messages', '/chat/completions'],
    ['cerebras/llama', 'responses', '/chat/completions'],
    ['watsonx/m', 'completions', '/ml/v1/text/chat?version=2024-03-13'],
  ])('%s asked by %s', (model, operation, path) => {
    expect(prepare({ model, apiBase: BASE }, {}, {}, operation).url).toBe(`${BASE}${path}`)
  })
})

describe('models on the wire', () => {
  test.each([
    ['fireworks_ai/llama-v3', 'accounts/fireworks/models/llama-v3'],
    ['fireworks_ai/accounts/me/models/x', 'accounts/me/models/x'],
    ['huggingface/together/deepseek-ai/DeepSeek-R1', 'deepseek-ai/DeepSeek-R1:together'],
    ['huggingface/deepseek-ai/DeepSeek-R1', 'deepseek-ai/DeepSeek-R1'],
    ['openrouter/anthropic/claude-sonnet-4:online', 'anthropic/claude-sonnet-4:online'],
    ['openai/responses/gpt-4o', 'gpt-4o'],
  ])('%s is %s', (model, wire) => {
    expect(prepare({ model }).body.model).toBe(wire)
  })
})

describe('bodies and headers', () => {
  test('extra_body goes in, additional_drop_params come out', () => {
    const tool = { type: 'function' as const, name: 'f', strict: true, parameters: { type: 'object' } }
    const { body } = prepare(
      { model: 'openai/gpt-4o' },
      { tools: [tool, tool], temperature: 1, seed: 2 },
      {
        extraBody: { top_k: 5, seed: 3 },
        additionalDropParams: [
          'temperature',
          'tools[*].function.strict',
          'messages[0].content',
          'nothing.here',
        ],
      },
    )
    const rendered = { type: 'function', function: { name: 'f', parameters: { type: 'object' } } }
    expect(body).toEqual({
      model: 'gpt-4o',
      messages: [{ role: 'user' }],
      tools: [rendered, rendered],
      top_k: 5,
      seed: 3,
    })
  })

  test('headers of the caller win, beta features add up', () => {
    const headers = { 'X-Team': 'a', 'Anthropic-Beta': 'b' }
    const call = prepare({ model: 'anthropic/claude-sonnet-4', headers, organization: 'org' })
    expect(call.headers).toMatchObject({
      'content-type': 'application/json',
      'x-team': 'a',
      'openai-organization': 'org',
      'anthropic-version': '2023-06-01',
    })
    expect(call.headers['anthropic-beta']).toMatch(/(^|,)b$/)
  })

  test('a value without meaning elsewhere needs a service with the client’s own format', () => {
    const request: Partial<ChatRequest> = {
      nativeOnly: 'prompt',
      dialect: { protocol: 'openai-completions', fields: { prompt: [1] } },
    }
    expect(() => prepare({ model: 'anthropic/claude-sonnet-4' }, request, {}, 'completions')).toThrow(
      expect.objectContaining({ code: 'bad_request', param: 'prompt' }),
    )
    expect(prepare({ model: 'openai/davinci-002' }, request, {}, 'completions').body.prompt).toEqual([1])
  })

  test('a service without chat says so', () => {
    expect(() => prepare({ model: 'voyage/voyage-3' })).toThrow(
      expect.objectContaining({ code: 'bad_request', param: 'model' }),
    )
  })
})

test.each([
  ['openai/text-embedding-3-small', '/embeddings'],
  ['ollama/nomic', '/api/embed'],
  ['cohere/embed-v4', '/v2/embed'],
  ['voyage/voyage-3', '/embeddings'],
  ['azure/dep', '/openai/deployments/dep/embeddings?api-version=2025-02-01-preview'],
])('embeddings of %s are at %s', (model, path) => {
  const resolved = resolveTarget({ model, apiBase: BASE }, resolve)
  const request = { model, inputs: [{ type: 'text' as const, text: 'a' }] }
  expect(prepareEmbedding(resolved, embeddingSurfaceOf(resolved), request, {}, context).url).toBe(
    `${BASE}${path}`,
  )
})
