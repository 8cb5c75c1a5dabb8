import { describe, expect, test } from 'vitest'
import { wireError } from './failure.ts'
import { scrub } from './scrub.ts'

test.each([
  ['Incorrect API key provided: sk-proj-abcdef123456.', 'Incorrect API key provided: sk-[redacted]'],
  ['already hidden: sk-ab*****cdef', 'already hidden: sk-ab*****cdef'],
  ['key gsk_abcdef123456 and xai-abcdef123456', 'key gsk_[redacted] and xai-[redacted]'],
  ['Bearer abcdefghijkl was refused', 'Bearer [redacted] was refused'],
  ['GET https://h/v1?key=AIzaSyabcdef&alt=sse', 'GET https://h/v1?key=[redacted]&alt=sse'],
  ['token eyJhbGciOi.eyJzdWIi.c2ln', 'token eyJ[redacted]'],
  ['the task-list was sk-ipped', 'the task-list was sk-ipped'],
  ['nothing to hide', 'nothing to hide'],
])('%s', (text, wanted) => {
  expect(scrub(text)).toBe(wanted)
})

describe('wireError', () => {
  const context = { provider: 'acme', model: 'm', quirks: {}, newId: () => 'id' }
  const body = { error: { message: 'bad sk-abcdef123456', tried: ['sk-abcdef123456'] } }

  test('holds no secret anywhere', () => {
    const error = wireError({ status: 401, headers: {}, body }, context, { message: body.error.message })
    expect(JSON.stringify([error.message, error.toFailure()])).not.toContain('abcdef123456')
  })

  test.each([
    [401, undefined, { code: 'authentication', status: 401 }],
    [418, undefined, { code: 'bad_request', status: 418 }],
    [400, 'context_window_exceeded' as const, { code: 'context_window_exceeded', status: 400 }],
    [429, 'quota_exceeded' as const, { code: 'quota_exceeded', status: 429, retryable: false }],
    [500, 'overloaded' as const, { code: 'overloaded', status: 529, providerStatus: 500 }],
  ])('status %i read as %s', (status, code, wanted) => {
    expect(wireError({ status, headers: {}, body: null }, context, { message: '', code })).toMatchObject(
      wanted,
    )
  })
})
