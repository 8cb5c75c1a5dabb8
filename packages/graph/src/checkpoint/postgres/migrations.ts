import { saverFailure } from '../failures.ts'
import { isWide, rowReader } from '../row-reader.ts'
import type { RowReader, Wide } from '../row-reader.ts'
import type { Query } from './tables.ts'

/** Two processes that set up at once take turns. */
const SETUP_LOCK = 0x53_77_47_72

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

const readVersion: RowReader<{ readonly version: Wide }> = rowReader({ version: isWide })

/** Makes the schema and its tables, or brings them up to date. */
export async function migrate(query: Query, schema: string): Promise<void> {
  await query('SELECT pg_advisory_xact_lock($1)', [SETUP_LOCK])
  await query(`CREATE SCHEMA IF NOT EXISTS ${schema}`)
  await query('CREATE TABLE IF NOT EXISTS {s}.graph_migrations (version integer PRIMARY KEY)')
  const [row] = await query('SELECT coalesce(max(version), 0) AS version FROM {s}.graph_migrations')
  const version = Number(readVersion(row).version)
  if (version > MIGRATIONS.length)
    throw saverFailure('checkpoint_corrupt', `${schema} was set up by a newer version of @switchyard/graph.`)
  for (const [index, migration] of MIGRATIONS.slice(version).entries()) {
    await query(migration)
    await query('INSERT INTO {s}.graph_migrations VALUES ($1)', [version + index + 1])
  }
}
