import { describe, expect, it } from 'vitest'
import type { Target } from '../types/provider.ts'
import { vertexAi } from './vertex-ai.ts'

const GOOGLE =
  'https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/us-central1/publishers/google'
const ROOT = GOOGLE.replace('/publishers/google', '')
const CUSTOM = 'http://127.0.0.1:9/some/path'

function surfaceOf(model: string) {
  const target: Target = { provider: 'vertex_ai', model }
  const { chat } = vertexAi.speaks
  const surface = typeof chat === 'function' ? chat(target) : chat
  if (surface === undefined) throw new Error('vertex_ai speaks no chat')
  return { surface, target }
}

function chatUrl(model: string, stream: boolean, base: string): string | undefined {
  const { surface, target } = surfaceOf(model)
  const wireModel = vertexAi.wireModel?.(target) ?? model
  const context = { model: wireModel, quirks: {}, newId: () => '1' }
  const { path } = surface.protocol.renderRequest({ model, messages: [], stream }, context)
  return surface.url?.({ base, custom: base === CUSTOM, path, model: wireModel, stream, target })
}

describe('chat', () => {
  it.each([
    ['gemini-2.5-flash', false, 'gemini', `${GOOGLE}/models/gemini-2.5-flash:generateContent`],
    [
      'google/gemini-2.5-flash',
      true,
      'gemini',
      `${GOOGLE}/models/gemini-2.5-flash:streamGenerateContent?alt=sse`,
    ],
    ['gemini/1234567890', false, 'gemini', `${ROOT}/endpoints/1234567890:generateContent`],
    [
      'claude-sonnet-4@20250514',
      false,
      'anthropic-messages',
      `${ROOT}/publishers/anthropic/models/claude-sonnet-4@20250514:rawPredict`,
    ],
    [
      'claude-sonnet-4',
      true,
      'anthropic-messages',
      `${ROOT}/publishers/anthropic/models/claude-sonnet-4:streamRawPredict`,
    ],
    [
      'mistral-large@2411',
      false,
      'openai-chat',
      `${ROOT}/publishers/mistralai/models/mistral-large@2411:rawPredict`,
    ],
    [
      'jamba-1.5-large',
      true,
      'openai-chat',
      `${ROOT}/publishers/ai21/models/jamba-1.5-large:streamRawPredict`,
    ],
    [
      'meta/llama-4-scout-17b-16e-instruct-maas',
      false,
      'openai-chat',
      `${ROOT}/endpoints/openapi/chat/completions`,
    ],
    ['openai/gpt-oss-20b-maas', true, 'openai-chat', `${ROOT}/endpoints/openapi/chat/completions`],
  ])('with %s, stream %s, speaks %s', (model, stream, protocol, url) => {
    expect(surfaceOf(model).surface.protocol.id).toBe(protocol)
    expect(chatUrl(model, stream, GOOGLE)).toBe(url)
  })

  it.each([
    ['gemini-2.5-flash', `${CUSTOM}/models/gemini-2.5-flash:generateContent`],
    ['claude-sonnet-4', `${CUSTOM}/models/claude-sonnet-4:rawPredict`],
    ['deepseek-ai/deepseek-r1-0528-maas', `${CUSTOM}/chat/completions`],
  ])('with %s keeps the path of a given address', (model, url) => {
    expect(chatUrl(model, false, CUSTOM)).toBe(url)
  })

  it.each([
    ['global', 'https://aiplatform.googleapis.com/v1'],
    ['eu', 'https://aiplatform.eu.rep.googleapis.com/v1'],
    ['europe-west4', 'https://europe-west4-aiplatform.googleapis.com/v1'],
  ])('in %s goes to %s', (location, host) => {
    const base = `https://${location}-aiplatform.googleapis.com/v1`
    expect(chatUrl('gemini-2.5-pro', false, base)).toBe(`${host}/models/gemini-2.5-pro:generateContent`)
  })

  it('names the version of Claude in the body instead of the model', () => {
    const { surface, target } = surfaceOf('claude-sonnet-4')
    expect(surface.body?.({ model: 'claude-sonnet-4', stream: true, max_tokens: 1 }, target, '')).toEqual({
      anthropic_version: 'vertex-2023-10-16',
      stream: true,
      max_tokens: 1,
    })
  })
})

it.each([
  ['text-embedding-005', 'vertex-embeddings'],
  ['gemini-embedding-001', 'vertex-single-embeddings'],
  ['gemini-embedding-2', 'gemini-embeddings'],
  ['multimodalembedding@001', 'vertex-multimodal-embeddings'],
])('embeds with %s through %s', (model, id) => {
  const { embeddings } = vertexAi.speaks
  const surface = typeof embeddings === 'function' ? embeddings({ provider: 'vertex_ai', model }) : embeddings
  expect(surface?.protocol.id).toBe(id)
})
