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
