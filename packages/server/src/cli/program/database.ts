import type { Command } from 'commander'
import type { DatabaseFlags } from '../commands/database.ts'
import type { Family } from './family.ts'

export const addDatabase: Family = (program, world, end) => {
  addFlags(program.command('migrate'))
    .description(
      'bring the tables of the database to this release; the server does so by itself when it starts',
    )
    .action(async (flags: DatabaseFlags) => {
      const { migrateDatabase } = await import('../commands/database.ts')
      await end(migrateDatabase(flags, world))
    })
  const database = program.command('db').description('look at the database')
  addFlags(database.command('status'))
    .description('say which database it is, of which version its tables are, and what is pending')
    .action(async (flags: DatabaseFlags) => {
      const { showDatabaseStatus } = await import('../commands/database.ts')
      await end(showDatabaseStatus(flags, world))
    })
  addFlags(database.command('copy'))
    .description(
      'copy an embedded database into the one that is configured, for example SQLite into PostgreSQL',
    )
    .argument('<file>', 'the embedded database; no gateway may be using it')
    .action(async (file: string, flags: DatabaseFlags) => {
      const { copyInto } = await import('../commands/database.ts')
      await end(copyInto(file, flags, world))
    })
}

function addFlags(command: Command): Command {
  return command
    .option(
      '-c, --config <file>',
      'the configuration that names the database (or CONFIG_FILE_PATH, or DATABASE_URL)',
    )
    .option('--data <directory>', 'where the embedded database is (or SWITCHYARD_DATA; .switchyard)')
    .option('--json', 'the result as JSON')
}
