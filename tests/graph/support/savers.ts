import { randomUUID } from 'node:crypto'
import type { Checkpointer } from '@switchyard/graph'
import { PostgresSaver } from '@switchyard/graph/postgres'
import { RedisSaver } from '@switchyard/graph/redis'
import { SqliteSaver } from '@switchyard/graph/sqlite'

/** A saver as tests open it. */
export interface OpenSaver {
  readonly saver: Checkpointer
  close(): void | Promise<void>
}

function openSqlite(): OpenSaver {
  const saver = SqliteSaver.fromConnString(':memory:')
  return { saver, close: () => saver.close() }
}

async function openPostgres(url: string): Promise<OpenSaver> {
  const saver = PostgresSaver.fromConnString(url, { schema: randomUUID() })
  await saver.setup()
  return { saver, close: () => saver.end() }
}

function openRedis(url: string): OpenSaver {
  const saver = RedisSaver.fromUrl(url, { prefix: `test:${randomUUID()}` })
  return { saver, close: () => saver.end() }
}

/** The savers besides the one in memory; those whose service is not there are left out, and it is said. */
export function storedSavers(): [name: string, open: () => OpenSaver | Promise<OpenSaver>][] {
  const { SWITCHYARD_TEST_POSTGRES_URL: postgres, SWITCHYARD_TEST_REDIS_URL: redis } = process.env
  const savers: ReturnType<typeof storedSavers> = [['SQLite', openSqlite]]
  if (postgres) savers.push(['PostgreSQL', () => openPostgres(postgres)])
  else console.warn('not run: PostgreSQL (SWITCHYARD_TEST_POSTGRES_URL is not set)')
  if (redis) savers.push(['Redis', () => openRedis(redis)])
  else console.warn('not run: Redis (SWITCHYARD_TEST_REDIS_URL is not set)')
  return savers
}
