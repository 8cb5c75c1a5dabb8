import OpenAI from 'openai'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { entryAt } from '../clients/support/models.ts'
import { followed, openSite, soundModel } from './support/site.ts'
import type { Site } from './support/site.ts'

let site: Site
let client: OpenAI
beforeAll(async () => {
  site = await openSite(
    (places) => [
      soundModel(places),
      entryAt(places.scripted, 'renamed', 'openai/fault-other-model'),
      entryAt(places.scripted, 'same-id', 'openai/fault-same-id'),
      entryAt(places.scripted, 'empty-id', 'openai/fault-empty-id'),
      ...followed(places, 'stateful', entryAt(places.scripted, '', 'openai/echo')),
      entryAt(places.scripted, 'stateless', 'openai/echo'),
    ],
    { router_settings: { num_retries: 0, disable_cooldowns: true } },
  )
  client = new OpenAI({ baseURL: `${site.gateway.url}/v1`, apiKey: site.gateway.key, maxRetries: 0 })
})
afterAll(async () => await site.close())

it('F54 the header tells of the model that served', async () => {
  for (const ask of [site.ask.openai, site.ask.anthropic]) {
    const seen = await ask({ model: 'renamed' })
    expect(seen.headers.get('x-switchyard-served-model')).toBe('another-model-2')
    await site.expectSound(seen, await site.logOf(seen))
  }
})

it.each(['same-id', 'empty-id'])('F55 %s: each request has a log of its own', async (model) => {
  const seen = [await site.ask.openai({ model }), await site.ask.openai({ model })]
  const logs = await Promise.all(seen.map(async (one) => await site.logOf(one)))
  const calls = logs.map((log) => log['litellm_call_id'])
  expect(calls).toEqual(seen.map(({ headers }) => headers.get('x-litellm-call-id')))
  expect(new Set(calls).size).toBe(2)
  await site.expectSound()
})

it('F56 what one deployment keeps is found there, and is a conflict where nobody has it', async () => {
  const made = await fetch(`${site.second.url}/v1/responses`, {
    method: 'POST',
    body: JSON.stringify({ model: 'echo', input: 'hi' }),
  })
  const { id } = (await made.json()) as { id: string }
  const going = { input: 'go on', previous_response_id: id }
  const answer = await client.responses.create({ model: 'stateful', ...going })
  expect(answer.output_text).toBe('You said: go on')
  const failing = client.responses.create({ model: 'stateless', ...going })
  await expect(failing).rejects.toMatchObject({ status: 409, code: 'response_state_unavailable' })
  await site.expectSound()
})
