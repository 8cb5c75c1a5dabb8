import type { Hash } from './hash.ts'
import { canonicalJson } from './canonical.ts'

/** All that decides what an answer is, and whose it is. */
export interface KeyParts {
  /** Whose answers these are: others never get them. Empty where there is only one. */
  readonly tenant: string
  /** The name that clients ask for: all deployments of a group share their answers. */
  readonly modelGroup: string
  /** The kind of call and the format it is in: `chat`, `embeddings`, `messages` … */
  readonly operation: string
  readonly namespace?: string | undefined
  /** The request as it was asked. Every member counts, known or not, but for those that say nothing about the answer. */
  readonly request: Readonly<Record<string, unknown>>
  /** What else bears on the answer: headers of the client, settings of the call. */
  readonly settings?: Readonly<Record<string, unknown>> | undefined
}

/**
 * Members that change how an answer is sent, kept or accounted, and not what it says. Whoever asks for a stream and
 * whoever does not get the same answer.
 */
const SAYS_NOTHING: ReadonlySet<string> = new Set([
  'stream',
  'stream_options',
  'model',
  'metadata',
  'litellm_metadata',
  'cache',
  'caching',
  'ttl',
  'tags',
])

/** The form of keys and of what is kept under them: entries of another one are not found. */
const VERSION = 1

/** LiteLLM's form of keys: `namespace:` and a SHA-256. */
export function cacheKey(parts: KeyParts, hash: Hash): string {
  const { tenant, modelGroup, operation, namespace, request, settings } = parts
  const counted: Record<string, unknown> = {}
  for (const name in request) if (!SAYS_NOTHING.has(name)) counted[name] = request[name]
  const text = canonicalJson([VERSION, tenant, modelGroup, operation, namespace, counted, settings ?? {}])
  return namespace === undefined ? hash(text) : `${namespace}:${hash(text)}`
}
