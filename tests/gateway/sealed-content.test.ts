import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestGateway } from '../clients/support/gateway.ts'
import type { TestGateway } from '../clients/support/gateway.ts'
import { entryAt } from '../clients/support/models.ts'
import { startFaultProvider } from '../support/fault-provider.ts'
import type { FaultProvider } from '../support/fault-provider.ts'
import { ask, eventsOf } from './support/ask.ts'

const SEALED = 'openai/fault-encrypted-reasoning'

let gateway: TestGateway
let second: FaultProvider
beforeAll(async () => {
  second = await startFaultProvider({ name: 'second' })
  gateway = await startTestGateway({
    models: (url) => [
      entryAt(url, 'sealed', SEALED, { order: 1 }),
      entryAt(second.url, 'sealed', SEALED, { order: 2 }),
    ],
    sections: {
      router_settings: {
        num_retries: 1,
        disable_cooldowns: true,
        optional_pre_call_checks: ['encrypted_content_affinity'],
      },
    },
  })
})
afterAll(async () => {
  await Promise.all([gateway.close(), second.close()])
})

interface Answered {
  readonly output: readonly { type: string; encrypted_content?: string }[]
}

async function respond(stream: boolean, input: unknown): Promise<Answered> {
  const reply = await ask(gateway, '/v1/responses', { model: 'sealed', input, stream, store: false })
  expect(reply.status).toBe(200)
  if (!stream) return reply.json as Answered
  const last = eventsOf(reply.text).find(
    (event) => (event as { type?: string }).type === 'response.completed',
  )
  return (last as { response: Answered }).response
}

it.each([false, true])(
  'encrypted reasoning goes back to who made it, whatever comes first (stream: %s)',
  async (stream) => {
    gateway.provider.script('fault-encrypted-reasoning', ['status-500'])
    const { output } = await respond(stream, 'hello there')
    expect(output.find(({ type }) => type === 'reasoning')?.encrypted_content).toMatch(/^second:/)
    const before = [gateway.provider.exchanges.length, second.exchanges.length]
    await respond(stream, [...output, { role: 'user', content: 'and now?' }])
    // Nobody else was asked in vain.
    expect([gateway.provider.exchanges.length, second.exchanges.length]).toEqual([
      before[0],
      (before[1] ?? 0) + 1,
    ])
    // What has nothing sealed goes where it always does.
    await respond(stream, 'something else')
    expect(gateway.provider.exchanges).toHaveLength((before[0] ?? 0) + 1)
  },
)
