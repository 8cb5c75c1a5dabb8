import type { Principal } from '../../auth/principal.ts'
import type { Filter } from '../../store/tables/filter.ts'
import type { Resource } from '../../store/tables/resources.ts'
import { forbidden, teamMemberMayNot } from '../refusals.ts'

type Key = Resource<'keys'>

/** What members of a team may be allowed to do with its keys, by LiteLLM's names. */
export type KeyRoute =
  | '/key/generate'
  | '/key/service-account/generate'
  | '/key/update'
  | '/key/delete'
  | '/key/regenerate'
  | '/key/block'
  | '/key/unblock'
  | '/key/bulk_update'
  | '/key/{key_id}/reset_spend'
  | '/key/info'
  | '/key/list'

/** The keys that somebody sees, as filters of which one is enough; undefined: all of them. */
export function visibleKeys(
  principal: Principal,
  route: '/key/info' | '/key/list',
): readonly Filter<Key>[] | undefined {
  if (seesAll(principal)) return undefined
  const { keyHash, userId, adminOfTeams, memberOfTeams, adminOfOrganizations } = principal
  const teams = [...adminOfTeams, ...memberOfTeams.filter((team) => mayInTeam(principal, team, route))]
  return [
    { id: keyHash },
    ...(userId === undefined ? [] : [{ user_id: userId }]),
    ...(teams.length === 0 ? [] : [{ team_id: [...new Set(teams)] }]),
    ...(adminOfOrganizations.length === 0 ? [] : [{ organization_id: adminOfOrganizations }]),
  ]
}

/** Whether somebody may look at a key. */
export function seesKey(principal: Principal, key: Key): boolean {
  if (seesAll(principal) || administersKey(principal, key)) return true
  if (key.id === principal.keyHash || isOwn(principal, key)) return true
  return key.team_id !== null && mayInTeam(principal, key.team_id, '/key/info')
}

/** Whether they may set its limits as they like. */
export function administersKey(principal: Principal, key: Pick<Key, 'team_id' | 'organization_id'>): boolean {
  const { role, adminOfTeams, adminOfOrganizations } = principal
  if (role === 'proxy_admin') return true
  if (key.team_id !== null && adminOfTeams.includes(key.team_id)) return true
  return key.organization_id !== null && adminOfOrganizations.includes(key.organization_id)
}

/**
 * @throws 401 `team_member_permission_error` for a member of its team who is not trusted with this, 403 for all
 * others who may not.
 */
export function checkMayChangeKey(principal: Principal, key: Key, route: KeyRoute): void {
  if (administersKey(principal, key)) return
  if (key.team_id !== null) checkTeamMember(principal, key.team_id, route)
  else if (!isOwn(principal, key))
    throw forbidden('This key is not yours. Ask its owner or an administrator.', 'key')
}

/** Who was blocked does not unblock themselves. @throws 403 */
export function checkMayUnblock(principal: Principal, key: Key): void {
  if (key.data.blocked === true && !administersKey(principal, key))
    throw forbidden('This key is blocked. Only an administrator of it may unblock it.', 'key')
}

/** @throws as `checkMayChangeKey` for what happens within a team. */
export function checkTeamMember(principal: Principal, teamId: string, route: KeyRoute): void {
  if (mayInTeam(principal, teamId, route)) return
  if (!principal.memberOfTeams.includes(teamId))
    throw forbidden(`User=${principal.userId ?? 'None'} not assigned to team=${teamId}.`, 'team_id')
  const allowed = principal.teamPermissions[teamId] ?? []
  throw teamMemberMayNot(
    `Team member does not have permissions for endpoint: ${route}. You only have access to the following endpoints: [${allowed.join(', ')}] for team=${teamId}. A team admin can change that with /team/permissions_update.`,
  )
}

function mayInTeam(principal: Principal, teamId: string, route: KeyRoute): boolean {
  const { adminOfTeams, memberOfTeams, teamPermissions } = principal
  if (adminOfTeams.includes(teamId)) return true
  const allowed = teamPermissions[teamId] ?? []
  return memberOfTeams.includes(teamId) && spellings(route).some((name) => allowed.includes(name))
}

/** LiteLLM knows one of them by two names. */
function spellings(route: KeyRoute): readonly string[] {
  return route === '/key/regenerate' ? [route, '/key/{key_id}/regenerate'] : [route]
}

function isOwn({ userId }: Principal, key: Key): boolean {
  return userId !== undefined && key.user_id === userId
}

function seesAll({ role }: Principal): boolean {
  return role === 'proxy_admin' || role === 'proxy_admin_viewer'
}
