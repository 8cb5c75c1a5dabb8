import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { postgresPlace } from '../../packages/server/src/store/testing/databases.ts'
import { entryAt } from '../clients/support/models.ts'
import { ask, chatBody, open, readChatStream, readReply } from '../gateway/support/ask.ts'
import type { Reply } from '../gateway/support/ask.ts'
import type { Exchange } from '../support/fault-provider.ts'
import { startGovernedGateway } from './support/governed-gateway.ts'
import type { GovernedGateway } from './support/governed-gateway.ts'
import { exactModel, exactRequest } from './support/models.ts'

/** How long another instance may take to hear of a change. */
const HEARD_MS = 5_000

/** Two instances on one database, and one on SQLite, which is asked in both places. */
describe.each([
  { name: 'one instance with SQLite', instances: 1 },
  { name: 'two instances with PostgreSQL', instances: 2 },
])('$name', ({ instances }) => {
  let near: GovernedGateway
  /** The one that was not asked to change anything. */
  let far: GovernedGateway
  const all: GovernedGateway[] = []
  beforeAll(async () => {
    const databaseUrl = instances === 1 ? undefined : (await postgresPlace()).url
    for (let count = 0; count < instances; count++)
      all.push(
        await startGovernedGateway({
          databaseUrl,
          models: (url) => [
            exactModel(url),
            {
              ...entryAt(url, 'hanging', 'openai/fault-hang-after-3'),
              model_info: { output_cost_per_token: 0.0001, input_cost_per_token: 0 },
            },
          ],
        }),
      )
    const [first, last] = [all[0], all.at(-1)]
    if (first === undefined || last === undefined) throw new Error('nothing runs')
    near = first
    far = last
  })
  afterAll(async () => {
    for (const gateway of all) await gateway.close()
  })

  const spend = async ({ url }: GovernedGateway, key: string): Promise<Reply> =>
    await ask({ url, key }, '/v1/chat/completions', exactRequest)
  const heard = async (gateway: GovernedGateway, key: string, status: number): Promise<void> =>
    await vi.waitFor(async () => expect((await spend(gateway, key)).status).toBe(status), {
      timeout: HEARD_MS,
      interval: 50,
    })

  /** A stream that is under way and holds something; `end` lets it come to its end. */
  const streaming = async (key: string): Promise<{ end: () => Promise<Reply>; upstream: Exchange }> => {
    const asked = far.provider.exchanges.length
    const body = chatBody('hanging', { stream: true, max_tokens: 4 })
    const response = await open({ url: far.url, key }, '/v1/chat/completions', body)
    const upstream = await far.provider.exchange(asked)
    await upstream.atGate
    return {
      upstream,
      end: async () => {
        upstream.release()
        return await readReply(response)
      },
    }
  }

  it.each([
    { what: 'lowered below what is spent', change: { max_budget: 0.0001 }, status: 429 },
    { what: 'raised', change: { max_budget: 1 }, status: 200 },
    { what: 'taken away', change: { max_budget: null }, status: 200 },
  ])(
    'F79 a budget that is $what counts for those who come, not for who is under way',
    async ({ change, status }) => {
      const key = await near.newKey({ max_budget: 0.0004 })
      const { end } = await streaming(key)
      // All of it is held.
      expect((await spend(far, key)).status).toBe(429)
      await near.admin('/key/update', { key, ...change })
      await heard(far, key, status)
      const { status: ended, text } = await end()
      expect(ended).toBe(200)
      expect(readChatStream(text).text).toMatch(/^You/)
      await vi.waitFor(async () => {
        const { info } = await near.admin(`/key/info?key=${key}`)
        expect((info as { spend: number }).spend).toBeGreaterThanOrEqual(0.0004)
      })
    },
  )

  it('F79 a reset does not forget what is held', async () => {
    const key = await near.newKey({ max_budget: 0.0008 })
    const { end } = await streaming(key)
    expect((await spend(far, key)).status).toBe(200)
    expect((await spend(far, key)).status).toBe(429)
    await near.admin(`/key/${key}/reset_spend`, { reset_to: 0 })
    await heard(far, key, 200)
    expect((await end()).status).toBe(200)
  })

  it.each([
    { what: 'deleted', path: '/key/delete', body: (key: string) => ({ keys: [key] }), status: 401 },
    { what: 'blocked', path: '/key/block', body: (key: string) => ({ key }), status: 401 },
  ])(
    'F82 a key that is $what ends its stream, and nobody comes in with it',
    async ({ path, body, status }) => {
      const key = await near.newKey({ max_budget: 1 })
      const { end } = await streaming(key)
      await near.admin(path, body(key))
      await heard(far, key, status)
      const { status: ended, text } = await end()
      expect(ended).toBe(200)
      const id = String(readChatStream(text).ids[0])
      expect(await near.logOf(id)).toMatchObject({ spend: expect.closeTo(0.0004, 3) })
    },
  )

  it('F83 of a key that is rotated both are good in the time of grace, then the new one', async () => {
    const key = await near.newKey({ max_budget: 1 })
    expect((await spend(far, key)).status).toBe(200)
    const rotatedMs = Date.now()
    const { key: fresh } = await near.admin(`/key/${key}/regenerate`, { grace_period: '3s' })
    for (const one of [key, String(fresh)]) await heard(far, one, 200)
    await vi.waitFor(async () => expect((await spend(far, key)).status).toBe(401), {
      timeout: 8_000,
      interval: 50,
    })
    expect(Date.now() - rotatedMs).toBeGreaterThanOrEqual(3_000)
    expect((await spend(far, String(fresh))).status).toBe(200)
    expect((await spend(near, key)).status).toBe(401)
  })
})
