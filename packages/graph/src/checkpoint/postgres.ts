import type pg from 'pg'
import { BaseSaver } from './base-saver.ts'
import { newCheckpointId } from './checkpoint-id.ts'
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
import { copiedCommit, dataCopier } from './data.ts'
import type { Copy } from './data.ts'
import { assertCommit, assertParent, assertPlace, saverFailure, threadConflict } from './failures.ts'
import { commitRows, distinctWrites, neededItems, readBody, readMetadata, writeRows } from './layout.ts'
import type { CommitRows, Refs, StoredPiece, WriteRow } from './layout.ts'
import { LogCache } from './log-cache.ts'
import { matchesFilter } from './metadata.ts'
import { loadPeer } from './peer.ts'
import { dataSerde } from './serde.ts'
import type { Serde, SerdeOptions } from './serde.ts'
import { assembled } from './stored-checkpoint.ts'
import type { CheckpointRow } from './stored-checkpoint.ts'

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

/** Two processes that set up at once take turns. */
const SETUP_LOCK = 0x53_77_47_72
/** Rows that a page of `history` reads at once. */
const PAGE = 50
/** PostgreSQL's code for a table that is not there. */
const UNDEFINED_TABLE = '42P01'

/** One step of the tables' history each; `{s}` is the schema. A step that was released is never changed. */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE {s}.graph_places (
     place_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     thread_id text COLLATE "C" NOT NULL,
     checkpoint_ns text COLLATE "C" NOT NULL,
     head text COLLATE "C" NOT NULL,
     updated_ms bigint NOT NULL,
     UNIQUE (thread_id, checkpoint_ns)
   );
   CREATE TABLE {s}.graph_checkpoints (
     place_id bigint NOT NULL,
     checkpoint_id text COLLATE "C" NOT NULL,
     parent_id text COLLATE "C",
     body text NOT NULL,
     metadata text NOT NULL,
     PRIMARY KEY (place_id, checkpoint_id)
   );
   CREATE TABLE {s}.graph_pieces (
     place_id bigint NOT NULL,
     log text COLLATE "C" NOT NULL,
     start integer NOT NULL,
     payload text NOT NULL,
     PRIMARY KEY (place_id, log, start)
   );
   CREATE TABLE {s}.graph_writes (
     place_id bigint NOT NULL,
     checkpoint_id text COLLATE "C" NOT NULL,
     task_id text COLLATE "C" NOT NULL,
     idx integer NOT NULL,
     channel text NOT NULL,
     payload text NOT NULL,
     PRIMARY KEY (place_id, checkpoint_id, task_id, idx)
   );`,
]

/** A write's rows as arrays; a taken index keeps what it has unless it is one that is replaced. */
const WRITES = `INSERT INTO {s}.graph_writes (place_id, checkpoint_id, task_id, idx, channel, payload)
  SELECT place_id, $2, w.* FROM place, unnest($3::text[], $4::int[], $5::text[], $6::text[]) AS w
  ON CONFLICT (place_id, checkpoint_id, task_id, idx)
    DO UPDATE SET channel = excluded.channel, payload = excluded.payload WHERE excluded.idx < 0`

/** The rest of a commit, once its place is found: one statement, so one round trip and one transaction. */
const COMMIT = `, checkpoint AS (
    INSERT INTO {s}.graph_checkpoints (place_id, checkpoint_id, parent_id, body, metadata)
    SELECT place_id, $1, $2, $7, $8 FROM place
    ON CONFLICT (place_id, checkpoint_id) DO UPDATE
      SET parent_id = excluded.parent_id, body = excluded.body, metadata = excluded.metadata
  ), pieces AS (
    INSERT INTO {s}.graph_pieces (place_id, log, start, payload)
    SELECT place_id, p.* FROM place, unnest($9::text[], $10::int[], $11::text[]) AS p
  ), writes AS (${WRITES})
  SELECT place_id FROM place`

const CHECKPOINT_COLUMNS = `p.place_id AS "placeId", p.head, c.checkpoint_id AS id, c.parent_id AS "parentId",
  c.body, c.metadata, coalesce((
    SELECT json_agg(json_build_object('taskId', task_id, 'index', idx, 'channel', channel, 'payload', payload)
      ORDER BY task_id, idx)
    FROM {s}.graph_writes w WHERE w.place_id = c.place_id AND w.checkpoint_id = c.checkpoint_id
  ), '[]') AS writes`

/** Every statement that is run often. Whatever comes from outside is bound; only the schema is written into the text. */
const STATEMENTS = {
  commitNext: `WITH place AS (
      UPDATE {s}.graph_places SET head = $1, updated_ms = $12
      WHERE thread_id = $13 AND checkpoint_ns = $14 AND head = $15 RETURNING place_id
    )${COMMIT}`,
  commitFirst: `WITH place AS (
      INSERT INTO {s}.graph_places (head, updated_ms, thread_id, checkpoint_ns) VALUES ($1, $12, $13, $14)
      ON CONFLICT DO NOTHING RETURNING place_id
    )${COMMIT}`,
  commitAnyhow: `WITH place AS (
      INSERT INTO {s}.graph_places AS p (head, updated_ms, thread_id, checkpoint_ns) VALUES ($1, $12, $13, $14)
      ON CONFLICT (thread_id, checkpoint_ns)
        DO UPDATE SET head = greatest(p.head, excluded.head), updated_ms = excluded.updated_ms RETURNING place_id
    )${COMMIT}`,
  addWrites: `WITH place AS (
      UPDATE {s}.graph_places p SET updated_ms = $1 FROM {s}.graph_checkpoints c
      WHERE p.thread_id = $7 AND p.checkpoint_ns = $8 AND c.place_id = p.place_id AND c.checkpoint_id = $2
      RETURNING p.place_id
    ), writes AS (${WRITES})
    SELECT place_id FROM place`,
  head: 'SELECT head FROM {s}.graph_places WHERE thread_id = $1 AND checkpoint_ns = $2',
  body: `SELECT c.body FROM {s}.graph_places p JOIN {s}.graph_checkpoints c USING (place_id)
    WHERE p.thread_id = $1 AND p.checkpoint_ns = $2 AND c.checkpoint_id = $3`,
  load: `SELECT ${CHECKPOINT_COLUMNS} FROM {s}.graph_places p
    JOIN {s}.graph_checkpoints c ON c.place_id = p.place_id AND c.checkpoint_id = coalesce($3, p.head)
    WHERE p.thread_id = $1 AND p.checkpoint_ns = $2`,
  pieces: `SELECT log, start, payload FROM unnest($2::text[], $3::int[], $4::int[]) AS want (log, low, high)
    JOIN {s}.graph_pieces USING (log)
    WHERE place_id = $1 AND start >= low AND start < high ORDER BY log, start`,
} as const

interface LoadedRow extends CheckpointRow {
  readonly placeId: string
  readonly head: string
  readonly writes: readonly WriteRow[]
}

type Query = (text: string, values?: readonly unknown[]) => Promise<Record<string, unknown>[]>

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
  static #made = 0

  readonly #number: number = (PostgresSaver.#made += 1)
  readonly #pool: pg.Pool
  readonly #schema: string
  readonly #prepare: boolean
  readonly #serde: Serde
  readonly #copy: Copy
  readonly #cache: LogCache
  readonly #now: () => number

  /** @param pool of `pg`; `end` closes it */
  constructor(pool: pg.Pool, options: PostgresSaverOptions = {}) {
    super()
    this.#pool = pool
    this.#schema = quoted(options.schema ?? 'public')
    this.#prepare = options.prepare ?? true
    this.#serde = dataSerde(options)
    this.#copy = dataCopier(options.codecs)
    this.#cache = new LogCache(this.#serde, this.#copy)
    this.#now = options.now ?? Date.now
  }

  /** LangGraph's way to open one, with a pool of its own. */
  static fromConnString(url: string, options?: PostgresSaverOptions): PostgresSaver {
    const { Pool } = loadPeer('pg', 'PostgresSaver') as typeof pg
    return new PostgresSaver(new Pool({ connectionString: url }), options)
  }

  protected override get keepsOnlyNewVersions(): boolean {
    return true
  }

  /** Makes the schema and its tables, or brings them up to date. Any number of processes may call it at once. */
  async setup(): Promise<void> {
    await this.#transaction(async (query) => {
      await query('SELECT pg_advisory_xact_lock($1)', [SETUP_LOCK])
      await query(`CREATE SCHEMA IF NOT EXISTS ${this.#schema}`)
      await query('CREATE TABLE IF NOT EXISTS {s}.graph_migrations (version integer PRIMARY KEY)')
      const [row] = await query('SELECT coalesce(max(version), 0) AS version FROM {s}.graph_migrations')
      const version = Number(row?.['version'])
      if (version > MIGRATIONS.length)
        throw saverFailure(
          'checkpoint_corrupt',
          `${this.#schema} was set up by a newer version of @switchyard/graph.`,
        )
      for (const [index, migration] of MIGRATIONS.slice(version).entries()) {
        await query(migration)
        await query('INSERT INTO {s}.graph_migrations VALUES ($1)', [version + index + 1])
      }
    })
  }

  /** Closes the pool. The saver cannot be used afterwards. */
  async end(): Promise<void> {
    await this.#pool.end()
  }

  async load(place: Place, checkpointId?: string): Promise<SavedCheckpoint | undefined> {
    assertKeepable(place)
    const [row] = await this.#run('load', [place.thread, place.namespace, checkpointId ?? null])
    return row === undefined ? undefined : this.#read(place, row as unknown as LoadedRow)
  }

  async commit(commit: Commit): Promise<void> {
    assertCommit(commit)
    assertKeepable(commit)
    const { parentId } = commit
    if (parentId === undefined) return this.#store(commit, undefined)
    const known = this.#cache.refsOf(commit, parentId)
    if (known !== undefined) return this.#store(commit, known)
    // The caller may change its objects while we ask for the parent.
    const copied = copiedCommit(commit, this.#copy)
    return this.#store(copied, await this.#refs(copied, parentId))
  }

  async addWrites(place: Place, checkpointId: string, tasks: readonly TaskWrites[]): Promise<void> {
    assertKeepable(place)
    const rows = writeRows(tasks, this.#serde)
    const { thread, namespace } = place
    const found = await this.#run('addWrites', [
      this.#now(),
      checkpointId,
      ...writeColumns(rows),
      thread,
      namespace,
    ])
    if (found.length === 0)
      throw saverFailure(
        'checkpoint_not_found',
        `There is no checkpoint ${checkpointId} to keep writes with.`,
      )
  }

  async *history(query: ListQuery = {}): AsyncIterable<SavedCheckpoint> {
    let left = query.limit ?? Number.POSITIVE_INFINITY
    let last: LoadedRow | undefined
    while (left > 0) {
      const page: (LoadedRow & Place)[] = await this.#page(query, last)
      for (const row of page) {
        last = row
        if (!matchesFilter(readMetadata(row.metadata, this.#serde), query.filter)) continue
        left -= 1
        yield await this.#read({ thread: row.thread, namespace: row.namespace }, row)
        if (left <= 0) return
      }
      if (page.length < PAGE) return
    }
  }

  async deleteThread(thread: string): Promise<void> {
    assertKeepable({ thread, namespace: '' })
    await this.#transaction((query) => dropThreads(query, [thread]))
    this.#cache.clear()
  }

  async copyThread(from: string, to: string): Promise<void> {
    assertKeepable({ thread: from, namespace: '' })
    assertKeepable({ thread: to, namespace: '' })
    await this.#transaction(async (query) => {
      // Whoever writes to the thread meanwhile waits, so that the copy is of one moment.
      const places = await query(
        'SELECT place_id, checkpoint_ns, head FROM {s}.graph_places WHERE thread_id = $1 ORDER BY place_id FOR UPDATE',
        [from],
      )
      if (places.length === 0) throw saverFailure('thread_not_found', `There is no thread "${from}" to copy.`)
      const taken = await query('SELECT 1 FROM {s}.graph_places WHERE thread_id = $1', [to])
      if (taken.length > 0)
        throw saverFailure('thread_conflict', `Thread "${to}" has a history of its own already.`)
      for (const place of places) {
        const [added] = await query(
          `INSERT INTO {s}.graph_places (thread_id, checkpoint_ns, head, updated_ms) VALUES ($1, $2, $3, $4)
           RETURNING place_id`,
          [to, place['checkpoint_ns'], place['head'], this.#now()],
        )
        for (const [table, columns] of [
          ['graph_checkpoints', 'checkpoint_id, parent_id, body, metadata'],
          ['graph_pieces', 'log, start, payload'],
          ['graph_writes', 'checkpoint_id, task_id, idx, channel, payload'],
        ])
          await query(
            `INSERT INTO {s}.${table} (place_id, ${columns}) SELECT $1, ${columns} FROM {s}.${table} WHERE place_id = $2`,
            [added?.['place_id'], place['place_id']],
          )
      }
    })
  }

  async prune({ thread, keepLast, idleForMs }: PruneOptions): Promise<number> {
    let gone = 0
    if (idleForMs !== undefined)
      gone += await this.#transaction(async (query) => {
        const idle = await query(
          `SELECT thread_id FROM {s}.graph_places WHERE $1::text IS NULL OR thread_id = $1
           GROUP BY thread_id HAVING max(updated_ms) <= $2`,
          [thread ?? null, this.#now() - idleForMs],
        )
        return dropThreads(
          query,
          idle.map((row) => row['thread_id'] as string),
        )
      })
    if (keepLast !== undefined) {
      const places = await this.#query(
        'SELECT place_id FROM {s}.graph_places WHERE $1::text IS NULL OR thread_id = $1 ORDER BY place_id',
        [thread ?? null],
      )
      for (const place of places)
        gone += await this.#transaction((query) =>
          keepNewest(query, place['place_id'] as string, Math.max(1, keepLast)),
        )
    }
    if (gone > 0) this.#cache.clear()
    return gone
  }

  async listThreads({ limit, offset = 0 }: { limit?: number; offset?: number } = {}): Promise<
    ThreadSummary[]
  > {
    const rows = await this.#query(
      `SELECT thread_id AS thread, max(updated_ms) AS updated_ms FROM {s}.graph_places
       GROUP BY thread_id ORDER BY updated_ms DESC, max(place_id) DESC LIMIT $1 OFFSET $2`,
      [limit ?? null, offset],
    )
    return rows.map((row) => ({
      thread: row['thread'] as string,
      updatedAt: new Date(Number(row['updated_ms'])).toISOString(),
    }))
  }

  async sizeOf(thread: string): Promise<ThreadSize> {
    const [row] = await this.#query(
      `WITH place AS (SELECT place_id FROM {s}.graph_places WHERE thread_id = $1)
       SELECT count(*) AS checkpoints, coalesce(sum(octet_length(body) + octet_length(metadata)), 0)
         + (SELECT coalesce(sum(octet_length(payload)), 0) FROM {s}.graph_pieces JOIN place USING (place_id))
         + (SELECT coalesce(sum(octet_length(payload)), 0) FROM {s}.graph_writes JOIN place USING (place_id)) AS bytes
       FROM {s}.graph_checkpoints JOIN place USING (place_id)`,
      [thread],
    )
    return { checkpoints: Number(row?.['checkpoints']), bytes: Number(row?.['bytes']) }
  }

  async #store(commit: Commit, parent: Refs | undefined): Promise<void> {
    const { thread, namespace, expectedHead, parentId, checkpoint } = commit
    if (parent === undefined && parentId !== undefined && expectedHead !== undefined) {
      await this.#assertHead(commit, expectedHead)
      assertParent(commit, false)
    }
    const isTip = parentId !== undefined && parentId === expectedHead
    const name = expectedHead === undefined ? newCheckpointId() : checkpoint.id
    const rows = commitRows(commit, parent, isTip, (position) => `${name}/${position}`, this.#serde)
    const values = [...commitColumns(rows), this.#now(), thread, namespace]
    const found = await (expectedHead === undefined
      ? this.#run('commitAnyhow', values)
      : expectedHead === null
        ? this.#run('commitFirst', values)
        : this.#run('commitNext', [...values, expectedHead]))
    if (found.length > 0) this.#cache.stored(commit, rows.id, rows.refs, rows.pieces)
    else await this.#assertHead(commit, checkpoint.id, expectedHead)
  }

  /** Throws unless the head is the one that is looked for. */
  async #assertHead(place: Place, wanted: string | null, expected: string | null = wanted): Promise<void> {
    const [row] = await this.#run('head', [place.thread, place.namespace])
    const head = (row?.['head'] as string | undefined) ?? null
    if (head !== wanted) throw threadConflict(place, expected, head)
  }

  async #refs(place: Place, id: string): Promise<Refs | undefined> {
    const [row] = await this.#run('body', [place.thread, place.namespace, id])
    return row && readBody(place, id, row['body'] as string).refs
  }

  async #page(query: ListQuery, last: LoadedRow | undefined): Promise<(LoadedRow & Place)[]> {
    const values: unknown[] = []
    const conditions: string[] = ['true']
    const where = (condition: (n: number) => string, value: unknown): void => {
      if (value === undefined) return
      values.push(value)
      conditions.push(condition(values.length))
    }
    where((n) => `p.thread_id = $${n}`, query.thread)
    where((n) => `p.checkpoint_ns = $${n}`, query.namespace)
    where((n) => `c.checkpoint_id = $${n}`, query.checkpointId)
    where((n) => `c.checkpoint_id < $${n}`, query.before)
    if (last !== undefined) {
      values.push(last.id, last.placeId)
      conditions.push(`(c.checkpoint_id, c.place_id) < ($${values.length - 1}, $${values.length}::bigint)`)
    }
    const rows = await this.#query(
      `SELECT p.thread_id AS thread, p.checkpoint_ns AS namespace, ${CHECKPOINT_COLUMNS}
       FROM {s}.graph_checkpoints c JOIN {s}.graph_places p USING (place_id)
       WHERE ${conditions.join(' AND ')} ORDER BY c.checkpoint_id DESC, c.place_id DESC LIMIT ${PAGE}`,
      values,
    )
    return rows as unknown as (LoadedRow & Place)[]
  }

  async #read(place: Place, row: LoadedRow): Promise<SavedCheckpoint> {
    const body = readBody(place, row.id, row.body)
    // A second time if what was known had to make room while we waited.
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const wants = this.#cache.wants(place, body.refs)
      if (wants.length === 0) break
      const pieces = await this.#run('pieces', [
        row.placeId,
        wants.map(({ log }) => log),
        wants.map(({ from }) => from),
        wants.map(({ to }) => to),
      ])
      this.#cache.fetched(place, body.refs, pieces as unknown as StoredPiece[])
    }
    return assembled(place, row, body, row.head, row.writes, this.#cache, this.#serde)
  }

  async #run(name: keyof typeof STATEMENTS, values: readonly unknown[]): Promise<Record<string, unknown>[]> {
    const text = this.#located(STATEMENTS[name])
    // Savers of several schemas may share a pool; a name stands for one text only.
    const prepared = this.#prepare ? { name: `switchyard_${this.#number}_${name}` } : {}
    return this.#answer(() => this.#pool.query({ ...prepared, text, values: values as unknown[] }))
  }

  async #query(text: string, values: readonly unknown[]): Promise<Record<string, unknown>[]> {
    return this.#answer(() => this.#pool.query(this.#located(text), values as unknown[]))
  }

  async #answer(ask: () => Promise<{ rows: Record<string, unknown>[] }>): Promise<Record<string, unknown>[]> {
    try {
      return (await ask()).rows
    } catch (error) {
      if ((error as { code?: unknown }).code !== UNDEFINED_TABLE) throw error
      throw new Error(
        `PostgresSaver: the tables are not there in schema ${this.#schema}. Call \`await saver.setup()\` once before the first use.`,
        { cause: error },
      )
    }
  }

  #located(text: string): string {
    return text.replaceAll('{s}', this.#schema)
  }

  async #transaction<Result>(work: (query: Query) => Promise<Result>): Promise<Result> {
    const client = await this.#pool.connect()
    let broken: Error | undefined
    try {
      await client.query('BEGIN')
      const result = await work(async (text, values) =>
        this.#answer(() => client.query(this.#located(text), values as unknown[])),
      )
      await client.query('COMMIT')
      return result
    } catch (error) {
      await client.query('ROLLBACK').catch((failure: unknown) => {
        broken = failure as Error
      })
      throw error
    } finally {
      client.release(broken)
    }
  }
}

const quoted = (identifier: string): string => `"${identifier.replaceAll('"', '""')}"`

/** PostgreSQL keeps no NUL in a text. */
function assertKeepable(place: Place): void {
  assertPlace(place)
  if (`${place.thread}${place.namespace}`.includes('\0'))
    throw saverFailure('invalid_id', 'PostgreSQL cannot keep an id with a NUL character in it.')
}

const writeColumns = (rows: readonly WriteRow[]): unknown[] => {
  const distinct = distinctWrites(rows)
  return [
    distinct.map(({ taskId }) => taskId),
    distinct.map(({ index }) => index),
    distinct.map(({ channel }) => channel),
    distinct.map(({ payload }) => payload),
  ]
}

/** `$1` to `$11` of a commit. */
const commitColumns = (rows: CommitRows): unknown[] => [
  rows.id,
  rows.parentId,
  ...writeColumns(rows.writes),
  rows.body,
  rows.metadata,
  rows.pieces.map(({ log }) => log),
  rows.pieces.map(({ start }) => start),
  rows.pieces.map(({ payload }) => payload),
]

async function dropThreads(query: Query, threads: readonly string[]): Promise<number> {
  const places = await query(
    'SELECT place_id FROM {s}.graph_places WHERE thread_id = ANY($1) ORDER BY place_id FOR UPDATE',
    [threads],
  )
  const ids = places.map((place) => place['place_id'])
  if (ids.length === 0) return 0
  for (const table of ['graph_pieces', 'graph_writes', 'graph_places'])
    await query(`DELETE FROM {s}.${table} WHERE place_id = ANY($1::bigint[])`, [ids])
  const gone = await query(
    `WITH gone AS (DELETE FROM {s}.graph_checkpoints WHERE place_id = ANY($1::bigint[]) RETURNING 1)
     SELECT count(*) AS n FROM gone`,
    [ids],
  )
  return Number(gone[0]?.['n'])
}

async function keepNewest(query: Query, placeId: string, keepLast: number): Promise<number> {
  // The lock keeps commits away, which might refer to what is about to go.
  await query('SELECT 1 FROM {s}.graph_places WHERE place_id = $1 FOR UPDATE', [placeId])
  const [oldest] = await query(
    'SELECT checkpoint_id FROM {s}.graph_checkpoints WHERE place_id = $1 ORDER BY checkpoint_id DESC LIMIT 1 OFFSET $2',
    [placeId, keepLast - 1],
  )
  if (oldest === undefined) return 0
  const values = [placeId, oldest['checkpoint_id']]
  const gone = await query(
    'DELETE FROM {s}.graph_checkpoints WHERE place_id = $1 AND checkpoint_id < $2 RETURNING 1',
    values,
  )
  if (gone.length === 0) return 0
  await query('DELETE FROM {s}.graph_writes WHERE place_id = $1 AND checkpoint_id < $2', values)
  const kept = await query(
    'SELECT checkpoint_id AS id, body FROM {s}.graph_checkpoints WHERE place_id = $1',
    [placeId],
  )
  const place = { thread: placeId, namespace: '' }
  const needed = kept.flatMap((row) => [
    ...neededItems(readBody(place, row['id'] as string, row['body'] as string).refs).keys(),
  ])
  await query('DELETE FROM {s}.graph_pieces WHERE place_id = $1 AND NOT (log = ANY($2))', [
    placeId,
    [...new Set(needed)],
  ])
  return gone.length
}
