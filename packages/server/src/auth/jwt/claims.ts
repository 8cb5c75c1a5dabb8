import type { JWTPayload } from 'jose'
import type { JwtRole, JwtSettings } from '../../config/index.ts'
import { tokenNotAllowed } from '../refusals.ts'

/** Who a token says its holder is. */
export interface TokenIdentity {
  /** Known by the scope or by a role; left out: the token says nothing about it. */
  readonly role?: JwtRole | undefined
  readonly userId?: string | undefined
  readonly email?: string | undefined
  /** Those it names, the most particular first. */
  readonly teamIds: readonly string[]
  readonly organizationId?: string | undefined
  readonly endUserId?: string | undefined
  /** Models that scopes or roles allow, as lists that must all allow one. */
  readonly modelLists: readonly (readonly string[])[]
  /** Left out: what the user's role allows. */
  readonly allowedRoutes?: readonly string[] | undefined
}

/**
 * Reads the claims of a token that was verified.
 *
 * @throws 403 `token_not_allowed` for somebody whom the configuration does not let in.
 */
export function readClaims(claims: JWTPayload, settings: JwtSettings): TokenIdentity {
  const scopes = textsAt(claims, 'scope')
  const role = roleOf(claims, scopes, settings)
  const email = textAt(claims, settings.userEmailField)
  checkEmail(email, settings)
  checkUserRoles(claims, settings)
  const objectId = textAt(claims, settings.objectIdField)
  const teamIds = teamsOf(claims, settings, role === 'team' ? objectId : undefined)
  const userId = (role === 'internal_user' ? objectId : undefined) ?? textAt(claims, settings.userIdField)
  const known = role ?? (teamIds.length > 0 ? 'team' : undefined)
  if (settings.enforceRbac && known === undefined)
    throw tokenNotAllowed(
      'Unmatched token passed in. enforce_rbac is set to True. Token must belong to a proxy admin, team, or user.',
    )
  const permissions = known === undefined ? undefined : settings.rolePermissions[known]
  const lists = [scopedModels(scopes, settings), permissions?.models]
  return {
    role,
    userId,
    email,
    teamIds,
    organizationId: textAt(claims, settings.organizationIdField),
    endUserId: textAt(claims, settings.endUserIdField),
    modelLists: lists.filter((list) => list !== undefined),
    allowedRoutes: permissions?.routes ?? defaultRoutes(known, settings),
  }
}

function roleOf(
  claims: JWTPayload,
  scopes: readonly string[],
  { adminScope, rolesField, roleMappings }: JwtSettings,
): JwtRole | undefined {
  if (scopes.includes(adminScope)) return 'proxy_admin'
  const roles = rolesField === undefined ? [] : textsAt(claims, rolesField)
  return roleMappings.find(({ role }) => roles.includes(role))?.internalRole
}

function defaultRoutes(role: JwtRole | undefined, settings: JwtSettings): readonly string[] | undefined {
  if (role === 'proxy_admin') return settings.adminAllowedRoutes
  return role === 'team' ? settings.teamAllowedRoutes : undefined
}

function teamsOf(claims: JWTPayload, settings: JwtSettings, objectId: string | undefined): string[] {
  const named = [
    objectId,
    textAt(claims, settings.teamIdField),
    ...(settings.teamIdsField === undefined ? [] : textsAt(claims, settings.teamIdsField)),
  ].filter((id) => id !== undefined)
  if (named.length > 0) return [...new Set(named)]
  return settings.teamIdDefault === undefined ? [] : [settings.teamIdDefault]
}

function checkEmail(email: string | undefined, { userEmailDomain }: JwtSettings): void {
  if (userEmailDomain === undefined) return
  if (email?.toLowerCase().endsWith(`@${userEmailDomain.toLowerCase()}`) !== true)
    throw tokenNotAllowed(
      `User is not allowed to access proxy. Only addresses at ${userEmailDomain} are let in.`,
    )
}

function checkUserRoles(claims: JWTPayload, { userRolesField, userAllowedRoles }: JwtSettings): void {
  if (userRolesField === undefined) return
  const roles = textsAt(claims, userRolesField)
  if (!roles.some((role) => userAllowedRoles.includes(role)))
    throw tokenNotAllowed('User is not allowed to access proxy. None of the token’s roles is let in.')
}

/** What the scopes allow together. A token without any of the scopes is let in nowhere. */
function scopedModels(
  scopes: readonly string[],
  { scopeModels, adminScope }: JwtSettings,
): readonly string[] | undefined {
  if (scopeModels === undefined || scopes.includes(adminScope)) return undefined
  const granted = scopes.filter((scope) => Object.hasOwn(scopeModels, scope))
  if (granted.length === 0) throw tokenNotAllowed('None of the token’s scopes allows a model here.')
  const lists = granted.map((scope) => scopeModels[scope] ?? [])
  return lists.some((list) => list.length === 0) ? undefined : lists.flat()
}

/** The value of a field; a dot leads into it, unless the claim itself is called so. */
function valueAt(claims: JWTPayload, field: string): unknown {
  if (Object.hasOwn(claims, field)) return claims[field]
  return field
    .split('.')
    .reduce<unknown>(
      (value, name) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, name)
          ? (value as Record<string, unknown>)[name]
          : undefined,
      claims,
    )
}

function textAt(claims: JWTPayload, field: string | undefined): string | undefined {
  const value = field === undefined ? undefined : valueAt(claims, field)
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** A list, or a text with words that spaces divide, as scopes are. */
function textsAt(claims: JWTPayload, field: string): readonly string[] {
  const value = valueAt(claims, field)
  if (typeof value === 'string') return value.split(' ').filter((word) => word !== '')
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
}
