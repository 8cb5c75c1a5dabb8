import { describe, expect, it, onTestFinished } from 'vitest'
import { ask, chatBody, eventsOf } from '../gateway/support/ask.ts'
import type { Json } from './support/admin.ts'
import { startGovernedGateway } from './support/governed-gateway.ts'

/** Has the form of a key, and is put together so that no scanner takes it for one. */
const secret = `sk-proj-${'0123456789abcdef'.repeat(2)}`

async function logsOf(keeps: boolean): Promise<{ whole: Json; stream: Json }> {
  const gateway = await startGovernedGateway({
    sections: { general_settings: { store_prompts_in_spend_logs: keeps } },
  })
  onTestFinished(async () => await gateway.close())
  const door = { url: gateway.url, key: await gateway.newKey() }
  const messages = [{ role: 'user', content: `my key is ${secret}` }]
  const whole = await ask(door, '/v1/chat/completions', chatBody('gpt', { messages }))
  const stream = await ask(door, '/v1/chat/completions', chatBody('gpt', { messages, stream: true }))
  const [first] = eventsOf(stream.text)
  return {
    whole: await gateway.logOf(String((whole.json as Json)['id'])),
    stream: await gateway.logOf(String((first as Json)['id'])),
  }
}

describe('what was asked and answered', () => {
  it('is in no log, unless the configuration says so', async () => {
    const { whole, stream } = await logsOf(false)
    for (const log of [whole, stream]) expect(JSON.stringify(log)).not.toContain('my key is')
  })

  it('is kept where the configuration says so, without what looks like a credential', async () => {
    const { whole, stream } = await logsOf(true)
    for (const log of [whole, stream]) {
      expect(JSON.stringify(log['messages'])).toContain('my key is')
      expect(JSON.stringify(log['response'])).toContain('my key is')
      expect(JSON.stringify(log)).not.toContain(secret)
    }
  })
})
