import type { Principal } from '../../auth/principal.ts'
import type { Filter } from '../../store/tables/filter.ts'
import type { Resource } from '../../store/tables/resources.ts'
import { forbidden } from '../refusals.ts'

type Team = Resource<'teams'>

/** The teams that somebody sees, as filters of which one is enough; undefined: all of them. */
export function visibleTeams(principal: Principal): readonly Filter<Omit<Team, 'data'>>[] | undefined {
  const { role, memberOfTeams, teamId, adminOfOrganizations } = principal
  if (role === 'proxy_admin' || role === 'proxy_admin_viewer') return undefined
  return [
    { id: [...new Set([...memberOfTeams, ...(teamId === undefined ? [] : [teamId])])] },
    { organization_id: adminOfOrganizations },
  ]
}

/** @throws 403 */
export function checkSeesTeam(principal: Principal, team: Team): void {
  const { role, memberOfTeams, teamId } = principal
  if (role === 'proxy_admin_viewer' || administersTeam(principal, team)) return
  if (memberOfTeams.includes(team.id) || teamId === team.id) return
  throw forbidden(
    `key not allowed to access this team's info. Key team_id=${teamId ?? 'None'}, Requested team_id=${team.id}`,
    'team_id',
  )
}

/** @throws 403 unless they administer the team, its organization or the gateway. */
export function checkAdministersTeam(principal: Principal, team: Team, route: string): void {
  if (administersTeam(principal, team)) return
  throw forbidden(
    `Call not allowed. User not proxy admin OR team admin. route=${route}, team_id=${team.id}`,
    'team_id',
  )
}

/** @throws 403 for a team's own admins: what the team gets is not theirs to decide. */
export function checkGovernsTeam(principal: Principal, team: Team, route: string): void {
  if (principal.role === 'proxy_admin' || isOfTheirOrganization(principal, team)) return
  throw forbidden(`Only proxy admins and organization admins may do this. route=${route}`, 'team_id')
}

function administersTeam(principal: Principal, team: Team): boolean {
  return (
    principal.role === 'proxy_admin' ||
    principal.adminOfTeams.includes(team.id) ||
    isOfTheirOrganization(principal, team)
  )
}

function isOfTheirOrganization({ adminOfOrganizations }: Principal, team: Team): boolean {
  return team.organization_id !== null && adminOfOrganizations.includes(team.organization_id)
}
