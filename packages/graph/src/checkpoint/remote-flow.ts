import type { Commit, ListQuery, Place, SavedCheckpoint, TaskWrites } from './checkpointer.ts'
import { copiedCommit, dataCopier } from './data.ts'
import { assertParent, noSuchCheckpoint, threadConflict } from './failures.ts'
import { commitRows, readBody, readMetadata, writeRows } from './layout.ts'
import type { CommitRows, Refs, StoredPiece, WriteRow } from './layout.ts'
import { LogCache } from './log-cache.ts'
import type { Want } from './log-cache.ts'
import { logNames } from './log-names.ts'
import { matchesFilter } from './metadata.ts'
import { dataSerde } from './serde.ts'
import type { SerdeOptions } from './serde.ts'
import { assembled } from './stored-checkpoint.ts'
import type { CheckpointRow } from './stored-checkpoint.ts'

/** A checkpoint's row with what belongs to it. */
export interface HeldRow extends CheckpointRow {
  /** The head of its place. */
  readonly head: string
  /** In the order of their tasks and indices. */
  readonly writes: readonly WriteRow[]
}

/** What became of rows: `head` is the one that was found instead of the expected one. */
export type Stored = { readonly isStored: true } | { readonly isStored: false; readonly head: string | null }

/** A storage that is asked over a wire. */
export interface RemoteStorage {
  /** How an id is written in the name of a log. */
  readonly writtenId?: (id: string) => string
  /** The head of a place, `null` when it has none. */
  readonly headOf: (place: Place) => Promise<string | null>
  readonly bodyOf: (place: Place, checkpointId: string) => Promise<string | undefined>
  /** Stores the rows of a commit whole, or not at all when the head is not the expected one. */
  readonly store: (commit: Commit, rows: CommitRows) => Promise<Stored>
  /** Keeps writes with a checkpoint, and says whether it is there. */
  readonly storeWrites: (place: Place, checkpointId: string, rows: readonly WriteRow[]) => Promise<boolean>
}

/** What is the same whatever storage is asked. */
export interface RemoteFlow {
  readonly commit: (commit: Commit) => Promise<void>
  readonly addWrites: (place: Place, checkpointId: string, tasks: readonly TaskWrites[]) => Promise<void>
  /** Puts a checkpoint together; `fetch` is asked for the pieces that are not known yet, in the order of their logs. */
  readonly read: (
    place: Place,
    row: HeldRow,
    fetch: (wants: readonly Want[]) => Promise<readonly StoredPiece[]>,
  ) => Promise<SavedCheckpoint>
  /** Whether a row's metadata has what a filter asks for. */
  readonly matches: (row: CheckpointRow, filter: ListQuery['filter']) => boolean
  /** Forgets what is remembered, after parts of what is stored were taken away. */
  readonly forget: () => void
}

/** The life of a commit and of a reading, for storages that differ in how they store and find rows. */
export function remoteFlow(storage: RemoteStorage, options: SerdeOptions): RemoteFlow {
  const serde = dataSerde(options)
  const copy = dataCopier(options.codecs)
  const cache = new LogCache(serde, copy)

  async function refsOf(place: Place, id: string): Promise<Refs | undefined> {
    const body = await storage.bodyOf(place, id)
    return body === undefined ? undefined : readBody(place, id, body).refs
  }

  async function store(commit: Commit, parent: Refs | undefined): Promise<void> {
    const { expectedHead, parentId, checkpoint } = commit
    if (parent === undefined && parentId !== undefined && expectedHead !== undefined) {
      const head = await storage.headOf(commit)
      if (head !== expectedHead) throw threadConflict(commit, expectedHead, head)
      assertParent(commit, false)
    }
    const rows = commitRows(commit, parent, logNames(commit, storage.writtenId), serde)
    const stored = await storage.store(commit, rows)
    if (stored.isStored) cache.stored(commit, rows.id, rows.refs, rows.pieces)
    // The head is this very checkpoint when the answer to a first attempt was lost.
    else if (stored.head !== checkpoint.id) throw threadConflict(commit, expectedHead ?? null, stored.head)
  }

  return {
    async commit(commit) {
      const { parentId } = commit
      if (parentId === undefined) return store(commit, undefined)
      const known = cache.refsOf(commit, parentId)
      if (known !== undefined) return store(commit, known)
      // The caller may change its objects while we ask for the parent.
      const copied = copiedCommit(commit, copy)
      return store(copied, await refsOf(copied, parentId))
    },
    async addWrites(place, checkpointId, tasks) {
      const isThere = await storage.storeWrites(place, checkpointId, writeRows(tasks, serde))
      if (!isThere) throw noSuchCheckpoint(checkpointId)
    },
    async read(place, row, fetch) {
      const body = readBody(place, row.id, row.body)
      // A second time if what was known had to make room while we waited.
      for (let attempt = 0; attempt < 2; attempt += 1) {
        const wants = cache.wants(place, body.refs)
        if (wants.length === 0) break
        cache.fetched(place, body.refs, await fetch(wants))
      }
      return assembled(place, row, body, row.head, row.writes, cache, serde)
    },
    matches: (row, filter) => matchesFilter(readMetadata(row.metadata, serde), filter),
    forget() {
      cache.clear()
    },
  }
}
