import type { IncomingHttpHeaders } from 'node:http'
import { describe, expect, test } from 'vitest'
import { scanJson } from '../http/scan-json.ts'
import { checkEnforced, readCallerFields } from './caller-fields.ts'

const RULES = { userHeaders: ['x-litellm-customer-id', 'x-my-user'], rejectClientTags: false }

const scan = (body: object) => scanJson(Buffer.from(JSON.stringify(body)))
const read = (body: object, headers: IncomingHttpHeaders = {}, rejectClientTags = false) =>
  readCallerFields(scan(body), headers, { ...RULES, rejectClientTags })

test.each<[string, object, IncomingHttpHeaders, string | undefined]>([
  ['nobody', {}, {}, undefined],
  ['the body’s user', { user: 'u' }, {}, 'u'],
  ['a header before the body', { user: 'u' }, { 'x-my-user': 'h' }, 'h'],
  ['the first header', {}, { 'x-my-user': 'h', 'x-litellm-customer-id': 'c' }, 'c'],
  ['an empty header', { user: 'u' }, { 'x-my-user': ' ' }, 'u'],
  ['another header', {}, { 'x-user': 'h' }, undefined],
  ['LiteLLM’s metadata', { litellm_metadata: { user: 'm' } }, {}, 'm'],
  ['Anthropic’s metadata', { metadata: { user_id: 'a' } }, {}, 'a'],
  ['OpenAI’s newer name', { safety_identifier: 's' }, {}, 's'],
  ['the user before all metadata', { user: 'u', metadata: { user_id: 'a' } }, {}, 'u'],
  ['what is no text', { user: 7, metadata: ['user_id'] }, {}, undefined],
])('the end user: %s', (_name, body, headers, expected) => {
  expect(read(body, headers).endUserId).toBe(expected)
})

test.each<[string, object, IncomingHttpHeaders, string[]]>([
  ['none', {}, {}, []],
  ['of the body', { tags: ['a', 'b'] }, {}, ['a', 'b']],
  ['of the metadata', { metadata: { tags: ['a'] } }, {}, ['a']],
  ['of LiteLLM’s metadata', { litellm_metadata: { tags: ['a'] } }, {}, ['a']],
  ['of the header', {}, { 'x-litellm-tags': 'a, b,,' }, ['a', 'b']],
  [
    'of everywhere, once',
    { tags: ['b', 'c'], metadata: { tags: ['a'] } },
    { 'x-litellm-tags': 'a,b' },
    ['a', 'b', 'c'],
  ],
  ['what is no text', { tags: [1, null, '', 'a'] }, {}, ['a']],
  ['what is no list', { tags: 'a', metadata: { tags: { a: 1 } } }, {}, []],
])('tags: %s', (_name, body, headers, expected) => {
  expect(read(body, headers).tags).toEqual(expected)
})

describe('what is refused', () => {
  test.each<[string, () => unknown, string, string]>([
    [
      'tags of clients',
      () => read({ metadata: { tags: ['a'] } }, {}, true),
      'tags_not_allowed',
      'metadata.tags',
    ],
    ['in a header too', () => read({}, { 'x-litellm-tags': 'a' }, true), 'tags_not_allowed', 'metadata.tags'],
    ['an id without end', () => read({ user: 'u'.repeat(1025) }), 'limit_exceeded', 'user'],
    ['a tag without end', () => read({ tags: ['t'.repeat(257)] }), 'limit_exceeded', 'tags'],
    [
      'tags without end',
      () => read({ tags: Array.from({ length: 101 }, (_, at) => String(at)) }),
      'limit_exceeded',
      'tags',
    ],
  ])('%s', (_name, act, reason, param) => {
    expect(act).toThrow(expect.objectContaining({ status: 400, reason, param }))
  })

  test('metadata without tags is no tag', () => {
    expect(read({ metadata: { job: 'x' } }, {}, true).tags).toEqual([])
  })
})

test.each<[string[], object, string | undefined]>([
  [[], {}, undefined],
  [['user'], { user: 'u' }, undefined],
  [['user'], { metadata: { user_id: 'u' } }, undefined],
  [['user'], {}, 'user'],
  [['metadata.job'], { metadata: { job: 'x' } }, undefined],
  [['metadata.job'], { metadata: {} }, 'metadata.job'],
  [['metadata.job'], { metadata: 'job' }, 'metadata.job'],
  [['metadata.toString'], { metadata: {} }, 'metadata.toString'],
  [['metadata'], { metadata: null }, 'metadata'],
  [['user', 'seed'], { user: 'u' }, 'seed'],
])('enforced %j of %j', (names, body, missing) => {
  const act = () => checkEnforced(names, scan(body), read(body))
  if (missing === undefined) expect(act).not.toThrow()
  else
    expect(act).toThrow(expect.objectContaining({ status: 400, type: 'bad_request_error', param: missing }))
})
