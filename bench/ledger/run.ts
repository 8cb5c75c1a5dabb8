import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { verify } from '../../packages/server/src/ledger/verify.ts'
import { openDatabase } from '../../packages/server/src/store/database.ts'
import type { Database } from '../../packages/server/src/store/database.ts'
import { migrate } from '../../packages/server/src/store/migrate.ts'
import { generate } from './generate.ts'
import { createReports } from './reports.ts'

/** Times reports over generated requests. See bench/README.md. */
const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '5000000' },
    rounds: { type: 'string', default: '15' },
    folder: {
      type: 'string',
      default: join(import.meta.dirname, '../../node_modules/.cache/switchyard-bench'),
    },
    /** Of PostgreSQL: a database that may be filled. Left out: SQLite only. */
    postgres: { type: 'string' },
    'no-sqlite': { type: 'boolean', default: false },
    /** Uses what an earlier run has generated. */
    keep: { type: 'boolean', default: false },
    /** Where the figures go; left out: nowhere but the screen. */
    out: { type: 'string' },
  },
})
const rows = Number(values.rows)
const rounds = Number(values.rounds)
const TARGET_MS = 100

interface Timing {
  readonly report: string
  readonly medianMs: number
  readonly slowestMs: number
}

interface Result {
  readonly database: string
  readonly generatedS: number | undefined
  readonly verifiedS: number
  readonly timings: readonly Timing[]
}

const say = (text: string): void => void process.stderr.write(`${text}\n`)

async function measure(database: Database, isNew: boolean): Promise<Result> {
  say(`${database.dialect}: ${database.place}`)
  const startMs = performance.now()
  if (isNew) {
    await migrate(database)
    await generate(database, rows, say)
  }
  const generatedS = isNew ? Math.round((performance.now() - startMs) / 1_000) : undefined
  const timings: Timing[] = []
  for (const { name, run } of await createReports(database)) {
    const times: number[] = []
    for (let round = 0; round < rounds; round++) {
      const beforeMs = performance.now()
      await run(database.kysely)
      times.push(performance.now() - beforeMs)
    }
    times.sort((one, other) => one - other)
    const medianMs = rounded(times[Math.floor(times.length / 2)] ?? 0)
    timings.push({ report: name, medianMs, slowestMs: rounded(times.at(-1) ?? 0) })
    say(`${medianMs > TARGET_MS ? '!' : ' '} ${String(medianMs).padStart(8)} ms  ${name}`)
  }
  const verifyMs = performance.now()
  const { drifts } = await verify(database)
  if (drifts.length > 0) throw new Error(`the generated ledger does not agree: ${drifts[0]?.scope ?? ''}`)
  const verifiedS = Math.round((performance.now() - verifyMs) / 1_000)
  say(`  verified in ${verifiedS} s`)
  return { database: database.dialect, generatedS, verifiedS, timings }
}

function rounded(ms: number): number {
  return Math.round(ms * 100) / 100
}

const results: Result[] = []
const limits = { statementTimeoutMs: 0 }
const log = { warn: () => {} }
const file = join(values.folder, 'ledger.db')
mkdirSync(values.folder, { recursive: true })
if (!values.keep) for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true })
const places = [
  ...(values['no-sqlite'] ? [] : [{ file }]),
  ...(values.postgres === undefined ? [] : [{ url: values.postgres }]),
]
for (const place of places) {
  const database = await openDatabase({ ...place, limits, log })
  results.push(await measure(database, !values.keep))
  await database.close()
}

if (values.out !== undefined) {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
    version: string
  }
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version }
  writeFileSync(values.out, `${JSON.stringify({ version, rows, rounds, machine, results }, undefined, 2)}\n`)
}
if (results.some(({ timings }) => timings.some(({ medianMs }) => medianMs > TARGET_MS))) process.exitCode = 1
