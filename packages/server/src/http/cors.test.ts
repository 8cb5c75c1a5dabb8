import { expect, test } from 'vitest'
import { createCors } from './cors.ts'

const asked = {
  origin: 'https://app.example',
  method: 'POST',
  headers: 'authorization, x-stainless-lang',
  allowed: ['POST'],
}

test('an origin on the list', () => {
  const cors = createCors({ origins: ['https://app.example'], maxAgeMs: 60_000 })
  expect(cors.preflight(asked)).toEqual({
    'access-control-allow-origin': 'https://app.example',
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': 'authorization, x-stainless-lang',
    'access-control-expose-headers': '*',
    'access-control-max-age': '60',
    vary: 'origin',
  })
})

test('an origin not on the list is told nothing', () => {
  const cors = createCors({ origins: ['https://app.example'] })
  expect(cors.headers('https://evil.example')).toEqual({ vary: 'origin' })
  expect(cors.preflight({ ...asked, origin: 'https://evil.example' })).toEqual({ vary: 'origin' })
})

test('any origin', () => {
  const cors = createCors({ origins: ['*'] })
  expect(cors.headers('https://evil.example')['access-control-allow-origin']).toBe('*')
  expect(cors.headers(undefined)).toEqual({})
})

test.each([
  ['without an origin', { ...asked, origin: undefined }],
  ['without a method', { ...asked, method: undefined }],
])('%s it is no question', (_name, request) => {
  expect(createCors({ origins: ['*'] }).preflight(request)).toBeUndefined()
})

test('header names that are none are not repeated', () => {
  const answer = createCors({ origins: ['*'] }).preflight({ ...asked, headers: 'a\r\nset-cookie: x' })
  expect(answer).not.toHaveProperty('access-control-allow-headers')
})
