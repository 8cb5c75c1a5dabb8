import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { entryAt } from '../clients/support/models.ts'
import { ask, chatBody, readChatStream } from '../gateway/support/ask.ts'
import type { Reply } from '../gateway/support/ask.ts'
import { startFaultProvider } from '../support/fault-provider.ts'
import type { FaultProvider } from '../support/fault-provider.ts'
import { startGovernedGateway } from './support/governed-gateway.ts'
import type { GovernedGateway } from './support/governed-gateway.ts'
import { priced } from './support/models.ts'

let gateway: GovernedGateway
let second: FaultProvider
beforeAll(async () => {
  second = await startFaultProvider({ name: 'second' })
  gateway = await startGovernedGateway({
    models: (url) => [
      priced(entryAt(url, 'breaking', 'openai/fault-cut-after-5', { order: 1 }), 0.001),
      priced(entryAt(second.url, 'breaking', 'openai/echo', { order: 2 }), 0.001),
      priced(entryAt(url, 'lone', 'openai/fault-cut-after-5'), 0.001),
      priced(entryAt(url, 'with-fallback', 'openai/fault-error-event-after-5'), 0.001),
      priced(entryAt(second.url, 'spare', 'anthropic/echo'), 0.001),
      priced(entryAt(url, 'hopeless', 'openai/fault-cut-after-5'), 0.001),
      priced(entryAt(url, 'down', 'openai/fault-status-500'), 0.001),
    ],
    sections: {
      router_settings: {
        num_retries: 0,
        disable_cooldowns: true,
        mid_stream_fallback: 'continue',
        fallbacks: [{ 'with-fallback': ['spare'] }, { hopeless: ['down'] }],
      },
    },
  })
})
afterAll(async () => {
  await Promise.all([gateway.close(), second.close()])
})

const stream = async (model: string, more: object = {}): Promise<Reply> =>
  ask(
    { url: gateway.url, key: await gateway.newKey({}) },
    '/v1/chat/completions',
    chatBody(model, { stream: true, ...more }),
  )

const ECHO = 'You said: hello there'
const COMMENT = ': continued by another deployment\n\n'

describe('mid_stream_fallback: continue', () => {
  it.each(['breaking', 'with-fallback'])(
    '%s is gone on with: one stream, with the text so far given on',
    async (model) => {
      const reply = await stream(model, { max_tokens: 50 })
      const read = readChatStream(reply.text)
      expect(read).toMatchObject({ roles: 1, finish: ['stop'], errors: [], done: true })
      expect(read.ids).toHaveLength(1)
      const [before, ...others] = reply.text.split(COMMENT)
      expect(others).toHaveLength(1)
      const begun = readChatStream(before ?? '').text
      expect(begun).toMatch(/^You/)
      expect(read.text).toBe(begun + ECHO)
      const sent = second.exchanges.at(-1)?.json as { messages: { role: string; content: unknown }[] }
      expect(sent.messages.at(-1)?.role).toBe('assistant')
      expect(JSON.stringify(sent.messages.at(-1)?.content)).toContain(begun.trimEnd())
    },
  )

  it('is charged for both', async () => {
    const key = await gateway.newKey({})
    const whole = await ask(
      { url: gateway.url, key },
      '/v1/chat/completions',
      chatBody('spare', { stream: true }),
      {
        headers: { te: 'trailers' },
      },
    )
    const both = await ask(
      { url: gateway.url, key },
      '/v1/chat/completions',
      chatBody('with-fallback', { stream: true }),
      {
        headers: { te: 'trailers' },
      },
    )
    const costOf = ({ trailers }: Reply): number => Number(trailers['x-litellm-response-cost'])
    expect(costOf(whole)).toBeGreaterThan(0)
    expect(costOf(both)).toBeGreaterThan(costOf(whole))
  })

  it.each(['lone', 'hopeless'])(
    '%s, where nobody can go on, ends with the failure that it broke with',
    async (model) => {
      const read = readChatStream((await stream(model)).text)
      expect(read).toMatchObject({
        text: expect.stringMatching(/^You/),
        errors: [{ code: 'upstream_stream_interrupted' }],
        done: false,
      })
    },
  )

  it('is what a request may leave out', async () => {
    const override = { router_settings_override: { mid_stream_fallback: 'error' } }
    const read = readChatStream((await stream('breaking', override)).text)
    expect(read).toMatchObject({ errors: [{ code: 'upstream_stream_interrupted' }], done: false })
  })

  it('is not for several answers at once', async () => {
    const reply = await stream('breaking', { n: 2 })
    expect(reply.text).not.toContain(COMMENT)
  })

  it('goes on for clients of Anthropic, in a block of its own', async () => {
    const body = {
      model: 'breaking',
      max_tokens: 50,
      stream: true,
      messages: [{ role: 'user', content: 'hello there' }],
    }
    const reply = await ask({ url: gateway.url, key: await gateway.newKey({}) }, '/v1/messages', body)
    expect(reply.text).toContain(COMMENT)
    expect(reply.text.match(/event: message_start/g)).toHaveLength(1)
    expect(reply.text.match(/event: content_block_start/g)).toHaveLength(2)
    expect(reply.text.match(/event: content_block_stop/g)).toHaveLength(2)
    expect(reply.text.match(/event: message_stop/g)).toHaveLength(1)
    expect(reply.text).toContain('"index":1')
  })
})
