import { createError } from '../errors.ts'
import type { SwitchyardError } from '../errors.ts'

/** What holds for every call that does not say otherwise. */
export interface CacheRules {
  /** `default_off`: only calls that ask for it are cached. */
  readonly mode: 'default_on' | 'default_off'
  /** The kinds of calls that are cached; left out: all. */
  readonly operations?: ReadonlySet<CachedOperation> | undefined
  /** How long an answer is good; left out: until its room is needed. */
  readonly ttlMs?: number | undefined
  readonly namespace?: string | undefined
  /** Larger answers are not kept. */
  readonly maxEntryBytes: number
}

export type CachedOperation =
  | 'chat'
  | 'completions'
  | 'embeddings'
  | 'responses'
  | 'messages'
  | 'generate-content'
  | 'rerank'
  | 'transcription'

/** What a call says about the cache: LiteLLM's `cache` object, read. */
export interface CacheControls {
  readonly ttlMs?: number | undefined
  /** Answers older than this are not wanted. */
  readonly maxAgeMs?: number | undefined
  readonly noCache?: boolean | undefined
  readonly noStore?: boolean | undefined
  readonly useCache?: boolean | undefined
  readonly namespace?: string | undefined
  /** LiteLLM's `caching` of a call: `false` leaves the cache alone altogether. */
  readonly caching?: boolean | undefined
}

/** What the cache does for one call. */
export interface CachePolicy {
  readonly reads: boolean
  readonly writes: boolean
  readonly ttlMs?: number | undefined
  readonly maxAgeMs?: number | undefined
  readonly namespace?: string | undefined
}

/** LiteLLM's words for kinds of calls, without the `a` of those that are awaited. */
const CALL_TYPES: Readonly<Record<string, CachedOperation>> = {
  completion: 'chat',
  text_completion: 'completions',
  embedding: 'embeddings',
  responses: 'responses',
  anthropic_messages: 'messages',
  generate_content: 'generate-content',
  rerank: 'rerank',
  transcription: 'transcription',
}

/** `undefined` for a word that is none of LiteLLM's. */
export function operationOf(callType: string): CachedOperation | undefined {
  return CALL_TYPES[callType] ?? (callType.startsWith('a') ? CALL_TYPES[callType.slice(1)] : undefined)
}

/** `undefined`: the cache has nothing to do with this call. */
export function cachePolicy(
  rules: CacheRules,
  operation: CachedOperation,
  controls: CacheControls,
): CachePolicy | undefined {
  if (controls.caching === false || controls.useCache === false) return undefined
  if (rules.operations?.has(operation) === false) return undefined
  if (rules.mode === 'default_off' && controls.useCache !== true && controls.caching !== true)
    return undefined
  const reads = controls.noCache !== true
  const ttlMs = controls.ttlMs ?? rules.ttlMs
  // Nothing can be found of what was good for no time.
  const writes = controls.noStore !== true && ttlMs !== 0
  if (!reads && !writes) return undefined
  const namespace = controls.namespace ?? rules.namespace
  return { reads, writes, ttlMs, maxAgeMs: controls.maxAgeMs, namespace }
}

/**
 * Reads a call's `cache` object.
 *
 * @throws 400 for a member that is not known or cannot be what it says: a misspelt `no-store` would keep what must not be kept.
 */
export function parseCacheControls(value: unknown): CacheControls {
  if (value === undefined || value === null) return {}
  if (typeof value !== 'object' || Array.isArray(value)) throw invalid('cache', 'an object')
  const read: Record<string, unknown> = { ...value }
  for (const name in read)
    if (!KNOWN.has(name))
      throw createError({
        code: 'bad_request',
        reason: 'unknown_parameter',
        param: `cache.${name.slice(0, SHOWN_LENGTH)}`,
        message: `Unknown member of 'cache': '${name.slice(0, SHOWN_LENGTH)}'. Known are ${[...KNOWN].join(', ')}.`,
      })
  return {
    ttlMs: secondsIn(read, 'ttl'),
    maxAgeMs: secondsIn(read, 's-maxage') ?? secondsIn(read, 's-max-age'),
    noCache: flagIn(read, 'no-cache'),
    noStore: flagIn(read, 'no-store'),
    useCache: flagIn(read, 'use-cache'),
    namespace: namespaceIn(read),
  }
}

const KNOWN: ReadonlySet<string> = new Set([
  'ttl',
  's-maxage',
  's-max-age',
  'no-cache',
  'no-store',
  'use-cache',
  'namespace',
])
/** The longest part of a client's own word that is repeated to it. */
const SHOWN_LENGTH = 100

/**
 * What a `Cache-Control` header says. `s-maxage` is how long the answer is to be kept, as LiteLLM reads it; `no-cache`
 * and `no-store` are HTTP's. Anything else says nothing here.
 */
export function parseCacheControlHeader(header: string): CacheControls {
  const controls: { noCache?: boolean; noStore?: boolean; ttlMs?: number } = {}
  for (const directive of header.toLowerCase().split(',')) {
    const [name = '', value = ''] = directive.trim().split('=')
    if (name === 'no-cache') controls.noCache = true
    if (name === 'no-store') controls.noStore = true
    if (name === 's-maxage' && /^\d{1,10}$/.test(value)) controls.ttlMs = Number(value) * 1000
  }
  return controls
}

/** What the left says goes before what the right says. */
export function mergeControls(left: CacheControls, right: CacheControls): CacheControls {
  return {
    ttlMs: left.ttlMs ?? right.ttlMs,
    maxAgeMs: left.maxAgeMs ?? right.maxAgeMs,
    noCache: left.noCache ?? right.noCache,
    noStore: left.noStore ?? right.noStore,
    useCache: left.useCache ?? right.useCache,
    namespace: left.namespace ?? right.namespace,
    caching: left.caching ?? right.caching,
  }
}

function secondsIn(read: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const value = read[name]
  if (value === undefined || value === null) return undefined
  const seconds = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof seconds !== 'number' || !Number.isFinite(seconds) || seconds < 0)
    throw invalid(`cache.${name}`, 'a number of seconds')
  return Math.round(seconds * 1000)
}

function flagIn(read: Readonly<Record<string, unknown>>, name: string): boolean | undefined {
  const value = read[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'boolean') throw invalid(`cache.${name}`, 'true or false')
  return value
}

/** It becomes part of names in stores and of a header. */
function namespaceIn(read: Readonly<Record<string, unknown>>): string | undefined {
  const value = read['namespace']
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value !== 'string' || !NAMESPACE.test(value))
    throw invalid(
      'cache.namespace',
      'up to 128 letters, digits, dots, colons, slashes, hyphens and underscores',
    )
  return value
}

const NAMESPACE: RegExp = /^[\w.:/-]{1,128}$/

function invalid(param: string, wanted: string): SwitchyardError {
  return createError({
    code: 'bad_request',
    reason: 'invalid_type',
    param,
    message: `Invalid value for '${param}': expected ${wanted}.`,
  })
}
