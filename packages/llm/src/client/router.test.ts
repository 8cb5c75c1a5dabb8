import type OpenAI from 'openai'
import { describe, expect, expectTypeOf, test } from 'vitest'
import type { StandardLoggingPayload } from '../callbacks/payload.ts'
import type { Strategy } from '../router/index.ts'
import { createCache } from './client-cache.ts'
import { Router } from './router.ts'
import type { DeploymentOptions, RouterSettings } from './router-options.ts'
import { scripted } from './testing/scripted.ts'
import type { Reply } from './testing/scripted.ts'

const hello = { messages: [{ role: 'user' as const, content: 'Hello' }] }
const down = { status: 503 }

/** `group=model` for each deployment; its key is named after the model. */
function list(...deployments: string[]): DeploymentOptions[] {
  return deployments.map((text) => {
    const [group = '', model = ''] = text.split('=')
    return { model_name: group, litellm_params: { model: `openai/${model}`, api_key: `key-${model}` } }
  })
}

function routerOf(
  model_list: DeploymentOptions[],
  script: Record<string, Reply | Reply[]> = {},
  options: Partial<RouterSettings> = {},
) {
  const payloads: StandardLoggingPayload[] = []
  const keep = (payload: StandardLoggingPayload): void => void payloads.push(payload)
  const provider = scripted((model, attempt) => {
    const reply = script[model] ?? 'Hi'
    return Array.isArray(reply) ? (reply[attempt] ?? 'Hi') : reply
  })
  const router = new Router({
    ...provider.world,
    model_list,
    callbacks: [{ success: keep, failure: keep }],
    ...options,
  })
  const models = (): string[] => provider.asked.map(({ model }) => model)
  return { router, payloads, provider, models }
}

describe('who answers', () => {
  test.each<
    [string, DeploymentOptions[], Record<string, Reply | Reply[]>, Partial<RouterSettings>, string, string[]]
  >([
    ['a deployment of the group', list('gpt-4=a'), {}, {}, 'gpt-4', ['a']],
    ['a sibling at once when one fails', list('gpt-4=a', 'gpt-4=b'), { a: down }, {}, 'gpt-4', ['a', 'b']],
    [
      'the same again after a wait when it is alone',
      list('gpt-4=a'),
      { a: [down, down, 'Hi'] },
      {},
      'gpt-4',
      ['a', 'a', 'a'],
    ],
    [
      'another group',
      list('gpt-4=a', 'claude=c'),
      { a: { status: 401 } },
      { fallbacks: [{ 'gpt-4': ['claude'] }] },
      'gpt-4',
      ['a', 'c'],
    ],
    [
      'a model that is in no group',
      list('gpt-4=a'),
      { a: { status: 401 } },
      { fallbacks: [{ 'gpt-4': ['openai/o3'] }], env: () => 'sk-env' },
      'gpt-4',
      ['a', 'o3'],
    ],
    [
      'any group',
      list('gpt-4=a', 'claude=c'),
      { a: { status: 401 } },
      { default_fallbacks: ['claude'] },
      'gpt-4',
      ['a', 'c'],
    ],
    ['an alias', list('gpt-4=a'), {}, { model_group_alias: { best: 'gpt-4' } }, 'best', ['a']],
    [
      'the fallbacks of the group that an alias stands for',
      list('gpt-4=a', 'claude=c'),
      { a: { status: 401 } },
      { model_group_alias: { best: 'gpt-4' }, fallbacks: [{ 'gpt-4': ['claude'] }] },
      'best',
      ['a', 'c'],
    ],
    [
      'an alias as an object',
      list('gpt-4=a'),
      {},
      { model_group_alias: { best: { model: 'gpt-4', hidden: true } } },
      'best',
      ['a'],
    ],
    [
      'a list as an alias: the group and the others',
      list('gpt-4=a', 'claude-3=c'),
      { a: down },
      { model_group_alias: { 'gpt-4': ['gpt-4', 'claude-3'] } },
      'gpt-4',
      ['a', 'c'],
    ],
    ['a pattern', list('openai/*=*'), {}, {}, 'openai/gpt-9', ['gpt-9']],
    ['the longer of two patterns', list('*=other', 'openai/*=*'), {}, {}, 'openai/gpt-9', ['gpt-9']],
    [
      'a deployment by its id',
      [...list('gpt-4=a'), { ...list('gpt-4=b')[0]!, model_info: { id: 'mine' } }],
      {},
      {},
      'mine',
      ['b'],
    ],
    [
      'lower order first',
      [
        { ...list('g=a')[0]!, litellm_params: { model: 'openai/a', api_key: 'k', order: 2 } },
        { ...list('g=b')[0]!, litellm_params: { model: 'openai/b', api_key: 'k', order: 1 } },
      ],
      {},
      {},
      'g',
      ['b'],
    ],
    [
      'the cheapest',
      list('g=gpt-4o', 'g=gpt-4o-mini'),
      {},
      { routing_strategy: 'cost-based-routing' },
      'g',
      ['gpt-4o-mini'],
    ],
  ])('%s', async (_, model_list, script, options, model, asked) => {
    const { router, models } = routerOf(model_list, script, options)
    expect(await router.completion({ ...hello, model })).toMatchObject({ object: 'chat.completion' })
    expect(models()).toEqual(asked)
  })

  test('each with its own key, whatever the caller says; what else the caller says wins', async () => {
    const { router, provider } = routerOf([
      { model_name: 'g', litellm_params: { model: 'openai/a', api_key: 'own', temperature: 0.1, seed: 1 } },
    ])
    await router.completion({ ...hello, model: 'g', api_key: 'callers', temperature: 0.9 })
    expect([provider.asked[0]?.key, provider.asked[0]?.body]).toMatchObject([
      'Bearer own',
      { model: 'a', temperature: 0.9, seed: 1 },
    ])
    expect(Object.keys(provider.asked[0]?.body ?? {}).toSorted()).toEqual([
      'messages',
      'model',
      'seed',
      'temperature',
    ])
  })

  test('keys may be names of variables', async () => {
    const { router, provider } = routerOf(
      [{ model_name: 'g', litellm_params: { model: 'openai/a', api_key: 'os.environ/MY_KEY' } }],
      {},
      { env: (name) => (name === 'MY_KEY' ? 'from-env' : undefined) },
    )
    await router.completion({ ...hello, model: 'g' })
    expect(provider.asked[0]?.key).toBe('Bearer from-env')
  })

  test('one that keeps failing is left alone, then tried again', async () => {
    const { router, models, provider } = routerOf(
      list('g=a', 'g=b'),
      { a: [{ status: 429 }, 'Hi'] },
      { cooldown_time: 30 },
    )
    await router.completion({ ...hello, model: 'g' })
    for (let call = 0; call < 3; call++) await router.completion({ ...hello, model: 'g' })
    expect(models()).toEqual(['a', 'b', 'b', 'b', 'b'])
    provider.advance(31_000)
    await router.completion({ ...hello, model: 'g' })
    expect(models().at(-1)).toBe('a')
  })

  test('least-busy counts streams until they have been read', async () => {
    const { router, models } = routerOf(
      list('g=a', 'g=b'),
      { a: { stream: ['x'] }, b: { stream: ['x'] } },
      { routing_strategy: 'least-busy' },
    )
    const first = await router.completion({ ...hello, model: 'g', stream: true })
    const second = await router.completion({ ...hello, model: 'g', stream: true })
    expect(new Set(models()).size).toBe(2)
    const [free, busy] = models()[0] === 'a' ? [first, second] : [second, first]
    for await (const _ of free);
    await router.completion({ ...hello, model: 'g', stream: true })
    expect(models().at(-1)).toBe('a')
    for await (const _ of busy);
  })

  test('a strategy of one’s own', async () => {
    const last: Strategy = { id: 'last', pick: (candidates) => candidates.at(-1) }
    const { router, models } = routerOf(list('g=a', 'g=b', 'g=c'), {}, { routing_strategy: last })
    await router.completion({ ...hello, model: 'g' })
    expect(models()).toEqual(['c'])
  })

  test('tags', async () => {
    const tagged = (model: string, tags: string[]): DeploymentOptions => ({
      model_name: 'g',
      litellm_params: { model: `openai/${model}`, api_key: 'k', tags },
    })
    const { router, models } = routerOf(
      [tagged('a', ['free']), tagged('b', ['paid'])],
      {},
      { enable_tag_filtering: true },
    )
    await router.completion({ ...hello, model: 'g', tags: ['paid'] })
    await router.completion({ ...hello, model: 'g', metadata: { tags: ['free'] } })
    expect(models()).toEqual(['b', 'a'])
  })

  test('max_cost: the sibling that the money reaches', async () => {
    const { router, models } = routerOf(list('g=gpt-4o', 'g=gpt-4o-mini', 'dear=gpt-4o'))
    await router.completion({ ...hello, model: 'g', max_cost: 0.001, max_tokens: 100 })
    await expect(
      router.completion({ ...hello, model: 'dear', max_cost: 0.001, max_tokens: 100 }),
    ).rejects.toMatchObject({ code: 'budget_exceeded' })
    expect(models()).toEqual(['gpt-4o-mini'])
  })

  test('an auto group: the model of the first rule that holds', async () => {
    const tools = [{ type: 'function' as const, function: { name: 'look', parameters: { type: 'object' } } }]
    const { router, models } = routerOf(
      list('large=gpt-4o', 'small=gpt-4o-mini'),
      {},
      {
        auto_groups: {
          auto: [
            { model: 'large', when: { tags: ['hard'] } },
            { model: 'nowhere' },
            { model: 'large', when: { needs: ['tools'], max_cost: 1 } },
            { model: 'small', when: { max_input_tokens: 100 } },
          ],
          'best-first': [{ model: 'large' }, { model: 'small' }],
        },
      },
    )
    await router.completion({ ...hello, model: 'auto' })
    await router.completion({ ...hello, model: 'auto', tools })
    await router.completion({ ...hello, model: 'auto', tags: ['hard'] })
    await router.completion({ ...hello, model: 'best-first', max_tokens: 100, max_cost: 0.001 })
    expect(models()).toEqual(['gpt-4o-mini', 'gpt-4o', 'gpt-4o', 'gpt-4o-mini'])
    const long = [{ role: 'user' as const, content: 'word '.repeat(500) }]
    await expect(router.completion({ messages: long, model: 'auto' })).rejects.toMatchObject({
      reason: 'no_rule_holds',
      message: expect.stringContaining('small: too_long'),
    })
    await expect(
      router.completion({ ...hello, model: 'best-first', max_cost: 0.0000001 }),
    ).rejects.toMatchObject({ reason: 'max_cost_exceeded' })
    expect(router.modelNames()).toEqual(['large', 'small', 'auto', 'best-first'])
  })

  test('rpm is kept by usage-based routing', async () => {
    const limited = list('g=a', 'g=b').map((deployment, index) => ({ ...deployment, rpm: index + 1 }))
    const { router, models } = routerOf(limited, {}, { routing_strategy: 'usage-based-routing-v2' })
    for (let call = 0; call < 3; call++) await router.completion({ ...hello, model: 'g', num_retries: 0 })
    await expect(router.completion({ ...hello, model: 'g' })).rejects.toMatchObject({ code: 'rate_limit' })
    expect(models().toSorted()).toEqual(['a', 'b', 'b'])
  })
})

describe('every kind of call', () => {
  test('is routed', async () => {
    const { router, models } = routerOf(
      list('g=a', 'e=text-embedding-3-small', 'bad=x', 'e=text-embedding-3-large'),
      { 'text-embedding-3-small': down },
    )
    await router.embedding({ model: 'e', input: ['one'] })
    const bridged = routerOf([{ model_name: 'g', litellm_params: { model: 'mistral/m', api_key: 'k' } }])
    expect(await bridged.router.responses({ model: 'g', input: 'Hello' })).toMatchObject({
      output_text: 'Hi',
    })
    await bridged.router.textCompletion({ model: 'g', prompt: 'Hello' })
    expect([models(), bridged.models()]).toEqual([
      ['text-embedding-3-small', 'text-embedding-3-large'],
      ['m', 'm'],
    ])
  })

  test('streams fall back silently before their first token', async () => {
    const { router, models, payloads } = routerOf(
      list('g=a', 'h=b'),
      { a: { stream: [], ending: 'error' }, b: { stream: ['He', 'llo'] } },
      { fallbacks: [{ g: ['h'] }], num_retries: 0 },
    )
    let text = ''
    for await (const chunk of await router.completion({ ...hello, model: 'g', stream: true }))
      text += chunk.choices[0]?.delta.content ?? ''
    expect([text, models()]).toEqual(['Hello', ['a', 'b']])
    expect(payloads).toMatchObject([
      {
        model_group: 'h',
        model_id: 'h#1',
        hidden_params: {
          attempts: [
            { model_id: 'g#1', status: 500 },
            { model_id: 'h#1', status: 200 },
          ],
        },
      },
    ])
  })

  test('is told to callbacks once, with its deployment', async () => {
    const { router, payloads } = routerOf([
      { ...list('g=gpt-4o-mini')[0]!, model_info: { id: 'mine', input_cost_per_token: 1 } },
    ])
    await router.completion({ ...hello, model: 'g' })
    expect(payloads).toMatchObject([
      {
        status: 'success',
        model: 'gpt-4o-mini',
        model_group: 'g',
        model_id: 'mine',
        response_cost: 10.000003,
      },
    ])
  })

  test('counts against a budget before a deployment is asked', async () => {
    const { router, models } = routerOf(list('g=gpt-4o-mini'), {}, { max_budget: 0.00001 })
    await router.completion({ ...hello, model: 'g', max_tokens: 10 })
    await expect(router.completion({ ...hello, model: 'g', max_tokens: 10 })).rejects.toMatchObject({
      code: 'budget_exceeded',
    })
    expect([models().length, router.currentCost()]).toEqual([1, 0.0000045])
  })

  test('is answered from a cache whichever deployment it is for, and costs nothing then', async () => {
    const { router, models, payloads } = routerOf(
      list('g=gpt-4o', 'g=gpt-4o-mini'),
      {},
      { cache: createCache({ type: 'local' }) },
    )
    for (let call = 0; call < 4; call++) await router.completion({ ...hello, model: 'g' })
    expect([models().length, payloads.map(({ cache_hit }) => cache_hit)]).toEqual([
      1,
      [false, true, true, true],
    ])
    expect(payloads.slice(1).map(({ response_cost }) => response_cost)).toEqual([0, 0, 0])
  })

  test('in batches, too', async () => {
    const { router } = routerOf(list('g=a'))
    const results = await router.batchCompletion({ model: 'g', messages: [hello.messages, hello.messages] })
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
  })
})

describe('what cannot be is refused', () => {
  test.each<[string, object, RegExp]>([
    [
      'a misspelt option',
      { routing_stratgy: 'x' },
      /'routing_stratgy' is no option: did you mean routing_strategy\?/,
    ],
    [
      'an address of Redis',
      { redis_url: 'redis://localhost' },
      /'redis_url' is not offered here: give a client of yours: redis: \{ client: new Redis\(url\) \}/,
    ],
    [
      'an option of LiteLLM’s that would change who answers',
      { provider_budget_config: {} },
      /'provider_budget_config' is not offered here: use max_budget/,
    ],
    [
      'a strategy nobody knows',
      { routing_strategy: 'fastest' },
      /routing_strategy.*simple-shuffle, least-busy/,
    ],
    ['responses kept by a switch', { cache_responses: true }, /give a cache: createCache/],
    ['no deployments', { model_list: [] }, /model_list must be at least one deployment/],
    [
      'a deployment without a model',
      { model_list: [{ model_name: 'g', litellm_params: {} }] },
      /model_list\[0\]\.litellm_params\.model/,
    ],
    [
      'the same id twice',
      { model_list: [1, 2].map(() => ({ ...list('g=a')[0], model_info: { id: 'x' } })) },
      /'x' is there twice/,
    ],
    ['a policy of no class', { retry_policy: { RateLimits: 1 } }, /retry_policy\.RateLimits/],
  ])('%s', (_, options, message) => {
    expect(() => routerOf(list('g=a'), {}, options)).toThrow(message)
  })

  test('a group that there is not, with the nearest', async () => {
    const { router } = routerOf(list('claude-3=a'))
    await expect(router.completion({ ...hello, model: 'cluade-3' })).rejects.toThrow(
      /no model group 'cluade-3'; did you mean 'claude-3'\?/,
    )
  })
})

/** Checked by the compiler: nothing runs. */
test('answers are OpenAI’s', () => {
  const calls = async (router: Router): Promise<void> => {
    expectTypeOf(await router.completion({ ...hello, model: 'g' })).toExtend<OpenAI.ChatCompletion>()
    for await (const chunk of await router.completion({ ...hello, model: 'g', stream: true }))
      expectTypeOf(chunk).toExtend<OpenAI.ChatCompletionChunk>()
    expectTypeOf(
      await router.embedding({ model: 'g', input: 'a' }),
    ).toExtend<OpenAI.CreateEmbeddingResponse>()
  }
  expectTypeOf(calls).toBeFunction()
})

test('enable_pre_call_checks leaves out who is known to be unable to do what the call uses', async () => {
  const blind = { model_info: { supports_vision: false, supports_function_calling: true } }
  const seeing = { model_info: { supports_vision: true } }
  const { router, models } = routerOf(
    [
      { ...list('gpt-4=a')[0]!, ...blind },
      { ...list('gpt-4=b')[0]!, ...seeing },
    ],
    {},
    { enable_pre_call_checks: true },
  )
  const content = [{ type: 'image_url' as const, image_url: { url: 'data:image/png;base64,AA==' } }]
  await router.completion({ model: 'gpt-4', messages: [{ role: 'user', content }] })
  expect(models()).toEqual(['b'])
})
