import { tables } from './0001-tables.ts'
import { counters } from './0002-counters.ts'
import { presumed } from './0003-presumed.ts'
import type { Migration } from './migration.ts'

/** All steps in their order. */
export const migrations: readonly Migration[] = [tables, counters, presumed]
