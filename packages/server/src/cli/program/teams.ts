import { Option } from 'commander'
import type { AddMemberFlags, CreateTeamFlags, ListTeamsFlags } from '../commands/teams.ts'
import type { GatewayFlags } from '../gateway/address.ts'
import type { Family } from './family.ts'
import { addGatewayFlags } from './gateway-flags.ts'
import { addLimitFlags, parseNames } from './governance-flags.ts'
import { parseNumber } from './values.ts'

const TEAM = 'its alias or its id'

export const addTeams: Family = (program, world, end) => {
  const teams = program.command('teams').description('groups of people and keys with limits of their own')
  const create = teams
    .command('create')
    .description('make a team and print its id')
    .argument('<alias>', 'what people call it')
    .option('--id <id>', 'its id; made up when left out')
    .option('--organization <id>', 'the organization it belongs to')
    .option('--models <names>', 'what it may call, with commas; everything when left out', parseNames)
    .option('--json', 'all that the gateway says of it')
  addLimitFlags(create)
  addGatewayFlags(create).action(async (alias: string, flags: CreateTeamFlags) => {
    const { createTeam } = await import('../commands/teams.ts')
    await end(createTeam(alias, flags, world))
  })
  const list = teams
    .command('list')
    .description('show teams, what they have spent and what they may')
    .option('--json', 'all that the gateway says of them')
  addGatewayFlags(list).action(async (flags: ListTeamsFlags) => {
    const { listTeams } = await import('../commands/teams.ts')
    await end(listTeams(flags, world))
  })
  const remove = teams
    .command('delete')
    .description('delete teams and their keys')
    .argument('<team...>', TEAM)
  addGatewayFlags(remove).action(async (named: string[], flags: GatewayFlags) => {
    const { deleteTeams } = await import('../commands/teams.ts')
    await end(deleteTeams(named, flags, world))
  })
  const addMember = teams
    .command('add-member')
    .description('put a user into a team')
    .argument('<team>', TEAM)
    .argument('<user>', "the user's id")
    .addOption(
      new Option('--role <role>', 'what they may do in it').choices(['user', 'admin']).default('user'),
    )
    .option('--budget <usd>', 'the most they may spend in it', parseNumber)
  addGatewayFlags(addMember).action(async (team: string, user: string, flags: AddMemberFlags) => {
    const { addTeamMember } = await import('../commands/teams.ts')
    await end(addTeamMember([team, user], flags, world))
  })
  const removeMember = teams
    .command('remove-member')
    .description('take a user out of a team')
    .argument('<team>', TEAM)
    .argument('<user>', "the user's id")
  addGatewayFlags(removeMember).action(async (team: string, user: string, flags: GatewayFlags) => {
    const { removeTeamMember } = await import('../commands/teams.ts')
    await end(removeTeamMember([team, user], flags, world))
  })
}
