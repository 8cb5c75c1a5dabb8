import { findGateway } from '../gateway/address.ts'
import type { GatewayFlags } from '../gateway/address.ts'
import { createAsk } from '../gateway/send.ts'
import { readTeam } from '../governance/answers.ts'
import type { TeamAnswer } from '../governance/answers.ts'
import { countOf, limitFields, modelsText, spendFields } from '../governance/cells.ts'
import { fetchTeams, findTeamId } from '../governance/find-team.ts'
import { limitBody, withoutGaps } from '../governance/limits.ts'
import type { LimitFlags } from '../governance/limits.ts'
import { showList } from '../governance/listing.ts'
import { printable } from '../terminal/printable.ts'
import { exitCodes } from '../world.ts'
import type { World } from '../world.ts'
import type { Field } from '../terminal/table.ts'

export interface CreateTeamFlags extends GatewayFlags, LimitFlags {
  id?: string
  organization?: string
  models?: string[]
  json?: true
}

export interface ListTeamsFlags extends GatewayFlags {
  json?: true
}

export interface AddMemberFlags extends GatewayFlags {
  role: string
  budget?: number
}

const fields: readonly Field<TeamAnswer>[] = [
  { title: 'team', cell: (team) => team.team_alias ?? '', total: countOf('team') },
  { title: 'id', cell: (team) => team.team_id },
  { title: 'organization', optional: true, cell: (team) => team.organization_id ?? '' },
  { title: 'members', align: 'right', cell: (team) => String(team.members_with_roles?.length ?? 0) },
  { title: 'models', cell: (team) => modelsText(team.models) },
  ...spendFields,
  ...limitFields,
  { title: 'state', optional: true, cell: (team) => (team.blocked === true ? 'blocked' : '') },
]

/** Makes a team and prints its id. */
export async function createTeam(alias: string, flags: CreateTeamFlags, world: World): Promise<number> {
  const ask = createAsk(await findGateway(flags, world))
  const { id, organization, models } = flags
  const body = withoutGaps({
    team_alias: alias,
    team_id: id,
    organization_id: organization,
    models,
    ...limitBody(flags),
  })
  const answer = await ask({ path: '/team/new', body })
  const { team_id: made } = readTeam(answer)
  world.stdout.write(
    flags.json === true ? `${JSON.stringify(answer, undefined, 2)}\n` : `${printable(made)}\n`,
  )
  return exitCodes.done
}

export async function listTeams(flags: ListTeamsFlags, world: World): Promise<number> {
  const ask = createAsk(await findGateway(flags, world))
  showList(await fetchTeams(ask), readTeam, fields, flags, world)
  return exitCodes.done
}

/** Deletes teams and their keys; all of them or, when one is not found, none. */
export async function deleteTeams(
  named: readonly string[],
  flags: GatewayFlags,
  world: World,
): Promise<number> {
  const ask = createAsk(await findGateway(flags, world))
  const ids: string[] = []
  for (const name of named) ids.push(await findTeamId(ask, name))
  await ask({ path: '/team/delete', body: { team_ids: ids } })
  world.stdout.write(`Deleted, with their keys: ${ids.map(printable).join(', ')}\n`)
  return exitCodes.done
}

export async function addTeamMember(
  [team, user]: readonly [team: string, user: string],
  flags: AddMemberFlags,
  world: World,
): Promise<number> {
  const ask = createAsk(await findGateway(flags, world))
  const body = withoutGaps({
    team_id: await findTeamId(ask, team),
    member: { user_id: user, role: flags.role },
    max_budget_in_team: flags.budget,
  })
  await ask({ path: '/team/member_add', body })
  world.stdout.write(`${user} is in ${team} now.\n`)
  return exitCodes.done
}

export async function removeTeamMember(
  [team, user]: readonly [team: string, user: string],
  flags: GatewayFlags,
  world: World,
): Promise<number> {
  const ask = createAsk(await findGateway(flags, world))
  await ask({ path: '/team/member_delete', body: { team_id: await findTeamId(ask, team), user_id: user } })
  world.stdout.write(`${user} is not in ${team} any more.\n`)
  return exitCodes.done
}
