import { z } from 'zod'
import {
  address,
  amount,
  anyList,
  anyMap,
  anything,
  choice,
  count,
  flag,
  seconds,
  sectionKeys,
  text,
  texts,
} from './values.ts'
import type { SectionKeys } from './values.ts'

type Maybe<T> = T | null | undefined

/** `litellm_settings.cache_params`, as it is written. */
export interface CacheParams {
  [key: string]: unknown
  type?: Maybe<string>
  mode?: Maybe<string>
  ttl?: Maybe<number>
  default_in_memory_ttl?: Maybe<number>
  default_in_redis_ttl?: Maybe<number>
  namespace?: Maybe<string>
  supported_call_types?: Maybe<string[]>
  scope?: Maybe<string>
  coalesce?: Maybe<boolean>
  max_size_mb?: Maybe<number>
  max_entry_size_mb?: Maybe<number>
  host?: Maybe<string>
  port?: Maybe<number>
  username?: Maybe<string>
  password?: Maybe<string>
  db?: Maybe<number>
  url?: Maybe<string>
  ssl?: Maybe<boolean>
  socket_timeout?: Maybe<number>
  disk_cache_dir?: Maybe<string>
  s3_bucket_name?: Maybe<string>
  s3_region_name?: Maybe<string>
  s3_endpoint_url?: Maybe<string>
  s3_path?: Maybe<string>
  s3_aws_access_key_id?: Maybe<string>
  s3_aws_secret_access_key?: Maybe<string>
  s3_aws_session_token?: Maybe<string>
  similarity_threshold?: Maybe<number>
  embedding_model?: Maybe<string>
  redis_semantic_cache_embedding_model?: Maybe<string>
}

/** Those that are there. */
export const CACHE_TYPES = [
  'local',
  'redis',
  'disk',
  's3',
  'local-semantic',
  'redis-semantic',
  'valkey-semantic',
] as const
export type CacheType = (typeof CACHE_TYPES)[number]

/** LiteLLM's others, so that what is missing can be said. */
export const OTHER_CACHE_TYPES: readonly string[] = ['qdrant-semantic', 'gcs', 'azure-blob']

export const CACHE_SCOPES = ['key', 'user', 'team', 'organization', 'all'] as const
export type CacheScope = (typeof CACHE_SCOPES)[number]

const active = {
  type: choice([...CACHE_TYPES, ...OTHER_CACHE_TYPES]),
  mode: choice(['default_on', 'default_off']),
  ttl: amount({ min: 0 }),
  default_in_memory_ttl: amount({ min: 0 }),
  default_in_redis_ttl: amount({ min: 0 }),
  namespace: text(),
  supported_call_types: texts(),
  scope: choice(CACHE_SCOPES),
  coalesce: flag(),
  max_size_mb: amount({ above: 0 }),
  max_entry_size_mb: amount({ above: 0 }),
  host: text(),
  port: count(),
  username: text(),
  password: text(),
  db: count(),
  url: text(),
  ssl: flag(),
  socket_timeout: seconds(),
  disk_cache_dir: text(),
  s3_bucket_name: text(),
  s3_region_name: text(),
  s3_endpoint_url: address(),
  s3_path: text(),
  s3_aws_access_key_id: text(),
  s3_aws_secret_access_key: text(),
  s3_aws_session_token: text(),
  similarity_threshold: amount({ min: 0 }),
  embedding_model: text(),
  redis_semantic_cache_embedding_model: text(),
  redis_startup_nodes: anyList(),
  sentinel_nodes: anyList(),
  service_name: text(),
}

// Of LiteLLM's Python clients, and of stores that are not there.
const accepted = {
  redis_flush_size: count(),
  redis_semantic_cache_index_name: text(),
  redis_semantic_cache_use_async: flag(),
  max_connections: count(),
  gcp_service_account: text(),
  gcp_ssl_ca_certs: text(),
  sentinel_password: text(),
  s3_api_version: text(),
  s3_use_ssl: flag(),
  s3_verify: anything(),
  s3_config: anyMap(),
  qdrant_semantic_cache_embedding_model: text(),
  qdrant_collection_name: text(),
  qdrant_quantization_config: anything(),
  qdrant_api_base: text(),
  qdrant_api_key: text(),
  gcs_bucket_name: text(),
  gcs_path_service_account: text(),
  gcs_path: text(),
  azure_account_url: text(),
  azure_blob_container: text(),
}

export const cacheParamsSchema: z.ZodType<CacheParams | null | undefined> = z
  .looseObject({ ...active, ...accepted }, 'expected a map')
  .nullish()
export const cacheParamsKeys: SectionKeys = sectionKeys(active, accepted)
