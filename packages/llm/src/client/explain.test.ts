import { describe, expect, test } from 'vitest'
import { Router } from './router.ts'
import type { RouterSettings } from './router-options.ts'
import { scripted } from './testing/scripted.ts'

const hello = [{ role: 'user' as const, content: 'Hello' }]

function routerOf(more: Partial<RouterSettings> = {}) {
  const provider = scripted((model) => (model === 'gpt-4o' ? { status: 429 } : 'Hi'))
  const at = (group: string, model: string, id: string, params: object = {}) => ({
    model_name: group,
    litellm_params: { model: `openai/${model}`, api_key: 'k', ...params },
    model_info: { id },
  })
  const router = new Router({
    ...provider.world,
    model_list: [
      at('chat', 'gpt-4o', 'first', { order: 1 }),
      at('chat', 'gpt-4o-mini', 'second', { order: 2, tags: ['batch'] }),
      at('spare', 'gpt-4o-mini', 'spare'),
    ],
    num_retries: 1,
    fallbacks: [{ chat: ['spare'] }],
    ...more,
  })
  return { router, provider }
}

describe('router.explain', () => {
  test('names who would be asked, and says why none of the others', async () => {
    const { router, provider } = routerOf()
    expect(await router.explain({ model: 'chat' })).toEqual({
      model: 'chat',
      routing_strategy: 'simple-shuffle',
      chosen: { id: 'first', model_name: 'chat', model: 'openai/gpt-4o' },
      others: [{ id: 'second', model_name: 'chat', model: 'openai/gpt-4o-mini', why: 'later_order' }],
      fallbacks: ['spare'],
    })
    expect(provider.asked).toEqual([])
  })

  test('sees what cools down', async () => {
    const { router } = routerOf()
    await router.completion({ model: 'chat', messages: hello })
    const found = await router.explain({ model: 'chat', disable_fallbacks: true })
    expect(found).toMatchObject({
      chosen: { id: 'second' },
      others: [{ id: 'first', why: 'cooling_down', detail: 'it is at its rate limit; 5 s to go' }],
      fallbacks: [],
    })
  })

  test('heeds tags, fallbacks and cost of the call', async () => {
    const { router } = routerOf({ enable_tag_filtering: true })
    const call = { model: 'chat', messages: hello, metadata: { tags: ['batch'] }, fallbacks: ['elsewhere'] }
    expect(await router.explain(call)).toMatchObject({ chosen: { id: 'second' }, fallbacks: ['elsewhere'] })
    const dear = await routerOf().router.explain({ model: 'chat', messages: hello, max_cost: 0.001 })
    expect(dear).toMatchObject({
      chosen: { id: 'second' },
      others: [{ id: 'first', why: 'over_max_cost' }],
    })
    const none = await routerOf().router.explain({ model: 'chat', messages: hello, max_cost: 1e-9 })
    expect(none).toMatchObject({ chosen: null, refusal: expect.stringMatching(/max_cost/) })
  })

  test('tells why a name stands for a model', async () => {
    const auto_groups = {
      auto: [{ model: 'spare', when: { needs: ['tools'] } }, { model: 'chat' }],
      never: [{ model: 'spare', when: { needs: ['vision'] } }],
    }
    const { router } = routerOf({ auto_groups })
    expect(await router.explain({ model: 'auto', messages: hello })).toMatchObject({
      model: 'chat',
      chosen: { id: 'first' },
      auto: { models: ['chat'], passed: [{ model: 'spare', why: 'needs_not' }] },
    })
    expect(await router.explain({ model: 'never', messages: hello })).toMatchObject({
      model: 'never',
      chosen: null,
      refusal: expect.stringMatching(/no rule of 'never' leads to a model/),
    })
  })

  test('refuses a model that there is not', async () => {
    await expect(routerOf().router.explain({ model: 'chta' })).rejects.toThrow(/did you mean 'chat'\?/)
  })
})
