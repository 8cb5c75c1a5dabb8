import { describe, expect, test } from 'vitest'
import { openaiChatProtocol } from '../protocols/openai-chat/index.ts'
import { providers } from '../providers/index.ts'
import type { ChatRequest, RequestParam } from '../types/request.ts'
import { applyParamSupport } from './params.ts'
import { quirksOf } from './quirks.ts'

const place = { provider: 'acme', model: 'm' }
const base: ChatRequest = { model: 'm', messages: [], stream: false }
const support = { params: new Set<RequestParam>(['temperature', 'n', 'user']), unsupported: ['n'] as const }

describe('applyParamSupport', () => {
  test.each<[string, Partial<ChatRequest>, Partial<ChatRequest>]>([
    ['what is supported passes', { temperature: 0.5, user: 'u' }, { temperature: 0.5, user: 'u' }],
    [
      'what means the same as nothing is left out',
      { n: 1, topP: 1, stop: [], toolChoice: { type: 'auto' } },
      {},
    ],
    ['what changes no answer is left out', { metadata: { a: 'b' }, promptCacheKey: 'k' }, {}],
  ])('%s', (_name, given, left) => {
    expect(applyParamSupport({ ...base, ...given }, support, {}, place)).toEqual({ ...base, ...left })
  })

  test('what is refused stops the call, every setting by name', () => {
    const request: ChatRequest = { ...base, n: 2, seed: 1, tools: [{ type: 'function', name: 'f' }] }
    expect(() => applyParamSupport(request, support, {}, place)).toThrow(
      expect.objectContaining({
        code: 'unsupported_params',
        status: 400,
        param: 'tools',
        message: expect.stringMatching(
          /acme does not support parameters: tools, seed, n, for model=m.*drop_params/,
        ),
      }),
    )
  })

  test('drop_params leaves it out and changes nothing of the caller’s', () => {
    const request: ChatRequest = { ...base, n: 2, seed: 1, temperature: 0 }
    expect(applyParamSupport(request, support, { dropParams: true }, place)).toEqual({
      ...base,
      temperature: 0,
    })
    expect(request).toMatchObject({ n: 2, seed: 1 })
  })

  test('allowed_openai_params lets it through', () => {
    const request: ChatRequest = { ...base, n: 2, seed: 1 }
    const rules = { allowedParams: ['n', 'seed'] }
    expect(applyParamSupport(request, support, rules, place)).toEqual(request)
  })
})

describe('what models refuse', () => {
  test.each<[string, string, RequestParam[]]>([
    ['groq', 'llama-3.3-70b', ['n', 'logit_bias', 'logprobs', 'top_logprobs']],
    ['openai', 'gpt-4o', []],
    ['openai', 'gpt-5-chat-latest', []],
    ['xai', 'grok-2', []],
    ['xai', 'grok-4', ['presence_penalty', 'frequency_penalty', 'stop']],
  ])('%s/%s', (id, model, refused) => {
    const provider = providers.get(id)
    expect(provider === undefined ? [] : (quirksOf(provider, model).unsupported ?? [])).toEqual(refused)
  })

  test.each(['o1', 'o3-mini', 'gpt-5', 'gpt-5-mini'])('openai/%s takes no sampling', (model) => {
    const openai = providers.get('openai')
    if (openai === undefined) throw new Error('openai is not declared')
    expect(quirksOf(openai, model)).toMatchObject({ maxTokensField: 'max_completion_tokens' })
    expect(quirksOf(openai, model).unsupported).toContain('temperature')
  })

  test('gpt-5.1 takes it when no effort is wanted', () => {
    const openai = providers.get('openai')
    if (openai === undefined) throw new Error('openai is not declared')
    const quirks = quirksOf(openai, 'gpt-5.1')
    expect(quirks.unsupported ?? []).not.toContain('temperature')
    expect(quirks.unsupportedWhileReasoning).toContain('temperature')
    expect(openaiChatProtocol.params.has('temperature')).toBe(true)
  })
})
