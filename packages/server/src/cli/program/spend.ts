import { Option } from 'commander'
import type { SpendFlags } from '../commands/spend.ts'
import type { Family } from './family.ts'
import { addGatewayFlags } from './gateway-flags.ts'

const GROUPINGS: readonly SpendFlags['by'][] = [
  'key',
  'team',
  'model',
  'tag',
  'agent',
  'user',
  'customer',
  'organization',
  'provider',
  'day',
]

export const addSpend: Family = (program, world, end) => {
  const command = program
    .command('spend')
    .description('show what was spent, and by whom or on what')
    .addOption(new Option('--by <what>', 'what a row is').choices(GROUPINGS).default('key'))
    .option('--since <day>', 'the first day, 2026-11-01, or how far back: 7d, 4w, 3mo', '30d')
    .option('--until <day>', 'the last day; today when left out')
    .option('--json', 'rows and their total as JSON, costs as exact decimal texts')
  addGatewayFlags(command).action(async (flags: SpendFlags) => {
    const { spend } = await import('../commands/spend.ts')
    await end(spend(flags, world))
  })
}
