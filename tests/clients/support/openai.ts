import OpenAI from 'openai'
import { afterAll } from 'vitest'
import { startTestGateway } from './gateway.ts'
import type { TestGateway } from './gateway.ts'

/** A gateway for the tests of a file, closed after them, and OpenAI's client for it, which tries nothing again. */
export async function startForOpenai(): Promise<{ gateway: TestGateway; client: OpenAI }> {
  const gateway = await startTestGateway()
  afterAll(() => gateway.close())
  return {
    gateway,
    client: new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.key, maxRetries: 0 }),
  }
}
