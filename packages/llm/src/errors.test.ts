import { describe, expect, test } from 'vitest'
import * as errors from './errors.ts'
import {
  codeOfStatus,
  createError,
  createFailure,
  FAILURES,
  isSwitchyardError,
  SwitchyardError,
} from './errors.ts'
import type { FailureCode } from './types/failure.ts'

const codes = Object.keys(FAILURES) as FailureCode[]
const classes = new Map(Object.entries(errors))

describe.each(codes)('%s', (code) => {
  const error = createError({ code, message: 'what happened' })

  test('has the class of its name, exported, and what the table says', () => {
    const { className, status, retryable, type } = FAILURES[code]
    const named = classes.get(className)
    expect(named, `${className} is exported`).toBeTypeOf('function')
    expect(error.constructor).toBe(named)
    expect(error).toBeInstanceOf(SwitchyardError)
    expect(error).toMatchObject({ name: className, code, status, retryable, type, message: 'what happened' })
  })

  test('goes through data and back', () => {
    const failure = createFailure({ code, message: 'm', provider: 'p', param: 'x', retryAfterMs: 5 })
    expect(createError(failure).toFailure()).toEqual(failure)
    expect(JSON.parse(JSON.stringify(failure))).toMatchObject({
      code,
      message: 'm',
      provider: 'p',
      retryAfterMs: 5,
    })
  })
})

test('special cases of a bad request are caught as one', () => {
  const special: FailureCode[] = [
    'context_window_exceeded',
    'content_policy_violation',
    'unsupported_params',
    'unknown_provider',
    'unknown_price',
  ]
  for (const code of special)
    expect(createError({ code, message: '' })).toBeInstanceOf(errors.BadRequestError)
  expect(createError({ code: 'quota_exceeded', message: '' })).toBeInstanceOf(errors.RateLimitError)
})

test('at() places an error that has no place, and keeps its cause and class', () => {
  const cause = new Error('below')
  const placed = createError({ code: 'timeout', message: 'm', cause }).at({ provider: 'p', model: 'x' })
  expect(placed).toMatchObject({ provider: 'p', model: 'x', cause })
  expect(placed).toBeInstanceOf(errors.Timeout)
  expect(placed.at({ provider: 'other', model: 'other' })).toMatchObject({ provider: 'p', model: 'x' })
})

test.each([
  [new SwitchyardError({ code: 'internal', message: '' }), true],
  [{ isSwitchyardError: true }, true],
  [new Error('x'), false],
  [null, false],
  ['text', false],
])('isSwitchyardError(%s) is %s', (value, wanted) => {
  expect(isSwitchyardError(value)).toBe(wanted)
})

test.each([
  [400, 'bad_request'],
  [402, 'quota_exceeded'],
  [418, 'bad_request'],
  [504, 'timeout'],
  [529, 'overloaded'],
  [599, 'internal'],
])('status %i is %s', (status, code) => {
  expect(codeOfStatus(status)).toBe(code)
})
