import type { DatabaseSync } from 'node:sqlite'
import { BaseSaver } from './base-saver.ts'
import type {
  Commit,
  ListQuery,
  Place,
  PruneOptions,
  SavedCheckpoint,
  TaskWrites,
  ThreadSize,
  ThreadSummary,
} from './checkpointer.ts'
import { dataCopier } from './data.ts'
import {
  assertCommit,
  assertParent,
  assertPlace,
  noSuchCheckpoint,
  noSuchThread,
  threadConflict,
  threadTaken,
} from './failures.ts'
import { commitRows, neededItems, readBody, readMetadata, writeRows } from './layout.ts'
import type { Refs, WriteRow } from './layout.ts'
import { LogCache } from './log-cache.ts'
import { logNames } from './log-names.ts'
import { matchesFilter } from './metadata.ts'
import { dataSerde } from './serde.ts'
import type { Serde, SerdeOptions } from './serde.ts'
import { openFile } from './sqlite/open-file.ts'
import {
  readCheckpoint,
  readId,
  readListed,
  readLog,
  readNamedPlace,
  readPlace,
  readPlaceId,
  readSize,
  readThread,
} from './sqlite/rows.ts'
import type { NamedPlaceRow, PlaceRow } from './sqlite/rows.ts'
import { prepareStatements } from './sqlite/statements.ts'
import type { Statements } from './sqlite/statements.ts'
import { assembled } from './stored-checkpoint.ts'
import type { CheckpointRow } from './stored-checkpoint.ts'
import { readBodyText, readKept, readPiece, readWrite } from './stored-rows.ts'

export interface SqliteSaverOptions extends SerdeOptions {
  /**
   * When a commit counts as stored. `normal` (the default) survives the end of the process, also by `kill -9`; after a
   * power failure the last commits may be missing, the history before them is whole. `full` waits for the disk.
   */
  readonly synchronous?: 'normal' | 'full' | undefined
  /** How long a write waits for another process that writes, in milliseconds. 5,000 unless given. */
  readonly busyTimeoutMs?: number | undefined
  /** Milliseconds since 1970; for tests. */
  readonly now?: (() => number) | undefined
}

/** Rows that a page of `history` reads at once. */
const PAGE = 50

/**
 * Keeps threads in a SQLite file, by Node's own SQLite. Several processes may use the file; each call blocks for as long
 * as SQLite takes, which is some tens of microseconds for a superstep.
 *
 * @example
 * const saver = SqliteSaver.fromConnString('threads.db')
 * const app = graph.compile({ checkpointer: saver })
 */
export class SqliteSaver extends BaseSaver {
  readonly #database: DatabaseSync
  readonly #statements: Statements
  readonly #serde: Serde
  readonly #cache: LogCache
  readonly #now: () => number

  /** @param path a file, which is made when it does not exist, or `:memory:` */
  constructor(path: string, options: SqliteSaverOptions = {}) {
    super()
    this.#serde = dataSerde(options)
    this.#cache = new LogCache(this.#serde, dataCopier(options.codecs))
    this.#now = options.now ?? Date.now
    this.#database = openFile(path, options)
    this.#statements = prepareStatements(this.#database)
  }

  /** LangGraph's way to open one. */
  static fromConnString(path: string, options?: SqliteSaverOptions): SqliteSaver {
    return new SqliteSaver(path, options)
  }

  /** Closes the file. The saver cannot be used afterwards. */
  close(): void {
    this.#database.close()
  }

  load(place: Place, checkpointId?: string): SavedCheckpoint | undefined {
    assertPlace(place)
    const found = this.#place(place)
    if (found === undefined) return undefined
    const row = this.#statements.checkpoint.get(found.placeId, checkpointId ?? found.head)
    return row === undefined ? undefined : this.#read(place, found, readCheckpoint(row))
  }

  commit(commit: Commit): void {
    assertCommit(commit)
    const { parentId } = commit
    const parent = parentId === undefined ? undefined : this.#refs(commit, parentId)
    const rows = commitRows(commit, parent, logNames(commit), this.#serde)
    const isStored = this.#transaction(() => {
      const placeId = this.#advance(commit)
      if (placeId === undefined) return false
      assertParent(commit, parent !== undefined)
      this.#statements.addCheckpoint.run(placeId, rows.id, rows.parentId, rows.body, rows.metadata)
      for (const { log, start, payload } of rows.pieces)
        this.#statements.addPiece.run(placeId, log, start, payload)
      if (rows.parentId !== null) this.#addWrites(placeId, rows.parentId, rows.writes)
      return true
    })
    if (isStored) this.#cache.stored(commit, rows.id, rows.refs, rows.pieces)
  }

  addWrites(place: Place, checkpointId: string, tasks: readonly TaskWrites[]): void {
    assertPlace(place)
    const rows = writeRows(tasks, this.#serde)
    this.#transaction(() => {
      const found = this.#place(place)
      if (found === undefined || this.#statements.body.get(found.placeId, checkpointId) === undefined)
        throw noSuchCheckpoint(checkpointId)
      this.#addWrites(found.placeId, checkpointId, rows)
      this.#statements.moveHead.run(found.head, this.#now(), found.placeId)
    })
  }

  *history(query: ListQuery = {}): Iterable<SavedCheckpoint> {
    const { thread = null, namespace = null, checkpointId = null, filter } = query
    let left = query.limit ?? Number.POSITIVE_INFINITY
    let before = query.before ?? null
    let beforePlace = 0
    while (left > 0) {
      const page = this.#database
        .prepare(
          `SELECT p.place_id AS placeId, p.thread_id AS thread, p.checkpoint_ns AS namespace, p.head,
             c.checkpoint_id AS id, c.parent_id AS parentId, c.body, c.metadata
           FROM checkpoints c JOIN places p ON p.place_id = c.place_id
           WHERE (?1 IS NULL OR p.thread_id = ?1) AND (?2 IS NULL OR p.checkpoint_ns = ?2)
             AND (?3 IS NULL OR c.checkpoint_id = ?3)
             AND (?4 IS NULL OR c.checkpoint_id < ?4 OR (c.checkpoint_id = ?4 AND c.place_id < ?5))
           ORDER BY c.checkpoint_id DESC, c.place_id DESC LIMIT ${PAGE}`,
        )
        .all(thread, namespace, checkpointId, before, beforePlace)
        .map(readListed)
      for (const row of page) {
        before = row.id
        beforePlace = row.placeId
        if (!matchesFilter(readMetadata(row.metadata, this.#serde), filter)) continue
        left -= 1
        yield this.#read({ thread: row.thread, namespace: row.namespace }, row, row)
        if (left <= 0) return
      }
      if (page.length < PAGE) return
    }
  }

  deleteThread(thread: string): void {
    assertPlace({ thread, namespace: '' })
    this.#transaction(() => this.#dropThread(thread))
    this.#cache.clear()
  }

  copyThread(from: string, to: string): void {
    assertPlace({ thread: from, namespace: '' })
    assertPlace({ thread: to, namespace: '' })
    this.#transaction(() => {
      if (this.#placesOf(to).length > 0) throw threadTaken(to)
      const places = this.#placesOf(from)
      if (places.length === 0) throw noSuchThread(from)
      for (const { placeId, namespace, head } of places) {
        const { lastInsertRowid } = this.#statements.addPlace.run(to, namespace, head, this.#now())
        for (const [table, columns] of [
          ['checkpoints', 'checkpoint_id, parent_id, body, metadata'],
          ['pieces', 'log, start, payload'],
          ['writes', 'checkpoint_id, task_id, idx, channel, payload'],
        ])
          this.#database
            .prepare(
              `INSERT INTO ${table} (place_id, ${columns}) SELECT ?, ${columns} FROM ${table} WHERE place_id = ?`,
            )
            .run(lastInsertRowid, placeId)
      }
    })
  }

  prune({ thread, keepLast, idleForMs }: PruneOptions): number {
    const pruned = this.#transaction(() => {
      let gone = 0
      if (idleForMs !== undefined) {
        const idle = this.#database
          .prepare(
            `SELECT thread_id AS id FROM places WHERE ?1 IS NULL OR thread_id = ?1
             GROUP BY thread_id HAVING max(updated_ms) <= ?2`,
          )
          .all(thread ?? null, this.#now() - idleForMs)
        for (const row of idle) gone += this.#dropThread(readId(row).id)
      }
      if (keepLast !== undefined)
        for (const { placeId } of this.#placesOf(thread))
          gone += this.#keepLast(placeId, Math.max(1, keepLast))
      return gone
    })
    if (pruned > 0) this.#cache.clear()
    return pruned
  }

  listThreads({ limit = -1, offset = 0 }: { limit?: number; offset?: number } = {}): ThreadSummary[] {
    return this.#database
      .prepare(
        `SELECT thread_id AS thread, max(updated_ms) AS updatedMs FROM places
         GROUP BY thread_id ORDER BY updatedMs DESC, max(place_id) DESC LIMIT ? OFFSET ?`,
      )
      .all(limit, offset)
      .map(readThread)
      .map(({ thread, updatedMs }) => ({ thread, updatedAt: new Date(updatedMs).toISOString() }))
  }

  sizeOf(thread: string): ThreadSize {
    let checkpoints = 0
    let bytes = 0
    for (const { placeId } of this.#placesOf(thread)) {
      const found = this.#database
        .prepare(
          `SELECT count(*) AS rows, coalesce(sum(octet_length(body) + octet_length(metadata)), 0)
             + (SELECT coalesce(sum(octet_length(payload)), 0) FROM pieces WHERE place_id = ?1)
             + (SELECT coalesce(sum(octet_length(payload)), 0) FROM writes WHERE place_id = ?1) AS size
           FROM checkpoints WHERE place_id = ?1`,
        )
        .get(placeId)
      const { rows, size } = readSize(found)
      checkpoints += rows
      bytes += size
    }
    return { checkpoints, bytes }
  }

  #place({ thread, namespace }: Place): PlaceRow | undefined {
    const row = this.#statements.place.get(thread, namespace)
    return row === undefined ? undefined : readPlace(row)
  }

  #placesOf(thread: string | undefined): NamedPlaceRow[] {
    return this.#database
      .prepare(
        `SELECT place_id AS placeId, checkpoint_ns AS namespace, head FROM places
         WHERE ?1 IS NULL OR thread_id = ?1 ORDER BY place_id`,
      )
      .all(thread ?? null)
      .map(readNamedPlace)
  }

  /** Moves the head of a place to a commit. @returns the place; `undefined` when the commit is its head already */
  #advance(commit: Commit): number | bigint | undefined {
    const { thread, namespace, expectedHead, checkpoint } = commit
    if (typeof expectedHead === 'string') {
      const row = this.#statements.follow.get(checkpoint.id, this.#now(), thread, namespace, expectedHead)
      if (row !== undefined) return readPlaceId(row).placeId
    }
    const found = this.#place(commit)
    const head = found?.head ?? null
    if (expectedHead !== undefined && head !== expectedHead) {
      if (head === checkpoint.id) return undefined
      throw threadConflict(commit, expectedHead, head)
    }
    if (found === undefined)
      return this.#statements.addPlace.run(thread, namespace, checkpoint.id, this.#now()).lastInsertRowid
    this.#statements.moveHead.run(checkpoint.id, this.#now(), found.placeId)
    return found.placeId
  }

  #addWrites(placeId: number | bigint, checkpointId: string, rows: readonly WriteRow[]): void {
    for (const { taskId, index, channel, payload } of rows) {
      const statement = index < 0 ? this.#statements.setWrite : this.#statements.addWrite
      statement.run(placeId, checkpointId, taskId, index, channel, payload)
    }
  }

  /** References of a checkpoint, remembered or read. */
  #refs(place: Place, id: string): Refs | undefined {
    const known = this.#cache.refsOf(place, id)
    if (known !== undefined) return known
    const found = this.#place(place)
    const row = found && this.#statements.body.get(found.placeId, id)
    return row && readBody(place, id, readBodyText(row).body).refs
  }

  #read(place: Place, { placeId, head }: PlaceRow, row: CheckpointRow): SavedCheckpoint {
    const body = readBody(place, row.id, row.body)
    for (const { log, from, to } of this.#cache.wants(place, body.refs))
      this.#cache.fetched(
        place,
        body.refs,
        this.#statements.pieces.all(placeId, log, from, to).map(readPiece),
      )
    const writes = this.#statements.writes.all(placeId, row.id).map(readWrite)
    return assembled(place, row, body, head, writes, this.#cache, this.#serde)
  }

  #keepLast(placeId: number, keepLast: number): number {
    const oldest = this.#database
      .prepare(
        'SELECT checkpoint_id AS id FROM checkpoints WHERE place_id = ? ORDER BY checkpoint_id DESC LIMIT 1 OFFSET ?',
      )
      .get(placeId, keepLast - 1)
    if (oldest === undefined) return 0
    const { id } = readId(oldest)
    const { changes } = this.#database
      .prepare('DELETE FROM checkpoints WHERE place_id = ? AND checkpoint_id < ?')
      .run(placeId, id)
    if (changes === 0) return 0
    this.#database.prepare('DELETE FROM writes WHERE place_id = ? AND checkpoint_id < ?').run(placeId, id)
    this.#dropUnneeded(placeId)
    return Number(changes)
  }

  /** Takes away the logs that no checkpoint of a place refers to any more. */
  #dropUnneeded(placeId: number): void {
    const needed = new Set<string>()
    const place = { thread: String(placeId), namespace: '' }
    const rows = this.#database.prepare(
      'SELECT checkpoint_id AS id, body FROM checkpoints WHERE place_id = ?',
    )
    for (const row of rows.iterate(placeId)) {
      const { id, body } = readKept(row)
      for (const log of neededItems(readBody(place, id, body).refs).keys()) needed.add(log)
    }
    const logs = this.#database.prepare('SELECT DISTINCT log FROM pieces WHERE place_id = ?').all(placeId)
    const drop = this.#database.prepare('DELETE FROM pieces WHERE place_id = ? AND log = ?')
    for (const { log } of logs.map(readLog)) if (!needed.has(log)) drop.run(placeId, log)
  }

  #dropThread(thread: string): number {
    let gone = 0
    for (const { placeId } of this.#placesOf(thread)) {
      for (const table of ['pieces', 'writes', 'checkpoints', 'places']) {
        const { changes } = this.#database.prepare(`DELETE FROM ${table} WHERE place_id = ?`).run(placeId)
        if (table === 'checkpoints') gone += Number(changes)
      }
    }
    return gone
  }

  #transaction<Result>(work: () => Result): Result {
    this.#statements.begin.run()
    try {
      const result = work()
      this.#statements.commit.run()
      return result
    } catch (error) {
      if (this.#database.isTransaction) this.#statements.rollback.run()
      throw error
    }
  }
}
