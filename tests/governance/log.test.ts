import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { postgresPlace } from '../../packages/server/src/store/testing/databases.ts'
import { ask, chatBody } from '../gateway/support/ask.ts'
import { startGovernedGateway } from './support/governed-gateway.ts'
import type { GovernedGateway } from './support/governed-gateway.ts'

describe.each([
  ['SQLite', () => Promise.resolve({})],
  ['PostgreSQL', async () => ({ databaseUrl: (await postgresPlace()).url })],
] as const)('logs in %s', (_name, place) => {
  let gateway: GovernedGateway
  beforeAll(async () => {
    gateway = await startGovernedGateway(await place())
  })
  afterAll(async () => await gateway.close())

  it('are found by the id of the answer', async () => {
    const key = await gateway.newKey({ max_budget: 1 })
    const { json } = await ask({ url: gateway.url, key }, '/v1/chat/completions', chatBody('priced'))
    const { id } = json as { id: string }
    // Two tokens in, four out.
    expect(await gateway.logOf(id)).toMatchObject({ request_id: id, spend: 0.000046, status: 'success' })
  })
})
