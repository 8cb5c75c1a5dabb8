import { describe, expect, it } from 'vitest'
import {
  cachePolicy,
  mergeControls,
  operationOf,
  parseCacheControlHeader,
  parseCacheControls,
} from './policy.ts'
import type { CacheControls, CacheRules } from './policy.ts'

const rules: CacheRules = { mode: 'default_on', ttlMs: 60_000, namespace: 'ns', maxEntryBytes: 1_000 }
const usual = { reads: true, writes: true, ttlMs: 60_000, maxAgeMs: undefined, namespace: 'ns' }

describe('what the cache does for a call', () => {
  it.each<[string, Partial<CacheRules>, CacheControls, object | undefined]>([
    ['reads and writes', {}, {}, usual],
    [
      'takes the call’s ttl and namespace',
      {},
      { ttlMs: 5, namespace: 'mine' },
      { ...usual, ttlMs: 5, namespace: 'mine' },
    ],
    ['wants young answers only', {}, { maxAgeMs: 9 }, { ...usual, maxAgeMs: 9 }],
    ['asks anew and keeps the answer', {}, { noCache: true }, { ...usual, reads: false }],
    ['reads and keeps nothing', {}, { noStore: true }, { ...usual, writes: false }],
    ['keeps nothing for no time', {}, { ttlMs: 0 }, { ...usual, ttlMs: 0, writes: false }],
    ['does nothing', {}, { noCache: true, noStore: true }, undefined],
    ['is left alone', {}, { caching: false }, undefined],
    ['is not to be used', {}, { useCache: false }, undefined],
    ['is off until it is asked for', { mode: 'default_off' }, {}, undefined],
    ['is on when it is asked for', { mode: 'default_off' }, { useCache: true }, usual],
    ['is on when it is asked for in the other way', { mode: 'default_off' }, { caching: true }, usual],
    ['is for other kinds of calls', { operations: new Set(['embeddings']) }, {}, undefined],
    ['is for this kind of call', { operations: new Set(['chat']) }, {}, usual],
  ])('%s', (_, more, controls, expected) => {
    expect(cachePolicy({ ...rules, ...more }, 'chat', controls)).toEqual(expected)
  })
})

describe('a call’s cache object', () => {
  it('is read in LiteLLM’s words', () => {
    const value = {
      ttl: 300,
      's-maxage': '60',
      'no-cache': true,
      'no-store': false,
      'use-cache': true,
      namespace: 'team/a',
    }
    expect(parseCacheControls(value)).toEqual({
      ttlMs: 300_000,
      maxAgeMs: 60_000,
      noCache: true,
      noStore: false,
      useCache: true,
      namespace: 'team/a',
    })
    expect(parseCacheControls(null)).toEqual({})
    expect(parseCacheControls({ ttl: null, namespace: '' })).toEqual({})
  })

  it.each<[unknown, string]>([
    [[], 'cache'],
    ['no-cache', 'cache'],
    [{ 'no-stroe': true }, 'cache.no-stroe'],
    [{ ttl: -1 }, 'cache.ttl'],
    [{ ttl: 'soon' }, 'cache.ttl'],
    [{ ttl: '' }, 'cache.ttl'],
    [{ 'no-cache': 'true' }, 'cache.no-cache'],
    [{ namespace: 'a b' }, 'cache.namespace'],
    [{ namespace: 'x'.repeat(129) }, 'cache.namespace'],
    [{ namespace: 'a\r\nset-cookie' }, 'cache.namespace'],
  ])('%j is refused', (value, param) => {
    expect(() => parseCacheControls(value)).toThrow(expect.objectContaining({ status: 400, param }))
  })
})

describe('a Cache-Control header', () => {
  it.each<[string, CacheControls]>([
    ['s-maxage=90', { ttlMs: 90_000 }],
    ['No-Cache, no-store', { noCache: true, noStore: true }],
    ['max-age=0, private, s-maxage=soon', {}],
    ['', {}],
  ])('%s', (header, expected) => {
    expect(parseCacheControlHeader(header)).toEqual(expected)
  })
})

it('what is said in the body goes before what the header says', () => {
  expect(mergeControls({ ttlMs: 1 }, { ttlMs: 2, noCache: true })).toMatchObject({ ttlMs: 1, noCache: true })
})

it.each([
  ['acompletion', 'chat'],
  ['completion', 'chat'],
  ['atext_completion', 'completions'],
  ['embedding', 'embeddings'],
  ['aembedding', 'embeddings'],
  ['arerank', 'rerank'],
  ['atranscription', 'transcription'],
  ['anthropic_messages', 'messages'],
  ['aresponses', 'responses'],
  ['image_generation', undefined],
])('%s is %s', (word, operation) => {
  expect(operationOf(word)).toBe(operation)
})
