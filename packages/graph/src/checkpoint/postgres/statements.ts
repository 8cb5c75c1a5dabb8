import { distinctWrites } from '../layout.ts'
import type { CommitRows, WriteRow } from '../layout.ts'

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

/** The columns of a checkpoint with its writes, of `p` and `c`. */
export const CHECKPOINT_COLUMNS = `p.place_id AS "placeId", p.head, c.checkpoint_id AS id, c.parent_id AS "parentId",
  c.body, c.metadata, coalesce((
    SELECT json_agg(json_build_object('taskId', task_id, 'index', idx, 'channel', channel, 'payload', payload)
      ORDER BY task_id, idx)
    FROM {s}.graph_writes w WHERE w.place_id = c.place_id AND w.checkpoint_id = c.checkpoint_id
  ), '[]') AS writes`

export type StatementName =
  | 'commitNext'
  | 'commitFirst'
  | 'commitAnyhow'
  | 'addWrites'
  | 'head'
  | 'body'
  | 'load'
  | 'pieces'

/** Every statement that is run often. Whatever comes from outside is bound; only the schema is written into the text. */
export const STATEMENTS: Readonly<Record<StatementName, string>> = {
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
}

/** Writes as four arrays, as `WRITES` takes them. */
export const writeColumns = (rows: readonly WriteRow[]): unknown[] => {
  const distinct = distinctWrites(rows)
  return [
    distinct.map(({ taskId }) => taskId),
    distinct.map(({ index }) => index),
    distinct.map(({ channel }) => channel),
    distinct.map(({ payload }) => payload),
  ]
}

/** `$1` to `$11` of a commit. */
export const commitColumns = (rows: CommitRows): unknown[] => [
  rows.id,
  rows.parentId,
  ...writeColumns(rows.writes),
  rows.body,
  rows.metadata,
  rows.pieces.map(({ log }) => log),
  rows.pieces.map(({ start }) => start),
  rows.pieces.map(({ payload }) => payload),
]
