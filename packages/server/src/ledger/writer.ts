import type { Logger } from 'pino'
import type { Schedule } from './schedule.ts'

const EVERY_MS = 250
const ADOPT_EVERY_MS = 30_000
const LONGEST_PAUSE_MS = 10_000

export interface WriterOptions {
  /** Moves everything that is written by now into the database. */
  drain: () => Promise<void>
  /** So much waits that it is moved at once. */
  isUrgent: () => boolean
  /** As `drain`, for journals whose process died. */
  adopt: () => Promise<void>
  log: Pick<Logger, 'info' | 'warn'>
  nowMs: () => number
  schedule: Schedule
  everyMs?: number | undefined
}

/** Decides when the journal is moved: every now and then, or when much waits; more rarely while the database is away. */
export interface Writer {
  start: () => Promise<void>
  /** Much waits. */
  wake: () => void
  flush: () => Promise<void>
  /** `false`: the database could not be reached, and something is left. */
  stop: () => Promise<boolean>
  /** The time since everything was in the database. */
  lagMs: () => number
}

export function createWriter(options: WriterOptions): Writer {
  const { drain, isUrgent, adopt, log, nowMs, schedule } = options
  const everyMs = options.everyMs ?? EVERY_MS
  let caughtUpMs = nowMs()
  let adoptAtMs = 0
  let failures = 0
  let isStopped = false
  /** It runs, or will as soon as it can. */
  let isAwake = false
  let cancel = (): void => {}
  /** One at a time: what is asked for meanwhile comes after it. */
  let turn: Promise<unknown> = Promise.resolve()

  const move = async (): Promise<void> => {
    const startedMs = nowMs()
    await drain()
    caughtUpMs = startedMs
    if (startedMs < adoptAtMs) return
    await adopt()
    adoptAtMs = startedMs + ADOPT_EVERY_MS
  }

  const inTurn = async (): Promise<void> => {
    const mine = turn.then(move)
    turn = mine.catch(() => {})
    await mine
  }

  /** Whether it worked; failing is said once, and so is its end. */
  const attempt = async (): Promise<boolean> => {
    try {
      await inTurn()
      if (failures > 0) log.info({ failures }, 'the ledger reaches its database again')
      failures = 0
      return true
    } catch (error) {
      failures += 1
      if (failures === 1)
        log.warn({ error }, 'the ledger cannot reach its database; the journal keeps everything until it can')
      return false
    }
  }

  const next = (): void => {
    if (isStopped) return
    isAwake = failures === 0 && isUrgent()
    const pauseMs = isAwake ? 0 : Math.min(everyMs * 2 ** Math.min(failures, 10), LONGEST_PAUSE_MS)
    cancel = schedule(pauseMs, () => void again())
  }

  const again = async (): Promise<void> => {
    isAwake = true
    await attempt()
    next()
  }

  return {
    start: again,
    wake: () => {
      if (isAwake || isStopped || failures > 0) return
      isAwake = true
      cancel()
      cancel = schedule(0, () => void again())
    },
    flush: inTurn,
    stop: async () => {
      isStopped = true
      cancel()
      return await attempt()
    },
    lagMs: () => nowMs() - caughtUpMs,
  }
}
