import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import { startTestGateway } from './support/gateway.ts'
import { startForOpenai } from './support/openai.ts'

const messages = [{ role: 'user' as const, content: 'hello there' }]

const { gateway, client } = await startForOpenai()

async function failureOf(call: Promise<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
  try {
    await call
  } catch (error) {
    if (error instanceof OpenAI.APIError) return error
    throw error
  }
  throw new Error('the call did not fail')
}

describe('refusals by the gateway', () => {
  it('of a wrong key', async () => {
    const stranger = client.withOptions({ apiKey: 'sk-wrong' })
    const error = await failureOf(stranger.chat.completions.create({ model: 'gpt', messages }))
    expect(error).toBeInstanceOf(OpenAI.AuthenticationError)
    expect(error).toMatchObject({ status: 401, code: 'invalid_api_key', type: 'token_not_found_in_db' })
    expect(error.message).toContain('Authentication Error, ')
    expect(error.requestID).toBe(error.headers?.get('x-litellm-call-id'))
    expect(error.headers?.get('x-should-retry')).toBe('false')
    expect(error.headers?.get('x-gateway-error')).toBe('invalid_api_key')
  })

  it('of a model that nobody serves', async () => {
    const error = await failureOf(client.chat.completions.create({ model: 'nope', messages }))
    expect(error).toBeInstanceOf(OpenAI.NotFoundError)
    expect(error).toMatchObject({ status: 404, code: 'model_not_found', param: 'model' })
  })

  it('of a value out of range', async () => {
    const error = await failureOf(client.chat.completions.create({ model: 'gpt', messages, temperature: 7 }))
    expect(error).toBeInstanceOf(OpenAI.BadRequestError)
    expect(error).toMatchObject({
      status: 400,
      code: 'out_of_range',
      param: 'temperature',
      type: 'invalid_request_error',
    })
    expect(gateway.provider.exchanges.some(({ json }) => json.temperature === 7)).toBe(false)
  })
})

describe('failures of the provider', () => {
  it.each([
    { fault: 'status-400', type: OpenAI.BadRequestError, status: 400, code: '400' },
    { fault: 'status-401', type: OpenAI.InternalServerError, status: 502, code: 'upstream_auth_failed' },
    { fault: 'status-404', type: OpenAI.InternalServerError, status: 502, code: 'upstream_model_not_found' },
    { fault: 'status-429', type: OpenAI.RateLimitError, status: 429, code: 'upstream_rate_limited' },
    { fault: 'status-500', type: OpenAI.InternalServerError, status: 502, code: 'upstream_error' },
    { fault: 'status-503', type: OpenAI.InternalServerError, status: 503, code: 'upstream_unavailable' },
    {
      fault: 'truncated-json',
      type: OpenAI.InternalServerError,
      status: 502,
      code: 'upstream_invalid_response',
    },
  ])('$fault is $status $code', async ({ fault, type, status, code }) => {
    for (const model of [`fault/${fault}`, `claude-fault/${fault}`]) {
      const error = await failureOf(client.chat.completions.create({ model, messages }))
      expect(error).toBeInstanceOf(type)
      expect({ status: error.status, code: error.code }).toEqual({ status, code })
      expect(error.headers?.get('x-request-id')).toMatch(/-/)
      expect(error.headers?.get('x-gateway-error')).toBe(code === '400' ? null : code)
    }
  })

  it('carry the wait that the provider asked for', async () => {
    const error = await failureOf(
      client.chat.completions.create({ model: 'fault/status-429-retry-after-7', messages }),
    )
    expect(error.headers?.get('retry-after')).toBe('7')
    expect(error.headers?.get('x-upstream-status')).toBe('429')
    expect(error.headers?.has('x-should-retry')).toBe(false)
  })

  it('are tried again by the client as the headers say', async () => {
    gateway.provider.script('flaky', ['status-503-retry-after-ms-1', 'ok'])
    const flaky = await startTestGateway({
      models: () => [
        {
          model_name: 'flaky',
          litellm_params: { model: 'openai/flaky', api_base: `${gateway.provider.url}/v1`, api_key: 'k' },
        },
      ],
    })
    const patient = new OpenAI({ baseURL: `${flaky.url}/v1`, apiKey: flaky.key, maxRetries: 1 })
    const answer = await patient.chat.completions.create({ model: 'flaky', messages })
    expect(answer.choices[0]?.message.content).toBe('You said: hello there')
    await flaky.close()
  })

  it.each(['fault', 'claude-fault', 'compatible-fault'])('in a stream of %s break it', async (group) => {
    for (const fault of ['cut-after-4', 'error-event-after-4', 'no-finish']) {
      const stream = await client.chat.completions.create({
        model: `${group}/${fault}`,
        messages,
        stream: true,
      })
      const texts: string[] = []
      const reading = (async () => {
        for await (const chunk of stream) texts.push(chunk.choices[0]?.delta.content ?? '')
      })()
      await expect(reading, fault).rejects.toBeInstanceOf(OpenAI.APIError)
      expect(texts.join(''), fault).toMatch(/^You/)
    }
  })
})
