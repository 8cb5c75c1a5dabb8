import type { ImportFlags } from '../commands/import-litellm.ts'
import type { Family } from './family.ts'

export const addImport: Family = (program, world, end) => {
  program
    .command('import')
    .description('take over what another gateway knows')
    .command('litellm')
    .description(
      "say what LiteLLM's configuration means here, and take over keys, teams, users, budgets and spend so far",
    )
    .option('-c, --config <file>', "LiteLLM's config.yaml (or CONFIG_FILE_PATH)")
    .option(
      '--database-url <url>',
      "LiteLLM's database; the one that the configuration names when left out (or DATABASE_URL)",
    )
    .option('--data <directory>', 'where the embedded database is (or SWITCHYARD_DATA; .switchyard)')
    .option('--dry-run', 'only say what would happen')
    .option('--update', 'write over what is here already, spend so far included')
    .option('--json', 'the report as JSON')
    .action(async (flags: ImportFlags) => {
      const { importFromLitellm } = await import('../commands/import-litellm.ts')
      await end(importFromLitellm(flags, world))
    })
}
