import { Router } from '@switchyard/llm'
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { testRedis } from '../../packages/server/src/counters/testing/redis.ts'
import { startFaultProvider } from '../support/fault-provider.ts'
import type { FaultProvider } from '../support/fault-provider.ts'

const client = testRedis()
let provider: FaultProvider
beforeAll(async () => {
  provider = await startFaultProvider()
})
afterAll(async () => await provider.close())

/** A machine under load takes its time. */
const PATIENCE = { timeout: 15_000, interval: 20 }

const call = { model: 'chat', messages: [{ role: 'user' as const, content: 'hello' }] }

/** Programs that share a Redis, each with a clock of its own. */
function programs() {
  const prefix = `test-${randomBytes(8).toString('hex')}`
  const at = (model: string, order: number) => ({
    model_name: 'chat',
    litellm_params: { model: `openai/${model}`, api_base: `${provider.url}/v1`, api_key: 'k', order },
    model_info: { id: model },
  })
  return (startMs: number) => {
    const clock = { nowMs: startMs }
    const router = new Router({
      model_list: [at('fault-status-429-retry-after-60', 1), at('echo', 2)],
      redis: { client, prefix },
      nowMs: () => clock.nowMs,
    })
    return { router, clock }
  }
}

test('what one program has seen of a deployment, others go by', async () => {
  const open = programs()
  const one = open(Date.now())
  const two = open(Date.now() + 3_600_000)
  expect((await one.router.completion(call)).choices[0]?.message.content).toMatch(/hello/)
  const asked = provider.exchanges.length
  await vi.waitFor(async () => {
    two.clock.nowMs += 1_000
    const { chosen, others } = await two.router.explain(call)
    expect(chosen?.id).toBe('echo')
    expect(others[0]).toMatchObject({ why: 'cooling_down', detail: expect.stringMatching(/rate limit/) })
  }, PATIENCE)
  await two.router.completion(call)
  expect(provider.exchanges.slice(asked).map(({ model }) => model)).toEqual(['echo'])
})
