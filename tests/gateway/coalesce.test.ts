import { describe, expect, it } from 'vitest'
import { startTestGateway } from '../clients/support/gateway.ts'
import type { TestGateway } from '../clients/support/gateway.ts'
import type { Exchange } from '../support/fault-provider.ts'
import { ask, chatBody, readChatStream, start } from './support/ask.ts'
import type { Reply } from './support/ask.ts'
import { watched } from './support/watched.ts'

let gateway: TestGateway
watched(
  async () =>
    (gateway = await startTestGateway({
      sections: { litellm_settings: { cache: true, cache_params: { type: 'local', coalesce: true } } },
    })),
)

let questions = 0
const body = (fields: object = {}): object =>
  chatBody('gpt', { messages: [{ role: 'user', content: `together ${++questions}` }], ...fields })

const chat = (wanted: object): Promise<Reply> => ask(gateway, '/v1/chat/completions', wanted)

/** The first of many is at the provider, which waits; the others have come to the gateway. */
async function gather(
  count: number,
  wanted: object,
  faults: string[],
): Promise<{
  first: Exchange
  at: number
  leader: ReturnType<typeof start>
  others: ReturnType<typeof start>[]
}> {
  gateway.provider.script('gpt-4o-mini', faults)
  const at = gateway.provider.exchanges.length
  const leader = start(gateway, '/v1/chat/completions', wanted)
  const first = await gateway.provider.exchange(at)
  await first.atGate
  const others = Array.from({ length: count }, () => start(gateway, '/v1/chat/completions', wanted))
  await arrived()
  return { first, at, leader, others }
}

/** Whoever asked before this has come to the gateway: each of these connects after them, and is answered. */
async function arrived(): Promise<void> {
  for (let time = 0; time < 5; time++)
    await ask(gateway, '/v1/chat/completions', chatBody('demo', { seed: time }))
}

async function statusesOf(asked: readonly ReturnType<typeof start>[]): Promise<number[]> {
  return await Promise.all(
    asked.map(async ({ response }) => {
      const answer = await response
      answer.resume()
      return answer.statusCode ?? 0
    }),
  )
}

describe('F85 equal requests at once', () => {
  it('five hundred make one call, and all get the answer', async () => {
    const wanted = body()
    gateway.provider.script('gpt-4o-mini', ['slow-first-byte-300'])
    const at = gateway.provider.exchanges.length
    const replies = await Promise.all(Array.from({ length: 500 }, () => chat(wanted)))
    expect(gateway.provider.exchanges.length - at).toBe(1)
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]))
    expect(new Set(replies.map(({ text }) => text)).size).toBe(1)
    expect(replies.filter(({ headers }) => headers['x-litellm-cache-hit'] === 'false')).toHaveLength(1)
  })

  it('streams and whole answers wait for each other', async () => {
    const fields = body()
    const { first, at, leader, others } = await gather(3, { ...fields, stream: true }, ['hang'])
    const whole = start(gateway, '/v1/chat/completions', fields)
    await arrived()
    first.release()
    expect(await statusesOf([leader, ...others, whole])).toEqual([200, 200, 200, 200, 200])
    expect(gateway.provider.exchanges.length - at).toBe(1)
  })

  it('when the one who asks fails, one of the others tries again', async () => {
    const { first, at, leader, others } = await gather(20, body(), ['hang+status-500', 'ok'])
    first.release()
    const [led = 0] = await statusesOf([leader])
    expect(led).toBeGreaterThanOrEqual(500)
    expect(new Set(await statusesOf(others))).toEqual(new Set([200]))
    expect(gateway.provider.exchanges.length - at).toBe(2)
  })

  it('when that one fails too, the others are told, and nobody else asks', async () => {
    const { first, at, leader, others } = await gather(20, body(), ['hang+status-500', 'status-503'])
    first.release()
    const [led = 0] = await statusesOf([leader])
    expect(led).toBeGreaterThanOrEqual(500)
    expect(new Set(await statusesOf(others))).toEqual(new Set([503]))
    expect(gateway.provider.exchanges.length - at).toBe(2)
  })

  it('a stream that breaks is a failure, too', async () => {
    const wanted = body({ stream: true })
    const { first, at, leader, others } = await gather(5, wanted, ['hang+cut-after-3', 'ok'])
    first.release()
    const texts = await Promise.all(
      [leader, ...others].map(async ({ response }) => {
        let text = ''
        try {
          for await (const piece of await response) text += String(piece)
        } catch {
          // The one who asked sees how it broke.
        }
        return readChatStream(text).finish.length
      }),
    )
    expect(texts).toEqual([0, 1, 1, 1, 1, 1])
    expect(gateway.provider.exchanges.length - at).toBe(2)
  })

  it('one who waits and leaves ends nothing', async () => {
    const { first, at, leader, others } = await gather(3, body(), ['hang'])
    others[0]?.request.destroy()
    await expect(others[0]?.response).rejects.toThrow(/hang up|aborted|reset/i)
    await arrived()
    first.release()
    expect(await statusesOf([leader, ...others.slice(1)])).toEqual([200, 200, 200])
    expect(gateway.provider.exchanges.length - at).toBe(1)
  })

  it.each([false, true])('the one who asked may leave while others wait (stream: %s)', async (stream) => {
    const { first, at, leader, others } = await gather(3, body({ stream }), ['hang'])
    leader.request.destroy()
    await expect(leader.response).rejects.toThrow(/hang up|aborted|reset/i)
    await arrived()
    first.release()
    expect(await statusesOf(others)).toEqual([200, 200, 200])
    expect(await first.whenDone).toBe('complete')
    expect(gateway.provider.exchanges.length - at).toBe(1)
  })

  it.each(['the one who asked first', 'the one who asked last'])(
    'when all have left, the call ends: %s',
    async (order) => {
      const { first, leader, others } = await gather(3, body(), ['hang'])
      const leaving = order.endsWith('first') ? [leader, ...others] : [...others, leader]
      for (const { request, response } of leaving) {
        request.destroy()
        await expect(response).rejects.toThrow(/hang up|aborted|reset/i)
      }
      await first.whenAborted
      expect(await first.whenDone).toBe('aborted')
    },
  )

  it('one who waits does so until their own time is up', async () => {
    const wanted = body()
    const { first, at, leader } = await gather(0, wanted, ['hang'])
    const impatient = await ask(gateway, '/v1/chat/completions', wanted, {
      headers: { 'x-litellm-timeout': '0.2' },
    })
    expect(impatient.status).toBe(504)
    first.release()
    expect(await statusesOf([leader])).toEqual([200])
    expect(gateway.provider.exchanges.length - at).toBe(1)
  })

  it('whoever wants no cached answer asks for themselves', async () => {
    const wanted = body()
    const { first, at, leader } = await gather(0, wanted, ['hang', 'ok'])
    expect((await chat({ ...wanted, cache: { 'no-cache': true } })).status).toBe(200)
    expect(gateway.provider.exchanges.length - at).toBe(2)
    first.release()
    expect(await statusesOf([leader])).toEqual([200])
  })
})
