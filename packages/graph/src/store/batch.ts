import { createEmbedder, textsOf } from './embedding.ts'
import { checkFilter } from './filter.ts'
import { checkKey, checkNamespace, checkPrefix } from './namespace.ts'
import type {
  GetOperation,
  Item,
  ListNamespacesOperation,
  Operation,
  OperationResults,
  PutOperation,
  SearchItem,
  SearchOperation,
  StoreOptions,
  StoreValue,
} from './store.ts'

type Awaitable<Value> = Value | Promise<Value>

/** A search that was checked, with the query as a vector where the store has an index. */
export interface PreparedSearch {
  readonly namespacePrefix: readonly string[]
  readonly filter: Readonly<Record<string, unknown>>
  readonly limit: number
  readonly offset: number
  readonly vector: Float32Array | undefined
}

/** A write that was checked, with the vectors of its texts by path. */
export interface PreparedPut {
  readonly namespace: readonly string[]
  readonly key: string
  readonly value: StoreValue | null
  readonly vectors: ReadonlyMap<string, Float32Array>
  /** When the item is gone; `undefined`: never. */
  readonly expiresAtMs: number | undefined
  /** Its life anew at each reading; `undefined`: never ends. */
  readonly ttlMs: number | undefined
}

/** What a store keeps its items in. Operations arrive checked and embedded; expired items are never answered. */
export interface Shelf {
  get(operation: GetOperation, nowMs: number): Awaitable<Item | null>
  search(search: PreparedSearch, nowMs: number): Awaitable<SearchItem[]>
  listNamespaces(operation: ListNamespacesOperation, nowMs: number): Awaitable<string[][]>
  /** Keeps or deletes all of these, or none of them. */
  write(puts: readonly PreparedPut[], nowMs: number): Awaitable<void>
}

function isPut(operation: Operation): operation is PutOperation {
  return 'value' in operation
}

function isSearch(operation: Operation): operation is SearchOperation {
  return 'namespacePrefix' in operation
}

function isGet(operation: Operation): operation is GetOperation {
  return 'key' in operation && !isPut(operation)
}

function check(operation: Operation): void {
  if (isSearch(operation)) {
    checkPrefix(operation.namespacePrefix)
    checkFilter(operation.filter ?? {})
  } else if ('key' in operation) {
    checkNamespace(operation.namespace)
    checkKey(operation.key)
    if (isPut(operation)) checkValue(operation)
  }
}

function checkValue({ namespace, key, value, ttlMs }: PutOperation): void {
  const place = `store.put: the value of "${key}" in ${JSON.stringify(namespace)}`
  if (value !== null && (typeof value !== 'object' || Array.isArray(value))) {
    throw new TypeError(`${place} is no object. Write { ... }, since its fields are what is searched by.`)
  }
  if (ttlMs != null && !(ttlMs > 0)) {
    throw new TypeError(`${place} is to live ${ttlMs} ms. Write a number above 0, or null for ever.`)
  }
}

/** Runs the operations of a batch on a shelf: checks all of them first, reads, then writes at once. */
export function createBatch(
  shelf: Shelf,
  options: StoreOptions,
): <Operations extends readonly Operation[]>(
  operations: Operations,
) => Promise<OperationResults<Operations>> {
  const { index, ttl, nowMs = Date.now } = options
  const embed = index === undefined ? undefined : createEmbedder(index)

  async function queryVectors(searches: readonly SearchOperation[]): Promise<Map<string, Float32Array>> {
    const queries = [...new Set(searches.flatMap(({ query }) => (query ? [query] : [])))]
    const vectors = (await embed?.(queries, 'query')) ?? []
    return new Map(vectors.map((vector, position) => [queries[position] ?? '', vector]))
  }

  async function prepare(puts: readonly PutOperation[]): Promise<PreparedPut[]> {
    // Of two writes to one key, only the second is kept, so only it is embedded.
    const last = new Map(puts.map((put) => [JSON.stringify([put.namespace, put.key]), put]))
    const chosen = [...last.values()].map((put) => ({
      put,
      texts:
        embed === undefined || put.value === null || put.index === false
          ? []
          : textsOf(put.value, put.index ?? index?.fields ?? ['$']),
    }))
    const unique = [...new Set(chosen.flatMap(({ texts }) => texts.map(({ text }) => text)))]
    const vectors = (await embed?.(unique, 'document')) ?? []
    const vectorOf = new Map(vectors.map((vector, position) => [unique[position] ?? '', vector]))
    return chosen.map(({ put, texts }) => {
      const ttlMs = (put.ttlMs === undefined ? ttl?.defaultTtlMs : put.ttlMs) ?? undefined
      return {
        namespace: put.namespace,
        key: put.key,
        value: put.value,
        vectors: new Map(texts.map(({ path, text }) => [path, vectorOf.get(text) ?? new Float32Array()])),
        expiresAtMs: ttlMs === undefined ? undefined : nowMs() + ttlMs,
        ttlMs,
      }
    })
  }

  return async (operations) => {
    for (const operation of operations) check(operation)
    const vectors = await queryVectors(operations.filter(isSearch))
    const prepared = await prepare(operations.filter(isPut))
    const results: unknown[] = []
    for (const operation of operations) {
      if (isGet(operation)) results.push(await shelf.get(operation, nowMs()))
      else if (isSearch(operation)) {
        const { namespacePrefix, filter = {}, limit = 10, offset = 0, query } = operation
        const vector = vectors.get(query ?? '')
        results.push(await shelf.search({ namespacePrefix, filter, limit, offset, vector }, nowMs()))
      } else if (isPut(operation)) results.push(undefined)
      else results.push(await shelf.listNamespaces(operation, nowMs()))
    }
    if (prepared.length > 0) await shelf.write(prepared, nowMs())
    return results as OperationResults<typeof operations>
  }
}
