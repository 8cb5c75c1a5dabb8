import type { Logger } from 'pino'
import { addDuration } from '../policy/duration.ts'
import type { Duration } from '../policy/duration.ts'
import type { Database } from '../store/database.ts'
import { dropLogsBefore } from '../store/log-partitions.ts'
import { dayOf } from './rows.ts'
import type { Schedule } from './schedule.ts'

/** The first look comes soon after the start, when the start itself is over. */
const FIRST_MS = 60_000

export interface RetentionOptions {
  database: Database
  keep: Duration
  everyMs: number
  nowMs: () => number
  schedule: Schedule
  log: Pick<Logger, 'info' | 'warn'>
}

/** Deletes logs of requests when their time is over. What was spent stays. */
export interface Retention {
  start: () => void
  /** Looks now, and gives the first day that is kept. */
  clean: () => Promise<number>
  stop: () => Promise<void>
}

export function createRetention({
  database,
  keep,
  everyMs,
  nowMs,
  schedule,
  log,
}: RetentionOptions): Retention {
  let cancel = (): void => {}
  let running: Promise<unknown> = Promise.resolve()
  let isStopped = false

  const clean = async (): Promise<number> => {
    const firstKept = dayOf(before(nowMs(), keep))
    const dropped = await dropLogsBefore(database, firstKept)
    if (dropped.length > 0)
      log.info({ days: dropped.length, before: firstKept }, 'old logs of requests were deleted')
    return firstKept
  }

  const look = async (): Promise<void> => {
    try {
      await clean()
    } catch (error) {
      log.warn({ error }, 'old logs of requests could not be deleted; they are looked for again')
    }
    after(everyMs)
  }

  const after = (ms: number): void => {
    if (isStopped) return
    cancel = schedule(ms, () => {
      running = look()
    })
  }

  return {
    start: () => after(FIRST_MS),
    clean,
    stop: async () => {
      isStopped = true
      cancel()
      await running
    },
  }
}

/** The instant that lies a duration earlier: a day is kept whole while any of it is. */
function before(nowMs: number, keep: Duration): number {
  return nowMs - (addDuration(nowMs, keep) - nowMs)
}
