import { expect, test, vi } from 'vitest'
import type { StandardLoggingPayload } from '../callbacks/payload.ts'
import { createCache } from './client-cache.ts'
import { Router } from './router.ts'
import type { RouterSettings } from './router-options.ts'
import { scripted } from './testing/scripted.ts'
import type { Reply } from './testing/scripted.ts'

const hello = { messages: [{ role: 'user' as const, content: 'Hello' }] }

function routerOf(replies: Record<string, Reply> = {}, more: Partial<RouterSettings> = {}) {
  const payloads: StandardLoggingPayload[] = []
  const keep = (payload: StandardLoggingPayload): void => void payloads.push(payload)
  const provider = scripted((model) => replies[model] ?? 'Hi')
  const at = (model: string, silent?: string | string[]) => ({
    model_name: model,
    litellm_params: {
      model: `openai/${model}`,
      api_key: `key-${model}`,
      input_cost_per_token: 0.001,
      output_cost_per_token: 0.001,
      ...(silent === undefined ? {} : { silent_model: silent }),
    },
  })
  const router = new Router({
    ...provider.world,
    model_list: [at('main', 'shadow'), at('two', ['shadow', 'other']), at('shadow', 'other'), at('other')],
    num_retries: 0,
    callbacks: [{ success: keep, failure: keep }],
    ...more,
  })
  const models = async (): Promise<string[]> => {
    await router.flush()
    return provider.asked.map(({ model }) => model)
  }
  return { router, provider, payloads, models }
}

test('a copy of what was answered goes to the silent model, and is a call of its own', async () => {
  const { router, provider, payloads, models } = routerOf()
  await router.completion({ model: 'main', ...hello, max_tokens: 7, metadata: { a: 1 }, api_key: 'mine' })
  expect(await models()).toEqual(['main', 'shadow'])
  expect(provider.asked[1]).toMatchObject({ key: 'Bearer key-shadow', body: { max_tokens: 7 } })
  expect(JSON.stringify(provider.asked[1]?.body)).not.toMatch(/metadata|silent|mine/)
  const [main, copy] = payloads
  expect(main?.metadata).toEqual({ a: 1 })
  expect(copy).toMatchObject({
    status: 'success',
    model_group: 'shadow',
    metadata: { a: 1, is_silent_experiment: true },
    trace_id: main?.trace_id,
  })
  expect(copy?.id).not.toBe(main?.id)
  expect(router.currentCost()).toBeCloseTo((main?.response_cost ?? 0) + (copy?.response_cost ?? 0), 10)
})

test('there may be several; a copy is not copied', async () => {
  const { router, models } = routerOf()
  await router.completion({ model: 'two', ...hello })
  expect((await models()).toSorted()).toEqual(['other', 'shadow', 'two'])
})

test('of a stream it is a stream, once that was read to its end', async () => {
  const pieces: Reply = { stream: ['A', 'B'] }
  const { router, provider, payloads, models } = routerOf({ main: pieces, shadow: pieces })
  const left = await router.completion({ model: 'main', ...hello, stream: true })
  for await (const _ of left) break
  expect(await models()).toEqual(['main'])
  const read = await router.completion({ model: 'main', ...hello, stream: true })
  let chunks = 0
  for await (const _ of read) chunks++
  expect(chunks).toBeGreaterThan(1)
  expect(await models()).toEqual(['main', 'main', 'shadow'])
  expect(provider.asked[2]?.body['stream']).toBe(true)
  expect(payloads.at(-1)).toMatchObject({ status: 'success', model_group: 'shadow' })
})

test('it may fail or be beyond the budget: the caller does not hear of it, and nobody stands in', async () => {
  const { router, payloads, models } = routerOf(
    { shadow: { status: 500 } },
    { fallbacks: [{ shadow: ['other'] }] },
  )
  const answer = await router.completion({ model: 'main', ...hello })
  expect(answer.choices[0]?.message.content).toBe('Hi')
  expect(await models()).toEqual(['main', 'shadow'])
  expect(payloads.at(-1)).toMatchObject({ status: 'failure', model_group: 'shadow' })
  const poor = routerOf({}, { max_budget: 0.04 })
  await poor.router.completion({ model: 'main', ...hello, max_tokens: 15 })
  expect(await poor.models()).toEqual(['main'])
  expect(poor.payloads.at(-1)?.error_str).toMatch(/Budget has been exceeded/)
})

test('one that hangs keeps nobody waiting, and limits do not count it', async () => {
  const { router, provider } = routerOf({ shadow: 'never' }, { limit: { concurrency: 1, rpm: 2 } })
  await router.completion({ model: 'main', ...hello })
  await router.completion({ model: 'main', ...hello })
  await vi.waitFor(() =>
    expect(provider.asked.map(({ model }) => model)).toEqual(['main', 'shadow', 'main', 'shadow']),
  )
})

test('what a cache answered, and what builds on a response, is not copied', async () => {
  const { router, models } = routerOf({}, { cache: createCache() })
  await router.completion({ model: 'main', ...hello })
  await router.completion({ model: 'main', ...hello })
  expect(await models()).toEqual(['main', 'shadow'])
  await router.completion({ model: 'main', ...hello, max_tokens: 9, previous_response_id: 'r' })
  expect(await models()).toEqual(['main', 'shadow', 'main'])
})

test('vectors are copied, too', async () => {
  const { router, models } = routerOf()
  await router.embedding({ model: 'main', input: 'Hello' })
  expect(await models()).toEqual(['main', 'shadow'])
})
