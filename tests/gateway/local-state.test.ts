import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestGateway } from '../clients/support/gateway.ts'
import type { TestGateway } from '../clients/support/gateway.ts'
import { ask } from './support/ask.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startTestGateway({
    models: () => [{ model_name: 'inside', litellm_params: { model: 'demo/echo' } }],
  })
})
afterAll(() => gateway.close())

it('does not pretend to remember an answer that nobody keeps', async () => {
  const body = { model: 'inside', input: 'And then?', previous_response_id: 'resp_1' }
  const { status, json } = await ask(gateway, '/v1/responses', body)
  expect(status).toBe(400)
  expect(json).toMatchObject({ error: { param: 'previous_response_id' } })
})
