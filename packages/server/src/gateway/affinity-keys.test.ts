import { describe, expect, test } from 'vitest'
import { createAffinity } from '../deployments/affinity.ts'
import type { AffinityInput } from '../deployments/affinity.ts'
import { affinityKeys, sealedKey } from './affinity-keys.ts'
import { callOf, chatBody, exchangeOf } from './testing/services.ts'

const marked = (length: number): object => ({
  role: 'system',
  content: [{ type: 'text', text: 'word '.repeat(length), cache_control: { type: 'ephemeral' } }],
})
const asks = (content: string): object => ({ role: 'user', content })

function keysOf(
  checks: AffinityInput['optional_pre_call_checks'],
  body: object,
  headers: object = {},
): readonly string[] {
  const affinity = createAffinity({ optional_pre_call_checks: checks }, () => 0)
  const { principal } = exchangeOf()
  const route = 'input' in body ? 'responses' : 'chat'
  return affinityKeys({ principal, request: { headers: { ...headers } } }, callOf(body, route), affinity)
}

describe('what belongs together', () => {
  test('an answer and what goes on from it', () => {
    const body = { model: 'gpt', input: 'more', previous_response_id: 'resp_1' }
    expect(keysOf(['responses_api_deployment_check'], body)).toEqual(['response resp_1'])
  })

  test('what only its maker can read, and who made it: the newest first', () => {
    const sealed = (encrypted_content: string): object => ({ type: 'reasoning', id: 'rs', encrypted_content })
    const keys = (...items: object[]): readonly string[] =>
      keysOf(['encrypted_content_affinity'], { model: 'gpt', input: [...items, asks('more')] })
    expect(keys(sealed('a'), sealed('b'))).toEqual([sealedKey('b'), sealedKey('a')])
    expect(keys(...['a', 'b', 'c', 'd', 'e'].map(sealed))).toHaveLength(4)
    expect(keys()).toEqual([])
    expect(keysOf(['encrypted_content_affinity'], { model: 'gpt', input: 'encrypted_content' })).toEqual([])
  })

  test('the calls of a session', () => {
    const keys = keysOf(['session_affinity'], chatBody(), { 'x-litellm-session-id': 's' })
    expect(keys).toEqual([expect.stringMatching(/^session gpt .* ?s$/)])
    expect(keysOf(['session_affinity'], chatBody())).toEqual([])
  })

  test('requests with the same prefix that a provider keeps, whatever follows', () => {
    const keys = (length: number, question: string): readonly string[] =>
      keysOf(['prompt_caching'], chatBody({ messages: [marked(length), asks(question)] }))
    expect(keys(2_000, 'one')).toHaveLength(1)
    expect(keys(2_000, 'one')).toEqual(keys(2_000, 'another'))
    expect(keys(2_000, 'one')).not.toEqual(keys(2_001, 'one'))
    expect(keys(500, 'one')).toEqual([])
    expect(keysOf(['prompt_caching'], chatBody({ messages: [asks('word '.repeat(2_000))] }))).toEqual([])
  })

  test('nothing, where nothing is asked for', () => {
    expect(keysOf(undefined, chatBody(), { 'x-litellm-session-id': 's' })).toEqual([])
  })
})

describe('what is remembered', () => {
  test('is forgotten when it was not used for its time', () => {
    let nowMs = 0
    const affinity = createAffinity({ deployment_affinity_ttl_seconds: 60 }, () => nowMs)
    affinity.remember('k', 'a')
    nowMs = 59_999
    expect(affinity.find('k')).toBe('a')
    nowMs = 60_000
    expect(affinity.find('k')).toBeUndefined()
  })

  test('is bounded: the oldest goes first', () => {
    const affinity = createAffinity({}, () => 0)
    affinity.remember('first', 'a')
    affinity.remember('second', 'a')
    affinity.remember('first', 'b')
    for (let key = 0; key < 49_999; key++) affinity.remember(`k${key}`, 'c')
    expect([affinity.find('first'), affinity.find('second')]).toEqual(['b', undefined])
  })

  test('a group may have checks of its own', () => {
    const affinity = createAffinity(
      {
        optional_pre_call_checks: ['deployment_affinity', 'prompt_caching', 'enforce_model_rate_limits'],
        model_group_affinity_config: { gpt: ['session_affinity'] },
      },
      () => 0,
    )
    expect([affinity.checksOf('gpt'), affinity.checksOf('other')]).toEqual([
      ['session_affinity'],
      ['prompt_caching', 'deployment_affinity'],
    ])
  })
})
