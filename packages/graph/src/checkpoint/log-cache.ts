import type { Place } from './checkpointer.ts'
import type { Copy } from './data.ts'
import { corrupt } from './failures.ts'
import { isParts, neededItems } from './layout.ts'
import type { Piece, Refs, StoredPiece } from './layout.ts'
import { PrivateList } from './private-list.ts'
import type { Serde } from './serde.ts'

/** Characters of stored text that the cache of a saver stands for unless it is told otherwise. */
const MAX_CHARACTERS = 32 * 1024 * 1024
/** Places that are remembered. */
const MAX_PLACES = 1000
/** Logs of a place that are remembered beyond those that its latest checkpoint needs. */
const SPARE_LOGS = 32

/** What is known of one log, from its beginning. */
interface KnownLog {
  /** A list's items, or one whole value. */
  readonly items: PrivateList
  /** Texts of the pieces behind the items. They are read when somebody asks for them. */
  readonly unread: string[]
  /** Items with the unread ones. */
  count: number
  characters: number
}

interface KnownPlace {
  readonly logs: Map<string, KnownLog>
  /** References of the checkpoint that was stored or read last. */
  latest: { readonly id: string; readonly refs: Refs } | undefined
  characters: number
}

/** Which pieces of a log are still to be fetched. */
export interface Want {
  readonly log: string
  /** Where the first of them starts. */
  readonly from: number
  /** Items that are needed. */
  readonly to: number
}

/**
 * Remembers what a saver read and wrote, so that a run that goes on with its thread fetches only what others added.
 * Logs are only ever appended to and their names are never used again, so nothing here can be out of date.
 */
export class LogCache {
  readonly #places = new Map<string, KnownPlace>()
  readonly #serde: Serde
  readonly #copy: Copy
  readonly #maxCharacters: number
  #characters = 0

  constructor(serde: Serde, copy: Copy, maxCharacters: number = MAX_CHARACTERS) {
    this.#serde = serde
    this.#copy = copy
    this.#maxCharacters = maxCharacters
  }

  /** The references of a checkpoint, if it is the one that was stored or read last. */
  refsOf(place: Place, id: string): Refs | undefined {
    const latest = this.#places.get(keyOf(place))?.latest
    return latest?.id === id ? latest.refs : undefined
  }

  /** Notes a checkpoint and the pieces that were stored with it. */
  stored(place: Place, id: string, refs: Refs, pieces: readonly Piece[]): void {
    const known = this.#open(place)
    known.latest = { id, refs }
    for (const { log, start, count, payload } of pieces) {
      const kept = known.logs.get(log) ?? newLog()
      // A log of which the beginning is not known is fetched when it is needed.
      if (kept.count !== start) continue
      known.logs.set(log, kept)
      kept.unread.push(payload)
      kept.count += count
      this.#weigh(known, kept, payload.length)
    }
    this.#makeRoom(known)
  }

  /** What has to be fetched before `values` can be called. */
  wants(place: Place, refs: Refs): Want[] {
    const known = this.#places.get(keyOf(place))
    const wants: Want[] = []
    for (const [log, { count }] of neededItems(refs)) {
      const from = known?.logs.get(log)?.count ?? 0
      if (from < count) wants.push({ log, from, to: count })
    }
    return wants
  }

  /** Adds what was fetched: pieces in the order of their logs. */
  fetched(place: Place, refs: Refs, pieces: Iterable<StoredPiece>): void {
    const known = this.#open(place)
    const needed = neededItems(refs)
    for (const { log, start, payload } of pieces) {
      const isWhole = needed.get(log)?.isWhole ?? false
      const kept = known.logs.get(log) ?? newLog()
      this.#readUp(kept, isWhole)
      // Somebody else may have fetched the same meanwhile.
      if (kept.count !== start) continue
      known.logs.set(log, kept)
      kept.unread.push(payload)
      this.#readUp(kept, isWhole)
      kept.count = kept.items.length
      this.#weigh(known, kept, payload.length)
    }
  }

  /** The values of a checkpoint, as copies. */
  values(place: Place, id: string, refs: Refs): Record<string, unknown> {
    const known = this.#open(place)
    known.latest = { id, refs }
    const itemsOf = (log: string, isWhole: boolean, count: number): PrivateList => {
      const kept = known.logs.get(log)
      if (kept === undefined || kept.count < count) throw corrupt(place, id, 'a part of a value is missing')
      this.#readUp(kept, isWhole)
      return kept.items
    }
    const values: Record<string, unknown> = {}
    for (const channel of Object.keys(refs)) {
      const ref = refs[channel]
      if (ref === undefined) continue
      if (typeof ref === 'string') values[channel] = this.#serde.decode(ref)
      else if (!isParts(ref)) values[channel] = this.#copy(itemsOf(ref.at, true, 1).items[0], channel)
      else {
        const parts = ref.map(([log, count]) => itemsOf(log, false, count).copies(count, this.#copy, channel))
        values[channel] = ([] as unknown[]).concat(...parts)
      }
    }
    this.#makeRoom(known)
    return values
  }

  /** Forgets everything, for example after parts of what is stored were taken away. */
  clear(): void {
    this.#places.clear()
    this.#characters = 0
  }

  #open(place: Place): KnownPlace {
    const key = keyOf(place)
    const known = this.#places.get(key) ?? { logs: new Map(), latest: undefined, characters: 0 }
    // The one that was used last is the last to go.
    this.#places.delete(key)
    this.#places.set(key, known)
    return known
  }

  #readUp(kept: KnownLog, isWhole: boolean): void {
    let read = 0
    try {
      for (const payload of kept.unread) {
        const found = this.#serde.decode(payload)
        kept.items.push(isWhole ? [found] : (found as unknown[]))
        read += 1
      }
    } finally {
      kept.unread.splice(0, read)
    }
  }

  #weigh(known: KnownPlace, kept: KnownLog, characters: number): void {
    kept.characters += characters
    known.characters += characters
    this.#characters += characters
  }

  #makeRoom(current: KnownPlace): void {
    const { logs, latest } = current
    if (latest !== undefined && logs.size > SPARE_LOGS) {
      const needed = neededItems(latest.refs)
      if (logs.size > needed.size + SPARE_LOGS)
        for (const [log, kept] of logs) {
          if (needed.has(log)) continue
          logs.delete(log)
          this.#weigh(current, kept, -kept.characters)
        }
    }
    for (const [key, { characters }] of this.#places) {
      if (this.#characters <= this.#maxCharacters && this.#places.size <= MAX_PLACES) return
      this.#places.delete(key)
      this.#characters -= characters
    }
  }
}

const newLog = (): KnownLog => ({ items: new PrivateList(), unread: [], count: 0, characters: 0 })

const keyOf = ({ thread, namespace }: Place): string => `${thread.length}:${thread}${namespace}`
