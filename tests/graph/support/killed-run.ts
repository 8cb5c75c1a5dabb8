// Runs the graph of the crash test and kills its own process at one storage operation.
//   node killed-run.ts sqlite <file> <effects> <operation>
//   node killed-run.ts postgres <schema> <effects> <operation> before|sent
import { appendFileSync } from 'node:fs'
import { DatabaseSync, StatementSync } from 'node:sqlite'
import { PostgresSaver } from '@switchyard/graph/postgres'
import { SqliteSaver } from '@switchyard/graph/sqlite'
import type pg from 'pg'
import { crashGraph, finish } from './crash-graph.ts'

const [kind, storage = '', effects = '', operation, edge] = process.argv.slice(2)
const fatal = Number(operation)
let count = 0

const die = (): void => {
  process.kill(process.pid, 'SIGKILL')
}

/** Statements of SQLite are over when the call returns: also within a transaction. */
function watchSqlite(): void {
  const { run } = StatementSync.prototype
  const { exec } = DatabaseSync.prototype
  StatementSync.prototype.run = function (this: StatementSync, ...values: Parameters<typeof run>) {
    const result = run.apply(this, values)
    if ((count += 1) === fatal) die()
    return result
  } as typeof run
  DatabaseSync.prototype.exec = function (this: DatabaseSync, sql: string) {
    exec.call(this, sql)
    if ((count += 1) === fatal) die()
  }
}

/** Dies before a statement is sent, or when it is on its way and nobody will hear the answer. */
async function watchPostgres(): Promise<void> {
  const { default: pg } = await import('pg')
  const { query } = pg.Client.prototype
  pg.Client.prototype.query = function (this: pg.Client, ...values: never[]) {
    if ((count += 1) === fatal) {
      if (edge === 'before') die()
      else setImmediate(die)
    }
    return (query as (...values: never[]) => unknown).apply(this, values)
  } as typeof query
}

async function main(): Promise<void> {
  if (kind === 'sqlite') watchSqlite()
  else await watchPostgres()
  const saver =
    kind === 'sqlite'
      ? SqliteSaver.fromConnString(storage)
      : PostgresSaver.fromConnString(process.env['SWITCHYARD_TEST_POSTGRES_URL'] ?? '', { schema: storage })
  const graph = crashGraph(saver, ({ id, name }) => appendFileSync(effects, `${id} ${name}\n`))
  const values = await finish(graph)
  process.stdout.write(JSON.stringify({ count, values }))
  if (saver instanceof PostgresSaver) await saver.end()
}

await main()
