import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Checkpointer } from '@switchyard/graph'
import { Annotation, RunControl, START, StateGraph } from '@switchyard/graph'
import { PostgresSaver } from '@switchyard/graph/postgres'
import { SqliteSaver } from '@switchyard/graph/sqlite'
import pg from 'pg'
import { describe, expect, test, vi } from 'vitest'

const State = Annotation.Root({
  log: Annotation<string[]>({ reducer: (all, more) => [...all, ...more], default: () => [] }),
})
const thread = { configurable: { thread_id: 't' } }

/** How a run went. */
interface Outcome {
  readonly ranMeanwhile: readonly string[]
  readonly ran: readonly string[]
  readonly stored: readonly string[]
}

const WELL: Outcome = { ranMeanwhile: ['a'], ran: ['a', 'b'], stored: ['in', 'a', 'b'] }

/** Runs two steps; in the first one the storage goes down, and comes back when the run has tried it again. */
async function runThroughOutage(
  saver: Checkpointer,
  goDown: () => unknown,
  comeBack: () => unknown,
): Promise<Outcome> {
  const ran: string[] = []
  const control = new RunControl()
  const graph = new StateGraph(State)
    .addNode('a', async () => {
      await goDown()
      ran.push('a')
      return { log: ['a'] }
    })
    .addNode('b', () => {
      ran.push('b')
      return { log: ['b'] }
    })
    .addEdge(START, 'a')
    .addEdge('a', 'b')
    .compile({ checkpointer: saver })
  let ranMeanwhile: readonly string[] = []
  const result = graph.invoke({ log: ['in'] }, { ...thread, control, storagePatience: 20_000 })
  try {
    await vi.waitFor(() => expect(control.storageWait?.attempts).toBeGreaterThan(1), 10_000)
    ranMeanwhile = [...ran]
  } finally {
    await comeBack()
  }
  await result
  return { ranMeanwhile, ran, stored: (await graph.getState(thread)).values.log }
}

describe('a run goes through an outage of its storage', () => {
  test('SQLite: another process holds the file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'switchyard-outage-'))
    const file = join(folder, 'threads.db')
    const saver = new SqliteSaver(file, { busyTimeoutMs: 1 })
    const other = new DatabaseSync(file)
    try {
      const outcome = await runThroughOutage(
        saver,
        () => other.exec('BEGIN IMMEDIATE'),
        () => other.exec('ROLLBACK'),
      )
      expect(outcome).toEqual(WELL)
    } finally {
      other.close()
      saver.close()
      rmSync(folder, { recursive: true })
    }
  })

  const url = process.env['SWITCHYARD_TEST_POSTGRES_URL'] ?? ''
  if (url === '') console.warn('not run: PostgreSQL (SWITCHYARD_TEST_POSTGRES_URL is not set)')

  test.skipIf(url === '')('PostgreSQL: the server cuts all connections and takes no new ones', async () => {
    const name = `outage_${randomUUID().replaceAll('-', '')}`
    const admin = new pg.Client({ connectionString: url })
    await admin.connect()
    await admin.query(`CREATE DATABASE ${name}`)
    const its = new URL(url)
    its.pathname = `/${name}`
    const saver = PostgresSaver.fromConnString(its.href)
    const allow = (isAllowed: boolean) => admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS ${isAllowed}`)
    try {
      await saver.setup()
      const outcome = await runThroughOutage(
        saver,
        async () => {
          await allow(false)
          await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [
            name,
          ])
        },
        () => allow(true),
      )
      expect(outcome).toEqual(WELL)
    } finally {
      await saver.end()
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`)
      await admin.end()
    }
  })
})
