import { expect, it } from 'vitest'
import { decodeAnswer, encodeAnswer } from './stored-answer.ts'

it.each([
  ['{"content":"plain"}', '{"content":"plain"}'],
  ['{"content":"für"}', undefined],
  ['{"content":"日本"}', undefined],
])('%s is at hand as text of one byte a character: %s', (body, text) => {
  const value = encodeAnswer({ form: 'whole', body, tellsUsage: true })
  const answer = decodeAnswer({ value, storedMs: 0 })
  expect([answer?.bytes.toString(), answer?.text]).toEqual([body, text])
})
