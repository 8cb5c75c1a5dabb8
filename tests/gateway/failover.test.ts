import { describe, expect, it } from 'vitest'
import { startTestGateway } from '../clients/support/gateway.ts'
import type { TestGateway } from '../clients/support/gateway.ts'
import { entryAt } from '../clients/support/models.ts'
import type { ModelEntry } from '../clients/support/models.ts'
import { startFaultProvider } from '../support/fault-provider.ts'
import type { FaultProvider } from '../support/fault-provider.ts'
import { refusingUrl } from '../support/loopback.ts'
import { ask, chatBody, messagesBody, readChatStream } from './support/ask.ts'
import { watched } from './support/watched.ts'

/** What a first deployment may do so that the second is asked. */
const reasons = [
  'reset',
  'status-429-retry-after-60',
  'status-500',
  'status-503',
  'status-401',
  'status-404',
  'truncated-json',
  'html',
  '200-error-body',
  'cut-before-content',
]

let gateway: TestGateway
let second: FaultProvider
watched(
  async () => {
    second = await startFaultProvider({ name: 'second' })
    const refusing = refusingUrl
    return (gateway = await startTestGateway({
      // Each test meets the first deployment as if nobody had before.
      sections: { router_settings: { num_retries: 0, disable_cooldowns: true, retry_billed: true } },
      models: (url) => [
        ...pair('dead', entryAt(refusing, 'dead', 'openai/echo')),
        ...pair('hanging', entryAt(url, 'hanging', 'openai/fault-hang', { timeout: 0.2 })),
        ...reasons.flatMap((fault) => pair(fault, entryAt(url, fault, `openai/fault-${fault}`))),
        ...reasons.flatMap((fault) =>
          pair(`claude-${fault}`, entryAt(url, `claude-${fault}`, `anthropic/fault-${fault}`)),
        ),
        ...pair(
          'both-limited',
          entryAt(url, 'both-limited', 'openai/fault-status-429-retry-after-60'),
          'openai/fault-status-429-retry-after-7',
        ),
        entryAt(url, 'flaky', 'openai/flaky'),
        // The owner of what is continued is the one that is asked last.
        ...pair('stateful', entryAt(url, 'stateful', 'openai/echo'), 'openai/fault-encrypted-reasoning'),
        entryAt(url, 'stateless', 'openai/echo'),
      ],
    }))
  },
  () => [second],
)

/** A group whose first deployment is asked first, and whose second one answers. */
function pair(group: string, first: ModelEntry, model = 'openai/echo'): ModelEntry[] {
  const other = entryAt(second.url, group, model)
  return [
    { ...first, litellm_params: { ...first.litellm_params, order: 1 } },
    { ...other, litellm_params: { ...other.litellm_params, order: 2 } },
  ]
}

const once = { headers: { 'x-litellm-num-retries': '1' } }

it('F29 when nobody is left, says how each attempt failed', async () => {
  const body = chatBody('fault/reset', { num_retries: 2 })
  const { status, text } = await ask(gateway, '/v1/chat/completions', body)
  expect(status).toBe(503)
  expect(text).toContain('(tried 3 times: upstream_unavailable, upstream_unavailable, upstream_unavailable)')
})

describe.each(['dead', 'hanging', ...reasons, ...reasons.map((fault) => `claude-${fault}`)])(
  'F29–F45 a first deployment that is %s',
  (group) => {
    // These two spoil streams, or whole answers, only.
    const isOfStreams = group.endsWith('cut-before-content')
    const isOfWholes = /truncated-json|200-error-body/.test(group)

    it('is followed by the second one', async () => {
      const reply = await ask(gateway, '/v1/chat/completions', chatBody(group), once)
      expect(reply.status).toBe(200)
      expect(reply.json).toMatchObject({ id: expect.stringMatching(/^chatcmpl-second-/) })
      expect(reply.headers['x-litellm-attempted-retries']).toBe('1')
      expect(reply.headers['x-litellm-model-api-base']).toBe(`${second.url}/v1/chat/completions`)
    })

    it('F45 is followed by the second one in a stream: one stream, one id, one role', async () => {
      const reply = await ask(gateway, '/v1/chat/completions', chatBody(group, { stream: true }), once)
      expect(reply.status).toBe(200)
      expect(readChatStream(reply.text)).toEqual({
        text: 'You said: hello there',
        ids: [expect.stringMatching(isOfWholes ? /scripted|second/ : /^chatcmpl-second-/)],
        roles: 1,
        finish: ['stop'],
        errors: [],
        done: true,
      })
      if (isOfStreams) expect(reply.headers['x-litellm-attempted-retries']).toBe('1')
    })

    it('is not followed by anyone when no retry is allowed', async () => {
      if (isOfStreams) return
      const reply = await ask(gateway, '/v1/chat/completions', chatBody(group))
      expect(reply.status).toBeGreaterThan(400)
      expect(reply.headers['x-litellm-attempted-retries']).toBe('0')
    })
  },
)

describe('retries', () => {
  it('ask the same deployment again after the wait that it asked for', async () => {
    gateway.provider.script('flaky', ['status-503-retry-after-ms-1', 'status-429-retry-after-ms-1'])
    const asked = gateway.provider.exchanges.length
    const reply = await ask(gateway, '/v1/chat/completions', chatBody('flaky', { num_retries: 2 }))
    expect(reply.status).toBe(200)
    expect(reply.headers['x-litellm-attempted-retries']).toBe('2')
    const bodies = gateway.provider.exchanges.slice(asked).map(({ json }) => json)
    expect(bodies).toEqual([1, 2, 3].map(() => chatBody('flaky')))
  })

  it('F34 are not made for what is wrong with the request', async () => {
    gateway.provider.script('flaky', ['status-400'])
    const asked = gateway.provider.exchanges.length
    const reply = await ask(gateway, '/v1/chat/completions', chatBody('flaky', { num_retries: 2 }))
    expect(reply.status).toBe(400)
    expect(gateway.provider.exchanges).toHaveLength(asked + 1)
  })

  it("F32 end before the request's own time does", async () => {
    gateway.provider.script('flaky', ['status-429-retry-after-60'])
    const body = chatBody('flaky', { num_retries: 2, timeout: 5 })
    const startedAtMs = performance.now()
    const reply = await ask(gateway, '/v1/chat/completions', body)
    expect(reply).toMatchObject({ status: 429, headers: { 'retry-after': '60' } })
    expect(performance.now() - startedAtMs).toBeLessThan(2_000)
  })

  it('F32 all limited: the client is told the smallest wait', async () => {
    const reply = await ask(gateway, '/v1/chat/completions', chatBody('both-limited'), once)
    expect(reply).toMatchObject({ status: 429, headers: { 'retry-after': '7' } })
  })

  it("work on Anthropic's route, too", async () => {
    const reply = await ask(
      gateway,
      '/v1/messages',
      messagesBody('claude-status-500', { stream: true }),
      once,
    )
    expect(reply.text.match(/event: message_start/g)).toHaveLength(1)
    expect(reply.text).toContain('second-')
    expect(reply.text).toContain('event: message_stop')
  })
})

describe('F56 state that only one deployment has', () => {
  /** A response of the second deployment, made outside of the gateway. */
  async function made(): Promise<{ id: string; output: unknown[] }> {
    const response = await fetch(`${second.url}/v1/responses`, {
      method: 'POST',
      body: JSON.stringify({ model: 'fault-encrypted-reasoning', input: 'hi' }),
    })
    return (await response.json()) as { id: string; output: unknown[] }
  }

  it.each([false, true])('a previous response is found at its owner (stream: %s)', async (stream) => {
    const { id } = await made()
    const body = { model: 'stateful', input: 'go on', previous_response_id: id, stream }
    const reply = await ask(gateway, '/v1/responses', body)
    expect(reply.status).toBe(200)
    expect(reply.text).toContain('You said: go on')
    expect(reply.headers['x-litellm-model-api-base']).toBe(`${second.url}/v1/responses`)
  })

  it('encrypted reasoning is', async () => {
    const { output } = await made()
    const input = [{ role: 'user', content: 'hi' }, ...output, { role: 'user', content: 'go on' }]
    const reply = await ask(gateway, '/v1/responses', { model: 'stateful', input })
    expect(reply).toMatchObject({ status: 200, headers: { 'x-litellm-attempted-retries': '1' } })
  })

  it('is a conflict where nobody has it', async () => {
    const { id } = await made()
    const reply = await ask(gateway, '/v1/responses', {
      model: 'stateless',
      input: 'go on',
      previous_response_id: id,
    })
    expect(reply).toMatchObject({
      status: 409,
      json: { error: { code: 'response_state_unavailable', type: 'invalid_request_error' } },
      headers: { 'x-gateway-error': 'response_state_unavailable', 'x-should-retry': 'false' },
    })
  })
})
