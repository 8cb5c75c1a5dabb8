import { describe, expect, it } from 'vitest'
import { providers } from '../providers/index.ts'
import type { ChatRequest } from '../types/request.ts'
import { countRequest } from './count-request.ts'
import { countSurfaceOf, prepareCount } from './prepare.ts'
import type { ResolvedTarget } from './resolve.ts'
import { resolveTarget } from './resolve.ts'

const request: ChatRequest = {
  model: 'm',
  messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello there' }] }],
  stream: false,
  maxTokens: 5,
}
const env = (): undefined => undefined
const newId = (): string => 'id'

function resolve(model: string, apiBase?: string): ResolvedTarget {
  return resolveTarget({ model, apiBase }, { registry: providers, env, providerOfModel: () => undefined })
}

describe('counting at a provider', () => {
  it.each([
    [
      'anthropic/claude-sonnet-5',
      undefined,
      'https://api.anthropic.com/v1/messages/count_tokens',
      { input_tokens: 7 },
    ],
    [
      'gemini/gemini-3.5-flash',
      undefined,
      'https://generativelanguage.googleapis.com/v1beta/models/gemini-3.5-flash:countTokens',
      { totalTokens: 7 },
    ],
  ])('%s', (model, apiBase, url, answer) => {
    const resolved = resolve(model, apiBase)
    const surface = countSurfaceOf(resolved)
    if (surface === undefined) throw new Error('it does not count')
    const call = prepareCount(resolved, surface, request, { env, newId })
    expect(call.url).toBe(url)
    expect(JSON.stringify(call.body)).toContain('Hello there')
    expect(call.protocol.parseAnswer(answer, call.parse)).toBe(7)
    expect(() => call.protocol.parseAnswer({}, call.parse)).toThrow('no token count')
  })

  it.each([
    ['openai/gpt-4o', undefined],
    ['gemini/gemini-3.5-flash', 'https://generativelanguage.googleapis.com/v1beta/openai'],
  ])('%s at %s does not count', (model, apiBase) => {
    expect(countSurfaceOf(resolve(model, apiBase))).toBeUndefined()
  })
})

describe('counting here', () => {
  it.each([
    ['gpt-4o', 9, true],
    ['claude-sonnet-5', 14, false],
  ])('a request to %s', async (model, tokens, exact) => {
    expect(await countRequest(request, model)).toMatchObject({ tokens, exact })
  })
})
