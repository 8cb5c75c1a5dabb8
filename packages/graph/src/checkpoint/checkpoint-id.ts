/** 100-nanosecond intervals between 15 October 1582, where the count of RFC 9562 begins, and 1970. */
const EPOCH_OFFSET = 12_219_292_800_000n * 10_000n
/** The part of the time that is counted up without turning to a new stretch. */
const LOW_BITS = 0xf_ffn

const hex = (value: number | bigint, digits: number): string => value.toString(16).padStart(digits, '0')

/** Makes an id that sorts behind all that it made before, and behind `after`. */
export type CheckpointIds = (after?: string | null) => string

/**
 * Makes ids of version 6 of RFC 9562: as text they sort by time, also within a millisecond, when the clock is set back,
 * and when the clock of the machine that wrote the last one runs ahead.
 *
 * @param now milliseconds since 1970
 * @param random a number of at least 0 and below 1; it tells processes apart
 */
export function checkpointIds(
  now: () => number = Date.now,
  random: () => number = Math.random,
): CheckpointIds {
  const digits = (count: number): string => hex(Math.floor(random() * 16 ** count), count)
  const suffix = `-${hex(0x80_00 + Math.floor(random() * 0x40_00), 4)}-${digits(6)}${digits(6)}`
  let lastMs = 0
  let base = 0n
  let low = 0
  let prefix = ''
  /** Turns to another stretch of time: the slow part, taken once for the ids of a millisecond. */
  function turnTo(ticks: bigint): void {
    base = ticks & ~LOW_BITS
    low = Number(ticks & LOW_BITS)
    const high = hex(base >> 12n, 12)
    prefix = `${high.slice(0, 8)}-${high.slice(8)}-6`
  }
  /** Takes the clock's time if it is later than the last id's. */
  function follow(milliseconds: number): boolean {
    lastMs = milliseconds
    const ticks = BigInt(Math.floor(milliseconds)) * 10_000n + EPOCH_OFFSET
    if (ticks <= base + BigInt(low)) return false
    turnTo(ticks)
    return true
  }
  function next(): string {
    const milliseconds = now()
    if (milliseconds <= lastMs || !follow(milliseconds)) {
      low += 1
      if (low > 0xf_ff) turnTo(base + LOW_BITS + 1n)
    }
    return `${prefix}${hex(low, 3)}${suffix}`
  }
  return (after) => {
    const id = next()
    if (after == null || id > after) return id
    const behind = ticksIn(after)
    if (behind === undefined) return id
    turnTo(behind)
    return next()
  }
}

/** The time in an id of ours; `undefined` for one of another make. */
function ticksIn(id: string): bigint | undefined {
  const parts = /^([0-9a-f]{8})-([0-9a-f]{4})-6([0-9a-f]{3})-/.exec(id)
  return parts === null ? undefined : BigInt(`0x${parts[1]}${parts[2]}${parts[3]}`)
}

/** A new checkpoint id: sorts behind all earlier ones of this process, and behind the one it is given. */
export const newCheckpointId: CheckpointIds = checkpointIds()
