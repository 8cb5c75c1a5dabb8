import type { IndexConfig, StoreValue } from './store.ts'

/** A text of a value, and the path it was found under. */
export interface PlacedText {
  readonly path: string
  readonly text: string
}

/** `a.b[0].c[*]` as its steps. */
function stepsOf(path: string): string[] {
  return path
    .replaceAll(/\[(\d+|\*)\]/g, '.$1')
    .split('.')
    .filter((step) => step !== '')
}

function asText(value: unknown): string[] {
  if (value === null || value === undefined) return []
  if (typeof value === 'string') return value === '' ? [] : [value]
  return typeof value === 'object' ? [JSON.stringify(value)] : [String(value)]
}

function found(value: unknown, steps: readonly string[]): unknown[] {
  const [step, ...rest] = steps
  if (step === undefined) return [value]
  if (typeof value !== 'object' || value === null) return []
  if (step === '*') return Object.values(value).flatMap((inner) => found(inner, rest))
  return Object.hasOwn(value, step) ? found((value as StoreValue)[step], rest) : []
}

/** The texts of a value that its likeness to a query is measured by. */
export function textsOf(value: StoreValue, paths: readonly string[]): PlacedText[] {
  return paths.flatMap((path) => {
    const values = path === '$' ? [value] : found(value, stepsOf(path))
    const texts = values.flatMap(asText)
    if (texts.length === 1) return [{ path, text: texts[0] ?? '' }]
    return texts.map((text, position) => ({ path: `${path}.${position}`, text }))
  })
}

/** Vectors of the length that the index has. Computed once, compared often: 32 bits are enough for likeness. */
export type Embedder = (texts: readonly string[], purpose: 'query' | 'document') => Promise<Float32Array[]>

/** @throws {TypeError} when an index has no way to embed, or its vectors have another length than it says. */
export function createEmbedder(index: IndexConfig): Embedder {
  const { dims, embed, embeddings } = index
  if (embed === undefined && embeddings === undefined) {
    throw new TypeError('store: the index has no `embed` function. Give one: (texts) => vectors.')
  }
  return async (texts, purpose) => {
    if (texts.length === 0) return []
    const vectors = await (async () => {
      if (embed !== undefined) return embed([...texts])
      if (purpose === 'document') return embeddings?.embedDocuments([...texts]) ?? []
      return Promise.all(texts.map((text) => embeddings?.embedQuery(text) ?? []))
    })()
    if (vectors.length !== texts.length || vectors.some((vector) => vector.length !== dims)) {
      throw new TypeError(
        `store: \`embed\` was to give ${texts.length} vectors of ${dims} numbers and gave ${vectors.length} of ` +
          `${[...new Set(vectors.map(({ length }) => length))].join(', ')}. Set the index's dims to what the model gives.`,
      )
    }
    return vectors.map((vector) => Float32Array.from(vector))
  }
}

/** Cosine of the angle between two vectors; 0 when one has no length. */
function likeness(left: Float32Array, right: Float32Array): number {
  let product = 0
  let leftSquare = 0
  let rightSquare = 0
  for (let index = 0; index < left.length; index += 1) {
    const a = left[index] ?? 0
    const b = right[index] ?? 0
    product += a * b
    leftSquare += a * a
    rightSquare += b * b
  }
  const length = Math.sqrt(leftSquare * rightSquare)
  return length === 0 ? 0 : product / length
}

/** The best likeness of a query to one of an item's texts; `undefined` when the item has none. */
export function bestLikeness(query: Float32Array, vectors: Iterable<Float32Array>): number | undefined {
  let best: number | undefined
  for (const vector of vectors) {
    const score = likeness(query, vector)
    if (best === undefined || score > best) best = score
  }
  return best
}

/** The most alike first, then those that were not compared, each in the order they came. */
export function byLikeness(
  left: { readonly score?: number | undefined },
  right: { readonly score?: number | undefined },
): number {
  return (right.score ?? -Infinity) - (left.score ?? -Infinity) || 0
}
