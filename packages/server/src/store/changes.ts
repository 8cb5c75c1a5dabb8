import type { Transaction } from 'kysely'
import type { Logger } from 'pino'
import type { Database } from './database.ts'
import type { Schema } from './schema.ts'

/** A thing that is different now: `{ kind: 'key', id: <hash> }`. */
export interface Change {
  readonly kind: string
  readonly id: string
}

/** `gap`: changes may have been missed, so anything may be different. */
export type Heard = Change | 'gap'

/** Whoever has to know of changes. */
type Listener = (heard: Heard) => void | Promise<void>

/**
 * Tells every instance what was changed, so that what they keep in memory is dropped at once. What is lost on the way
 * is bounded by how long the caches keep things. A cache also has to drop what it is just loading when it hears of a
 * change: the load may have begun before.
 */
export interface Changes {
  /**
   * `Database.transaction` that tells of what it changed: this process once it is committed, before it gives its
   * result; the others by the database.
   */
  transaction: <T>(
    work: (trx: Transaction<Schema>, tell: (change: Change) => void) => Promise<T>,
  ) => Promise<T>
  /**
   * Gives the way to stop. The listener must not throw or reject; what it promises is waited for by the transaction of
   * this process that it hears of, so that whoever made a change finds it in force.
   */
  subscribe: (listener: Listener) => () => void
  close: () => Promise<void>
}

export interface ChangesInput {
  readonly database: Database
  /** Of PostgreSQL, as in `openDatabase`. */
  readonly url?: string | undefined
  /** Tells this process from others. */
  readonly instance: string
  readonly log: Pick<Logger, 'warn' | 'info'>
  readonly random?: (() => number) | undefined
}

/** A payload may have 8,000 bytes; ids may be 256 long. */
const CHANGES_AT_ONCE = 20

export async function createChanges(input: ChangesInput): Promise<Changes> {
  const listeners = new Set<Listener>()
  const hear = (heard: Heard): (void | Promise<void>)[] => [...listeners].map((listener) => listener(heard))
  const others = await connect(input, (heard) => void hear(heard))
  return {
    transaction: async (work) => {
      const { result, told } = await input.database.transaction(async (trx) => {
        const told: Change[] = []
        const result = await work(trx, (change) => told.push(change))
        await others.send(trx, told)
        return { result, told }
      })
      const heard = told.flatMap(hear).filter((promised) => promised instanceof Promise)
      // Most are in force at once, and each turn of waiting costs.
      if (heard.length > 0) await Promise.all(heard)
      return result
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: others.close,
  }
}

interface Others {
  send: (trx: Transaction<Schema>, changes: readonly Change[]) => Promise<void>
  close: () => Promise<void>
}

interface Message {
  readonly from: string
  readonly changes: readonly Change[]
}

const nobody: Others = { send: () => Promise.resolve(), close: () => Promise.resolve() }

async function connect(
  { database, url, instance, log, random = Math.random }: ChangesInput,
  hear: (heard: Heard) => void,
): Promise<Others> {
  if (database.dialect === 'sqlite' || url === undefined) return nobody
  const [{ sql }, { listen }] = await Promise.all([import('kysely'), import('./dialects/listen.ts')])
  const channel = `switchyard_${database.schema ?? 'public'}`
  const onMessage = (payload: string): void => {
    const message = readMessage(payload)
    if (message === undefined) hear('gap')
    else if (message.from !== instance) for (const change of message.changes) hear(change)
  }
  const { close } = listen({ url, channel, onMessage, onConnected: () => hear('gap'), log, random })
  return {
    send: async (trx, changes) => {
      for (let from = 0; from < changes.length; from += CHANGES_AT_ONCE) {
        const message: Message = { from: instance, changes: changes.slice(from, from + CHANGES_AT_ONCE) }
        await sql`select pg_notify(${channel}, ${JSON.stringify(message)})`.execute(trx)
      }
    },
    close,
  }
}

/** Whoever may write to the database may write to the channel. */
function readMessage(payload: string): Message | undefined {
  try {
    return JSON.parse(payload) as Message
  } catch {
    return undefined
  }
}
