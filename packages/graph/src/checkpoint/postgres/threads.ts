import type { ThreadSize, ThreadSummary } from '../checkpointer.ts'
import { noSuchThread, threadTaken } from '../failures.ts'
import { neededItems, readBody } from '../layout.ts'
import { isText, isWide, rowReader } from '../row-reader.ts'
import type { RowReader, Wide } from '../row-reader.ts'
import { readKept } from '../stored-rows.ts'
import { readPlaceId } from './rows.ts'
import type { Query } from './tables.ts'

const readCount: RowReader<{ readonly n: Wide }> = rowReader({ n: isWide })
const readId: RowReader<{ readonly id: string }> = rowReader({ id: isText })
const readPlace: RowReader<{ readonly placeId: Wide; readonly namespace: string; readonly head: string }> =
  rowReader({ placeId: isWide, namespace: isText, head: isText })
const readSize: RowReader<{ readonly checkpoints: Wide; readonly bytes: Wide }> = rowReader({
  checkpoints: isWide,
  bytes: isWide,
})
const readThread: RowReader<{ readonly thread: string; readonly updatedMs: Wide }> = rowReader({
  thread: isText,
  updatedMs: isWide,
})

/** Copies a thread with its whole history. */
export async function copyThread(query: Query, from: string, to: string, now: () => number): Promise<void> {
  // Whoever writes to the thread meanwhile waits, so that the copy is of one moment.
  const places = await query(
    'SELECT place_id AS "placeId", checkpoint_ns AS namespace, head FROM {s}.graph_places WHERE thread_id = $1 ORDER BY place_id FOR UPDATE',
    [from],
  )
  if (places.length === 0) throw noSuchThread(from)
  const taken = await query('SELECT 1 FROM {s}.graph_places WHERE thread_id = $1', [to])
  if (taken.length > 0) throw threadTaken(to)
  for (const { placeId, namespace, head } of places.map(readPlace)) {
    const [added] = await query(
      `INSERT INTO {s}.graph_places (thread_id, checkpoint_ns, head, updated_ms) VALUES ($1, $2, $3, $4)
       RETURNING place_id AS "placeId"`,
      [to, namespace, head, now()],
    )
    for (const [table, columns] of [
      ['graph_checkpoints', 'checkpoint_id, parent_id, body, metadata'],
      ['graph_pieces', 'log, start, payload'],
      ['graph_writes', 'checkpoint_id, task_id, idx, channel, payload'],
    ])
      await query(
        `INSERT INTO {s}.${table} (place_id, ${columns}) SELECT $1, ${columns} FROM {s}.${table} WHERE place_id = $2`,
        [readPlaceId(added).placeId, placeId],
      )
  }
}

/** Takes threads away, and says how many checkpoints went with them. */
export async function dropThreads(query: Query, threads: readonly string[]): Promise<number> {
  const places = await query(
    'SELECT place_id AS "placeId" FROM {s}.graph_places WHERE thread_id = ANY($1) ORDER BY place_id FOR UPDATE',
    [threads],
  )
  const ids = places.map((place) => readPlaceId(place).placeId)
  if (ids.length === 0) return 0
  for (const table of ['graph_pieces', 'graph_writes', 'graph_places'])
    await query(`DELETE FROM {s}.${table} WHERE place_id = ANY($1::bigint[])`, [ids])
  const gone = await query(
    `WITH gone AS (DELETE FROM {s}.graph_checkpoints WHERE place_id = ANY($1::bigint[]) RETURNING 1)
     SELECT count(*) AS n FROM gone`,
    [ids],
  )
  return Number(readCount(gone[0]).n)
}

/** Takes away the threads, or the one, that nobody wrote to since a moment. */
export async function dropIdle(query: Query, thread: string | undefined, sinceMs: number): Promise<number> {
  const idle = await query(
    `SELECT thread_id AS id FROM {s}.graph_places WHERE $1::text IS NULL OR thread_id = $1
     GROUP BY thread_id HAVING max(updated_ms) <= $2`,
    [thread ?? null, sinceMs],
  )
  return dropThreads(
    query,
    idle.map((row) => readId(row).id),
  )
}

/** The places of a thread, or of all. */
export async function placesOf(query: Query, thread: string | undefined): Promise<Wide[]> {
  const places = await query(
    'SELECT place_id AS "placeId" FROM {s}.graph_places WHERE $1::text IS NULL OR thread_id = $1 ORDER BY place_id',
    [thread ?? null],
  )
  return places.map((place) => readPlaceId(place).placeId)
}

/** Keeps the newest checkpoints of a place and all that they need, and says how many went. */
export async function keepNewest(query: Query, placeId: Wide, keepLast: number): Promise<number> {
  // The lock keeps commits away, which might refer to what is about to go.
  await query('SELECT 1 FROM {s}.graph_places WHERE place_id = $1 FOR UPDATE', [placeId])
  const [oldest] = await query(
    'SELECT checkpoint_id AS id FROM {s}.graph_checkpoints WHERE place_id = $1 ORDER BY checkpoint_id DESC LIMIT 1 OFFSET $2',
    [placeId, keepLast - 1],
  )
  if (oldest === undefined) return 0
  const values = [placeId, readId(oldest).id]
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
  const place = { thread: String(placeId), namespace: '' }
  const needed = kept
    .map(readKept)
    .flatMap(({ id, body }) => [...neededItems(readBody(place, id, body).refs).keys()])
  await query('DELETE FROM {s}.graph_pieces WHERE place_id = $1 AND NOT (log = ANY($2))', [
    placeId,
    [...new Set(needed)],
  ])
  return gone.length
}

/** Threads, the one that was written to last first. */
export async function listThreads(
  query: Query,
  limit: number | undefined,
  offset: number,
): Promise<ThreadSummary[]> {
  const rows = await query(
    `SELECT thread_id AS thread, max(updated_ms) AS "updatedMs" FROM {s}.graph_places
     GROUP BY thread_id ORDER BY "updatedMs" DESC, max(place_id) DESC LIMIT $1 OFFSET $2`,
    [limit ?? null, offset],
  )
  return rows.map(readThread).map(({ thread, updatedMs }) => ({
    thread,
    updatedAt: new Date(Number(updatedMs)).toISOString(),
  }))
}

/** How much is kept of a thread. */
export async function sizeOf(query: Query, thread: string): Promise<ThreadSize> {
  const [row] = await query(
    `WITH place AS (SELECT place_id FROM {s}.graph_places WHERE thread_id = $1)
     SELECT count(*) AS checkpoints, coalesce(sum(octet_length(body) + octet_length(metadata)), 0)
       + (SELECT coalesce(sum(octet_length(payload)), 0) FROM {s}.graph_pieces JOIN place USING (place_id))
       + (SELECT coalesce(sum(octet_length(payload)), 0) FROM {s}.graph_writes JOIN place USING (place_id)) AS bytes
     FROM {s}.graph_checkpoints JOIN place USING (place_id)`,
    [thread],
  )
  const { checkpoints, bytes } = readSize(row)
  return { checkpoints: Number(checkpoints), bytes: Number(bytes) }
}
