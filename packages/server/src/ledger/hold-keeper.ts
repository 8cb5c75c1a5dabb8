import type { Logger } from 'pino'
import type { Counters, Orphan, Settlement } from '../policy/counters.ts'
import type { OpeningRecord } from './entry.ts'
import type { Ledger } from './ledger.ts'
import { estimate } from './pairing.ts'

export interface HoldKeeperInput {
  readonly counters: Counters
  readonly ledger: Pick<Ledger, 'open' | 'close'>
  /** What the database knows a request to have come to. */
  readonly find: (requestId: string) => Promise<Pick<Settlement, 'costPicoUsd' | 'isPresumed'> | undefined>
  readonly owner: string
  readonly leaseMs: number
  readonly nowMs: () => number
  readonly log: Pick<Logger, 'warn' | 'info'>
}

const ORPHANS_AT_ONCE = 100

/**
 * Keeps this process's holds alive, and settles those of processes that are gone: what they held may have been
 * spent, so it counts as spent until the truth is known. A request of this process is never taken for lost: an estimate
 * and the truth of one request are always in the journals of two processes, and the database has both of them told.
 */
export function keepHolds(input: HoldKeeperInput): { run: () => Promise<void>; stop: () => void } {
  const { leaseMs, log } = input
  /** Taken over; what cannot be settled now stays for the next run, as nobody else will get it. */
  const orphans: Orphan[] = []
  let running = false
  const run = async (): Promise<void> => {
    if (running) return
    running = true
    try {
      await renewAndAdopt(input, orphans)
    } catch (error) {
      log.warn({ error }, 'holds could not be renewed; they end by themselves if this goes on')
    } finally {
      running = false
    }
  }
  const timer = setInterval(() => void run(), leaseMs / 3)
  timer.unref()
  return { run, stop: () => clearInterval(timer) }
}

async function renewAndAdopt(input: HoldKeeperInput, orphans: Orphan[]): Promise<void> {
  const { counters, owner, nowMs, log } = input
  await counters.renew(owner, nowMs())
  orphans.push(...(await counters.takeOrphans(owner, nowMs(), ORPHANS_AT_ONCE)))
  let count = 0
  for (let [orphan] = orphans; orphan !== undefined; [orphan] = orphans) {
    if (await settleOrphan(orphan, input)) count += 1
    orphans.shift()
  }
  if (count > 0) log.warn({ orphans: count }, 'requests of a process that is gone were settled')
}

/** Whether it is settled. */
async function settleOrphan(
  orphan: Orphan,
  { counters, ledger, find, owner, nowMs }: HoldKeeperInput,
): Promise<boolean> {
  const { requestId } = orphan
  // It may have ended, and only the counters have not heard of it.
  const known = await find(requestId)
  if (known !== undefined) {
    await counters.settle({ requestId, nowMs: nowMs(), ...known })
    return true
  }
  const opened = openingOf(orphan)
  // Another process took it over and went before it could settle it: here its true end is still to come.
  if (opened.owner === owner) return false
  const { opening, closing } = estimate(opened, nowMs())
  ledger.open(opening)
  ledger.close(closing)
  await counters.settle({
    requestId,
    nowMs: nowMs(),
    costPicoUsd: closing.costPicoUsd,
    isPresumed: true,
  })
  return true
}

/** What the gateway wrote beside the hold when it was made. */
function openingOf({ opening, holdPicoUsd }: Orphan): OpeningRecord {
  return { ...(JSON.parse(opening) as Omit<OpeningRecord, 'holdPicoUsd'>), holdPicoUsd }
}
