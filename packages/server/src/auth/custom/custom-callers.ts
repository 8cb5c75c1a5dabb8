import type { SwitchyardError } from '@switchyard/llm/kit'
import type { Logger } from 'pino'
import type { Database } from '../../store/database.ts'
import type { PrincipalSettings } from '../build-principal.ts'
import { createFreshCache } from '../fresh-cache.ts'
import type { FreshCache } from '../fresh-cache.ts'
import { principalOf } from '../load-principal.ts'
import type { Identity, PrincipalCache } from '../principal-cache.ts'
import type { PrincipalRows } from '../principal-rows.ts'
import type { Principal } from '../principal.ts'
import { readOwnerRows } from '../read-rows.ts'
import type { Owner } from '../read-rows.ts'
import { keysUnavailable, tokenNotAllowed, unknownKey } from '../refusals.ts'
import { keyHashOf } from '../virtual-key.ts'
import { createCustomCheck } from './check.ts'
import type { CustomAuthRequest, CustomIdentity } from './custom-auth.ts'
import { loadHook } from './load-hook.ts'
import { narrow } from './narrow.ts'

/** Callers whom a program's own authentication knows. */
export interface CustomCallers {
  /** Undefined: it has nothing to say about this request. */
  readonly identify: (request: Omit<CustomAuthRequest, 'signal'>) => Promise<Principal | undefined>
  readonly drop: (kind: string, id: string) => void
  readonly clear: () => void
}

export interface CustomCallersInput {
  readonly store?: { readonly database: Database } | undefined
  readonly nowMs: () => number
  readonly monotonicMs: () => number
  readonly log: Pick<Logger, 'warn' | 'error'>
}

const OWNERS = 20_000

/** The hook runs for every request; what the database says of its answers is kept for a few seconds. */
export async function createCustomCallers(
  hook: { path: string; name: string },
  input: CustomCallersInput,
  keys: PrincipalCache | undefined,
  principals: PrincipalSettings,
): Promise<CustomCallers> {
  const check = createCustomCheck({ authenticate: await loadHook(hook), log: input.log })
  const owners = createOwners(input, principals)

  const baseOf = async ({ api_key: key, ...identity }: CustomIdentity): Promise<Principal> => {
    if (key === undefined) return ownerOf(identity, owners)
    if (keys === undefined) throw unknownKey()
    return keys.getByHash(keyHashOf(key))
  }
  return {
    identify: async (request) => {
      const identity = await check(request)
      return identity === undefined ? undefined : narrow(await baseOf(identity), identity)
    },
    drop: owners.drop,
    clear: owners.clear,
  }
}

type Named = Pick<CustomIdentity, 'user_id' | 'team_id' | 'org_id'>

async function ownerOf(
  { user_id: userId, team_id: teamId, org_id: organizationId }: Named,
  owners: FreshCache<Identity>,
): Promise<Principal> {
  const owner = JSON.stringify({ userId, teamId, organizationId } satisfies Owner)
  const identity = await owners.get(owner, owner)
  if (typeof identity === 'function') throw identity()
  return identity
}

/** Users, teams and organizations, by what the hook calls them. */
function createOwners(
  { store, nowMs, monotonicMs }: CustomCallersInput,
  principals: PrincipalSettings,
): FreshCache<Identity> {
  return createFreshCache<Identity>({
    capacity: OWNERS,
    monotonicMs,
    staleForMs: 0,
    unavailable: keysUnavailable,
    load: async (_key, source) => {
      const owner = JSON.parse(source) as Owner
      const rows = store === undefined ? NO_ROWS : await readOwnerRows(store.database.kysely, owner)
      const loaded = principalOf({ ...rows, userId: owner.userId }, 'custom', principals, nowMs())
      // Without the team's row its limits would be left out.
      if (owner.teamId === undefined || rows.team !== undefined) return loaded
      return { value: () => unknownTeam(owner.teamId), dependsOn: new Set([`team:${owner.teamId}`]) }
    },
  })
}

const NO_ROWS: PrincipalRows = { budgets: new Map(), memberships: [], adminOfOrganizations: [] }

function unknownTeam(id: string | undefined): SwitchyardError {
  return tokenNotAllowed(`The team ${id} is not known here. Make it with /team/new.`)
}
