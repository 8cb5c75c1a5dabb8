export { createResponseCache } from './cache.ts'
export type { ResponseCache } from './cache.ts'
export type { CacheEntry } from './entry.ts'
export { FAILED_LEADERS } from './flights.ts'
export type { Flight, Outcome } from './flights.ts'
export { guardStore } from './guarded.ts'
export { cacheKey } from './key.ts'
export type { KeyParts } from './key.ts'
export {
  cachePolicy,
  mergeControls,
  operationOf,
  parseCacheControlHeader,
  parseCacheControls,
} from './policy.ts'
export type { CacheControls, CachedOperation, CachePolicy, CacheRules } from './policy.ts'
export type { CacheStore } from './store.ts'
export * as cacheStores from './stores/index.ts'
export { questionOf } from './question.ts'
export { createMemoryVectors } from './vectors/memory-vectors.ts'
export { createRedisVectors } from './vectors/redis-vectors.ts'
export { unitVector } from './vectors/vector-index.ts'
export type { VectorIndex } from './vectors/vector-index.ts'
