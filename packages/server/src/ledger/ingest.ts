import type { Database, Queries } from '../store/database.ts'
import { ensureLogPartitions } from '../store/log-partitions.ts'
import {
  addEntries,
  addLogs,
  addTags,
  correctEntry,
  findLog,
  presumedEntries,
  replaceLog,
} from '../store/tables/ledger-entries.ts'
import { addToBalances, addToDailySpend } from '../store/tables/ledger-sums.ts'
import type { Pair } from './pairing.ts'
import { dayOf, entryRow, logRow, storedPair, tagRows } from './rows.ts'
import { createSumming } from './sums.ts'
import type { Summing } from './sums.ts'

/** Writes pairs into the database: all of them or none, and each once however often it is given. */
export type Ingest = (pairs: readonly Pair[]) => Promise<void>

/**
 * Entries, tags, logs, sums of days and balances, in one transaction. A pair that is there already changes nothing,
 * but what was presumed gives way to the truth: its sums are taken back and those of the truth added.
 */
export function createIngest(database: Database, nowMs: () => number): Ingest {
  const { dialect } = database
  const readyDays = new Set<number>()

  const makeRoom = async (pairs: readonly Pair[]): Promise<void> => {
    const days = new Set(pairs.map(({ opening }) => dayOf(opening.atMs)))
    const missing = [...days].filter((day) => !readyDays.has(day))
    if (missing.length === 0) return
    await ensureLogPartitions(database, missing)
    for (const day of missing) readyDays.add(day)
  }

  const correct = async (trx: Queries, pairs: readonly Pair[], summing: Summing): Promise<void> => {
    const truths = new Map(
      pairs
        .filter(({ closing }) => closing.isPresumed !== true)
        .map((pair) => [pair.opening.requestId, pair]),
    )
    for (const presumed of await presumedEntries(trx, dialect, [...truths.keys()])) {
      const truth = truths.get(presumed.request_id)
      if (truth === undefined) continue
      const log = await findLog(trx, dayOf(presumed.at_ms), presumed.request_id)
      const before = storedPair(truth.opening, presumed, log)
      const after = { opening: before.opening, closing: truth.closing }
      summing.add(before, -1)
      summing.add(after)
      await correctEntry(trx, entryRow(after))
      await replaceLog(trx, dialect, logRow(after))
    }
  }

  return async (given) => {
    if (given.length === 0) return
    const pairs = onePerRequest(given)
    await makeRoom(pairs)
    await database.transaction(
      async (trx) => {
        const added = await addEntries(trx, dialect, pairs.map(entryRow))
        const isNew = ({ opening }: Pair): boolean => added.has(opening.requestId)
        const fresh = pairs.filter(isNew)
        await addTags(trx, dialect, fresh.flatMap(tagRows))
        await addLogs(trx, dialect, fresh.map(logRow))
        const summing = createSumming(nowMs())
        for (const pair of fresh) summing.add(pair)
        if (fresh.length < pairs.length)
          await correct(
            trx,
            pairs.filter((pair) => !isNew(pair)),
            summing,
          )
        const { daily, balances } = summing.sums()
        await addToDailySpend(trx, dialect, daily)
        await addToBalances(trx, dialect, balances)
      },
      // The journal has them until the database is brought to the disk.
      { idempotent: true, durable: false },
    )
  }
}

/** In one order for everyone who writes, so that nobody waits in a circle. A truth goes before what is presumed. */
function onePerRequest(pairs: readonly Pair[]): Pair[] {
  const byRequest = new Map<string, Pair>()
  for (const pair of pairs) {
    const known = byRequest.get(pair.opening.requestId)
    if (known === undefined || known.closing.isPresumed === true) byRequest.set(pair.opening.requestId, pair)
  }
  return [...byRequest.values()].sort((one, other) =>
    one.opening.requestId < other.opening.requestId ? -1 : 1,
  )
}
