import type pg from 'pg'
import { outliveConnections } from '../lost-connections.ts'
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
import { assertCommit, assertPlace, saverFailure } from './failures.ts'
import type { CommitRows, StoredPiece, WriteRow } from './layout.ts'
import type { Want } from './log-cache.ts'
import { loadPeer } from './peer.ts'
import { historyPage, PAGE } from './postgres/history.ts'
import { migrate } from './postgres/migrations.ts'
import { readHead, readLoaded } from './postgres/rows.ts'
import type { LoadedRow } from './postgres/rows.ts'
import { commitColumns, writeColumns } from './postgres/statements.ts'
import { openTables } from './postgres/tables.ts'
import type { Tables } from './postgres/tables.ts'
import {
  copyThread,
  dropIdle,
  dropThreads,
  keepNewest,
  listThreads,
  placesOf,
  sizeOf,
} from './postgres/threads.ts'
import { remoteFlow } from './remote-flow.ts'
import type { RemoteFlow, Stored } from './remote-flow.ts'
import type { SerdeOptions } from './serde.ts'
import { readBodyText, readPiece } from './stored-rows.ts'

export interface PostgresSaverOptions extends SerdeOptions {
  /** Schema of the tables; `setup` makes it. `public` unless given. */
  readonly schema?: string | undefined
  /**
   * Whether statements are prepared once for each connection, which is the default. Switch it off behind a pooler that
   * hands connections over between statements and does not know prepared ones.
   */
  readonly prepare?: boolean | undefined
  /** Milliseconds since 1970; for tests. */
  readonly now?: (() => number) | undefined
}

/**
 * Keeps threads in PostgreSQL. A superstep is one statement: one round trip, one transaction. Call `setup` once before
 * the first use.
 *
 * @example
 * const saver = PostgresSaver.fromConnString(process.env.DATABASE_URL!)
 * await saver.setup()
 * const app = graph.compile({ checkpointer: saver })
 */
export class PostgresSaver extends BaseSaver {
  readonly #pool: pg.Pool
  readonly #schema: string
  readonly #tables: Tables
  readonly #flow: RemoteFlow
  readonly #now: () => number

  /** @param pool of `pg`; `end` closes it */
  constructor(pool: pg.Pool, options: PostgresSaverOptions = {}) {
    super()
    this.#pool = pool
    this.#schema = quoted(options.schema ?? 'public')
    this.#tables = openTables(pool, this.#schema, options.prepare ?? true)
    this.#now = options.now ?? Date.now
    this.#flow = remoteFlow(
      {
        headOf: (place) => this.#headOf(place),
        bodyOf: (place, id) => this.#bodyOf(place, id),
        store: (commit, rows) => this.#store(commit, rows),
        storeWrites: (place, id, rows) => this.#storeWrites(place, id, rows),
      },
      options,
    )
  }

  /** LangGraph's way to open one, with a pool of its own. */
  static fromConnString(url: string, options?: PostgresSaverOptions): PostgresSaver {
    const { Pool } = loadPeer('pg', 'PostgresSaver') as typeof pg
    return new PostgresSaver(outliveConnections(new Pool({ connectionString: url })), options)
  }

  protected override get keepsOnlyNewVersions(): boolean {
    return true
  }

  /** Makes the schema and its tables, or brings them up to date. Any number of processes may call it at once. */
  async setup(): Promise<void> {
    await this.#tables.transaction((query) => migrate(query, this.#schema))
  }

  /** Closes the pool. The saver cannot be used afterwards. */
  async end(): Promise<void> {
    await this.#pool.end()
  }

  async load(place: Place, checkpointId?: string): Promise<SavedCheckpoint | undefined> {
    assertKeepable(place)
    const [row] = await this.#tables.run('load', [place.thread, place.namespace, checkpointId ?? null])
    return row === undefined ? undefined : this.#read(place, readLoaded(row))
  }

  async commit(commit: Commit): Promise<void> {
    assertCommit(commit)
    assertKeepable(commit)
    return this.#flow.commit(commit)
  }

  async addWrites(place: Place, checkpointId: string, tasks: readonly TaskWrites[]): Promise<void> {
    assertKeepable(place)
    return this.#flow.addWrites(place, checkpointId, tasks)
  }

  async *history(query: ListQuery = {}): AsyncIterable<SavedCheckpoint> {
    let left = query.limit ?? Number.POSITIVE_INFINITY
    let last: LoadedRow | undefined
    while (left > 0) {
      const page = await historyPage(this.#tables.query, query, last)
      for (const row of page) {
        last = row
        if (!this.#flow.matches(row, query.filter)) continue
        left -= 1
        yield await this.#read({ thread: row.thread, namespace: row.namespace }, row)
        if (left <= 0) return
      }
      if (page.length < PAGE) return
    }
  }

  async deleteThread(thread: string): Promise<void> {
    assertKeepable({ thread, namespace: '' })
    await this.#tables.transaction((query) => dropThreads(query, [thread]))
    this.#flow.forget()
  }

  async copyThread(from: string, to: string): Promise<void> {
    assertKeepable({ thread: from, namespace: '' })
    assertKeepable({ thread: to, namespace: '' })
    await this.#tables.transaction((query) => copyThread(query, from, to, this.#now))
  }

  async prune({ thread, keepLast, idleForMs }: PruneOptions): Promise<number> {
    const { query, transaction } = this.#tables
    let gone = 0
    if (idleForMs !== undefined)
      gone += await transaction((within) => dropIdle(within, thread, this.#now() - idleForMs))
    if (keepLast !== undefined)
      for (const placeId of await placesOf(query, thread))
        gone += await transaction((within) => keepNewest(within, placeId, Math.max(1, keepLast)))
    if (gone > 0) this.#flow.forget()
    return gone
  }

  async listThreads({ limit, offset = 0 }: { limit?: number; offset?: number } = {}): Promise<
    ThreadSummary[]
  > {
    return listThreads(this.#tables.query, limit, offset)
  }

  async sizeOf(thread: string): Promise<ThreadSize> {
    return sizeOf(this.#tables.query, thread)
  }

  async #headOf({ thread, namespace }: Place): Promise<string | null> {
    const [row] = await this.#tables.run('head', [thread, namespace])
    return row === undefined ? null : readHead(row).head
  }

  async #bodyOf({ thread, namespace }: Place, id: string): Promise<string | undefined> {
    const [row] = await this.#tables.run('body', [thread, namespace, id])
    return row === undefined ? undefined : readBodyText(row).body
  }

  async #store(commit: Commit, rows: CommitRows): Promise<Stored> {
    const { thread, namespace, expectedHead } = commit
    const values = [...commitColumns(rows), this.#now(), thread, namespace]
    const found = await (expectedHead === undefined
      ? this.#tables.run('commitAnyhow', values)
      : expectedHead === null
        ? this.#tables.run('commitFirst', values)
        : this.#tables.run('commitNext', [...values, expectedHead]))
    return found.length > 0 ? { isStored: true } : { isStored: false, head: await this.#headOf(commit) }
  }

  async #storeWrites(
    { thread, namespace }: Place,
    checkpointId: string,
    rows: readonly WriteRow[],
  ): Promise<boolean> {
    const values = [this.#now(), checkpointId, ...writeColumns(rows), thread, namespace]
    return (await this.#tables.run('addWrites', values)).length > 0
  }

  #read(place: Place, row: LoadedRow): Promise<SavedCheckpoint> {
    return this.#flow.read(place, row, (wants) => this.#pieces(row, wants))
  }

  async #pieces({ placeId }: LoadedRow, wants: readonly Want[]): Promise<StoredPiece[]> {
    const pieces = await this.#tables.run('pieces', [
      placeId,
      wants.map(({ log }) => log),
      wants.map(({ from }) => from),
      wants.map(({ to }) => to),
    ])
    return pieces.map(readPiece)
  }
}

const quoted = (identifier: string): string => `"${identifier.replaceAll('"', '""')}"`

/** PostgreSQL keeps no NUL in a text. */
function assertKeepable(place: Place): void {
  assertPlace(place)
  if (`${place.thread}${place.namespace}`.includes('\0'))
    throw saverFailure('invalid_id', 'PostgreSQL cannot keep an id with a NUL character in it.')
}
