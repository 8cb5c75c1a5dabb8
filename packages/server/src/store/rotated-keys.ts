import { sql } from 'kysely'
import type { Logger } from 'pino'
import type { Queries } from './database.ts'

const EVERY_MS = 3_600_000

export interface RotatedKeysOptions {
  readonly queries: Queries
  readonly nowMs: () => number
  /** Runs something once after a time, and gives a way to call it off. */
  readonly schedule: (ms: number, run: () => void) => () => void
  readonly log: Pick<Logger, 'warn'>
}

/** Deletes keys that were replaced, once their time of grace is over. Gives a way to stop. */
export function sweepRotatedKeys({ queries, nowMs, schedule, log }: RotatedKeysOptions): () => Promise<void> {
  let running: Promise<void> = Promise.resolve()
  let cancel = (): void => {}
  let isStopped = false

  const look = async (): Promise<void> => {
    try {
      await deleteEnded(queries, nowMs())
    } catch (error) {
      log.warn({ error }, 'keys that were replaced could not be deleted; they are looked for again')
    }
    next()
  }

  const next = (): void => {
    if (isStopped) return
    cancel = schedule(EVERY_MS, () => {
      running = look()
    })
  }

  next()
  return async () => {
    isStopped = true
    cancel()
    await running
  }
}

/** They work no more, and their successor has all that they had. */
async function deleteEnded(queries: Queries, nowMs: number): Promise<void> {
  await queries
    .deleteFrom('keys')
    .where('expires_ms', '<=', nowMs)
    .where(sql<boolean>`data like '%"replaced_by":%'`)
    .execute()
}
