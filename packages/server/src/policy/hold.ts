import type { Admission, HoldRange } from './counters.ts'

/**
 * How much of the tightest budget is held for a request; `undefined` when it has to be refused. One rule for all
 * counters; those in Redis and PostgreSQL say it once more in their own language.
 *
 * @param leftPicoUsd What the tightest budget has neither spent nor held; left out where there is no limit.
 */
export function holdOf(
  { rule, hold }: Pick<Admission, 'rule' | 'hold'>,
  leftPicoUsd: bigint | undefined,
): bigint | undefined {
  const { wantedPicoUsd, floorPicoUsd, leastPicoUsd } = hold
  if (leftPicoUsd === undefined) return wantedPicoUsd
  if (!hasRoom({ rule, hold }, leftPicoUsd)) return undefined
  if (rule === 'postpaid') return wantedPicoUsd
  const share = larger(floorPicoUsd, leftPicoUsd / 10n)
  return larger(leastPicoUsd, smaller(smaller(wantedPicoUsd, share), leftPicoUsd))
}

/** Whether a budget with so much left lets the request in at all. */
export function hasRoom({ rule, hold }: Pick<Admission, 'rule' | 'hold'>, leftPicoUsd: bigint): boolean {
  return rule === 'postpaid' ? leftPicoUsd > 0n : leftPicoUsd >= hold.leastPicoUsd
}

/** A hold of exactly one amount: the client said how long the answer may be. */
export function exactHold(picoUsd: bigint): HoldRange {
  return { wantedPicoUsd: picoUsd, floorPicoUsd: picoUsd, leastPicoUsd: picoUsd }
}

function smaller(left: bigint, right: bigint): bigint {
  return left < right ? left : right
}

function larger(left: bigint, right: bigint): bigint {
  return left > right ? left : right
}
