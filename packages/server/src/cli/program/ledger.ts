import type { Command } from 'commander'
import type { StatementFlags, VerifyFlags } from '../commands/ledger.ts'
import type { Family } from './family.ts'

export const addLedger: Family = (program, world, end) => {
  const ledger = program.command('ledger').description('prove what was spent')
  addFlags(ledger.command('verify'))
    .description('prove that entries, balances and the sums of days agree; 1 when they do not')
    .option('--json', 'the result as JSON')
    .action(async (flags: VerifyFlags) => {
      const { verifyLedger } = await import('../commands/ledger.ts')
      await end(verifyLedger(flags, world))
    })
  addFlags(ledger.command('statement'))
    .description('list what somebody was debited, with the balance after each request')
    .argument('<kind>', 'key, user, team, organization, end_user, agent, run, tag or global')
    .argument('[id]', 'whose; a key by itself or by its hash')
    .option('--since <day>', 'the first day, or how far back: 7d, 4w, 3mo', '30d')
    .option('--until <day>', 'the last day; today when left out')
    .option('--json', 'one JSON object a line')
    .action(async (kind: string, id: string | undefined, flags: StatementFlags) => {
      const { showStatement } = await import('../commands/ledger.ts')
      await end(showStatement(kind, id, flags, world))
    })
}

function addFlags(command: Command): Command {
  return command
    .option(
      '-c, --config <file>',
      'the configuration that names the database (or CONFIG_FILE_PATH, or DATABASE_URL)',
    )
    .option('--data <directory>', 'where the embedded database is (or SWITCHYARD_DATA; .switchyard)')
}
