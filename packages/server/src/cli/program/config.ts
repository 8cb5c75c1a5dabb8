import type { Family } from './family.ts'

export const addConfig: Family = (program, world, end) => {
  const config = program.command('config').description('look at a configuration')
  config
    .command('check')
    .description('say everything that is wrong with it')
    .argument('<file>')
    .action(async (file: string) => {
      const { checkConfig } = await import('../commands/config.ts')
      await end(checkConfig(file, world))
    })
  config
    .command('effective')
    .description('show each value and where it comes from, without secrets')
    .argument('<file>')
    .option('--json', 'as JSON')
    .action(async (file: string, { json }: { json?: true }) => {
      const { showEffectiveConfig } = await import('../commands/config.ts')
      await end(showEffectiveConfig(file, json === true, world))
    })
  config
    .command('schema')
    .description('print the JSON Schema of config.yaml, for editors')
    .action(async () => {
      const { showConfigSchema } = await import('../commands/config.ts')
      await end(Promise.resolve(showConfigSchema(world)))
    })
}
