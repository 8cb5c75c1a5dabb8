import { mkdir, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { exitCodeFor, readEnvironment, renderFindings } from '../../config/index.ts'
import { openDatabase } from '../../store/database.ts'
import type { Database, DatabaseInput } from '../../store/database.ts'
import { migrate, noTables, schemaStatus } from '../../store/migrate.ts'
import type { SchemaStatus } from '../../store/migrate.ts'
import { isStoreError } from '../../store/store-error.ts'
import { loadFor } from '../start/configuration.ts'
import { databaseOf } from '../start/database.ts'
import { CommandError, exitCodes, messageOf, systemCodeOf } from '../world.ts'
import type { World } from '../world.ts'

export interface DatabaseFlags {
  config?: string
  data?: string
  json?: true
}

/** Takes the pending steps. Ends with 78 when the tables are of a newer release, 1 when it cannot be done. */
export async function migrateDatabase(flags: DatabaseFlags, world: World): Promise<number> {
  const place = await placeOf(flags, world)
  if (place.file !== undefined) await mkdir(dirname(place.file), { recursive: true, mode: 0o700 })
  return await withDatabase(place, async (database) => {
    const steps = await migrate(database)
    const { version } = await schemaStatus(database)
    const said = steps.map((step) => `${step.version}: ${step.name}\n`).join('')
    const sum = `The tables in ${database.place} are of version ${version}${steps.length === 0 ? ' already' : ' now'}.\n`
    world.stdout.write(flags.json === true ? json({ ...facts(database), version, steps }) : `${said}${sum}`)
  })
}

/** Tells which database it is and what `migrate` would do. Ends as `migrateDatabase` does. */
export async function showDatabaseStatus(flags: DatabaseFlags, world: World): Promise<number> {
  const place = await placeOf(flags, world)
  const show = (facts: Facts, status: SchemaStatus): void => {
    world.stdout.write(flags.json === true ? json({ ...facts, ...status }) : text(facts, status))
  }
  // Opening it would make it.
  if (place.file !== undefined && !(await exists(place.file))) {
    show({ dialect: 'sqlite', place: place.file }, noTables())
    return exitCodes.done
  }
  return await withDatabase(place, async (database) => show(facts(database), await schemaStatus(database)))
}

type Place = Pick<DatabaseInput, 'url' | 'file' | 'limits'>
type Facts = Pick<Database, 'dialect' | 'place'>

async function placeOf(flags: DatabaseFlags, world: World): Promise<Place> {
  const { settings, problems } = readEnvironment(world.env)
  for (const problem of problems) world.stderr.write(`${problem}; it counts as not set\n`)
  const loaded = await loadFor({}, flags.config ?? settings.configPath, world)
  if (!loaded.ok) throw new CommandError(renderFindings(loaded.findings), exitCodeFor(loaded))
  const data = resolve(world.directory, flags.data ?? settings.dataDirectory ?? '.switchyard')
  return databaseOf(loaded.config.settings, data)
}

async function withDatabase(place: Place, work: (database: Database) => Promise<void>): Promise<number> {
  // A connection that is lost shows in what fails.
  const log = { warn: () => undefined }
  try {
    const database = await openDatabase({ ...place, limits: { ...place.limits, statementTimeoutMs: 0 }, log })
    try {
      await work(database)
    } finally {
      await database.close()
    }
    return exitCodes.done
  } catch (error) {
    const newer = isStoreError(error, 'schema_version_mismatch')
    throw new CommandError(messageOf(error), newer ? exitCodes.configuration : exitCodes.failed)
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file)
    return true
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return false
    throw error
  }
}

function text({ dialect, place }: Facts, { version, latest, pending }: SchemaStatus): string {
  const steps = pending.map((step) => `  ${step.version}: ${step.name}\n`).join('')
  const outlook =
    pending.length === 0 ? 'Nothing is pending.\n' : `Pending, for \`switchyard migrate\`:\n${steps}`
  const name = dialect === 'sqlite' ? 'SQLite' : 'PostgreSQL'
  return `${name}: ${place}\nTables: version ${version} of ${latest}\n${outlook}`
}

function facts({ dialect, place }: Database): Facts {
  return { dialect, place }
}

function json(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}
