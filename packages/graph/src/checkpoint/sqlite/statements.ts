import type { DatabaseSync, StatementSync } from 'node:sqlite'

type StatementName =
  | 'place'
  | 'addPlace'
  | 'moveHead'
  | 'follow'
  | 'checkpoint'
  | 'body'
  | 'addCheckpoint'
  | 'pieces'
  | 'addPiece'
  | 'writes'
  | 'addWrite'
  | 'setWrite'
  | 'begin'
  | 'commit'
  | 'rollback'

/** Every statement that is run often. Whatever comes from outside is bound, never written into the text. */
const STATEMENTS: Readonly<Record<StatementName, string>> = {
  place: 'SELECT place_id AS placeId, head FROM places WHERE thread_id = ? AND checkpoint_ns = ?',
  addPlace: 'INSERT INTO places (thread_id, checkpoint_ns, head, updated_ms) VALUES (?, ?, ?, ?)',
  moveHead: 'UPDATE places SET head = max(head, ?), updated_ms = ? WHERE place_id = ?',
  /** As `moveHead`, where the head is the one that it follows. */
  follow: `UPDATE places SET head = max(head, ?), updated_ms = ?
     WHERE thread_id = ? AND checkpoint_ns = ? AND head = ? RETURNING place_id AS placeId`,
  checkpoint:
    'SELECT checkpoint_id AS id, parent_id AS parentId, body, metadata FROM checkpoints WHERE place_id = ? AND checkpoint_id = ?',
  body: 'SELECT body FROM checkpoints WHERE place_id = ? AND checkpoint_id = ?',
  addCheckpoint:
    'INSERT OR REPLACE INTO checkpoints (place_id, checkpoint_id, parent_id, body, metadata) VALUES (?, ?, ?, ?, ?)',
  pieces:
    'SELECT log, start, payload FROM pieces WHERE place_id = ? AND log = ? AND start >= ? AND start < ? ORDER BY start',
  addPiece: 'INSERT INTO pieces (place_id, log, start, payload) VALUES (?, ?, ?, ?)',
  writes: `SELECT task_id AS taskId, idx AS "index", channel, payload FROM writes
     WHERE place_id = ? AND checkpoint_id = ? ORDER BY task_id, idx`,
  addWrite:
    'INSERT OR IGNORE INTO writes (place_id, checkpoint_id, task_id, idx, channel, payload) VALUES (?, ?, ?, ?, ?, ?)',
  setWrite:
    'INSERT OR REPLACE INTO writes (place_id, checkpoint_id, task_id, idx, channel, payload) VALUES (?, ?, ?, ?, ?, ?)',
  begin: 'BEGIN IMMEDIATE',
  commit: 'COMMIT',
  rollback: 'ROLLBACK',
}

export type Statements = Readonly<Record<StatementName, StatementSync>>

export function prepareStatements(database: DatabaseSync): Statements {
  const prepared = Object.entries(STATEMENTS).map(([name, sql]) => [name, database.prepare(sql)] as const)
  return Object.fromEntries(prepared) as Record<StatementName, StatementSync>
}
