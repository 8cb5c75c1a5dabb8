import type { ChannelChange } from './checkpointer.ts'

/**
 * Remembers, for the lists of one place, which items its last checkpoint holds, and finds what a new value shares with
 * them. It compares items, not what was done, so it serves any reducer: one that appends, replaces, sorts, or changes
 * its list in place.
 *
 * @example
 * const delta = listDelta(saved.values)
 * delta.change('messages', next, written) // { type: 'list', channel: 'messages', value: next, keep: 998 }
 */
export interface ListDelta {
  /**
   * The change to commit for a channel's new value. Call it once for each changed channel of a checkpoint, with every
   * value in the order of the checkpoints.
   *
   * @param written what was written to the channel since the last checkpoint. An item found in it is stored again, even
   *   if it is the same object as before: it may have been changed in place.
   */
  change(channel: string, value: unknown, written?: readonly unknown[]): ChannelChange
  /** The change to commit for a channel that has no value any more. */
  cleared(channel: string): ChannelChange
}

/** @param values what the parent checkpoint holds, as it was loaded; left out for a place without one. */
export function listDelta(values: Readonly<Record<string, unknown>> = {}): ListDelta {
  const kept = new Map<string, unknown[]>()
  for (const channel of Object.keys(values)) {
    const value = values[channel]
    if (Array.isArray(value)) kept.set(channel, value.slice())
  }
  return {
    change(channel, value, written) {
      if (!Array.isArray(value)) {
        if (kept.size > 0) kept.delete(channel)
        return { type: 'value', channel, value }
      }
      const basis = kept.get(channel)
      if (basis === undefined) {
        kept.set(channel, value.slice())
        return { type: 'list', channel, value, keep: 0 }
      }
      const keep = sharedLength(basis, value, written)
      basis.length = keep
      for (let index = keep; index < value.length; index += 1) basis.push(value[index])
      return { type: 'list', channel, value, keep }
    },
    cleared(channel) {
      kept.delete(channel)
      return { type: 'cleared', channel }
    },
  }
}

function sharedLength(
  basis: readonly unknown[],
  value: readonly unknown[],
  written: readonly unknown[] | undefined,
): number {
  const limit = Math.min(basis.length, value.length)
  let shared = 0
  while (shared < limit && Object.is(basis[shared], value[shared])) shared += 1
  return Math.min(shared, firstOf(basis, touchedObjects(written)))
}

/** How many things are looked for one by one: a list is searched for one much faster than each item is looked up. */
const FEW = 8

/** Where the first of some objects stands in a list; behind its end when it has none of them. */
function firstOf(list: readonly unknown[], wanted: ReadonlySet<unknown>): number {
  const places =
    wanted.size > FEW
      ? [list.findIndex((item) => wanted.has(item))]
      : Array.from(wanted, (object) => list.indexOf(object))
  return Math.min(list.length, ...places.filter((place) => place >= 0))
}

/** The objects among what was written: each write itself, and the items of those that are lists. */
function touchedObjects(written: readonly unknown[] | undefined): ReadonlySet<unknown> {
  const touched = new Set<unknown>()
  for (const write of written ?? []) {
    for (const item of Array.isArray(write) ? (write as unknown[]) : [write])
      if (typeof item === 'object' && item !== null) touched.add(item)
  }
  return touched
}
