import type { Transaction } from 'kysely'
import type { Schema } from '../schema.ts'

/** One step of the tables, forward only. Once released it never changes: what comes later is another step. */
export interface Migration {
  /** One more than the step before. */
  readonly version: number
  readonly name: string
  readonly up: (trx: Transaction<Schema>, words: Words) => Promise<void>
}

/** What the two databases call the same thing. */
export interface Words {
  readonly dialect: 'sqlite' | 'postgres'
  /** Compared byte by byte, so that order and paging are the same everywhere. */
  readonly text: string
  /** 64 bits. */
  readonly integer: string
  /** Exact pico-USD. */
  readonly money: string
  /** Ends the definition of a table. */
  readonly strict: string
}

export const sqliteWords: Words = {
  dialect: 'sqlite',
  text: 'text',
  integer: 'integer',
  money: 'integer',
  strict: ' strict',
}

export const postgresWords: Words = {
  dialect: 'postgres',
  text: 'text collate "C"',
  integer: 'bigint',
  money: 'numeric(38, 0)',
  strict: '',
}
