import { openSync, writeSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { randomUUID } from 'node:crypto'
import { pino } from 'pino'
import { openDatabase } from '../../store/database.ts'
import { createLedger } from '../ledger.ts'
import { closing, opening } from './records.ts'

/** A process that opens and closes as fast as it can, until it is killed. What it says is written at once. */
const [folder = '', acknowledgements = '', place = ''] = process.argv.slice(2)
const log = pino({ level: 'silent' })
const database = await openDatabase({ ...(JSON.parse(place) as { url?: string; file?: string }), log })
const ledger = createLedger({
  database,
  folder,
  owner: randomUUID(),
  log,
  nowMs: Date.now,
  everyMs: 5,
  segmentBytes: 200_000,
})
await ledger.start()
flushCompileCache()
process.stdout.write('ready\n')

const acknowledged = openSync(acknowledgements, 'a')
const UNDER_WAY = 20
const underWay: string[] = []
for (let count = 0; ; count++) {
  const id = randomUUID()
  ledger.open(opening(id, { holdPicoUsd: 1_000n, parties: { keyHash: `key-${count % 5}` } }))
  writeSync(acknowledged, `opened ${id}\n`)
  underWay.push(id)
  const done = underWay.length > UNDER_WAY ? underWay.shift() : undefined
  if (done !== undefined) {
    ledger.close(closing(done, { costPicoUsd: BigInt(count) }))
    writeSync(acknowledged, `closed ${done} ${count}\n`)
  }
  // The writer needs its turn too.
  if (count % 20 === 0) await new Promise((resolve) => void setImmediate(resolve))
}
