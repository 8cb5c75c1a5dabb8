import { expect, test } from 'vitest'
import { createFailedLogins } from './failed-logins.ts'

test('whoever fails too often in a minute waits for its end', () => {
  let nowMs = 0
  const failures = createFailedLogins(2, () => nowMs)
  failures.note('1.2.3.4')
  expect(failures.waitMs('1.2.3.4')).toBe(0)
  nowMs = 20_000
  failures.note('1.2.3.4')
  expect(failures.waitMs('1.2.3.4')).toBe(40_000)
  expect(failures.waitMs('1.2.3.5')).toBe(0)
  nowMs = 60_000
  expect(failures.waitMs('1.2.3.4')).toBe(0)
  failures.note('1.2.3.4')
  expect(failures.waitMs('1.2.3.4')).toBe(0)
})

test.each([
  ['one network', '2001:db8:1:2::1', '2001:db8:1:2:3:4:5:6', true],
  ['another network', '2001:db8:1:2::1', '2001:db8:1:3::1', false],
  ['none', undefined, undefined, false],
])('addresses of %s', (_name, failed, asked, isBarred) => {
  const failures = createFailedLogins(1, () => 0)
  failures.note(failed)
  expect(failures.waitMs(asked) > 0).toBe(isBarred)
})

test('nothing is counted where that is switched off', () => {
  const failures = createFailedLogins(0, () => 0)
  failures.note('1.2.3.4')
  expect(failures.waitMs('1.2.3.4')).toBe(0)
})

test('a bounded number of addresses is remembered', () => {
  const failures = createFailedLogins(1, () => 0)
  for (let index = 0; index <= 10_000; index++) failures.note(`host-${index}`)
  expect(failures.waitMs('host-0')).toBe(0)
  expect(failures.waitMs('host-1')).toBe(60_000)
})
