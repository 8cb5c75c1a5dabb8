const decimalText = /^(-?)(\d*)\.?(\d*)(?:e([+-]?\d{1,4}))?$/i

/** 1 USD = 10¹² pico-USD. */
const picoUsdPerUsd: bigint = 1_000_000_000_000n

/**
 * Reads a decimal amount of USD as exact pico-USD. A number is read through its shortest decimal text, so
 * `1.5e-7` becomes exactly 150,000. What is finer than one pico-USD is rounded half away from zero: no
 * published token price needs more, but catalogues hold float dust such as `0.049999999999999996`.
 * Throws `RangeError` for anything that is not a finite decimal.
 */
export function picoUsdFromUsd(usd: string | number): bigint {
  return scaleDecimal(usd, 12)
}

/** Reads a price in USD per million tokens as pico-USD per token; rounding and errors as `picoUsdFromUsd`. */
export function picoUsdPerTokenFromUsdPerMillion(usdPerMillion: string | number): bigint {
  return scaleDecimal(usdPerMillion, 6)
}

/** The nearest double. For people and JSON only; never feed it back into arithmetic. */
export function usdFromPicoUsd(picoUsd: bigint): number {
  return Number(formatUsd(picoUsd))
}

/** Exact decimal text in USD, without exponent or trailing zeros: `150000n` is `0.00000015`. */
export function formatUsd(picoUsd: bigint): string {
  if (picoUsd < 0n) return `-${formatUsd(-picoUsd)}`
  // Less than a dollar, as almost every call costs, needs no division of big integers.
  if (picoUsd < picoUsdPerUsd) return picoUsd === 0n ? '0' : `0.${fractionOf(Number(picoUsd))}`
  const whole = picoUsd / picoUsdPerUsd
  const rest = Number(picoUsd % picoUsdPerUsd)
  return rest === 0 ? String(whole) : `${whole}.${fractionOf(rest)}`
}

const MILLION = 1_000_000

/** Twelve digits without the zeros at their end, by halves: numbers of up to a million are divided many times faster. */
function fractionOf(picoUsd: number): string {
  const high = Math.floor(picoUsd / MILLION)
  const low = picoUsd - high * MILLION
  return low === 0 ? withoutZeros(high) : String(MILLION + high).slice(1) + withoutZeros(low)
}

function withoutZeros(half: number): string {
  let digits = 6
  let significant = half
  while (significant % 10 === 0) {
    significant /= 10
    digits--
  }
  return String(significant).padStart(digits, '0')
}

/** `decimal × 10^digits` as an integer, rounded half away from zero. */
function scaleDecimal(decimal: string | number, digits: number): bigint {
  const text = typeof decimal === 'number' ? String(decimal) : decimal.trim()
  const match = decimalText.exec(text)
  const whole = match?.[2] ?? ''
  const fraction = match?.[3] ?? ''
  if (match === null || whole + fraction === '') throw new RangeError(`not a decimal number: ${text}`)

  const exponent = Number(match[4] ?? 0) - fraction.length + digits
  const significand = BigInt(whole + fraction)
  const magnitude =
    exponent >= 0
      ? significand * 10n ** BigInt(exponent)
      : divideHalfUp(significand, 10n ** BigInt(-exponent))
  return match[1] === '-' ? -magnitude : magnitude
}

/** For operands that are not negative. */
export function divideHalfUp(dividend: bigint, divisor: bigint): bigint {
  return (2n * dividend + divisor) / (2n * divisor)
}
