import type { RouterOptions } from '@switchyard/llm/kit'
import type { ScopeLimits } from '../policy/limits.ts'
import type { Role } from './roles.ts'

/**
 * Who is asking and what they may do: made once from a key, a token or a hook, never changed, and kept for a few
 * seconds. Everything a request needs is in it, so that admission reads no table.
 */
export interface Principal {
  readonly type: 'master' | 'anonymous' | 'key' | 'jwt' | 'custom'
  readonly role: Role
  /** SHA-256 of the key; `master`; empty for `anonymous`. */
  readonly keyHash: string
  readonly keyAlias?: string | undefined
  /** `sk-...abcd` */
  readonly keyName?: string | undefined
  readonly userId?: string | undefined
  readonly userEmail?: string | undefined
  readonly teamId?: string | undefined
  readonly teamAlias?: string | undefined
  readonly organizationId?: string | undefined
  readonly agentId?: string | undefined
  /** Teams that they administer. */
  readonly adminOfTeams: readonly string[]
  /** Teams that they are in. */
  readonly memberOfTeams: readonly string[]
  readonly adminOfOrganizations: readonly string[]
  /** What a plain team member may do with keys of each team, in LiteLLM's route names. */
  readonly teamPermissions: Readonly<Record<string, readonly string[]>>
  /** Lists that must all allow a model: the key's, its team's, the user's, the organization's. */
  readonly modelLists: readonly ModelList[]
  /** Names of the key's own for models. */
  readonly aliases: Readonly<Record<string, string>>
  /** Left out: every route that the role may use. Names, patterns, or LiteLLM's groups of routes. */
  readonly allowedRoutes?: readonly string[] | undefined
  /** Left out: from anywhere. */
  readonly allowedIps?: readonly string[] | undefined
  /** Limits of every scope that all of its requests belong to, from the widest to the narrowest. */
  readonly limits: readonly ScopeLimits[]
  /** Limits that hold for requests to one model, by the model's name. */
  readonly modelLimits: Readonly<Record<string, readonly ScopeLimits[]>>
  /** Limits that hold for requests with one tag, by the tag. */
  readonly tagLimits: Readonly<Record<string, ScopeLimits>>
  /** `eu` or `us`: only deployments there may serve it. Left out: anywhere. */
  readonly allowedRegion?: string | undefined
  readonly tags: readonly string[]
  /** Fields that every request has to have, as `user` or `metadata.job`. */
  readonly enforcedParams?: readonly string[] | undefined
  /** What its requests may say in `cache`; left out: everything. */
  readonly cacheControls?: readonly string[] | undefined
  readonly metadata: Readonly<Record<string, unknown>>
  /** Settings of the router that are others for its requests: the team's, over them the key's. */
  readonly routing?: RouterOptions | undefined
  readonly expiresMs?: number | undefined
  /** The end user that a token names; what a request says about it does not count. */
  readonly endUserId?: string | undefined
  /** The same caller in their other teams, where the token names several and a request has to choose. */
  readonly otherTeams?: readonly Principal[] | undefined
  /** Set while the database is away: what they may do is as of some time ago. */
  readonly stale?: true | undefined
}

export interface ModelList {
  readonly of: 'key' | 'team' | 'user' | 'org' | 'team_member'
  /** Empty: all models. */
  readonly models: readonly string[]
}
