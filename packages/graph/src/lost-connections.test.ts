import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { expect, test } from 'vitest'
import { outliveConnections } from './lost-connections.ts'

const url = process.env['SWITCHYARD_TEST_POSTGRES_URL'] ?? ''
if (url === '') console.warn('not run: lost connections (SWITCHYARD_TEST_POSTGRES_URL is not set)')

test.skipIf(url === '')('a pool outlives its connections, idle ones and those in use', async () => {
  const name = randomUUID()
  const pool = outliveConnections(new pg.Pool({ connectionString: url, application_name: name }))
  const admin = new pg.Client({ connectionString: url })
  await admin.connect()
  const used = await pool.connect()
  const idle = await pool.connect()
  idle.release()
  const lost = Promise.all(
    [used, idle].map((client) => new Promise((resolve) => client.once('end', resolve))),
  )
  await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1', [
    name,
  ])
  await lost
  await expect(used.query('SELECT 1')).rejects.toThrow()
  used.release(true)
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  await pool.end()
  await admin.end()
})
