import type { Principal } from './principal.ts'
import type { Role } from './roles.ts'

/** Who may be granted something: a role, or whoever administers a team. */
export type Grantee = Role | 'team_admin'

/** What can be permitted. */
export type Permission =
  | 'models:use'
  | 'models:read'
  | 'models:write'
  | 'health:run'
  | 'metrics:read'
  | 'keys:read'
  | 'keys:write'
  | 'teams:read'
  | 'teams:create'
  | 'teams:write'
  | 'teams:delete'
  | 'team_members:write'
  | 'users:read'
  | 'users:list'
  | 'users:create'
  | 'users:write'
  | 'users:delete'
  | 'customers:read'
  | 'customers:write'
  | 'organizations:read'
  | 'organizations:create'
  | 'organizations:write'
  | 'budgets:read'
  | 'budgets:write'
  | 'tags:read'
  | 'tags:write'
  | 'audit:read'
  | 'spend:read'
  | 'spend:read_all'
  | 'spend:reset'
  | 'config:read'
  | 'credentials:read'
  | 'credentials:write'
  | 'cache:read'
  | 'cache:write'

const everyone: readonly Grantee[] = [
  'proxy_admin',
  'proxy_admin_viewer',
  'org_admin',
  'team_admin',
  'internal_user',
  'internal_user_viewer',
  'key',
]

const admins: readonly Grantee[] = ['proxy_admin']
const readers: readonly Grantee[] = ['proxy_admin', 'proxy_admin_viewer']
const orgAdmins: readonly Grantee[] = ['proxy_admin', 'org_admin']
const teamAdmins: readonly Grantee[] = ['proxy_admin', 'org_admin', 'team_admin']
const people: readonly Grantee[] = ['proxy_admin', 'org_admin', 'team_admin', 'internal_user']

/**
 * Who is permitted what. A permission opens the door; which rows somebody sees or changes behind it
 * is decided by the resource.
 */
const GRANTS: Readonly<Record<Permission, readonly Grantee[]>> = {
  'models:use': everyone,
  'models:read': everyone,
  'models:write': admins,
  'health:run': everyone,
  'metrics:read': everyone,
  'keys:read': everyone,
  'keys:write': people,
  'teams:read': everyone,
  'teams:create': orgAdmins,
  'teams:write': teamAdmins,
  'teams:delete': orgAdmins,
  'team_members:write': people,
  'users:read': everyone,
  'users:list': [...readers, 'org_admin'],
  'users:create': orgAdmins,
  'users:write': people,
  'users:delete': admins,
  'customers:read': readers,
  'customers:write': admins,
  'organizations:read': [...readers, 'org_admin', 'team_admin', 'internal_user', 'internal_user_viewer'],
  'organizations:create': admins,
  'organizations:write': orgAdmins,
  'budgets:read': readers,
  'budgets:write': admins,
  'tags:read': [...readers, 'org_admin', 'team_admin', 'internal_user', 'internal_user_viewer'],
  'tags:write': admins,
  'audit:read': readers,
  'spend:read': everyone,
  'spend:read_all': readers,
  'spend:reset': admins,
  'config:read': readers,
  'credentials:read': readers,
  'credentials:write': admins,
  'cache:read': readers,
  'cache:write': admins,
}

/** Whether the door is open to them at all. */
export function isPermitted(principal: Principal, permission: Permission): boolean {
  return granteesOf(principal).some((grantee) => GRANTS[permission].includes(grantee))
}

function granteesOf({ role, adminOfTeams, adminOfOrganizations }: Principal): readonly Grantee[] {
  return [
    role,
    ...(adminOfTeams.length > 0 ? (['team_admin'] as const) : []),
    ...(adminOfOrganizations.length > 0 ? (['org_admin'] as const) : []),
  ]
}
