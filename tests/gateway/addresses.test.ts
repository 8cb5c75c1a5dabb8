import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestGateway } from '../clients/support/gateway.ts'
import type { TestGateway } from '../clients/support/gateway.ts'
import type { ModelEntry } from '../clients/support/models.ts'
import { ask, chatBody, messagesBody, readChatStream } from './support/ask.ts'
import { startFamilies } from './support/families.ts'
import type { Families } from './support/families.ts'

interface Family {
  model: string
  params?: Record<string, unknown>
  /** After the base, for whole answers and for streams. */
  whole: string
  stream: string
  /** The header that carries the key. */
  key: [name: string, value: unknown]
}

/** A base with a path of its own, as a proxy in front of a provider has it. */
const base = '/some/proxy/path'

const families: Family[] = [
  {
    model: 'openai/m-1',
    whole: '/chat/completions',
    stream: '/chat/completions',
    key: ['authorization', 'Bearer sk-provider-secret'],
  },
  {
    model: 'anthropic/m-1',
    whole: '/v1/messages',
    stream: '/v1/messages',
    key: ['x-api-key', 'sk-provider-secret'],
  },
  {
    model: 'gemini/m-1',
    whole: '/models/m-1:generateContent',
    stream: '/models/m-1:streamGenerateContent?alt=sse',
    key: ['x-goog-api-key', 'sk-provider-secret'],
  },
  {
    model: 'bedrock/vendor.m-1:0',
    params: {
      aws_access_key_id: 'AKIDEXAMPLE',
      aws_secret_access_key: 'secret',
      aws_region_name: 'eu-west-1',
      api_key: undefined,
    },
    whole: '/model/vendor.m-1%3A0/converse',
    stream: '/model/vendor.m-1%3A0/converse-stream',
    key: [
      'authorization',
      expect.stringMatching(
        /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/bedrock\/aws4_request, /,
      ),
    ],
  },
  {
    model: 'ollama/m-1',
    whole: '/api/chat',
    stream: '/api/chat',
    key: ['authorization', 'Bearer sk-provider-secret'],
  },
  {
    model: 'cohere/m-1',
    whole: '/v2/chat',
    stream: '/v2/chat',
    key: ['authorization', 'Bearer sk-provider-secret'],
  },
  {
    model: 'azure/m-1',
    params: { api_version: '2024-10-21' },
    whole: '/openai/deployments/m-1/chat/completions?api-version=2024-10-21',
    stream: '/openai/deployments/m-1/chat/completions?api-version=2024-10-21',
    key: ['api-key', 'sk-provider-secret'],
  },
]

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })

let gateway: TestGateway
let provider: Families
beforeAll(async () => {
  provider = await startFamilies()
  const account = {
    type: 'service_account',
    project_id: 'project-1',
    client_email: 'robot@project-1.example',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    token_uri: `${provider.url}/own/token`,
  }
  gateway = await startTestGateway({
    models: () => [
      ...families.map((family) => entry(family)),
      {
        model_name: 'vertex',
        litellm_params: {
          model: 'vertex_ai/gemini-2.5-flash',
          api_base: `${provider.url}${base}`,
          vertex_project: 'project-1',
          vertex_location: 'europe-west1',
          vertex_credentials: JSON.stringify(account),
        },
      },
    ],
  })
})
afterAll(async () => {
  await Promise.all([gateway.close(), provider.close()])
})

function entry({ model, params }: Family): ModelEntry {
  const api_key = 'os.environ/CLIENT_TEST_PROVIDER_KEY'
  return {
    model_name: model,
    litellm_params: { model, api_base: `${provider.url}${base}`, api_key, ...params },
  }
}

describe.each(families)('api_base of $model', ({ model, whole, stream, key }) => {
  it('keeps its path and gets the suffix, with the key where it belongs', async () => {
    const reply = await ask(gateway, '/v1/chat/completions', chatBody(model))
    expect(reply.json).toMatchObject({
      object: 'chat.completion',
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'hi' } }],
      usage: { prompt_tokens: 2, completion_tokens: 4, total_tokens: 6 },
    })
    const request = provider.seen.at(-1)
    expect(request?.path).toBe(`${base}${whole}`)
    expect(request?.headers[key[0]]).toEqual(key[1])
    expect(request?.text).not.toContain(gateway.key)
    expect(JSON.stringify(request?.headers)).not.toContain(gateway.key)
    const apiBase = String(reply.headers['x-litellm-model-api-base'])
    expect(apiBase).toBe(`${provider.url}${base}${whole.split('?')[0]}`)
  })

  it('does so for streams, and for a client of another format', async () => {
    const reply = await ask(gateway, '/v1/chat/completions', chatBody(model, { stream: true }))
    expect(readChatStream(reply.text)).toMatchObject({
      text: 'hi',
      roles: 1,
      finish: ['stop'],
      errors: [],
      done: true,
    })
    expect(provider.seen.at(-1)?.path).toBe(`${base}${stream}`)
    const other = await ask(gateway, '/v1/messages', messagesBody(model, { stream: true }))
    expect(other.text).toMatch(/"text":"hi"/)
    expect(other.text).toMatch(/event: message_stop\n/)
  })
})

describe('a service account', () => {
  it('fetches its token from its own token_uri, once', async () => {
    for (let time = 0; time < 2; time++) {
      const reply = await ask(gateway, '/v1/chat/completions', chatBody('vertex'))
      expect(reply.json).toMatchObject({ choices: [{ message: { content: 'hi' } }] })
      const request = provider.seen.at(-1)
      expect(request?.headers.authorization).toBe('Bearer fetched-token')
      expect(request?.path).toMatch(/^\/some\/proxy\/path.*:generateContent$/)
    }
    const fetched = provider.seen.filter(({ path }) => path.endsWith('/token'))
    expect(fetched).toHaveLength(1)
    expect(fetched[0]?.text).toContain('grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer')
  })
})
