import { afterAll, afterEach, beforeAll } from 'vitest'
import type { TestGateway } from '../../clients/support/gateway.ts'
import { expectHandles, expectHealthy, openHandles, watchLoop } from './invariants.ts'

/**
 * For the tests of a file: the gateway that `start` opens is well after each of them, and in the end nothing of it is
 * left, nor of the `others` that were opened with it.
 */
export function watched(
  start: () => Promise<TestGateway>,
  others: () => readonly { close: () => Promise<void> }[] = () => [],
): void {
  let gateway: TestGateway
  let before: ReturnType<typeof openHandles>
  beforeAll(async () => {
    before = openHandles()
    gateway = await start()
    watchLoop()
  })
  afterEach(() => expectHealthy(gateway))
  afterAll(async () => {
    await Promise.all([gateway, ...others()].map((opened) => opened.close()))
    await expectHandles(before)
  })
}
