import { expect, test } from 'vitest'
import { denyingList } from '../../policy/model-access.ts'
import { MASTER } from '../fixed-principals.ts'
import type { Principal } from '../principal.ts'
import type { CustomIdentity } from './custom-auth.ts'
import { narrow } from './narrow.ts'

const BASE: Principal = {
  ...MASTER,
  type: 'key',
  role: 'internal_user',
  keyHash: 'h',
  userId: 'u',
  modelLists: [{ of: 'key', models: ['a', 'b'] }],
  limits: [
    { scope: { kind: 'user', id: 'u' }, budgets: [], rpm: 5 },
    { scope: { kind: 'key', id: 'h' }, budgets: [{ maxPicoUsd: 1n }], rpm: 10 },
  ],
  tags: ['t'],
  metadata: { a: 1 },
}

const rest = { user_id: 'u' }

test.each<[string, CustomIdentity, Partial<Principal>]>([
  ['nothing less', rest, { type: 'custom', role: 'internal_user', keyHash: 'h', userId: 'u' }],
  [
    'fewer models',
    { ...rest, models: ['b', 'c'] },
    { modelLists: [...BASE.modelLists, { of: 'key', models: ['b', 'c'] }] },
  ],
  ['fewer routes', { ...rest, allowed_routes: ['info_routes'] }, { allowedRoutes: ['info_routes'] }],
  ['no routes', { ...rest, allowed_routes: [] }, { allowedRoutes: [] }],
  [
    'lower rates, of the key',
    { ...rest, rpm_limit: 3, tpm_limit: 4, max_parallel_requests: 1 },
    {
      limits: [
        { scope: { kind: 'user', id: 'u' }, budgets: [], rpm: 5 },
        {
          scope: { kind: 'key', id: 'h' },
          budgets: [{ maxPicoUsd: 1n }],
          rpm: 3,
          tpm: 4,
          maxParallelRequests: 1,
        },
      ],
    },
  ],
  [
    'its tags and its end user',
    { ...rest, tags: ['s', 't'], end_user_id: 'e' },
    { tags: ['t', 's'], endUserId: 'e' },
  ],
  ['its metadata', { ...rest, metadata: { b: 2 } }, { metadata: { a: 1, b: 2 } }],
])('%s', (_name, identity, expected) => {
  expect(narrow(BASE, identity)).toMatchObject(expected)
})

test('a higher rate is no more than there is', () => {
  expect(narrow(BASE, { ...rest, rpm_limit: 99 }).limits.at(-1)?.rpm).toBe(10)
})

test.each([
  [['b'], 'b', true],
  [['b'], 'a', false],
  [['c'], 'c', false],
  [[], 'a', false],
])('of the models %j, %s may be used: %s', (models, name, expected) => {
  const { modelLists } = narrow(BASE, { ...rest, models })
  expect(denyingList(modelLists, { name }) === undefined).toBe(expected)
})
