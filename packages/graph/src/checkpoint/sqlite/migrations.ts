import type { DatabaseSync } from 'node:sqlite'
import { saverFailure } from '../failures.ts'

/** What a database of ours has as its `application_id`: "SwGr". */
const APPLICATION_ID = 0x53_77_47_72

/** One step of the tables' history each. A step that was released is never changed. */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE places (
     place_id INTEGER PRIMARY KEY,
     thread_id TEXT NOT NULL,
     checkpoint_ns TEXT NOT NULL,
     head TEXT NOT NULL,
     updated_ms INTEGER NOT NULL,
     UNIQUE (thread_id, checkpoint_ns)
   ) STRICT;
   CREATE TABLE checkpoints (
     place_id INTEGER NOT NULL,
     checkpoint_id TEXT NOT NULL,
     parent_id TEXT,
     body TEXT NOT NULL,
     metadata TEXT NOT NULL,
     PRIMARY KEY (place_id, checkpoint_id)
   ) STRICT;
   CREATE TABLE pieces (
     place_id INTEGER NOT NULL,
     log TEXT NOT NULL,
     start INTEGER NOT NULL,
     payload TEXT NOT NULL,
     PRIMARY KEY (place_id, log, start)
   ) STRICT;
   CREATE TABLE writes (
     place_id INTEGER NOT NULL,
     checkpoint_id TEXT NOT NULL,
     task_id TEXT NOT NULL,
     idx INTEGER NOT NULL,
     channel TEXT NOT NULL,
     payload TEXT NOT NULL,
     PRIMARY KEY (place_id, checkpoint_id, task_id, idx)
   ) STRICT;`,
]

/** A setting of a file, of those that are numbers. */
export function readPragma(database: DatabaseSync, name: string): number {
  return Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0])
}

/** Makes the tables of a file, or brings them up to date. */
export function migrate(database: DatabaseSync, path: string): void {
  const pragma = (name: string): number => readPragma(database, name)
  if (pragma('application_id') === APPLICATION_ID && pragma('user_version') === MIGRATIONS.length) return
  database.exec('BEGIN IMMEDIATE')
  try {
    const owner = pragma('application_id')
    const tables = Number(database.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.['n'])
    if (owner !== APPLICATION_ID && (owner !== 0 || tables > 0))
      throw saverFailure(
        'checkpoint_corrupt',
        `${path} is a database of another program: give the saver a file of its own.`,
      )
    const version = pragma('user_version')
    if (version > MIGRATIONS.length)
      throw saverFailure('checkpoint_corrupt', `${path} was written by a newer version of @switchyard/graph.`)
    for (const migration of MIGRATIONS.slice(version)) database.exec(migration)
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}`)
    database.exec(`PRAGMA user_version = ${MIGRATIONS.length}`)
    database.exec('COMMIT')
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}
