import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from './canonical.ts'
import { platformHash } from './hash.ts'
import { cacheKey } from './key.ts'
import type { KeyParts } from './key.ts'

const hash = platformHash()
const parts: KeyParts = {
  tenant: 'team a',
  modelGroup: 'gpt',
  operation: 'chat',
  request: { model: 'gpt', messages: [{ role: 'user', content: 'Hello' }], temperature: 0 },
}
const keyOf = (more: Partial<KeyParts> = {}, request: object = {}): string =>
  cacheKey({ ...parts, ...more, request: { ...parts.request, ...request } }, hash)

describe('what makes another key', () => {
  const other: [string, string][] = [
    ['another tenant', keyOf({ tenant: 'team b' })],
    ['another model', keyOf({ modelGroup: 'claude' })],
    ['another kind of call', keyOf({ operation: 'completions' })],
    ['another namespace', keyOf({ namespace: 'n' })],
    ['headers that bear on the answer', keyOf({ settings: { headers: { 'anthropic-beta': 'x' } } })],
    ['other messages', keyOf({}, { messages: [] })],
    ['a parameter', keyOf({}, { temperature: 1 })],
    ['a parameter that is null', keyOf({}, { seed: null })],
    ['a parameter that nobody knows', keyOf({}, { brand_new: true })],
    ['tools', keyOf({}, { tools: [] })],
    ['a user', keyOf({}, { user: 'u' })],
  ]
  it.each(other)('%s', (_, key) => {
    expect(key).not.toBe(keyOf())
  })
  it('and all of them differ', () => {
    expect(new Set(other.map(([, key]) => key)).size).toBe(other.length)
  })
})

describe('what makes no other key', () => {
  it.each([
    ['a stream', { stream: true, stream_options: { include_usage: true } }],
    ['metadata and tags', { metadata: { job: 1 }, litellm_metadata: {}, tags: ['a'] }],
    ['what is said about the cache', { cache: { ttl: 1 }, caching: true, ttl: 5 }],
    ['the name of an alias', { model: 'another name of the same group' }],
    ['a member that is undefined', { stop: undefined }],
  ])('%s', (_, request) => {
    expect(keyOf({}, request)).toBe(keyOf())
  })
  it('another order of members, at any depth', () => {
    const message = { content: 'Hello', role: 'user' }
    const request = { temperature: 0, messages: [message], model: 'gpt' }
    expect(cacheKey({ ...parts, request }, hash)).toBe(keyOf())
  })
})

it('has the namespace in front, as LiteLLM has it', () => {
  expect(keyOf({ namespace: 'prod' })).toMatch(/^prod:[0-9a-f]{64}$/)
  expect(keyOf()).toMatch(/^[0-9a-f]{64}$/)
})

describe('canonical JSON', () => {
  it('is JSON of the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })
  it('does not ask in which order members were written', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (record) => {
        const turned = Object.fromEntries(Object.entries(record).reverse())
        expect(canonicalJson(turned)).toBe(canonicalJson(record))
      }),
    )
  })
  it('tells apart what is written alike', () => {
    expect(canonicalJson({ a: '1' })).not.toBe(canonicalJson({ a: 1 }))
    expect(canonicalJson(['a,b'])).not.toBe(canonicalJson(['a', 'b']))
    expect(canonicalJson({ 'a":1,"b': 2 })).not.toBe(canonicalJson({ a: 1, b: 2 }))
  })
})
