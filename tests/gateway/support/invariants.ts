import { expect, vi } from 'vitest'
import type { TestGateway } from '../../clients/support/gateway.ts'
import { ask, chatBody } from './ask.ts'

/** Whatever has gone wrong before: the next normal request succeeds, and no secret was written down. */
export async function expectHealthy(gateway: TestGateway): Promise<void> {
  const reply = await ask(gateway, '/v1/chat/completions', chatBody('gpt'))
  expect(reply.status).toBe(200)
  expect(reply.json).toMatchObject({ choices: [{ message: { content: 'You said: hello there' } }] })
  expect(gateway.log()).not.toMatch(/sk-provider-secret|failed unexpectedly/)
  expect(gateway.log()).not.toContain(gateway.key)
}

/** Sockets of this process that are open. */
export function openSockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
}

/** When gateway and provider are closed, every socket is: their own, their clients' and those between them. */
export async function expectSockets(count: number): Promise<void> {
  await vi.waitFor(() => expect(openSockets()).toBe(count), { timeout: 5_000 })
}
