import type { Ask } from '../gateway/send.ts'
import { CommandError } from '../world.ts'
import { readList, readTeam } from './answers.ts'

/** All teams, as the gateway gives them. */
export async function fetchTeams(ask: Ask): Promise<unknown[]> {
  return readList(await ask({ path: '/team/list' }))
}

/** The id of the team that somebody means by its id or its alias. Throws `CommandError` when it is not one. */
export async function findTeamId(ask: Ask, named: string): Promise<string> {
  const teams = (await fetchTeams(ask)).map(readTeam)
  if (teams.some(({ team_id: id }) => id === named)) return named
  const [first, second] = teams.filter(({ team_alias: alias }) => alias === named)
  if (first === undefined)
    throw new CommandError(`There is no team '${named}'. See them with \`switchyard teams list\`.`)
  if (second !== undefined)
    throw new CommandError(`Several teams are called '${named}': name the one you mean by its id.`)
  return first.team_id
}
