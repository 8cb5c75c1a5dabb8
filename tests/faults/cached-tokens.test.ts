import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestGateway } from '../clients/support/gateway.ts'
import type { TestGateway } from '../clients/support/gateway.ts'
import { entryAt } from '../clients/support/models.ts'
import { listen } from '../support/loopback.ts'
import type { Listening } from '../support/loopback.ts'
import { asking } from './support/clients.ts'

const rates = {
  input_cost_per_token: 0.000_01,
  output_cost_per_token: 0.000_1,
  cache_read_input_token_cost: 0.000_001,
  cache_creation_input_token_cost: 0.000_012_5,
}

const chat = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'cached',
  choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
  // The cached tokens are among the 1,000.
  usage: {
    prompt_tokens: 1_000,
    completion_tokens: 10,
    total_tokens: 1_010,
    prompt_tokens_details: { cached_tokens: 800 },
  },
}
const message = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'cached',
  content: [{ type: 'text', text: 'hi' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  // What was read from the cache and written to it comes beside the 200.
  usage: {
    input_tokens: 200,
    output_tokens: 10,
    cache_read_input_tokens: 800,
    cache_creation_input_tokens: 400,
  },
}

let provider: Listening
let gateway: TestGateway
beforeAll(async () => {
  provider = await listen(
    createServer((request, response) => {
      request.resume()
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(request.url?.endsWith('/messages') === true ? message : chat))
    }),
  )
  gateway = await startTestGateway({
    models: () =>
      ['openai', 'anthropic'].map((format) => ({
        ...entryAt(provider.url, format, `${format}/cached`),
        model_info: rates,
      })),
  })
})
afterAll(async () => {
  await gateway.close()
  await provider.close()
})

describe.each(['openai', 'anthropic'] as const)('through the client of %s', (client) => {
  it.each([
    // 200 × 0.00001 + 800 × 0.000001 + 10 × 0.0001
    { format: 'openai', usd: '0.0038' },
    // The same, and 400 × 0.0000125 for what was written.
    { format: 'anthropic', usd: '0.0088' },
  ])('cached tokens of $format cost what cached tokens cost', async ({ format, usd }) => {
    const seen = await asking(gateway, gateway.key)[client]({ model: format })
    expect(seen.error).toBeUndefined()
    expect(seen.headers.get('x-litellm-response-cost')).toBe(usd)
  })
})
