import { once } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { startTestGateway } from '../clients/support/gateway.ts'
import type { TestGateway } from '../clients/support/gateway.ts'
import { entryAt } from '../clients/support/models.ts'
import { chatBody, open, parse, readChatStream, readReply, start } from './support/ask.ts'
import { watched } from './support/watched.ts'

const megabyte = 1 << 20

let gateway: TestGateway
watched(
  async () =>
    (gateway = await startTestGateway({
      // Prices, so that what was delivered until then costs something.
      models: (url) =>
        ['openai', 'anthropic'].map((provider) => ({
          ...entryAt(url, `leaving-${provider}`, `${provider}/fault-hang-after-5`),
          model_info: { input_cost_per_token: 0.001, output_cost_per_token: 0.001 },
        })),
    })),
)

/** The log line of a request, as soon as it is written. */
function logged(status: number, model: string): Promise<unknown> {
  return vi.waitFor(() => {
    const lines = gateway.log().split('\n').map(parse)
    const found = lines.find((line) => expect.objectContaining({ status, model }).asymmetricMatch(line))
    if (found === undefined) throw new Error(`nothing with ${status} is logged for ${model}`)
    return found
  })
}

describe('a client that leaves', () => {
  it.each([
    { fault: 'F19 before the answer', model: 'fault/hang', stream: false },
    { fault: 'F19 before the stream', model: 'claude-fault/hang', stream: true },
    { fault: 'F19 within the answer', model: 'compatible-fault/hang-after-1', stream: false },
  ])("$fault ends the provider's work within a second", async ({ model, stream }) => {
    const asked = gateway.provider.exchanges.length
    const { request, response } = start(gateway, '/v1/chat/completions', chatBody(model, { stream }))
    const upstream = await gateway.provider.exchange(asked)
    await upstream.atGate
    const leftAtMs = performance.now()
    request.destroy()
    await expect(response).rejects.toThrow(/hang up|aborted|reset/i)
    expect((await upstream.whenAborted).atMs - leftAtMs).toBeLessThan(1_000)
    expect(await logged(499, model)).toMatchObject({ status: 499 })
  })

  it.each(['leaving-openai', 'leaving-anthropic'])(
    'F20 in the middle of a stream (%s): the work ends',
    async (model) => {
      const asked = gateway.provider.exchanges.length
      const response = await open(gateway, '/v1/chat/completions', chatBody(model, { stream: true }))
      const upstream = await gateway.provider.exchange(asked)
      await once(response, 'data')
      await upstream.atGate
      const leftAtMs = performance.now()
      response.destroy()
      expect((await upstream.whenAborted).atMs - leftAtMs).toBeLessThan(1_000)
      expect(await logged(499, model)).toMatchObject({ status: 499 })
      // Two tokens in, and what has been delivered, at $0.001 each.
      expect(await spentOn(model)).toBeGreaterThan(0.002)
      expect(await spentOn(model)).toBeLessThan(0.02)
    },
  )
})

/** What the metrics say a model has cost, in USD. */
async function spentOn(model: string): Promise<number> {
  const response = await fetch(`${gateway.url}/metrics`, {
    headers: { authorization: `Bearer ${gateway.key}` },
  })
  const pattern = new RegExp(
    String.raw`^litellm_spend_metric\{[^}]*model_group="${model}"[^}]*\} (\S+)$`,
    'm',
  )
  return Number(pattern.exec(await response.text())?.[1])
}

describe('F21 a slow reader', () => {
  it.each(['fault', 'claude-fault'])(
    'holds the provider back (%s), and gets everything in the end',
    async (group) => {
      const asked = gateway.provider.exchanges.length
      const size = 64
      const response = await open(
        gateway,
        '/v1/chat/completions',
        chatBody(`${group}/flood-${size}`, { stream: true }),
      )
      const upstream = await gateway.provider.exchange(asked)
      await standstill(() => upstream.bytesWritten)
      expect(upstream.waitingForDrain).toBe(true)
      // Socket buffers of two connections, and little more.
      expect(upstream.bytesWritten).toBeLessThan((size / 2) * megabyte)
      const { text } = await readReply(response)
      const read = readChatStream(text)
      expect(read.text).toHaveLength(size * megabyte)
      expect(read.done).toBe(true)
      expect(await upstream.whenDone).toBe('complete')
    },
  )

  it('that leaves frees the provider', async () => {
    const asked = gateway.provider.exchanges.length
    const response = await open(gateway, '/v1/chat/completions', chatBody('fault/flood-64', { stream: true }))
    const upstream = await gateway.provider.exchange(asked)
    await standstill(() => upstream.bytesWritten)
    const leftAtMs = performance.now()
    response.destroy()
    expect((await upstream.whenAborted).atMs - leftAtMs).toBeLessThan(1_000)
  })

  it('F22 that takes nothing for five minutes is taken for gone', async () => {
    const timers = vi.spyOn(globalThis, 'setTimeout')
    const asked = gateway.provider.exchanges.length
    const model = 'claude-fault/flood-64'
    const response = await open(gateway, '/v1/chat/completions', chatBody(model, { stream: true }))
    const upstream = await gateway.provider.exchange(asked)
    await standstill(() => upstream.bytesWritten)
    const fiveMinutesLater = timers.mock.calls.find(([, ms]) => ms === 300_000)?.[0]
    timers.mockRestore()
    fiveMinutesLater?.()
    await upstream.whenAborted
    expect(await logged(499, model)).toMatchObject({ status: 499 })
    expect((await readReply(response)).broken).toBe(true)
  })
})

/** Resolves when a number has stopped growing. */
async function standstill(read: () => number): Promise<void> {
  let last = -1
  await vi.waitFor(
    () => {
      const now = read()
      const stands = now === last && now > 0
      last = now
      if (!stands) throw new Error('it still grows')
    },
    { timeout: 10_000, interval: 100 },
  )
}
