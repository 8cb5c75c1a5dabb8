type Soon<Value> = Value | Promise<Value>

/** A question that was answered: its vector, and the key of the answer. */
export interface KeptVector {
  readonly key: string
  /** Of length 1, so that a product of two tells how like they are. */
  readonly vector: Float32Array
  readonly expiresMs?: number | undefined
}

/** What is nearest, and how near: 1 is the same. */
export interface Near {
  readonly key: string
  readonly similarity: number
}

/**
 * Vectors of questions, in buckets: only questions of one bucket can stand for each other. Each bucket keeps the latest
 * few hundred, and is looked through from end to end.
 */
export interface VectorIndex {
  readonly nearest: (bucket: string, vector: Float32Array) => Soon<Near | undefined>
  readonly add: (bucket: string, kept: KeptVector) => Soon<void>
  readonly clear: () => Soon<void>
}

/** `undefined` for one that points nowhere. */
export function unitVector(numbers: readonly number[]): Float32Array | undefined {
  const length = Math.hypot(...numbers)
  return length > 0 && Number.isFinite(length)
    ? Float32Array.from(numbers, (number) => number / length)
    : undefined
}

export function nearestOf(kept: Iterable<KeptVector>, vector: Float32Array, nowMs: number): Near | undefined {
  let best: Near | undefined
  for (const one of kept) {
    // Of another model, or over.
    if (one.vector.length !== vector.length || (one.expiresMs ?? Number.POSITIVE_INFINITY) <= nowMs) continue
    let product = 0
    for (let at = 0; at < vector.length; at++) product += (one.vector[at] ?? 0) * (vector[at] ?? 0)
    if (best === undefined || product > best.similarity) best = { key: one.key, similarity: product }
  }
  return best
}
