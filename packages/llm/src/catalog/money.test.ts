import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatUsd, picoUsdFromUsd, picoUsdPerTokenFromUsdPerMillion, usdFromPicoUsd } from './money.ts'

describe('picoUsdFromUsd', () => {
  it.each<[string | number, bigint]>([
    [0, 0n],
    [1, 1_000_000_000_000n],
    [0.00000015, 150_000n],
    [2.5e-6, 2_500_000n],
    ['2.5e-06', 2_500_000n],
    ['0.000003', 3_000_000n],
    ['.5', 500_000_000_000n],
    ['5.', 5_000_000_000_000n],
    ['1E+2', 100_000_000_000_000n],
    [' 1 ', 1_000_000_000_000n],
    [-0.25, -250_000_000_000n],
    ['0.0000000000004', 0n],
    ['0.0000000000005', 1n],
    ['-0.0000000000005', -1n],
    [4.9999999999999996e-8, 50_000n],
  ])('reads %s exactly', (usd, expected) => {
    expect(picoUsdFromUsd(usd)).toBe(expected)
  })

  it.each(['', '.', '-', 'abc', '1,5', '1e', '0x10', '1 2', Number.NaN, Number.POSITIVE_INFINITY])(
    'refuses %s',
    (usd) => {
      expect(() => picoUsdFromUsd(usd)).toThrow(RangeError)
    },
  )
})

it.each<[number, bigint]>([
  [2.5, 2_500_000n],
  [0.15, 150_000n],
  [0.00875, 8_750n],
  [0.08333333333333334, 83_333n],
  [0.09999999999999999, 100_000n],
])('reads %s USD per million tokens as pico-USD per token', (usdPerMillion, expected) => {
  expect(picoUsdPerTokenFromUsdPerMillion(usdPerMillion)).toBe(expected)
})

it.each<[bigint, string]>([
  [0n, '0'],
  [1n, '0.000000000001'],
  [150_000n, '0.00000015'],
  [1_500_000_000_000n, '1.5'],
  [12_000_000_000_000n, '12'],
  [-250_000_000_000n, '-0.25'],
])('formats %s as %s', (picoUsd, text) => {
  expect(formatUsd(picoUsd)).toBe(text)
})

it.each([24n, 14n, 12n, 6n])('comes back unchanged through its text, up to 10^%s', (digits) => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** digits), max: 10n ** digits }), (picoUsd) => {
      const text = formatUsd(picoUsd)
      expect(picoUsdFromUsd(text)).toBe(picoUsd)
      expect(text).toMatch(/^-?\d+(\.\d*[1-9])?$/)
    }),
  )
})

it('gives the nearest double', () => {
  expect(usdFromPicoUsd(10_500_000n)).toBe(0.0000105)
  expect(usdFromPicoUsd(3_141_592_653_589n)).toBe(3.141592653589)
})
