import { sql } from 'kysely'
import { readFile } from 'node:fs/promises'
import type { Database } from '../../store/database.ts'
import { openAt, postgresPlace } from '../../store/testing/databases.ts'

/** A database of PostgreSQL that LiteLLM has used, as a file of this folder says; gone after the tests' file. */
export async function makeLitellm(
  file: 'litellm.sql' | 'early-litellm.sql',
): Promise<{ url: string; database: Database }> {
  const place = await postgresPlace()
  const database = await openAt(place)
  await sql.raw(await readFile(new URL(file, import.meta.url), 'utf8')).execute(database.kysely)
  return { ...place, database }
}
