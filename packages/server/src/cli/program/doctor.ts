import type { DoctorFlags } from '../commands/doctor.ts'
import type { Family } from './family.ts'

export const addDoctor: Family = (program, world, end) => {
  program
    .command('doctor')
    .description('check the configuration, the keys and whether each deployment can be reached')
    .option('-c, --config <file>', 'the configuration (or CONFIG_FILE_PATH)')
    .option('--data <directory>', 'what the server keeps (or SWITCHYARD_DATA; .switchyard)')
    .option('--live', 'also ask each deployment for one token, which costs money')
    .option('--json', 'the results as JSON')
    .action(async (flags: DoctorFlags) => {
      const { doctor } = await import('../commands/doctor.ts')
      await end(doctor(flags, world))
    })
}
