import type { CreateKeyFlags, ListKeysFlags, RotateKeyFlags } from '../commands/keys.ts'
import type { GatewayFlags } from '../gateway/address.ts'
import type { Family } from './family.ts'
import { addGatewayFlags } from './gateway-flags.ts'
import { addLimitFlags, parseNames } from './governance-flags.ts'
import { parseObject } from './values.ts'

const KEY = 'the key, its id or the beginning of it, or its alias'

export const addKeys: Family = (program, world, end) => {
  const keys = program.command('keys').description('hand out and take back virtual keys')
  const create = keys
    .command('create')
    .description('make a key and print it, once')
    .option('--alias <name>', 'what people call it; unique')
    .option('--team <id>', 'the team it belongs to')
    .option('--user <id>', 'the user it belongs to')
    .option('--models <names>', 'what it may call, with commas; everything when left out', parseNames)
    .option('--tags <names>', 'what its spend is counted under, with commas', parseNames)
    .option('--expires <duration>', 'how long it lives: 24h, 30d …; for ever when left out')
    .option('--budget-id <id>', 'the budget it shares')
    .option('--metadata <json>', 'anything, as a JSON object', parseObject('{"owner":"web"}'))
    .option('--json', 'all that the gateway says of it')
  addLimitFlags(create)
  addGatewayFlags(create).action(async (flags: CreateKeyFlags) => {
    const { createKey } = await import('../commands/keys.ts')
    await end(createKey(flags, world))
  })
  const list = keys
    .command('list')
    .description('show keys, what they have spent and what they may')
    .option('--team <id>', "this team's only")
    .option('--user <id>', "this user's only")
    .option('--json', 'all that the gateway says of them')
  addGatewayFlags(list).action(async (flags: ListKeysFlags) => {
    const { listKeys } = await import('../commands/keys.ts')
    await end(listKeys(flags, world))
  })
  const revoke = keys.command('revoke').description('end keys for good').argument('<key...>', KEY)
  addGatewayFlags(revoke).action(async (named: string[], flags: GatewayFlags) => {
    const { revokeKeys } = await import('../commands/keys.ts')
    await end(revokeKeys(named, flags, world))
  })
  const rotate = keys
    .command('rotate')
    .description('give a key a new secret; its limits and spend stay')
    .argument('<key>', KEY)
    .option('--grace <duration>', 'how long the old secret still works: 24h …; not at all when left out')
    .option('--json', 'all that the gateway says of it')
  addGatewayFlags(rotate).action(async (named: string, flags: RotateKeyFlags) => {
    const { rotateKey } = await import('../commands/keys.ts')
    await end(rotateKey(named, flags, world))
  })
}
