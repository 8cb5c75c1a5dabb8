import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { exitCodeFor, readEnvironment, renderFindings } from '../../config/index.ts'
import type { GatewaySettings } from '../../config/index.ts'
import { openDatabase } from '../../store/database.ts'
import type { Database, DatabaseInput } from '../../store/database.ts'
import { isStoreError } from '../../store/store-error.ts'
import { CommandError, exitCodes, messageOf, systemCodeOf } from '../world.ts'
import type { World } from '../world.ts'
import { loadFor } from './configuration.ts'

export interface PlaceFlags {
  config?: string
  data?: string
}

export type DatabasePlace = Pick<DatabaseInput, 'url' | 'file' | 'limits'>

/** Which database the settings name: PostgreSQL, or else a file in the data directory. */
export function databaseOf(settings: GatewaySettings, dataDirectory: string): DatabasePlace {
  return {
    url: settings.databaseUrl,
    file: settings.databaseUrl === undefined ? join(dataDirectory, 'switchyard.db') : undefined,
    limits: {
      connections: settings.databaseConnections,
      connectTimeoutMs: settings.databaseConnectTimeoutMs,
      statementTimeoutMs: settings.databaseStatementTimeoutMs,
    },
  }
}

/** The database that the configuration or the environment names. */
export async function configuredDatabase(flags: PlaceFlags, world: World): Promise<DatabasePlace> {
  const { settings, problems } = readEnvironment(world.env)
  for (const problem of problems) world.stderr.write(`${problem}; it counts as not set\n`)
  const loaded = await loadFor({}, flags.config ?? settings.configPath, world)
  if (!loaded.ok) throw new CommandError(renderFindings(loaded.findings), exitCodeFor(loaded))
  const data = resolve(world.directory, flags.data ?? settings.dataDirectory ?? '.switchyard')
  return databaseOf(loaded.config.settings, data)
}

/**
 * Opens a database for as long as a command works with it, without a limit on how long a statement may run. Throws
 * `CommandError`: 78 when the tables are of a newer release, 1 for whatever else goes wrong.
 */
export async function withDatabase<T>(
  place: DatabasePlace,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  // A connection that is lost shows in what fails.
  const log = { warn: () => undefined }
  try {
    const database = await openDatabase({ ...place, limits: { ...place.limits, statementTimeoutMs: 0 }, log })
    try {
      return await work(database)
    } finally {
      await database.close()
    }
  } catch (error) {
    if (error instanceof CommandError) throw error
    const newer = isStoreError(error, 'schema_version_mismatch')
    throw new CommandError(messageOf(error), newer ? exitCodes.configuration : exitCodes.failed)
  }
}

/** Whether there is anything to open: opening a file would make it. */
export async function isThere({ file }: DatabasePlace): Promise<boolean> {
  if (file === undefined) return true
  try {
    await stat(file)
    return true
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return false
    throw error
  }
}
