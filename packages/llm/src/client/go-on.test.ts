import { describe, expect, test } from 'vitest'
import type { StandardLoggingPayload } from '../callbacks/payload.ts'
import { createCache } from './client-cache.ts'
import { Router } from './router.ts'
import type { RouterSettings } from './router-options.ts'
import { scripted } from './testing/scripted.ts'
import type { Reply } from './testing/scripted.ts'

const hello = [{ role: 'user' as const, content: 'Hello' }]
const breaking: Reply = { stream: ['You ', 'said '], ending: 'break' }
const rest: Reply = { stream: ['hel', 'lo'] }

function routerOf(
  groups: Record<string, readonly string[]>,
  replies: Record<string, Reply>,
  more: Partial<RouterSettings> = {},
) {
  const payloads: StandardLoggingPayload[] = []
  const keep = (payload: StandardLoggingPayload): void => void payloads.push(payload)
  const provider = scripted((model) => replies[model] ?? 'Hi')
  const router = new Router({
    ...provider.world,
    model_list: Object.entries(groups).flatMap(([model_name, models]) =>
      models.map((model, order) => ({
        model_name,
        litellm_params: {
          model: `openai/${model}`,
          api_key: 'k',
          order,
          input_cost_per_token: 0,
          output_cost_per_token: 0.001,
        },
        model_info: { id: model },
      })),
    ),
    num_retries: 0,
    mid_stream_fallback: 'continue',
    callbacks: [{ success: keep, failure: keep }],
    ...more,
  })
  const read = async (params: object = {}): Promise<{ text: string; ids: number; error?: string }> => {
    const ids = new Set<string>()
    let text = ''
    try {
      const stream = await router.completion({ model: 'main', messages: hello, ...params, stream: true })
      for await (const chunk of stream) {
        ids.add(chunk.id)
        text += chunk.choices[0]?.delta.content ?? ''
      }
    } catch (error) {
      return { text, ids: ids.size, error: error instanceof Error ? error.name : String(error) }
    } finally {
      await router.flush()
    }
    return { text, ids: ids.size }
  }
  const asked = (): string[] => provider.asked.map(({ model }) => model)
  return { router, provider, payloads, read, asked }
}

describe('mid_stream_fallback: continue', () => {
  test('a sibling goes on, from the text so far, in one stream', async () => {
    const { provider, payloads, read, asked } = routerOf({ main: ['a', 'b'] }, { a: breaking, b: rest })
    expect(await read({ metadata: { x: 1 } })).toEqual({ text: 'You said hello', ids: 1 })
    expect(asked()).toEqual(['a', 'b'])
    expect(provider.asked[1]?.body['messages']).toEqual([
      ...hello,
      expect.objectContaining({ role: 'assistant', content: 'You said' }),
    ])
    const [payload] = payloads
    expect(payloads).toHaveLength(1)
    expect(payload).toMatchObject({
      status: 'success',
      model_id: 'b',
      metadata: { x: 1, stream_continued: 1 },
      hidden_params: {
        attempts: [
          { model_id: 'a', status: 502 },
          { model_id: 'b', status: 200 },
        ],
      },
      response: { choices: [{ message: { content: 'You said hello' } }] },
    })
  })

  test('both are paid for', async () => {
    const { payloads, read } = routerOf({ main: ['a', 'b'] }, { a: breaking, b: rest })
    await read()
    const alone = routerOf({ main: ['b'] }, { b: rest })
    await alone.read()
    expect(payloads[0]?.response_cost).toBeGreaterThan(alone.payloads[0]?.response_cost ?? 0)
    expect(alone.payloads[0]?.metadata).not.toHaveProperty('stream_continued')
  })

  test('a fallback goes on where there is no sibling, and another where that breaks, too', async () => {
    const { read, asked } = routerOf(
      { main: ['a'], second: ['b'], third: ['c'] },
      { a: breaking, b: { stream: ['so '], ending: 'error' }, c: rest },
      { fallbacks: [{ main: ['second', 'third'] }] },
    )
    expect(await read()).toEqual({ text: 'You said so hello', ids: 1 })
    expect(asked()).toEqual(['a', 'b', 'c'])
  })

  test('one that broke is left alone, and its figures end with it', async () => {
    const { router, read } = routerOf(
      { main: ['a', 'b'] },
      { a: breaking, b: rest },
      { allowed_fails: 0, cooldown_time: 60 },
    )
    await read()
    const { chosen, others } = await router.explain({ model: 'main' })
    expect([chosen?.id, others]).toEqual(['b', [expect.objectContaining({ id: 'a', why: 'cooling_down' })]])
    expect(await read()).toEqual({ text: 'hello', ids: 1 })
  })

  test.each<[string, Record<string, Reply>, Partial<RouterSettings>, object]>([
    ['nobody is left', { a: breaking, b: { status: 503 } }, {}, {}],
    ['it is not asked for', { a: breaking, b: rest }, { mid_stream_fallback: 'error' }, {}],
    ['several answers are asked for', { a: breaking, b: rest }, {}, { n: 2 }],
    ['it breaks for good', { a: breaking, b: breaking }, {}, {}],
  ])('the reader hears of the failure when %s', async (_name, replies, more, params) => {
    const { read } = routerOf({ main: ['a', 'b'] }, replies, more)
    const { text, error } = await read(params)
    expect(text).toMatch(/^You said /)
    expect(error).toBe('StreamInterruptedError')
  })

  test('what several have said is not kept in the cache', async () => {
    const cache = createCache()
    const { read, asked } = routerOf({ main: ['a', 'b'] }, { a: breaking, b: rest }, { cache })
    await read()
    expect(await read()).toEqual({ text: 'You said hello', ids: 1 })
    expect(asked()).toEqual(['a', 'b', 'a', 'b'])
  })
})
