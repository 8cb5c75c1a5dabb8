import type { SwitchyardError } from '@switchyard/llm/kit'
import { createFreshCache } from './fresh-cache.ts'
import type { Entry, Loaded } from './fresh-cache.ts'
import { GenerationMap } from './generation-map.ts'
import type { Principal } from './principal.ts'
import { expiredKey, keysUnavailable } from './refusals.ts'
import type { StatusProfile } from './refusals.ts'
import { hashKey } from './virtual-key.ts'

/** What a credential turned out to be: somebody, or why it is refused (made anew for every request). */
export type Identity = Principal | (() => SwitchyardError)

/** Looks a credential up. Rejects only when nobody can tell what the credential is. */
export type LoadIdentity = (hash: string, credential: string) => Promise<Loaded<Identity>>

/** The principals of credentials that were used lately. */
export interface PrincipalCache {
  /**
   * Who a header's value stands for, when that is known and fresh: one look-up in a map.
   *
   * @throws 401 `key_expired`.
   */
  peek: (header: string) => Principal | undefined
  /**
   * Who a credential stands for: at once when it is known, else when it is loaded. `header` is remembered for
   * `peek`.
   *
   * @throws the refusal of what it turned out to be; 503 `db_unavailable` when nobody can tell.
   */
  get: (credential: string, header: string) => Principal | Promise<Principal>
  /** The same, by the hash of a key. */
  getByHash: (hash: string) => Principal | Promise<Principal>
  /** Forgets everything that was made from this row. */
  drop: (kind: string, id: string) => void
  /** Forgets everything: changes may have been missed. */
  clear: () => void
}

export interface PrincipalCacheOptions {
  readonly load: LoadIdentity
  /** Unix time, for the end of keys. */
  readonly nowMs: () => number
  readonly monotonicMs: () => number
  /** How long a principal may still be used when it cannot be loaded again. */
  readonly staleForMs: number
  readonly statusProfile: StatusProfile
}

const CAPACITY = 20_000

/** Keeps principals by the full hash of their credential, and finds those in use by the header that holds it. */
export function createPrincipalCache(options: PrincipalCacheOptions): PrincipalCache {
  const { load, nowMs, monotonicMs, staleForMs, statusProfile } = options
  const byHeader = new GenerationMap<Entry<Identity>>(CAPACITY)
  const byHash = createFreshCache<Identity>({
    load,
    monotonicMs,
    capacity: CAPACITY,
    staleForMs,
    isMiss: (identity) => typeof identity === 'function',
    markStale: (identity) =>
      typeof identity === 'function' ? identity : Object.freeze({ ...identity, stale: true as const }),
    unavailable: keysUnavailable,
  })

  function admit(identity: Identity): Principal {
    if (typeof identity === 'function') throw identity()
    const { expiresMs } = identity
    if (expiresMs !== undefined && expiresMs <= nowMs()) throw expiredKey(expiresMs, statusProfile)
    return identity
  }

  function remember(header: string, hash: string): void {
    const entry = byHash.entryOf(hash)
    if (entry !== undefined) byHeader.set(header, entry)
  }

  async function wait(found: Promise<Identity>, header: string, hash: string): Promise<Principal> {
    const identity = await found
    remember(header, hash)
    return admit(identity)
  }

  return {
    peek: (header) => {
      const entry = byHeader.get(header)
      return entry !== undefined && byHash.isYoung(entry) ? admit(entry.value) : undefined
    },
    get: (credential, header) => {
      const hash = hashKey(credential)
      const found = byHash.get(hash, credential)
      if (found instanceof Promise) return wait(found, header, hash)
      remember(header, hash)
      return admit(found)
    },
    getByHash: (hash) => {
      const found = byHash.get(hash, '')
      return found instanceof Promise ? found.then(admit) : admit(found)
    },
    drop: byHash.drop,
    clear: byHash.clear,
  }
}
