import { isSwitchyardError } from '@switchyard/llm/kit'
import type { SwitchyardError } from '@switchyard/llm/kit'
import type { JwtSettings } from '../../config/index.ts'
import type { Queries } from '../../store/database.ts'
import type { PrincipalSettings } from '../build-principal.ts'
import type { Loaded } from '../fresh-cache.ts'
import { principalOf } from '../load-principal.ts'
import type { Identity } from '../principal-cache.ts'
import type { PrincipalRows } from '../principal-rows.ts'
import type { Principal } from '../principal.ts'
import { readOwnerRows } from '../read-rows.ts'
import { tokenNotAllowed } from '../refusals.ts'
import { readClaims } from './claims.ts'
import type { TokenIdentity } from './claims.ts'
import type { TokenVerifier } from './verify.ts'

export interface TokenContext {
  readonly queries: Queries
  readonly verifier: TokenVerifier
  readonly jwt: JwtSettings
  readonly principals: PrincipalSettings
  readonly nowMs: () => number
  /** Makes the user or the team that a token names and nobody made yet. */
  readonly provision: (missing: Missing) => Promise<void>
}

/** What a token names and the database does not have. */
export interface Missing {
  readonly user?: { readonly id: string; readonly email?: string | undefined } | undefined
  readonly teamIds: readonly string[]
}

/** Who holds a token. Rejects when the public keys or the database cannot be asked. */
export async function loadToken(token: string, context: TokenContext): Promise<Loaded<Identity>> {
  const { verifier, jwt } = context
  let identity: TokenIdentity
  let expiresMs: number
  try {
    const claims = await verifier.verify(token)
    expiresMs = Number(claims.exp) * 1_000
    identity = readClaims(claims, jwt)
  } catch (error) {
    if (!isRefusal(error)) throw error
    return { value: () => error, dependsOn: new Set() }
  }
  const places = await readPlaces(identity, context)
  const loaded = places.map((rows) => place(rows, identity, expiresMs, context))
  const dependsOn = new Set(loaded.flatMap((one) => [...one.dependsOn]))
  const value = refusalOf(places, identity) ?? choose(loaded)
  return { value, dependsOn }
}

/** A signature alone makes nobody a user here. */
function refusalOf(
  places: readonly PrincipalRows[],
  identity: TokenIdentity,
): (() => SwitchyardError) | undefined {
  if (places.length === 0) return () => unknownTeams(identity)
  const isKnown = places.some(({ user, team }) => user !== undefined || team !== undefined)
  return isKnown || identity.role === 'proxy_admin' ? undefined : () => unknownHolder(identity)
}

/** The token's fault, and not that of whoever was asked about it. */
function isRefusal(error: unknown): error is SwitchyardError {
  return isSwitchyardError(error) && (error.code === 'authentication' || error.code === 'permission_denied')
}

/** The holder's rows, once for each of the teams that are there. */
async function readPlaces(identity: TokenIdentity, context: TokenContext): Promise<PrincipalRows[]> {
  const first = await readRows(identity, context)
  const missing: Missing = {
    user: isMissingUser(identity, first, context.jwt),
    teamIds: context.jwt.teamIdUpsert
      ? identity.teamIds.filter((id) => first.every(({ team }) => team?.id !== id))
      : [],
  }
  if (missing.user === undefined && missing.teamIds.length === 0) return first
  await context.provision(missing)
  return readRows(identity, context)
}

async function readRows(
  { userId, organizationId, teamIds }: TokenIdentity,
  { queries }: TokenContext,
): Promise<PrincipalRows[]> {
  if (teamIds.length === 0) return [await readOwnerRows(queries, { userId, organizationId })]
  const all = await Promise.all(
    teamIds.map((teamId) => readOwnerRows(queries, { userId, organizationId, teamId })),
  )
  return all.filter(({ team }) => team !== undefined)
}

function isMissingUser(
  { userId, email }: TokenIdentity,
  rows: readonly PrincipalRows[],
  { userIdUpsert }: JwtSettings,
): Missing['user'] {
  const isThere = rows.some(({ user }) => user !== undefined)
  return userIdUpsert && userId !== undefined && !isThere ? { id: userId, email } : undefined
}

function place(
  rows: PrincipalRows,
  identity: TokenIdentity,
  expiresMs: number,
  { principals, nowMs }: TokenContext,
): Loaded<Identity> {
  const { value, dependsOn } = principalOf(rows, 'jwt', principals, nowMs())
  if (typeof value === 'function') return { value, dependsOn }
  const isAdmin = identity.role === 'proxy_admin'
  const principal: Principal = {
    ...value,
    role: isAdmin ? 'proxy_admin' : value.role,
    userEmail: value.userEmail ?? identity.email,
    allowedRoutes: identity.allowedRoutes,
    endUserId: identity.endUserId,
    modelLists: [
      ...value.modelLists,
      ...identity.modelLists.map((models) => ({ of: 'key' as const, models })),
    ],
    expiresMs,
  }
  return { value: Object.freeze(principal), dependsOn }
}

/** The first team that lets the holder in, with the others for requests that it does not serve. */
function choose(loaded: readonly Loaded<Identity>[]): Identity {
  const values = loaded.map(({ value }) => value)
  const [first, ...others] = values.filter((value) => typeof value !== 'function')
  if (first === undefined) return values[0] as Identity
  return others.length === 0 ? first : Object.freeze({ ...first, otherTeams: others })
}

function unknownTeams({ teamIds }: TokenIdentity): SwitchyardError {
  return tokenNotAllowed(
    `None of the teams that the token names is known here: ${teamIds.join(', ')}. Make one with /team/new, or set team_id_upsert.`,
  )
}

function unknownHolder({ userId }: TokenIdentity): SwitchyardError {
  return tokenNotAllowed(
    userId === undefined
      ? 'The token names neither a user nor a team. Set user_id_jwt_field or team_id_jwt_field in litellm_jwtauth.'
      : `The user ${userId} is not known here. Make it with /user/new, or set user_id_upsert.`,
  )
}
