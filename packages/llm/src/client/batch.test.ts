import type OpenAI from 'openai'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { createClient } from './client.ts'
import { scripted } from './testing/scripted.ts'
import type { Reply } from './testing/scripted.ts'

const say = (content: string) => [{ role: 'user' as const, content }]
const one = { model: 'openai/m', api_key: 'k' }

function clientOf(script: (model: string, attempt: number) => Reply) {
  const provider = scripted(script)
  return { ...provider, client: createClient(provider.world) }
}

describe('batchCompletion', () => {
  test('answers in order, and a failure fails no other', async () => {
    const { client } = clientOf((_, attempt) => (attempt === 1 ? { status: 400 } : `answer ${attempt}`))
    const results = await client.batchCompletion({ ...one, messages: [say('a'), say('b'), say('c')] })
    expect(
      results.map((result) =>
        result.status === 'fulfilled'
          ? result.value.choices[0]?.message.content
          : (result.reason as Error).name,
      ),
    ).toEqual(['answer 0', 'BadRequestError', 'answer 2'])
    expectTypeOf(results).toExtend<PromiseSettledResult<OpenAI.ChatCompletion>[]>()
  })

  test('takes calls that differ', async () => {
    const { client, asked } = clientOf(() => 'Hi')
    await client.batchCompletion([
      { ...one, messages: say('a') },
      { ...one, model: 'openai/n', messages: say('b'), temperature: 0 },
    ])
    expect(asked.map(({ model }) => model)).toEqual(['m', 'n'])
  })

  test('keeps to its limits', async () => {
    const { client, asked, slept } = clientOf(() => 'Hi')
    const messages = Array.from({ length: 5 }, (_, index) => say(String(index)))
    await client.batchCompletion({ ...one, messages, limit: { rpm: 2 } })
    expect(asked).toHaveLength(5)
    expect(slept.length).toBeGreaterThanOrEqual(2)
    expect(asked.every(({ body }) => !('limit' in body))).toBe(true)
  })

  test('leaves the rest when its caller does', async () => {
    const { client, asked } = clientOf(() => 'never')
    const controller = new AbortController()
    const batch = client.batchCompletion({
      ...one,
      messages: [say('a'), say('b')],
      limit: { concurrency: 1 },
      signal: controller.signal,
    })
    await Promise.resolve()
    controller.abort(new Error('enough'))
    expect((await batch).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(asked).toHaveLength(1)
  })
})

describe('batchCompletionModels', () => {
  const models = ['openai/slow', 'openai/broken', 'openai/quick']
  const messages = say('Hello')

  test('the first that answers wins, and the others are broken off', async () => {
    const broken: string[] = []
    const provider = scripted((model) =>
      model === 'slow' ? 'never' : model === 'broken' ? { status: 500 } : 'Hi',
    )
    const client = createClient({
      ...provider.world,
      failure_callback: [({ model, exception }) => void broken.push(`${model} ${exception?.name}`)],
    })
    const answer = await client.batchCompletionModels({ models, messages, api_key: 'k' })
    await new Promise((resolve) => setTimeout(resolve, 0))
    expect([answer.model, broken]).toEqual([
      'quick',
      ['broken InternalServerError', expect.stringMatching(/^slow /)],
    ])
  })

  test('when none answers, the first one’s failure is told', async () => {
    const { client } = clientOf((model) => ({ status: model === 'slow' ? 401 : 500 }))
    await expect(client.batchCompletionModels({ models, messages, api_key: 'k' })).rejects.toMatchObject({
      code: 'authentication',
    })
  })

  test('all answers, in the order of the models', async () => {
    const { client } = clientOf((model) => (model === 'broken' ? { status: 500 } : model))
    const results = await client.batchCompletionModelsAllResponses({ models, messages, api_key: 'k' })
    expect(
      results.map((result) =>
        result.status === 'fulfilled' ? result.value.choices[0]?.message.content : 'failed',
      ),
    ).toEqual(['slow', 'failed', 'quick'])
  })

  test('no models is a mistake', async () => {
    const { client } = clientOf(() => 'Hi')
    await expect(client.batchCompletionModels({ models: [], messages })).rejects.toThrow('models is empty')
  })
})
