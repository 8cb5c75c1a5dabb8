import { TransportError } from '@switchyard/llm/kit'
import { describe, expect, test } from 'vitest'
import { callOf, chatBody, servicesOf } from '../testing/services.ts'
import type { LlmOperation } from '../routes/routes.ts'
import { planCall } from './plan.ts'
import type { UpstreamPlan } from './plan.ts'

const waits = { firstByteMs: 5, idleMs: 6 }

interface Asked {
  /** Members of `litellm_params`, as YAML. */
  params?: string
  operation?: LlmOperation
  headers?: Record<string, string>
}

async function planFor(
  body: object | string,
  { params = 'model: openai/m-1', operation, headers }: Asked = {},
) {
  const services = await servicesOf(
    `model_list: [{model_name: gpt, litellm_params: {api_key: sk-provider, ${params}}}]`,
  )
  const [deployment] = services.deployments.find('gpt')
  if (deployment?.place.type !== 'provider') throw new Error('no provider')
  const call = callOf(body, operation, headers)
  const plan: UpstreamPlan = await planCall(call, deployment, deployment.place.resolved, services, waits)
  return { plan, call, sent: JSON.parse(plan.request.body.toString()) as Record<string, unknown> }
}

describe('a relayed call', () => {
  test('goes out as it came in, with another name of the model', async () => {
    const text = '{ "messages" :[ {"role":"user","content":"Grüße"} ],\n"future_field": 1, "model":"gpt" }'
    const { plan } = await planFor(text)
    expect(plan.mode).toBe('relay')
    expect(plan.request.body.toString()).toBe(text.replace('"gpt"', '"m-1"'))
    expect(plan.request).toMatchObject({
      origin: 'https://api.openai.com',
      path: '/v1/chat/completions',
      headers: { authorization: 'Bearer sk-provider', 'content-type': 'application/json' },
      ...waits,
    })
  })

  test('with the right name it is not even copied', async () => {
    const { plan, call } = await planFor(chatBody(), { params: 'model: openai/gpt' })
    expect(plan.request.body).toBe(call.body)
  })

  test.each<[string, object, boolean, object | undefined]>([
    ['nothing', { stream: true }, true, { include_usage: true }],
    ['other options', { stream: true, stream_options: { x: 1 } }, true, { x: 1, include_usage: true }],
    ['no options', { stream: true, stream_options: null }, true, { include_usage: true }],
    ['no usage', { stream: true, stream_options: { include_usage: false } }, true, { include_usage: true }],
    ['usage', { stream: true, stream_options: { include_usage: true } }, false, { include_usage: true }],
    ['no stream', {}, false, undefined],
  ])('a client that says %s of usage', async (_name, more, hidesUsage, options) => {
    const { plan, sent } = await planFor(chatBody(more))
    expect(plan).toMatchObject({ mode: 'relay', hidesUsage })
    expect(sent['stream_options']).toEqual(options)
  })

  test("Anthropic's headers of the client pass", async () => {
    const body = { model: 'gpt', max_tokens: 5, messages: [{ role: 'user', content: 'x' }] }
    const { plan } = await planFor(body, {
      params: 'model: anthropic/claude-x, extra_headers: {anthropic-beta: ours}',
      operation: 'messages',
      headers: { 'anthropic-beta': 'theirs, ours', 'anthropic-version': '2099-01-01', 'x-other': 'no' },
    })
    expect(plan.mode).toBe('relay')
    expect(plan.request.headers).toMatchObject({
      'x-api-key': 'sk-provider',
      'anthropic-version': '2099-01-01',
      'anthropic-beta': 'ours,theirs',
    })
    expect(plan.request.headers).not.toHaveProperty('x-other')
  })
})

describe('a call is written anew', () => {
  test.each<[string, object, Asked]>([
    ['with a field for the gateway', { num_retries: 1 }, {}],
    ["with LiteLLM's metadata", { metadata: { a: 'b' } }, {}],
    ['for default parameters', {}, { params: 'model: openai/m-1, temperature: 0.5' }],
    ['for fields put into every body', {}, { params: 'model: openai/m-1, extra_body: {a: 1}' }],
    ['for parameters that are dropped', {}, { params: 'model: openai/m-1, additional_drop_params: [user]' }],
    ['for another format', {}, { params: 'model: anthropic/claude-x' }],
    ['for a field that the service knows by another name', { max_tokens: 5 }, { params: 'model: openai/o3' }],
  ])('%s', async (_name, more, asked) => {
    const { plan, sent } = await planFor(chatBody(more), asked)
    expect(plan.mode).toBe('translate')
    expect(sent).not.toHaveProperty('num_retries')
    expect(sent).not.toHaveProperty('metadata')
    expect(JSON.stringify(sent)).toContain('Hello')
  })

  test('stored answers keep their metadata', async () => {
    const { plan, sent } = await planFor(chatBody({ store: true, metadata: { a: 'b' } }))
    expect(plan.mode).toBe('relay')
    expect(sent).toMatchObject({ store: true, metadata: { a: 'b' } })
  })

  test("the client's values win over default parameters", async () => {
    const params = 'model: openai/m-1, temperature: 0.5, top_p: 0.1'
    const { sent } = await planFor(chatBody({ temperature: 0.9 }), { params })
    expect(sent).toMatchObject({ temperature: 0.9, top_p: 0.1 })
  })

  test("extra headers and fields of the client's go along", async () => {
    const more = { extra_headers: { 'X-Team': 'blue' }, extra_body: { future: 1 } }
    const { plan, sent } = await planFor(chatBody(more))
    expect(plan.request.headers).toMatchObject({ 'x-team': 'blue', authorization: 'Bearer sk-provider' })
    expect(sent).toMatchObject({ future: 1 })
  })
})

test('a key that cannot be had is a failure of the deployment', async () => {
  const services = await servicesOf(
    'model_list: [{model_name: gpt, litellm_params: {model: openai/m-1, api_base: http://127.0.0.1:1}}]',
  )
  const [deployment] = services.deployments.find('gpt')
  if (deployment?.place.type !== 'provider') throw new Error('no provider')
  const { resolved } = deployment.place
  const failing = {
    ...resolved,
    provider: {
      ...resolved.provider,
      auth: {
        ...resolved.provider.auth,
        authorize: () => Promise.reject(new TransportError('connect_refused', 'http://token.test')),
      },
    },
  }
  deployment.place.resolved = failing
  await expect(
    (async () => planCall(callOf(chatBody()), deployment, failing, services, waits))(),
  ).rejects.toMatchObject({ provider: 'openai' })
})
