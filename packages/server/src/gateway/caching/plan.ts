import {
  cacheKey,
  cachePolicy,
  createError,
  mergeControls,
  parseCacheControlHeader,
  parseCacheControls,
} from '@switchyard/llm/kit'
import type { CacheControls, CachePolicy, JsonObject, KeyParts } from '@switchyard/llm/kit'
import type { AnswerCache } from '../../cache/answer-cache.ts'
import type { Deployment } from '../../deployments/deployments.ts'
import type { Parties } from '../../ledger/entry.ts'
import type { LlmCall } from '../call.ts'
import type { Exchange } from '../exchange.ts'
import { createKnownKeys } from './known-keys.ts'
import type { KnownKeys } from './known-keys.ts'

/** What the cache does for a request, and under which key. */
export interface CachePlan {
  readonly policy: CachePolicy
  readonly key: string
  /** What the key is made of. */
  readonly parts: () => KeyParts
}

/**
 * Whether a request may be answered from the cache and its answer kept. `undefined` for one that the cache has nothing
 * to do with.
 *
 * @throws 400 for a `cache` that is not what it should be.
 */
export function planCaching(
  exchange: Exchange,
  call: LlmCall,
  candidates: readonly Deployment[],
  cache: AnswerCache,
): CachePlan | undefined {
  const { responses, scope } = cache
  const { operation } = call.route
  const policy = cachePolicy(responses.rules, operation, controlsOf(exchange, call))
  if (policy === undefined || changesState(call)) return undefined
  const { options, clientHeaders } = call
  // Of a stream or a text that is no conversation, what is kept is what was sent.
  const form = call.contentType === 'application/json' ? undefined : call.contentType
  const tenant = tenantOf(exchange.parties, scope) + ownersOf(candidates)
  const parts = (): KeyParts => ({
    tenant,
    modelGroup: call.model,
    operation,
    namespace: policy.namespace,
    request: call.parsedBody(),
    settings: options.hasOwnFields
      ? {
          clientHeaders,
          form,
          headers: options.extraHeaders,
          body: options.extraBody,
          drop: options.dropParams,
          dropped: options.additionalDropParams,
          allowed: options.allowedParams,
          mock: options.mockResponse,
        }
      : { clientHeaders, form },
  })
  const headers = clientHeaders === undefined ? '' : JSON.stringify(clientHeaders)
  const place = `${tenant}\n${call.model}\n${operation}\n${policy.namespace ?? ''}\n${headers}`
  const key = keysOf(cache).keyOf(place, call.body, () => cacheKey(parts(), responses.hash))
  return { policy, key, parts }
}

const known = new WeakMap<AnswerCache, KnownKeys>()

function keysOf(cache: AnswerCache): KnownKeys {
  let keys = known.get(cache)
  if (keys === undefined) known.set(cache, (keys = createKnownKeys()))
  return keys
}

/** What the body says goes before what its header says. */
function controlsOf({ request, principal }: Exchange, { scan, options }: LlmCall): CacheControls {
  const header = request.headers['cache-control']
  const inHeader = header === undefined ? NONE : parseCacheControlHeader(header)
  if (!options.hasOwnFields) return inHeader
  const given = scan.json('cache') ?? options.cache
  checkAllowedControls(given, principal?.cacheControls)
  const inBody = parseCacheControls(given)
  const ttl = scan.number('ttl')
  return mergeControls(
    {
      ...inBody,
      ttlMs: inBody.ttlMs ?? (ttl === undefined || ttl < 0 ? undefined : ttl * 1000),
      caching: scan.boolean('caching'),
    },
    inHeader,
  )
}

const NONE: CacheControls = {}

/** A key may be bound to some of the controls. */
function checkAllowedControls(given: unknown, allowed: readonly string[] | undefined): void {
  if (allowed === undefined || typeof given !== 'object' || given === null) return
  const refused = Object.keys(given).find((name) => !allowed.includes(name))
  if (refused === undefined) return
  throw createError({
    code: 'permission_denied',
    reason: 'cache_control_not_allowed',
    param: `cache.${refused}`,
    message: `This key may not set '${refused}' in 'cache'. Its allowed_cache_controls are ${allowed.join(', ')}.`,
  })
}

/** An answer that goes on later, or that becomes part of what the provider keeps, is not the same when it is given again. */
function changesState({ scan, route }: LlmCall): boolean {
  if (route.operation !== 'responses') return false
  return scan.boolean('background') === true || (scan.json('conversation') ?? null) !== null
}

/** Whose answers these are. Who belongs to nobody wider has their own. */
function tenantOf(parties: Parties | undefined, scope: AnswerCache['scope']): string {
  if (scope === 'all') return ''
  const { keyHash = '', userId, teamId, organizationId } = parties ?? {}
  if (scope === 'organization' && organizationId !== undefined) return `organization ${organizationId}`
  if ((scope === 'organization' || scope === 'team') && teamId !== undefined) return `team ${teamId}`
  if (scope !== 'key' && userId !== undefined) return `user ${userId}`
  return `key ${keyHash}`
}

/** Deployments of one team may answer differently from those of another under the same name. */
function ownersOf(candidates: readonly Deployment[]): string {
  const owner = candidates.find(({ teamId }) => teamId !== undefined)?.teamId
  return owner === undefined ? '' : `, models of ${owner}`
}

/** The body without a member, with another one. */
export function withMember(body: JsonObject, name: string, value: JsonObject[string]): JsonObject {
  return { ...body, [name]: value }
}
