import { expect, it } from 'vitest'
import type { Json } from '../../types/json.ts'
import { parseFailure } from './failure.ts'

const context = { provider: 'gemini', model: 'gemini-x', quirks: {}, newId: () => '1' }

const error = (code: number, message: string, status: string, details: Json[] = []): Json => ({
  error: { code, message, status, details },
})

it.each<[string, number, Json, object]>([
  [
    'a bad key',
    400,
    error(400, 'API key not valid.', 'INVALID_ARGUMENT', [{ reason: 'API_KEY_INVALID' }]),
    { code: 'authentication', status: 401, providerCode: 'API_KEY_INVALID', providerStatus: 400 },
  ],
  [
    'a prompt that is too long',
    400,
    error(
      400,
      'The input token count (12) exceeds the maximum number of tokens allowed (10).',
      'INVALID_ARGUMENT',
    ),
    { code: 'context_window_exceeded', retryable: false },
  ],
  ['a wrong field', 400, error(400, 'Unknown name "x"', 'INVALID_ARGUMENT'), { code: 'bad_request' }],
  [
    'a rate limit',
    429,
    error(429, 'quota', 'RESOURCE_EXHAUSTED', [{ quotaId: 'q' }, { retryDelay: '34.4s' }]),
    { code: 'rate_limit', retryable: true, retryAfterMs: 34_400, providerCode: 'RESOURCE_EXHAUSTED' },
  ],
  [
    'a spent account',
    429,
    error(429, 'Your prepayment credits are depleted.', 'RESOURCE_EXHAUSTED'),
    { code: 'quota_exceeded' },
  ],
  ['a forbidden project', 403, error(403, 'no', 'PERMISSION_DENIED'), { code: 'permission_denied' }],
  [
    'an unknown model, in a list',
    404,
    [error(404, 'models/x is not found', 'NOT_FOUND')],
    { code: 'not_found' },
  ],
  ['a page', 502, '<html>bad gateway</html>', { code: 'bad_gateway' }],
])('reads %s', (_what, status, body, expected) => {
  expect(parseFailure({ status, headers: {}, body }, context)).toMatchObject(expected)
})
