import { expect, test } from 'vitest'
import { Router } from './router.ts'
import { scripted } from './testing/scripted.ts'

const hello = { model: 'gpt-4', messages: [{ role: 'user' as const, content: 'Hello' }] }

test('a router tells others through the client that it is given, and waits for nothing', async () => {
  const told: [key: string, argument: unknown][] = []
  const client = {
    eval: (_lua: string, _keys: number, key: string, argument: string) => {
      told.push([key, JSON.parse(argument)])
      return new Promise(() => undefined)
    },
  }
  const provider = scripted((model) => (model === 'a' ? { status: 429 } : 'Hi'))
  const router = new Router({
    ...provider.world,
    model_list: ['a', 'b'].map((model) => ({
      model_name: 'gpt-4',
      litellm_params: { model: `openai/${model}`, api_key: 'k' },
      model_info: { id: model },
    })),
    redis: { client, prefix: 'mine' },
  })
  await router.completion(hello)
  expect(provider.asked.map(({ model }) => model)).toEqual(['a', 'b'])
  expect(told.map(([key]) => key)).toEqual([
    '{mine}:cooldowns',
    '{mine}:usage',
    '{mine}:latency',
    '{mine}:cooldowns',
  ])
  expect(told.at(-1)?.[1]).toMatchObject({ deployment: 'a', ms: 5_000 })
})
