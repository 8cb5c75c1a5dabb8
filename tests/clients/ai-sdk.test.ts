import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { APICallError, embedMany, generateObject, generateText, stepCountIs, streamText, tool } from 'ai'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { all } from './support/all.ts'
import { startTestGateway } from './support/gateway.ts'
import type { TestGateway } from './support/gateway.ts'

// `generateObject` is deprecated and still what many programs call.
vi.stubGlobal('AI_SDK_LOG_WARNINGS', false)

let gateway: TestGateway
let switchyard: ReturnType<typeof createOpenAICompatible>
beforeAll(async () => {
  gateway = await startTestGateway()
  switchyard = createOpenAICompatible({
    name: 'switchyard',
    baseURL: `${gateway.url}/v1`,
    apiKey: gateway.key,
    includeUsage: true,
    supportsStructuredOutputs: true,
  })
})
afterAll(() => gateway.close())

const weather = tool({
  description: 'The weather',
  inputSchema: z.object({ city: z.string() }),
  execute: ({ city }) => `rain in ${city}`,
})

describe.each([
  { model: 'gpt', served: 'gpt-4o-mini', id: /^chatcmpl-scripted/ },
  { model: 'claude', served: 'claude-sonnet-4-5', id: /^msg_scripted/ },
])('the AI SDK with $model', ({ model, served, id }) => {
  it('generates text', async () => {
    const result = await generateText({ model: switchyard(model), prompt: 'hello there' })
    expect(result.text).toBe('You said: hello there')
    expect(result.finishReason).toBe('stop')
    expect(result.usage).toMatchObject({ inputTokens: 2, outputTokens: 4, totalTokens: 6 })
    expect(result.response).toMatchObject({ id: expect.stringMatching(id), modelId: served })
    expect(result.response.timestamp).toBeInstanceOf(Date)
    expect(result.response.headers).toMatchObject({
      'x-litellm-model-group': model,
      'x-litellm-response-cost': expect.stringMatching(/^0\.0000/),
    })
    expect(result.warnings ?? []).toEqual([])
  })

  it('streams text', async () => {
    const result = streamText({ model: switchyard(model), prompt: 'hello there' })
    expect(await all(result.textStream)).toEqual(['You', ' said:', ' hello', ' there'])
    expect(await result.finishReason).toBe('stop')
    expect(await result.usage).toMatchObject({ inputTokens: 2, outputTokens: 4, totalTokens: 6 })
    expect(await result.response).toMatchObject({ id: expect.stringMatching(id), modelId: served })
  })

  it('runs tools', async () => {
    const result = await generateText({
      model: switchyard(model),
      prompt: 'weather?',
      tools: { weather },
      stopWhen: stepCountIs(3),
    })
    expect(result.steps).toHaveLength(2)
    expect(result.steps[0]?.toolCalls).toMatchObject([
      { toolName: 'weather', input: { city: 'city' }, toolCallId: expect.stringMatching(/_scripted-\d+_0$/) },
    ])
    expect(result.steps[0]?.finishReason).toBe('tool-calls')
    expect(result.text).toBe('The tool said: rain in city')
  })

  it('runs streamed tools', async () => {
    const result = streamText({
      model: switchyard(model),
      prompt: 'weather?',
      tools: { weather },
      stopWhen: stepCountIs(3),
    })
    expect(await result.text).toBe('The tool said: rain in city')
    const [first] = await result.steps
    expect(first?.toolResults).toMatchObject([{ toolName: 'weather', output: 'rain in city' }])
  })

  it('generates objects', async () => {
    const schema = z.object({ city: z.string(), days: z.number().min(2) })
    const result = await generateObject({ model: switchyard(model), schema, prompt: 'weather?' })
    expect(result.object).toEqual({ city: 'city', days: 2 })
    expect(result.finishReason).toBe('stop')
    expect(result.usage.inputTokens).toBe(1)
  })
})

it('embeds', async () => {
  const result = await embedMany({ model: switchyard.embeddingModel('embed'), values: ['one two', 'three'] })
  expect(result.embeddings.map((vector) => vector.length)).toEqual([8, 8])
  expect(result.usage.tokens).toBe(3)
})

it('sees a failure with its status and body', async () => {
  const call = generateText({ model: switchyard('fault/status-401'), prompt: 'hi', maxRetries: 0 })
  const error: unknown = await call.catch((failure: unknown) => failure)
  if (!APICallError.isInstance(error)) throw error
  expect(error.statusCode).toBe(502)
  expect(JSON.parse(error.responseBody ?? '')).toMatchObject({ error: { code: 'upstream_auth_failed' } })
})

it('sees a cut stream as an error', async () => {
  const result = streamText({
    model: switchyard('fault/cut-after-4'),
    prompt: 'hello there',
    onError: () => {},
  })
  const parts = await all(result.fullStream)
  expect(parts.some((part) => part.type === 'error')).toBe(true)
  expect(parts.flatMap((part) => (part.type === 'text-delta' ? [part.text] : [])).join('')).toMatch(/^You/)
})
