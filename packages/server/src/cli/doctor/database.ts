import { schemaStatus } from '../../store/migrate.ts'
import { isThere, withDatabase } from '../start/database.ts'
import type { DatabasePlace } from '../start/database.ts'
import { messageOf } from '../world.ts'
import type { Check } from './check.ts'

/** Whether the database answers, and whether this release knows its tables; nothing is made. */
export async function checkDatabase(place: DatabasePlace): Promise<Check> {
  const subject = 'database'
  try {
    if (!(await isThere(place)))
      return { verdict: 'ok', subject, message: `${place.file} is made by the first start` }
    return await withDatabase(place, async (database) => {
      const { version, latest, pending } = await schemaStatus(database)
      const outlook = pending.length === 0 ? '' : ` of ${latest}, the next start does the rest`
      return { verdict: 'ok', subject, message: `${database.place}: version ${version}${outlook}` }
    })
  } catch (error) {
    const fix = place.url === undefined ? undefined : 'check general_settings.database_url or DATABASE_URL'
    return { verdict: 'failure', subject, message: messageOf(error), fix }
  }
}
