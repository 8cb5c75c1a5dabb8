import { createError } from '@switchyard/llm/kit'
import type { Failure } from '@switchyard/llm/kit'
import { expect, test } from 'vitest'
import { isBilledInVain, mayBeBilled, readingCost, usageRead } from './attempt-cost.ts'
import type { CallReach } from './attempt-cost.ts'

const unsent: CallReach = { sent: false, status: undefined }
const sent: CallReach = { sent: true, status: undefined }
const answered = (status: number): CallReach => ({ sent: true, status })

test.each<[string, CallReach[], Failure['code'], string | undefined, boolean]>([
  ['no call at all', [], 'authentication', undefined, false],
  ['no connection in time', [unsent], 'timeout', 'upstream_timeout', false],
  ['no connection', [unsent], 'connection', undefined, false],
  ['a client that left before the request went out', [unsent], 'aborted', undefined, false],
  ['a client that left after it went out', [sent], 'aborted', undefined, true],
  ['no first byte in time', [sent], 'timeout', 'upstream_timeout', true],
  ['a connection dropped without an answer', [sent], 'connection', undefined, false],
  ['an answer that is not HTTP', [sent], 'invalid_response', undefined, true],
  ['a refusal', [answered(429)], 'rate_limit', undefined, false],
  ['a provider’s own timeout', [answered(504)], 'timeout', undefined, false],
  ['a redirect', [answered(302)], 'invalid_response', 'upstream_redirect_refused', false],
  ['an invalid answer', [answered(200)], 'invalid_response', 'upstream_invalid_response', true],
  ['an error with success', [answered(200)], 'rate_limit', undefined, true],
  ['a stream that broke off', [answered(200)], 'stream_interrupted', undefined, true],
  ['a web page', [answered(200)], 'invalid_response', 'upstream_invalid_content_type', false],
  ['a part answered, another refused', [answered(200), answered(429)], 'rate_limit', undefined, true],
])('whether a provider may take money: %s', (_name, calls, code, reason, expected) => {
  const error = createError({ code, message: 'no', ...(reason === undefined ? {} : { reason }) })
  expect(mayBeBilled(calls, error)).toBe(expected)
})

test.each<[string, CallReach[], string | undefined, boolean]>([
  ['what cannot be read', [answered(200)], 'upstream_invalid_response', true],
  ['what is not HTTP', [sent], 'upstream_invalid_response', false],
  ['an answer without choices', [answered(200)], 'upstream_error', false],
  ['a web page', [answered(200)], 'upstream_invalid_content_type', false],
  ['a failure', [answered(500)], undefined, false],
])('%s is paid for in vain: %#', (_name, calls, reason, expected) => {
  const error = createError({ code: 'invalid_response', message: 'example: failed', reason })
  expect(isBilledInVain(calls, error)).toBe(expected)
})

test.each<[number, bigint | undefined, bigint]>([
  [400, undefined, 100_000_000n],
  [401, undefined, 101_000_000n],
  [400, 7n, 7n],
  [400, 1_000_000_000n, 100_000_000n],
])('reading %i bytes with %s held costs %s', (bytes, held, expected) => {
  const rates = { inputPicoUsd: 1_000_000n, outputPicoUsd: 5_000_000n }
  expect(readingCost(usageRead(bytes, undefined), { ratesFor: () => rates }, held)).toBe(expected)
})

test('a recording costs what listening to it takes', () => {
  const file = { bytes: new Uint8Array(80_000), name: 'a.mp3', mediaType: 'audio/mpeg' }
  const rates = { inputPicoUsd: 0n, outputPicoUsd: 0n, perAudioSecondPicoUsd: 3n }
  expect(readingCost(usageRead(9, file), { ratesFor: () => rates }, undefined)).toBe(30n)
})

test('what has no price has none', () => {
  expect(readingCost(usageRead(400, undefined), { ratesFor: () => undefined }, 7n)).toBeUndefined()
})
