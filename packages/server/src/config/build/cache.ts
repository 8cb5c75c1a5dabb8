import type { CacheSettings, CacheStoreSettings } from '../gateway-config.ts'
import type { ConfigFile } from '../schema.ts'
import type { CacheParams, CacheScope, CacheType } from '../schema/cache-params.ts'
import { Secret } from '../secrets/secret.ts'

const BYTES_PER_MEGABYTE = 1024 * 1024
const MAX_MEGABYTES: Readonly<Record<'memory' | 'disk', number>> = { memory: 100, disk: 1_024 }
const MAX_ENTRY_MEGABYTES = 2
/** As LiteLLM keeps answers in memory; what is kept elsewhere has no end of its own. */
const MEMORY_TTL_S = 60
const REDIS_DEADLINE_MS = 50
const S3_DEADLINE_MS = 500
const SIMILARITY = 0.9

/**
 * `undefined`: no answers are kept.
 *
 * @param sharedRedis the one that the gateway has for other things, too.
 */
export function buildCache(
  { litellm_settings: litellm }: ConfigFile,
  sharedRedis: Secret | undefined,
): CacheSettings | undefined {
  if (litellm?.cache !== true) return undefined
  const params = litellm.cache_params ?? {}
  const ownRedis = redisOf(params) ?? sharedRedis
  const type = (params.type ?? (ownRedis === undefined ? 'local' : 'redis')) as CacheType
  const store = storeOf(type, params, ownRedis)
  const isSemantic = type.endsWith('-semantic')
  return {
    store,
    mode: params.mode === 'default_off' ? 'default_off' : 'default_on',
    ttlMs: ttlOf(store, params, litellm.default_in_memory_ttl, litellm.default_redis_ttl),
    namespace: params.namespace || undefined,
    callTypes: params.supported_call_types ?? undefined,
    scope: (params.scope ?? 'team') as CacheScope,
    coalesces: params.coalesce === true,
    maxEntryBytes: Math.floor((params.max_entry_size_mb ?? MAX_ENTRY_MEGABYTES) * BYTES_PER_MEGABYTE),
    semantic: isSemantic
      ? {
          embeddingModel: params.embedding_model ?? params.redis_semantic_cache_embedding_model ?? '',
          threshold: params.similarity_threshold ?? SIMILARITY,
        }
      : undefined,
  }
}

function storeOf(type: CacheType, params: CacheParams, url: Secret | undefined): CacheStoreSettings {
  const bytes = (kind: 'memory' | 'disk'): number =>
    Math.floor((params.max_size_mb ?? MAX_MEGABYTES[kind]) * BYTES_PER_MEGABYTE)
  switch (type) {
    case 'redis':
    case 'redis-semantic':
    case 'valkey-semantic':
      return { kind: 'redis', url, deadlineMs: milliseconds(params.socket_timeout) ?? REDIS_DEADLINE_MS }
    case 'disk':
      return { kind: 'disk', folder: params.disk_cache_dir || undefined, maxBytes: bytes('disk') }
    case 's3':
      return {
        kind: 's3',
        bucket: params.s3_bucket_name ?? '',
        region: params.s3_region_name || undefined,
        endpoint: params.s3_endpoint_url || undefined,
        prefix: folderOf(params.s3_path),
        accessKeyId: params.s3_aws_access_key_id || undefined,
        secretAccessKey: secretOf(params.s3_aws_secret_access_key),
        sessionToken: secretOf(params.s3_aws_session_token),
        deadlineMs: milliseconds(params.socket_timeout) ?? S3_DEADLINE_MS,
      }
    default:
      return { kind: 'memory', maxBytes: bytes('memory') }
  }
}

function ttlOf(
  { kind }: CacheStoreSettings,
  params: CacheParams,
  memoryTtl: number | null | undefined,
  redisTtl: number | null | undefined,
): number | undefined {
  if (kind === 'memory')
    return milliseconds(params.ttl ?? params.default_in_memory_ttl ?? memoryTtl ?? MEMORY_TTL_S)
  return milliseconds(
    params.ttl ?? (kind === 'redis' ? (params.default_in_redis_ttl ?? redisTtl) : undefined),
  )
}

/** LiteLLM's parts of an address, or the whole of it. */
function redisOf(params: CacheParams): Secret | undefined {
  if (params.url) return new Secret(params.url)
  if (!params.host) return undefined
  const scheme = params.ssl === true ? 'rediss' : 'redis'
  const url = new URL(`${scheme}://${params.host}:${params.port ?? 6379}/${params.db ?? 0}`)
  url.username = params.username ?? ''
  url.password = params.password ?? ''
  return new Secret(url.href)
}

function folderOf(path: string | null | undefined): string {
  const trimmed = (path ?? '').replaceAll(/^\/+|\/+$/g, '')
  return trimmed === '' ? '' : `${trimmed}/`
}

function secretOf(text: string | null | undefined): Secret | undefined {
  return text ? new Secret(text) : undefined
}

function milliseconds(seconds: number | null | undefined): number | undefined {
  return seconds == null ? undefined : Math.round(seconds * 1000)
}
