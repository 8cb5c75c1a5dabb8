import type { SwitchyardError } from '@switchyard/llm/kit'
import { GenerationMap } from './generation-map.ts'
import type { Principal } from './principal.ts'
import { expiredKey, keysUnavailable } from './refusals.ts'
import type { StatusProfile } from './refusals.ts'
import { hashKey } from './virtual-key.ts'

/** What a credential turned out to be. */
export interface Loaded {
  /** Or why it is refused; made anew for every request. */
  readonly result: Principal | (() => SwitchyardError)
  /** Rows it was made from, as `<kind>:<id>`: a change of one of them makes it void. */
  readonly dependsOn: ReadonlySet<string>
}

/** Looks a credential up. Rejects only when nobody can tell what the credential is. */
export type LoadPrincipal = (credential: string, hash: string) => Promise<Loaded>

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
  /** Forgets everything that was made from this row. What is being loaded is loaded again. */
  drop: (kind: string, id: string) => void
  /** Forgets everything: changes may have been missed. */
  clear: () => void
}

export interface PrincipalCacheOptions {
  readonly load: LoadPrincipal
  /** Unix time, for the end of keys. */
  readonly nowMs: () => number
  readonly monotonicMs: () => number
  /** How long a principal may still be used when it cannot be loaded again. */
  readonly staleForMs: number
  readonly statusProfile: StatusProfile
}

const CAPACITY = 20_000
/** A change that was not heard of is noticed after this time at the latest. */
const FRESH_MS = 5_000
/** From this age on it is loaded anew while it is still used, so that nobody has to wait for it. */
const RENEW_MS = 2_500
const REFUSAL_CAPACITY = 2_000
const REFUSED_MS = 1_000
/** After a failure nothing is tried for so long. */
const PAUSE_MS = 1_000

interface Entry {
  readonly hash: string
  principal: Principal
  /** The same, marked, for the time in which it cannot be loaded again. */
  stale: Principal | undefined
  dependsOn: ReadonlySet<string>
  loadedMs: number
  dropped: boolean
}

interface Refusal {
  readonly hash: string
  readonly refuse: () => SwitchyardError
  readonly dependsOn: ReadonlySet<string>
  readonly loadedMs: number
}

interface Loading {
  readonly result: Promise<Loaded>
  /** A change came while it was loaded: whoever asked before may have it, nobody else. */
  outdated: boolean
}

/**
 * Keeps principals by the full hash of their credential. Misses for one credential share one load; refusals are
 * kept apart and shortly, so that a flood of wrong keys pushes out no right one.
 */
export function createPrincipalCache(options: PrincipalCacheOptions): PrincipalCache {
  const { load, nowMs, monotonicMs, staleForMs, statusProfile } = options
  const byHeader = new GenerationMap<Entry>(CAPACITY)
  const byHash = new GenerationMap<Entry>(CAPACITY)
  const refusals = new GenerationMap<Refusal>(REFUSAL_CAPACITY)
  const loading = new Map<string, Loading>()
  let pausedUntilMs = -Infinity
  let lastFailure: unknown

  function use(principal: Principal): Principal {
    const { expiresMs } = principal
    if (expiresMs !== undefined && expiresMs <= nowMs()) throw expiredKey(expiresMs, statusProfile)
    return principal
  }

  function remove(entry: Entry): void {
    entry.dropped = true
    byHash.delete(entry.hash)
  }

  function keep(hash: string, { result, dependsOn }: Loaded): void {
    const loadedMs = monotonicMs()
    const entry = byHash.get(hash)
    if (typeof result === 'function') {
      if (entry !== undefined) remove(entry)
      refusals.set(hash, { hash, refuse: result, dependsOn, loadedMs })
      return
    }
    refusals.delete(hash)
    const fresh = { principal: result, stale: undefined, dependsOn, loadedMs }
    if (entry === undefined) byHash.set(hash, { hash, ...fresh, dropped: false })
    else Object.assign(entry, fresh)
  }

  function startLoad(credential: string, hash: string): Promise<Loaded> {
    const run = async (): Promise<Loaded> => {
      try {
        const loaded = await load(credential, hash)
        if (!own.outdated) keep(hash, loaded)
        return loaded
      } catch (error) {
        lastFailure = error
        pausedUntilMs = monotonicMs() + PAUSE_MS
        throw error
      } finally {
        if (loading.get(hash) === own) loading.delete(hash)
      }
    }
    const own: Loading = { outdated: false, result: Promise.resolve().then(run) }
    loading.set(hash, own)
    return own.result
  }

  /** While the entry is still used; a failure is met again by whoever comes when it is too old. */
  function renew(entry: Entry, credential: string): void {
    if (loading.has(entry.hash) || monotonicMs() < pausedUntilMs) return
    startLoad(credential, entry.hash).catch(() => undefined)
  }

  function useStale(entry: Entry, cause: unknown): Principal {
    if (entry.dropped || monotonicMs() - entry.loadedMs > staleForMs) throw keysUnavailable(cause)
    return use((entry.stale ??= Object.freeze({ ...entry.principal, stale: true as const })))
  }

  async function wait(
    credential: string,
    hash: string,
    header: string,
    entry: Entry | undefined,
  ): Promise<Principal> {
    let loaded
    try {
      loaded = await (loading.get(hash)?.result ?? startLoad(credential, hash))
    } catch (error) {
      if (entry === undefined) throw keysUnavailable(error)
      return useStale(entry, error)
    }
    if (typeof loaded.result === 'function') throw loaded.result()
    const kept = byHash.get(hash)
    if (kept !== undefined) byHeader.set(header, kept)
    return use(loaded.result)
  }

  /** Nobody knows yet what those under way depend on. */
  function outdateLoads(): void {
    for (const one of loading.values()) one.outdated = true
    loading.clear()
  }

  return {
    peek: (header) => {
      const entry = byHeader.get(header)
      if (entry === undefined || entry.dropped || monotonicMs() - entry.loadedMs >= RENEW_MS) return undefined
      return use(entry.principal)
    },
    get: (credential, header) => {
      const hash = hashKey(credential)
      const entry = byHash.get(hash)
      const now = monotonicMs()
      if (entry === undefined) {
        const refusal = refusals.get(hash)
        if (refusal !== undefined && now - refusal.loadedMs < REFUSED_MS) throw refusal.refuse()
        if (now < pausedUntilMs) throw keysUnavailable(lastFailure)
        return wait(credential, hash, header, undefined)
      }
      byHeader.set(header, entry)
      const ageMs = now - entry.loadedMs
      if (ageMs >= RENEW_MS) renew(entry, credential)
      if (ageMs < FRESH_MS) return use(entry.principal)
      return now < pausedUntilMs ? useStale(entry, lastFailure) : wait(credential, hash, header, entry)
    },
    drop: (kind, id) => {
      const name = `${kind}:${id}`
      for (const entry of byHash.values()) if (entry.dependsOn.has(name)) remove(entry)
      for (const refusal of refusals.values()) if (refusal.dependsOn.has(name)) refusals.delete(refusal.hash)
      outdateLoads()
    },
    clear: () => {
      for (const entry of byHash.values()) remove(entry)
      refusals.clear()
      outdateLoads()
    },
  }
}
