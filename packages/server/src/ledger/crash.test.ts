import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { Database } from '../store/database.ts'
import { migrate } from '../store/migrate.ts'
import { openAt, testDatabases } from '../store/testing/databases.ts'
import { createLedger } from './ledger.ts'
import { verify } from './verify.ts'

const KILLS = 20
const child = fileURLToPath(new URL('testing/crash-child.ts', import.meta.url))
const silent = { info: () => {}, warn: () => {}, error: () => {} }

describe.concurrent.each(testDatabases)('a process on $dialect that is killed at full speed', ({ place }) => {
  it(`${KILLS} times in a row loses nothing and counts nothing twice`, async () => {
    const root = await mkdtemp(join(tmpdir(), 'switchyard-crash-'))
    const folder = join(root, 'journal')
    const acknowledgements = join(root, 'acknowledged')
    const where = await place()
    const database = await openAt(where)
    await migrate(database)

    for (let kill = 0; kill < KILLS; kill++) {
      const running = start(root, where)
      try {
        await ready(running)
        await sleep(20 + 4 * kill)
      } finally {
        const gone = once(running, 'exit')
        running.kill('SIGKILL')
        await gone
      }
    }

    // Whoever reads the same journals twice changes nothing.
    const copy = join(root, 'copy')
    await cp(folder, copy, { recursive: true })
    for (const journals of [folder, copy]) {
      await replay(database, journals)
      expect(await readdir(journals)).toEqual([])
      await check(database, await readFile(acknowledgements, 'utf8'))
    }
    await rm(root, { recursive: true, force: true })
  }, 120_000)
})

function start(root: string, place: object): ChildProcess {
  const words = [child, join(root, 'journal'), join(root, 'acknowledged'), JSON.stringify(place)]
  return spawn(process.execPath, words, {
    stdio: ['ignore', 'pipe', 'inherit'],
    // Twenty starts take half the time when what they compile is kept.
    env: { NODE_COMPILE_CACHE: join(root, 'compiled') },
  })
}

async function ready({ stdout, exitCode }: ChildProcess): Promise<void> {
  if (stdout === null || exitCode !== null) throw new Error('the process ended before it began')
  await once(stdout, 'data')
}

async function replay(database: Database, folder: string): Promise<void> {
  const ledger = createLedger({ database, folder, owner: 'replay', log: silent, nowMs: Date.now })
  await ledger.start()
  await ledger.stop()
}

async function check(database: Database, acknowledged: string): Promise<void> {
  const rows = await database.kysely
    .selectFrom('ledger_entries')
    .select(['request_id', 'state', 'cost_pico_usd'])
    .execute()
  const entries = new Map(rows.map((row) => [row.request_id, row]))
  const settled = new Set<string>()
  let opened = 0
  for (const line of acknowledged.split('\n').slice(0, -1)) {
    const [what, id = '', cost = ''] = line.split(' ')
    const entry = entries.get(id)
    if (what === 'opened') {
      opened += 1
      expect(entry).toBeDefined()
    } else {
      settled.add(id)
      expect(entry).toMatchObject({ state: 'settled', cost_pico_usd: BigInt(cost) })
    }
  }
  expect(settled.size).toBeGreaterThan(200)
  // What the process did not live to acknowledge is at most one opening and one closing each time.
  expect(entries.size - opened).toBeLessThanOrEqual(KILLS)
  const estimated = rows.filter(({ request_id, state }) => state === 'estimated' && !settled.has(request_id))
  expect(rows.length - settled.size - estimated.length).toBeLessThanOrEqual(KILLS)
  expect(estimated.every((row) => row.cost_pico_usd === 1_000n)).toBe(true)
  expect((await verify(database)).drifts).toEqual([])
}
