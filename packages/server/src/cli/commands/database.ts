import { mkdir } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { copyDatabase } from '../../store/copy.ts'
import type { Database } from '../../store/database.ts'
import { migrate, noTables, schemaStatus } from '../../store/migrate.ts'
import type { SchemaStatus } from '../../store/migrate.ts'
import { configuredDatabase, isThere, withDatabase } from '../start/database.ts'
import type { PlaceFlags } from '../start/database.ts'
import { CommandError, exitCodes } from '../world.ts'
import type { World } from '../world.ts'

export interface DatabaseFlags extends PlaceFlags {
  json?: true
}

/** Takes the pending steps. Ends with 78 when the tables are of a newer release, 1 when it cannot be done. */
export async function migrateDatabase(flags: DatabaseFlags, world: World): Promise<number> {
  const place = await configuredDatabase(flags, world)
  if (place.file !== undefined) await mkdir(dirname(place.file), { recursive: true, mode: 0o700 })
  await withDatabase(place, async (database) => {
    const steps = await migrate(database)
    const { version } = await schemaStatus(database)
    const said = steps.map((step) => `${step.version}: ${step.name}\n`).join('')
    const sum = `The tables in ${database.place} are of version ${version}${steps.length === 0 ? ' already' : ' now'}.\n`
    world.stdout.write(flags.json === true ? json({ ...facts(database), version, steps }) : `${said}${sum}`)
  })
  return exitCodes.done
}

/** Tells which database it is and what `migrate` would do. Ends as `migrateDatabase` does. */
export async function showDatabaseStatus(flags: DatabaseFlags, world: World): Promise<number> {
  const place = await configuredDatabase(flags, world)
  const show = (facts: Facts, status: SchemaStatus): void => {
    world.stdout.write(flags.json === true ? json({ ...facts, ...status }) : text(facts, status))
  }
  // Opening it would make it.
  if (place.file !== undefined && !(await isThere(place)))
    show({ dialect: 'sqlite', place: place.file }, noTables())
  else await withDatabase(place, async (database) => show(facts(database), await schemaStatus(database)))
  return exitCodes.done
}

/**
 * Copies the rows of a file into the configured database, whose tables it makes. Ends with 1, and nothing copied, when
 * the file is not of this release or the database was used before.
 */
export async function copyInto(file: string, flags: DatabaseFlags, world: World): Promise<number> {
  const source = { file: resolve(world.directory, file) }
  if (!(await isThere(source))) throw new CommandError(`There is no file ${source.file}.`)
  const target = await configuredDatabase(flags, world)
  if (target.file === source.file)
    throw new CommandError(
      'It is the configured database itself. Set DATABASE_URL or general_settings.database_url.',
    )
  await withDatabase(source, async (from) => {
    const { pending } = await schemaStatus(from)
    if (pending.length > 0)
      throw new CommandError(
        `${from.place} is of an earlier release: take it to this one first, with \`migrate\`.`,
      )
    await withDatabase(target, async (to) => {
      await migrate(to)
      const copied = await copyDatabase(from, to)
      const said = copied.map(({ table, rows }) => `${table}: ${rows}\n`).join('')
      const sum = `Copied into ${to.place}.\n`
      world.stdout.write(flags.json === true ? json({ ...facts(to), copied }) : `${said}${sum}`)
    })
  })
  return exitCodes.done
}

type Facts = Pick<Database, 'dialect' | 'place'>

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
