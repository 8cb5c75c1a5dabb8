import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestGateway } from '../clients/support/gateway.ts'
import type { TestGateway } from '../clients/support/gateway.ts'
import { entryAt } from '../clients/support/models.ts'
import type { Exchange } from '../support/fault-provider.ts'
import { ask, chatBody, hello, messagesBody, readChatStream } from './support/ask.ts'
import type { AskOptions } from './support/ask.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startTestGateway({
    models: (url) => [
      entryAt(url, 'with-defaults', 'openai/echo', {
        temperature: 0.25,
        extra_headers: { 'x-team': 'blue' },
      }),
      entryAt(url, 'dropping', 'anthropic/echo', { drop_params: true }),
      entryAt(url, 'marking-anthropic', 'anthropic/echo', {
        cache_control_injection_points: [
          { location: 'message', role: 'system', control: { type: 'ephemeral', ttl: '1h' } },
          { location: 'message', index: -1 },
        ],
      }),
    ],
  })
})
afterAll(() => gateway.close())

/** What the provider saw of one request. */
async function seen(path: string, body: unknown, options: AskOptions = {}): Promise<Exchange> {
  const asked = gateway.provider.exchanges.length
  await ask(gateway, path, body, options)
  return gateway.provider.exchange(asked)
}

describe('a relayed body', () => {
  it('passes byte for byte but for the model', async () => {
    const body =
      '{ "model" : "gpt",\n\t"messages":[{"role":"user","content":"gr\\u00fc\\u00DFe \\/ \u6771"}], "seed": 9007199254740993,' +
      '"temperature":1.0,"x":[1e2,{}] , "stop" : null }'
    const { body: sent } = await seen('/v1/chat/completions', body)
    expect(sent.toString()).toBe(body.replace('"gpt"', '"gpt-4o-mini"'))
  })

  it('passes its answer byte for byte', async () => {
    const direct = await fetch(`${gateway.provider.url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify(chatBody('gpt-4o-mini')),
    })
    const through = await ask(gateway, '/v1/chat/completions', chatBody('gpt'))
    const numbered = /scripted-\d+/
    expect(through.text.replace(numbered, 'n')).toBe((await direct.text()).replace(numbered, 'n'))
  })

  it('gets usage asked for in its stream, and the client does not see it', async () => {
    const asked = gateway.provider.exchanges.length
    const { text } = await ask(gateway, '/v1/chat/completions', chatBody('gpt', { stream: true }))
    const upstream = await gateway.provider.exchange(asked)
    expect(upstream.json).toEqual({
      ...chatBody('gpt-4o-mini', { stream: true }),
      stream_options: { include_usage: true },
    })
    expect(text).not.toContain('usage')
    expect(readChatStream(text).done).toBe(true)
  })
})

describe('headers', () => {
  it("of Anthropic's version and betas pass as they are, and no others", async () => {
    const sent = {
      'anthropic-version': '2042-01-01',
      'anthropic-beta': 'future-2042-01-01,other-1',
      'user-agent': 'someone/1.0',
      cookie: 'session=1',
      'x-forwarded-for': '10.0.0.1',
      'x-custom': 'custom',
    }
    const { headers } = await seen('/v1/messages', messagesBody('claude'), { headers: sent })
    expect(headers).toMatchObject({
      'anthropic-version': '2042-01-01',
      'anthropic-beta': 'future-2042-01-01,other-1',
      'x-api-key': 'sk-provider-secret',
    })
    for (const name of ['authorization', 'cookie', 'x-forwarded-for', 'x-custom'])
      expect(headers[name]).toBeUndefined()
    expect(headers['user-agent']).not.toBe('someone/1.0')
  })

  it('of the request are added where the client may', async () => {
    const { headers, json } = await seen(
      '/v1/chat/completions',
      chatBody('gpt', { extra_headers: { 'X-Trace': 'abc' } }),
    )
    expect(headers['x-trace']).toBe('abc')
    expect(json).toEqual(chatBody('gpt-4o-mini'))
  })

  it.each(['Authorization', 'Host', 'x-api-key', 'Content-Length', 'Connection'])(
    '%s may not be set',
    async (name) => {
      const asked = gateway.provider.exchanges.length
      const reply = await ask(
        gateway,
        '/v1/chat/completions',
        chatBody('gpt', { extra_headers: { [name]: 'x' } }),
      )
      expect(reply).toMatchObject({ status: 400, json: { error: { code: 'parameter_not_allowed' } } })
      expect(gateway.provider.exchanges).toHaveLength(asked)
    },
  )
})

describe('parameters', () => {
  it('of LiteLLM are for the gateway alone', async () => {
    const own = {
      num_retries: 0,
      timeout: 30,
      drop_params: true,
      additional_drop_params: ['user'],
      allowed_openai_params: ['tools'],
      tags: ['a'],
      guardrails: [],
      cache: { 'no-cache': true },
      fallbacks: [],
      metadata: { trace: 1 },
      litellm_metadata: { a: 1 },
      litellm_session_id: 's',
      litellm_trace_id: 't',
      'no-log': true,
    }
    const { json } = await seen(
      '/v1/chat/completions',
      chatBody('gpt', { ...own, user: 'someone', top_p: 0.5 }),
    )
    expect(json).toEqual(chatBody('gpt-4o-mini', { top_p: 0.5 }))
  })

  it('called metadata are for the gateway where the format has none', async () => {
    const metadata = { tags: ['a'] }
    const text = await seen('/v1/completions', { model: 'gpt', prompt: 'Once', metadata })
    expect(text.json).toEqual({ model: 'gpt-4o-mini', prompt: 'Once' })
    const vectors = await seen('/v1/embeddings', { model: 'gpt', input: 'Once', metadata })
    expect(vectors.json).not.toHaveProperty('metadata')
  })

  it('unknown ones pass untouched, with those of LiteLLM beside them too', async () => {
    const future = { future: { deep: [1, { two: null }] } }
    expect((await seen('/v1/chat/completions', chatBody('gpt', future))).json).toEqual(
      chatBody('gpt-4o-mini', future),
    )
    const { json } = await seen('/v1/chat/completions', chatBody('gpt', { ...future, num_retries: 0 }))
    expect(json).toEqual(chatBody('gpt-4o-mini', future))
    expect((await seen('/v1/messages', messagesBody('claude', future))).json).toEqual(
      messagesBody('claude-sonnet-4-5', future),
    )
  })

  it('of extra_body are merged in', async () => {
    const { json } = await seen(
      '/v1/chat/completions',
      chatBody('gpt', { extra_body: { provider: { order: ['a'] } } }),
    )
    expect(json).toEqual(chatBody('gpt-4o-mini', { provider: { order: ['a'] } }))
  })

  it('of the configuration are defaults', async () => {
    const plain = await seen('/v1/chat/completions', chatBody('with-defaults'))
    expect(plain.json).toEqual(chatBody('echo', { temperature: 0.25 }))
    expect(plain.headers['x-team']).toBe('blue')
    const given = await seen('/v1/chat/completions', chatBody('with-defaults', { temperature: 1 }))
    expect(given.json).toEqual(chatBody('echo', { temperature: 1 }))
  })

  it('that a provider does not have are refused, or dropped where that is allowed', async () => {
    const body = chatBody('claude', { logit_bias: { 5: 1 } })
    const refused = await ask(gateway, '/v1/chat/completions', body)
    expect(refused).toMatchObject({ status: 400, json: { error: { type: 'invalid_request_error' } } })
    expect(refused.text).toContain('logit_bias')
    const { json } = await seen('/v1/chat/completions', { ...body, drop_params: true })
    expect(json).not.toHaveProperty('logit_bias')
    const dropped = await seen('/v1/chat/completions', { ...body, model: 'dropping' })
    expect(dropped.json).not.toHaveProperty('logit_bias')
  })

  it('mock_response asks nobody', async () => {
    const asked = gateway.provider.exchanges.length
    const whole = await ask(gateway, '/v1/chat/completions', chatBody('gpt', { mock_response: 'mocked' }))
    expect(whole.json).toMatchObject({ choices: [{ message: { content: 'mocked' } }] })
    const stream = await ask(
      gateway,
      '/v1/chat/completions',
      chatBody('gpt', { mock_response: 'mocked', stream: true }),
    )
    expect(readChatStream(stream.text)).toMatchObject({ text: 'mocked', finish: ['stop'], done: true })
    expect(gateway.provider.exchanges).toHaveLength(asked)
  })
})

describe('relay and translation', () => {
  it('mean the same', async () => {
    const meanings = await Promise.all(
      ['gpt', 'claude', 'compatible'].flatMap((model) =>
        [{}, { num_retries: 0 }].map(async (own) => {
          const reply = await ask(gateway, '/v1/chat/completions', chatBody(model, { stream: true, ...own }))
          const { ids: _, ...meaning } = readChatStream(reply.text)
          return meaning
        }),
      ),
    )
    for (const meaning of meanings)
      expect(meaning).toEqual({
        text: 'You said: hello there',
        roles: 1,
        finish: ['stop'],
        errors: [],
        done: true,
      })
  })

  it('cost the same', async () => {
    const costs = await Promise.all(
      [{}, { num_retries: 0 }].map(async (own) => {
        const reply = await ask(gateway, '/v1/chat/completions', chatBody('gpt', own))
        return reply.headers['x-litellm-response-cost']
      }),
    )
    expect(costs).toEqual(['0.0000027', '0.0000027'])
  })

  it('keep thinking and its signature on the way through another format', async () => {
    const thinking = { type: 'thinking', thinking: 'hm', signature: 'c2lnbmVk' }
    const { json } = await seen('/v1/chat/completions', {
      model: 'claude',
      max_tokens: 2_000,
      messages: [
        ...hello,
        { role: 'assistant', content: 'hi', thinking_blocks: [thinking] },
        { role: 'user', content: 'go on' },
      ],
    })
    expect(json.messages).toMatchObject([
      { role: 'user' },
      { role: 'assistant', content: [thinking, { type: 'text', text: 'hi' }] },
      { role: 'user' },
    ])
  })
})

describe('marks for the provider’s prompt cache', () => {
  const system = 'Long rules.'
  const mark = { type: 'ephemeral' }

  it.each(['/v1/chat/completions', '/v1/messages'])(
    'are put where the configuration says: %s',
    async (path) => {
      const body =
        path === '/v1/messages'
          ? messagesBody('marking-anthropic', { system })
          : chatBody('marking-anthropic', { messages: [{ role: 'system', content: system }, ...hello] })
      expect((await seen(path, body)).json).toMatchObject({
        system: [{ type: 'text', text: system, cache_control: { ...mark, ttl: '1h' } }],
        messages: [{ role: 'user', content: [{ type: 'text', text: 'hello there', cache_control: mark }] }],
      })
    },
  )

  it('and the client’s own pass', async () => {
    const marked = [{ type: 'text', text: system, cache_control: mark }]
    const { json } = await seen('/v1/messages', messagesBody('claude', { system: marked }))
    expect(json).toMatchObject({ system: marked })
    const messages = [{ role: 'system', content: marked }, ...hello]
    expect((await seen('/v1/chat/completions', chatBody('claude', { messages }))).json).toMatchObject({
      system: marked,
    })
  })

  it('a place that no mark can be at is found at the start', async () => {
    await expect(
      startTestGateway({
        models: (url) => [
          entryAt(url, 'x', 'anthropic/echo', {
            cache_control_injection_points: [{ location: 'tool_config' }],
          }),
        ],
      }),
    ).rejects.toThrow("cache_control_injection_points[0].location: expected 'message'")
  })
})
