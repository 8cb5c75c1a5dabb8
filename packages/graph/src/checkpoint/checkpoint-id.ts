/** 100-nanosecond intervals between 15 October 1582, where the count of RFC 9562 begins, and 1970. */
const EPOCH_OFFSET = 12_219_292_800_000n * 10_000n

const hex = (value: number | bigint, digits: number): string => value.toString(16).padStart(digits, '0')

/**
 * Makes ids of version 6 of RFC 9562: as text they sort by time, also within a millisecond and when the clock is set
 * back.
 *
 * @param now milliseconds since 1970
 * @param random a number of at least 0 and below 1; it tells processes apart
 */
export function checkpointIds(
  now: () => number = Date.now,
  random: () => number = Math.random,
): () => string {
  const digits = (count: number): string => hex(Math.floor(random() * 16 ** count), count)
  const suffix = `-${hex(0x80_00 + Math.floor(random() * 0x40_00), 4)}-${digits(6)}${digits(6)}`
  let lastMs = 0
  let prefix = ''
  let low = 0
  /** Turns to a new millisecond: the slow part, taken once for all ids of it. */
  function turnTo(milliseconds: number): void {
    lastMs = milliseconds
    const ticks = hex(BigInt(lastMs) * 10_000n + EPOCH_OFFSET, 15)
    prefix = `${ticks.slice(0, 8)}-${ticks.slice(8, 12)}-6`
    low = Number.parseInt(ticks.slice(12), 16)
  }
  return () => {
    const milliseconds = now()
    if (milliseconds > lastMs) turnTo(milliseconds)
    else low += 1
    if (low > 0xf_ff) turnTo(lastMs + 1)
    return `${prefix}${hex(low, 3)}${suffix}`
  }
}

/** A new checkpoint id; later ones sort behind it. */
export const newCheckpointId: () => string = checkpointIds()
