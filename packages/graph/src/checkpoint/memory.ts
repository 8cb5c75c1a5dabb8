import { BaseSaver } from './base-saver.ts'
import type {
  ChannelChange,
  Checkpoint,
  CheckpointMetadata,
  Commit,
  ListQuery,
  PendingWrite,
  Place,
  PruneOptions,
  SavedCheckpoint,
  TaskWrites,
  ThreadSize,
  ThreadSummary,
} from './checkpointer.ts'
import { dataCopier } from './data.ts'
import type { Codec, Copy } from './data.ts'
import {
  assertChannel,
  assertCommit,
  assertParent,
  assertPlace,
  corrupt,
  noSuchCheckpoint,
  noSuchThread,
  threadConflict,
  threadTaken,
} from './failures.ts'
import { matchesFilter } from './metadata.ts'
import { PrivateList } from './private-list.ts'
import { dataSerde } from './serde.ts'
import { writeIndex } from './write-index.ts'

export interface MemorySaverOptions {
  /** Threads that are kept; the one that was not written to for longest makes room. 1,000 unless given. */
  readonly maxThreads?: number | undefined
  /** Checkpoints that are kept of each namespace of a thread; the oldest make room. 1,000 unless given. */
  readonly maxCheckpoints?: number | undefined
  /** Namespaces of subgraphs that are kept of a thread; the oldest make room. 1,000 unless given. */
  readonly maxNamespaces?: number | undefined
  /** Classes of your own that are state. */
  readonly codecs?: readonly Codec[] | undefined
  /** Milliseconds since 1970; for tests. */
  readonly now?: (() => number) | undefined
}

type Kept =
  | { readonly type: 'value'; readonly value: unknown }
  /**
   * The first items of a list that only ever grows, so that a step costs what it appends and every older checkpoint
   * still sees its own items.
   */
  | { readonly type: 'list'; readonly log: PrivateList; readonly length: number }

type KeptWrite = readonly [index: number, channel: string, value: unknown]

interface Entry {
  readonly checkpoint: Checkpoint
  readonly metadata: CheckpointMetadata
  readonly parentId: string | undefined
  readonly values: Readonly<Record<string, Kept>>
  writes: Map<string, KeptWrite[]> | undefined
}

interface PlaceEntries {
  readonly byId: Map<string, Entry>
  /** Oldest first. */
  readonly inOrder: Entry[]
}

interface ThreadEntries {
  readonly places: Map<string, PlaceEntries>
  updatedMs: number
}

/** One list that grows when everything of a commit is known to be sound. */
interface Growth {
  readonly log: PrivateList
  readonly items: readonly unknown[]
}

/**
 * Keeps threads in this process. It is bounded: old checkpoints and threads make room for new ones, so it is for
 * development, tests and short conversations.
 *
 * Values are copied on their way in and out, so that nobody can change the past by changing an object. Instances of
 * LangChain's classes stay instances.
 */
export class MemorySaver extends BaseSaver {
  readonly #threads = new Map<string, ThreadEntries>()
  readonly #maxThreads: number
  readonly #maxCheckpoints: number
  readonly #maxNamespaces: number
  readonly #codecs: readonly Codec[]
  readonly #copy: Copy
  readonly #now: () => number
  /** The thread that was written to last; it needs no moving to the end. */
  #latest: string | undefined

  constructor(options: MemorySaverOptions = {}) {
    super()
    this.#maxThreads = options.maxThreads ?? 1000
    this.#maxCheckpoints = options.maxCheckpoints ?? 1000
    this.#maxNamespaces = options.maxNamespaces ?? 1000
    this.#codecs = options.codecs ?? []
    this.#copy = dataCopier(this.#codecs)
    this.#now = options.now ?? Date.now
  }

  load(place: Place, checkpointId?: string): SavedCheckpoint | undefined {
    assertPlace(place)
    const entries = this.#entriesOf(place)
    const head = entries?.inOrder.at(-1)
    const entry = checkpointId === undefined ? head : entries?.byId.get(checkpointId)
    return entry === undefined || head === undefined ? undefined : this.#read(place, entry, head)
  }

  commit(commit: Commit): void {
    assertCommit(commit)
    const found = this.#entriesOf(commit)
    const head = found?.inOrder.at(-1)?.checkpoint.id ?? null
    if (commit.expectedHead !== undefined && head !== commit.expectedHead) {
      if (head === commit.checkpoint.id) return
      throw threadConflict(commit, commit.expectedHead, head)
    }
    const parent = commit.parentId === undefined ? undefined : found?.byId.get(commit.parentId)
    assertParent(commit, parent !== undefined)
    const grows: Growth[] = []
    const values = this.#changed(commit, parent, grows)
    const metadata = this.#copy(commit.metadata, 'metadata')
    const written = commit.writes === undefined || parent === undefined ? [] : this.#copyWrites(commit.writes)
    for (const { log, items } of grows) log.push(items)
    if (parent !== undefined) attach(parent, written)
    const entries = found ?? this.#open(commit)
    const { checkpoint, parentId } = commit
    insert(entries, {
      checkpoint,
      metadata,
      parentId,
      values,
      writes: entries.byId.get(checkpoint.id)?.writes,
    })
    this.#touch(commit.thread)
    this.#makeRoom(entries)
  }

  addWrites(place: Place, checkpointId: string, tasks: readonly TaskWrites[]): void {
    assertPlace(place)
    const written = this.#copyWrites(tasks)
    const entry = this.#entriesOf(place)?.byId.get(checkpointId)
    if (entry === undefined) throw noSuchCheckpoint(checkpointId)
    attach(entry, written)
    this.#touch(place.thread)
  }

  *history(query: ListQuery = {}): Iterable<SavedCheckpoint> {
    let left = query.limit ?? Number.POSITIVE_INFINITY
    for (const { place, entry, head } of this.#matching(query)) {
      if (left <= 0) return
      if (!matchesFilter(entry.metadata, query.filter)) continue
      left -= 1
      yield this.#read(place, entry, head)
    }
  }

  deleteThread(thread: string): void {
    assertPlace({ thread, namespace: '' })
    this.#threads.delete(thread)
    if (this.#latest === thread) this.#latest = undefined
  }

  copyThread(from: string, to: string): void {
    assertPlace({ thread: from, namespace: '' })
    assertPlace({ thread: to, namespace: '' })
    const source = this.#threads.get(from)
    if (source === undefined) throw noSuchThread(from)
    if (this.#threads.has(to)) throw threadTaken(to)
    for (const [namespace, { inOrder }] of source.places) {
      const entries = this.#open({ thread: to, namespace })
      // Kept values never change, so both threads can hold the same ones.
      for (const entry of inOrder) {
        const writes = entry.writes && new Map([...entry.writes].map(([task, kept]) => [task, [...kept]]))
        insert(entries, { ...entry, writes })
      }
    }
    this.#touch(to)
  }

  prune({ thread, keepLast, idleForMs }: PruneOptions): number {
    let pruned = 0
    for (const [id, entries] of this.#threads) {
      if (thread !== undefined && id !== thread) continue
      if (idleForMs !== undefined && entries.updatedMs <= this.#now() - idleForMs) {
        for (const { inOrder } of entries.places.values()) pruned += inOrder.length
        this.deleteThread(id)
      } else if (keepLast !== undefined) {
        for (const place of entries.places.values()) pruned += dropOldest(place, Math.max(1, keepLast))
      }
    }
    return pruned
  }

  listThreads(options: { readonly limit?: number; readonly offset?: number } = {}): ThreadSummary[] {
    const { limit = Number.POSITIVE_INFINITY, offset = 0 } = options
    return [...this.#threads]
      .toReversed()
      .toSorted(([, left], [, right]) => right.updatedMs - left.updatedMs)
      .slice(offset, offset + limit)
      .map(([thread, { updatedMs }]) => ({ thread, updatedAt: new Date(updatedMs).toISOString() }))
  }

  sizeOf(thread: string): ThreadSize {
    const serde = dataSerde({ codecs: this.#codecs })
    const bytesOf = (value: unknown): number => serde.encode(value, 'value').length
    const seen = new Map<object, number>()
    let checkpoints = 0
    let bytes = 0
    for (const { inOrder } of this.#threads.get(thread)?.places.values() ?? []) {
      for (const entry of inOrder) {
        checkpoints += 1
        bytes += bytesOf(entry.checkpoint) + bytesOf(entry.metadata)
        for (const kept of Object.values(entry.values)) {
          const shared = kept.type === 'list' ? kept.log : kept
          seen.set(shared, kept.type === 'list' ? Math.max(kept.length, seen.get(shared) ?? 0) : -1)
        }
        for (const writes of entry.writes?.values() ?? []) bytes += bytesOf(writes)
      }
    }
    for (const [kept, length] of seen)
      bytes += bytesOf(
        length < 0 ? (kept as { value: unknown }).value : (kept as PrivateList).items.slice(0, length),
      )
    return { checkpoints, bytes }
  }

  #entriesOf({ thread, namespace }: Place): PlaceEntries | undefined {
    return this.#threads.get(thread)?.places.get(namespace)
  }

  /** The values of a new checkpoint. Nothing that exists is changed; `grows` says what has to be. */
  #changed(commit: Commit, parent: Entry | undefined, grows: Growth[]): Readonly<Record<string, Kept>> {
    if (commit.changes.length === 0 && parent !== undefined) return parent.values
    const values = without(commit.changes, parent?.values)
    for (const change of commit.changes) {
      assertChannel(change.channel)
      if (change.type === 'cleared') continue
      if (change.type === 'value')
        values[change.channel] = { type: 'value', value: this.#copy(change.value, change.channel) }
      else values[change.channel] = this.#grown(commit, change, values[change.channel], grows)
    }
    return values
  }

  #grown(
    commit: Commit,
    { channel, value, keep }: ChannelChange & { type: 'list' },
    before: Kept | undefined,
    grows: Growth[],
  ): Kept {
    const items = this.#copy(keep === 0 ? value : value.slice(keep), channel)
    const { length } = value
    if (keep === 0) return { type: 'list', log: listOf(items), length }
    if (before?.type === 'list' && before.length >= keep) {
      if (before.length === keep && before.log.length === keep) {
        grows.push({ log: before.log, items })
        return { type: 'list', log: before.log, length }
      }
      return { type: 'list', log: listOf(before.log.items.slice(0, keep), items), length }
    }
    throw corrupt(
      commit,
      commit.parentId ?? 'none',
      `it lacks the ${keep} items of "${channel}" that are continued`,
    )
  }

  #copyWrites(tasks: readonly TaskWrites[]): [taskId: string, writes: KeptWrite[]][] {
    return tasks.map(({ taskId, writes, firstIndex = 0 }) => [
      taskId,
      writes.map(([channel, value], position) => [
        writeIndex(channel, firstIndex + position),
        channel,
        this.#copy(value, channel),
      ]),
    ])
  }

  #read(place: Place, entry: Entry, head: Entry): SavedCheckpoint {
    const values: Record<string, unknown> = {}
    for (const channel in entry.values) {
      const kept = entry.values[channel] as Kept
      values[channel] =
        kept.type === 'value'
          ? this.#copy(kept.value, channel)
          : kept.log.copies(kept.length, this.#copy, channel)
    }
    return {
      thread: place.thread,
      namespace: place.namespace,
      checkpoint: entry.checkpoint,
      values,
      metadata: this.#copy(entry.metadata, 'metadata'),
      parentId: entry.parentId,
      pendingWrites: entry.writes === undefined ? [] : this.#readWrites(entry.writes),
      head: head.checkpoint.id,
    }
  }

  #readWrites(writes: ReadonlyMap<string, readonly KeptWrite[]>): PendingWrite[] {
    return [...writes]
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .flatMap(([taskId, kept]) =>
        kept
          .toSorted(([left], [right]) => left - right)
          .map(([, channel, value]) => ({ taskId, channel, value: this.#copy(value, channel) })),
      )
  }

  *#matching(query: ListQuery): Iterable<{ place: Place; entry: Entry; head: Entry }> {
    const found: { place: Place; entry: Entry; head: Entry }[] = []
    for (const [thread, { places }] of this.#threads) {
      if (query.thread !== undefined && thread !== query.thread) continue
      for (const [namespace, { inOrder }] of places) {
        if (query.namespace !== undefined && namespace !== query.namespace) continue
        const head = inOrder.at(-1)
        for (const entry of inOrder) {
          const { id } = entry.checkpoint
          if (query.checkpointId !== undefined && id !== query.checkpointId) continue
          if (query.before !== undefined && id >= query.before) continue
          if (head !== undefined) found.push({ place: { thread, namespace }, entry, head })
        }
      }
    }
    yield* found.toSorted((left, right) => (left.entry.checkpoint.id < right.entry.checkpoint.id ? 1 : -1))
  }

  #open({ thread, namespace }: Place): PlaceEntries {
    let entries = this.#threads.get(thread)
    if (entries === undefined) {
      entries = { places: new Map(), updatedMs: this.#now() }
      this.#threads.set(thread, entries)
    }
    const place: PlaceEntries = { byId: new Map(), inOrder: [] }
    entries.places.set(namespace, place)
    if (entries.places.size > this.#maxNamespaces + 1)
      for (const oldest of entries.places.keys())
        if (oldest !== '') {
          entries.places.delete(oldest)
          break
        }
    return place
  }

  #touch(thread: string): void {
    const entries = this.#threads.get(thread)
    if (entries === undefined) return
    entries.updatedMs = this.#now()
    if (this.#latest === thread) return
    this.#latest = thread
    this.#threads.delete(thread)
    this.#threads.set(thread, entries)
    if (this.#threads.size <= this.#maxThreads) return
    for (const oldest of this.#threads.keys()) {
      this.#threads.delete(oldest)
      return
    }
  }

  #makeRoom(entries: PlaceEntries): void {
    // In batches, since taking from the front of a list moves all that follows.
    if (entries.inOrder.length > this.#maxCheckpoints * 1.25) dropOldest(entries, this.#maxCheckpoints)
  }
}

/** The values of channels that are not cleared, in an object that nothing was taken out of: those are slow and big. */
function without(
  changes: readonly ChannelChange[],
  values: Readonly<Record<string, Kept>> = {},
): Record<string, Kept> {
  const cleared = new Set(changes.filter(({ type }) => type === 'cleared').map(({ channel }) => channel))
  const left: Record<string, Kept> = {}
  for (const channel in values) if (!cleared.has(channel)) left[channel] = values[channel] as Kept
  return left
}

function listOf(...parts: readonly (readonly unknown[])[]): PrivateList {
  const list = new PrivateList()
  for (const part of parts) list.push(part)
  return list
}

function insert({ byId, inOrder }: PlaceEntries, entry: Entry): void {
  const { id } = entry.checkpoint
  const last = inOrder.at(-1)
  if (last === undefined || last.checkpoint.id < id) inOrder.push(entry)
  else {
    const index = inOrder.findIndex((other) => other.checkpoint.id >= id)
    inOrder.splice(index, byId.has(id) ? 1 : 0, entry)
  }
  byId.set(id, entry)
}

/** Adds writes to a checkpoint. A taken index keeps what it has, unless it is one that is replaced. */
function attach(entry: Entry, tasks: readonly (readonly [taskId: string, writes: KeptWrite[]])[]): void {
  if (tasks.length === 0) return
  entry.writes ??= new Map()
  for (const [taskId, added] of tasks) {
    let kept: KeptWrite[] | undefined = entry.writes.get(taskId)
    if (kept === undefined && added.every(([index]) => index >= 0)) {
      entry.writes.set(taskId, added)
      continue
    }
    if (kept === undefined) entry.writes.set(taskId, (kept = []))
    for (const write of added) {
      const taken = kept.findIndex(([index]) => index === write[0])
      if (taken < 0) kept.push(write)
      else if (write[0] < 0) kept[taken] = write
    }
  }
}

function dropOldest({ byId, inOrder }: PlaceEntries, keepLast: number): number {
  const dropped = inOrder.splice(0, Math.max(0, inOrder.length - keepLast))
  for (const { checkpoint } of dropped) byId.delete(checkpoint.id)
  return dropped.length
}
