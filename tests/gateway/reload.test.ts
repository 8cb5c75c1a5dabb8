import { once } from 'node:events'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestGateway } from '../clients/support/gateway.ts'
import type { TestGateway } from '../clients/support/gateway.ts'
import { entryAt } from '../clients/support/models.ts'
import { ask, chatBody, open, readChatStream, readReply } from './support/ask.ts'
import { expectHandles, expectHealthy, openHandles, watchLoop } from './support/invariants.ts'

let gateway: TestGateway
let before: ReturnType<typeof openHandles>
beforeAll(async () => {
  before = openHandles()
  gateway = await startTestGateway()
  watchLoop()
})
afterAll(async () => {
  await gateway.close()
  await expectHandles(before)
})

it('another configuration holds for what comes, and what is under way ends by the one before', async () => {
  const path = '/v1/chat/completions'
  const stream = await open(gateway, path, chatBody('fault/hang-after-2', { stream: true }))
  const upstream = await gateway.provider.exchange(0)
  await once(stream, 'data')
  await upstream.atGate

  await gateway.reload((url) => [
    entryAt(url, 'gpt', 'openai/gpt-4o-mini'),
    entryAt(url, 'new', 'openai/gpt-4o-mini'),
  ])
  expect((await ask(gateway, path, chatBody('new'))).status).toBe(200)
  expect((await ask(gateway, path, chatBody('fault/ok'))).status).toBe(404)
  await expectHealthy(gateway)

  upstream.release()
  expect(readChatStream((await readReply(stream)).text).done).toBe(true)
  const { text } = await ask(gateway, '/metrics', '', { method: 'GET' })
  for (const group of ['fault/*', 'new']) expect(text).toContain(`model_group="${group}"`)
})
