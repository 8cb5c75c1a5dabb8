import { nearestOf } from './vector-index.ts'
import type { KeptVector, VectorIndex } from './vector-index.ts'

export interface MemoryVectorsOptions {
  readonly nowMs: () => number
  /** Vectors of one bucket (256) and of all together (10,000); the oldest go first. */
  readonly maxOfBucket?: number | undefined
  readonly maxOfAll?: number | undefined
}

export function createMemoryVectors(options: MemoryVectorsOptions): VectorIndex {
  const { nowMs, maxOfBucket = 256, maxOfAll = 10_000 } = options
  const buckets = new Map<string, KeptVector[]>()
  let count = 0
  return {
    nearest: (bucket, vector) => nearestOf(buckets.get(bucket) ?? [], vector, nowMs()),
    add: (bucket, kept) => {
      const known = buckets.get(bucket) ?? []
      const others = known.filter(({ key }) => key !== kept.key).slice(0, maxOfBucket - 1)
      buckets.delete(bucket)
      buckets.set(bucket, [kept, ...others])
      count += 1 + others.length - known.length
      for (const [oldest, vectors] of buckets) {
        if (count <= maxOfAll || oldest === bucket) break
        buckets.delete(oldest)
        count -= vectors.length
      }
    },
    clear: () => {
      buckets.clear()
      count = 0
    },
  }
}
