import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Client } from 'pg'
import type { Logger } from 'pino'
import { connectionStringOf } from './postgres-url.ts'

const CONNECT_TIMEOUT_MS = 5000
const HEARTBEAT_MS = 10_000
const HEARTBEAT_TIMEOUT_MS = 3000
const GOODBYE_MS = 500
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5000

export interface ListenInput {
  readonly url: string
  readonly channel: string
  readonly onMessage: (payload: string) => void
  /** Told each time the connection stands; what was sent before it is lost. */
  readonly onConnected: () => void
  readonly log: Pick<Logger, 'warn' | 'info'>
  readonly random: () => number
}

/** Hears what is sent to a channel, over a connection of its own that comes back whenever it is lost. */
export function listen(input: ListenInput): { close: () => Promise<void> } {
  const closing = new AbortController()
  const running = keepListening(input, closing.signal)
  return {
    close: async () => {
      closing.abort()
      await running
    },
  }
}

async function keepListening(input: ListenInput, closing: AbortSignal): Promise<void> {
  let failures = 0
  while (!closing.aborted) {
    try {
      await listenOnce(input, closing, () => {
        if (failures > 0) input.log.info('changes are heard from the database again')
        failures = 0
      })
    } catch (error) {
      if (closing.aborted) return
      failures += 1
      if (failures === 1)
        input.log.warn({ err: error }, 'changes are not heard from the database: caches last their full time')
      const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures) * (0.5 + input.random() / 2)
      await sleep(pauseMs, undefined, { signal: closing }).catch(() => undefined)
    }
  }
}

/** Until the connection is lost, which throws, or until `closing`. */
async function listenOnce(input: ListenInput, closing: AbortSignal, onConnected: () => void): Promise<void> {
  const client = new pg.Client({
    connectionString: connectionStringOf(input.url),
    application_name: 'switchyard changes',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: HEARTBEAT_TIMEOUT_MS,
    keepAlive: true,
  })
  const over = new AbortController()
  const lost = new Promise<never>((_, reject) => {
    client.on('error', reject)
    client.on('end', () => reject(new Error('the connection ended')))
  })
  const closed = new Promise<void>((resolve) => {
    closing.addEventListener('abort', () => resolve(), { signal: over.signal })
  })
  client.on('notification', ({ payload }) => input.onMessage(payload ?? ''))
  const talk = async (): Promise<void> => {
    await client.connect()
    await client.query(`listen ${client.escapeIdentifier(input.channel)}`)
    onConnected()
    input.onConnected()
    await heartbeat(client, over.signal)
  }
  try {
    await Promise.race([lost, closed, talk()])
  } finally {
    over.abort()
    // One that is frozen says no goodbye.
    await Promise.race([client.end().catch(() => undefined), sleep(GOODBYE_MS, undefined, { ref: false })])
  }
}

/** A frozen connection does not end by itself. */
async function heartbeat(client: Client, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    await sleep(HEARTBEAT_MS, undefined, { signal: over }).catch(() => undefined)
    if (!over.aborted) await client.query('select 1')
  }
}
