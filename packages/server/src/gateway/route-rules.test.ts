import { expect, test } from 'vitest'
import { timeoutOf } from './route-rules.ts'
import { callOf, chatBody } from './testing/services.ts'

test.each<[string, object, unknown, number | undefined]>([
  ['as long as the request says', { timeout: 3 }, 60, 3_000],
  ['else as long as its key says', {}, 60, 60_000],
  ['else as its deployments say', {}, undefined, undefined],
  ['whatever a key says that is no time', {}, '1m', undefined],
])('a request takes %s', (_name, more, timeout, expected) => {
  const routing = { timeout: timeout as number | undefined }
  expect(timeoutOf({ principal: { routing } }, callOf(chatBody(more)))).toBe(expected)
})
