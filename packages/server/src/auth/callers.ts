import type { AuthContext } from '@switchyard/llm/kit'
import type { Logger } from 'pino'
import type { AccessSettings, GatewayConfig } from '../config/index.ts'
import type { ScopeLimits } from '../policy/limits.ts'
import type { Changes, Heard } from '../store/changes.ts'
import type { Database, Queries } from '../store/database.ts'
import type { PrincipalSettings } from './build-principal.ts'
import type { CustomCallers } from './custom/custom-callers.ts'
import { ANONYMOUS, MASTER } from './fixed-principals.ts'
import { createFreshCache } from './fresh-cache.ts'
import type { FreshCache, Loaded } from './fresh-cache.ts'
import type { EndUser } from './load-limits.ts'
import { createPrincipalCache } from './principal-cache.ts'
import type { LoadIdentity, PrincipalCache } from './principal-cache.ts'
import type { Principal } from './principal.ts'
import { keysUnavailable } from './refusals.ts'
import { limitsOf } from './scope-limits.ts'

/** Who asks, by what they show, and the limits of what requests name beside. */
export interface Callers {
  /** Whoever holds the master key. */
  readonly master: Principal
  /** Everyone, where there is no master key. */
  readonly anonymous: Principal
  /** Left out: there is no database that has any. */
  readonly keys: PrincipalCache | undefined
  /** Left out: tokens are not looked at. */
  readonly tokens: PrincipalCache | undefined
  /** Left out: there is no hook. */
  readonly custom: CustomCallers | undefined
  /** Known or not: the default budget holds from the first request on. */
  readonly endUser: (id: string) => EndUser | Promise<EndUser>
  /** Known or not: what nobody limits is counted. */
  readonly tag: (name: string) => ScopeLimits | Promise<ScopeLimits>
  readonly close: () => void
}

export interface CallersInput {
  readonly config: Pick<GatewayConfig, 'access' | 'sections'>
  /** Left out: only the master key is known. */
  readonly store?: { readonly database: Database; readonly changes: Changes } | undefined
  readonly nowMs: () => number
  readonly monotonicMs: () => number
  readonly log: Pick<Logger, 'warn' | 'error'>
  /** How the public keys of tokens are fetched. */
  readonly auth: Pick<AuthContext, 'transport'>
}

/** How long what is known may be used while the database is away, unless the configuration says for ever. */
const STALE_FOR_MS = 60_000
const END_USERS = 20_000
const TAGS = 5_000

/** @throws when `custom_auth` names no function. */
export async function createCallers(input: CallersInput): Promise<Callers> {
  const { config, store, nowMs, monotonicMs } = input
  const { access } = config
  const principals = principalSettings(access)
  const staleForMs = access.allowWithoutDatabase ? Infinity : STALE_FOR_MS
  const limits = <Value>(capacity: number, load: (id: string) => Promise<Loaded<Value>>): FreshCache<Value> =>
    createFreshCache({ load, monotonicMs, capacity, staleForMs, unavailable: keysUnavailable })
  const identities = (load: LoadIdentity): PrincipalCache =>
    createPrincipalCache({ load, nowMs, monotonicMs, staleForMs, statusProfile: access.statusProfile })

  const lookups = store === undefined ? undefined : await openLookups(store.database.kysely)
  const keys = lookups && identities((hash) => lookups.loadKey(hash, principals, nowMs))
  const tokens = await createTokens(input, principals, identities)
  const custom = await createCustom(input, keys, principals)
  const endUsers = lookups && limits(END_USERS, (id) => lookups.loadEndUser(id, access))
  const tags = lookups && limits(TAGS, (name) => lookups.loadTag(name))

  const caches = [keys, tokens, custom, endUsers, tags].filter((cache) => cache !== undefined)
  const stop = store?.changes.subscribe((heard) => hear(caches, heard))
  return {
    master: withGlobal(MASTER, principals),
    anonymous: withGlobal(ANONYMOUS, principals),
    keys,
    tokens,
    custom,
    endUser: (id) => endUsers?.get(id, id) ?? nobodyKnown(id),
    tag: (name) => tags?.get(name, name) ?? limitsOf({ kind: 'tag', id: name }, {}, undefined, undefined),
    close: () => stop?.(),
  }
}

/** What asks the database is loaded with it: a gateway without one starts sooner. */
async function openLookups(queries: Queries) {
  const [{ loadKey }, { loadEndUser, loadTag }] = await Promise.all([
    import('./load-principal.ts'),
    import('./load-limits.ts'),
  ])
  return {
    loadKey: loadKey.bind(undefined, queries),
    loadEndUser: loadEndUser.bind(undefined, queries),
    loadTag: loadTag.bind(undefined, queries),
  }
}

async function createCustom(
  input: CallersInput,
  keys: PrincipalCache | undefined,
  principals: PrincipalSettings,
): Promise<CustomCallers | undefined> {
  if (input.config.access.customAuth === undefined) return undefined
  const { createCustomCallers } = await import('./custom/custom-callers.ts')
  return createCustomCallers(input.config.access.customAuth, input, keys, principals)
}

function hear(caches: readonly { drop: PrincipalCache['drop']; clear: () => void }[], heard: Heard): void {
  for (const cache of caches) {
    if (heard === 'gap') cache.clear()
    else cache.drop(heard.kind, heard.id)
  }
}

/** Tokens are kept apart from keys: when their issuer is away, keys go on. */
async function createTokens(
  { config, store, nowMs, auth }: CallersInput,
  principals: PrincipalSettings,
  identities: (load: LoadIdentity) => PrincipalCache,
): Promise<PrincipalCache | undefined> {
  const { jwt } = config.access
  if (jwt === undefined || store === undefined) return undefined
  const [{ createTokenVerifier, remoteKeys }, { loadToken }, { createProvision }] = await Promise.all([
    import('./jwt/verify.ts'),
    import('./jwt/load-token.ts'),
    import('./jwt/provision.ts'),
  ])
  const verifier = createTokenVerifier(jwt, nowMs, (url) =>
    remoteKeys(url, jwt.publicKeyTtlMs, auth.transport),
  )
  const provision = createProvision(config, store.changes, nowMs)
  const { kysely: queries } = store.database
  return identities((_hash, token) =>
    loadToken(token, { queries, verifier, jwt, principals, nowMs, provision }),
  )
}

function principalSettings({ maxBudget, budgetDuration, statusProfile }: AccessSettings): PrincipalSettings {
  return {
    global: { max_budget: maxBudget ?? null, budget_duration: budgetDuration ?? null },
    statusProfile,
  }
}

/** What everybody may spend together holds for them too; what they spend themselves is counted. */
function withGlobal(principal: Principal, { global }: PrincipalSettings): Principal {
  const { keyHash, userId } = principal
  const scopes = [
    limitsOf({ kind: 'global', id: '' }, global, undefined, undefined),
    ...(userId === undefined ? [] : [limitsOf({ kind: 'user', id: userId }, {}, undefined, undefined)]),
    ...(keyHash === '' ? [] : [limitsOf({ kind: 'key', id: keyHash }, {}, undefined, undefined)]),
  ]
  return Object.freeze({ ...principal, limits: scopes })
}

function nobodyKnown(id: string): EndUser {
  const limits = limitsOf({ kind: 'end_user', id }, {}, undefined, undefined)
  return { blocked: false, limits, modelLimits: new Map() }
}
