/** What a store keeps under a key: plain data whose top-level fields can be searched by. */
export type StoreValue = Record<string, unknown>

/** Something remembered across threads. */
export interface Item<Value extends object = StoreValue> {
  value: Value
  key: string
  /** Where it is kept, from the general to the particular: `['users', 'ada', 'facts']`. */
  namespace: string[]
  createdAt: Date
  updatedAt: Date
}

export interface SearchItem<Value extends object = StoreValue> extends Item<Value> {
  /** Likeness to the query, 1 for the same direction; absent where nothing was compared. */
  score?: number
}

export interface GetOperation {
  readonly namespace: readonly string[]
  readonly key: string
}

export interface PutOperation {
  readonly namespace: readonly string[]
  readonly key: string
  /** `null` deletes the item. */
  readonly value: StoreValue | null
  /** Paths of the texts to embed, in place of the store's `fields`; `false` for none. */
  readonly index?: false | readonly string[] | undefined
  /** How long the item lives, in milliseconds; `null` for ever. The store's own default when absent. */
  readonly ttlMs?: number | null | undefined
}

export interface SearchOperation {
  readonly namespacePrefix: readonly string[]
  /** By top-level field: a value to equal, or operators `$eq $ne $gt $gte $lt $lte`. */
  readonly filter?: Readonly<Record<string, unknown>> | undefined
  readonly limit?: number | undefined
  readonly offset?: number | undefined
  /** Text to search by likeness; without an index it has no effect. */
  readonly query?: string | undefined
}

export interface MatchCondition {
  readonly matchType: 'prefix' | 'suffix'
  /** Labels; `*` stands for any one. */
  readonly path: readonly string[]
}

export interface ListNamespacesOperation {
  readonly matchConditions?: readonly MatchCondition[] | undefined
  readonly maxDepth?: number | undefined
  readonly limit: number
  readonly offset: number
}

export type Operation = GetOperation | PutOperation | SearchOperation | ListNamespacesOperation

/** The result of each operation of a batch, in its place. */
export type OperationResults<Operations extends readonly Operation[]> = {
  [Index in keyof Operations]: Operations[Index] extends PutOperation
    ? void
    : Operations[Index] extends SearchOperation
      ? SearchItem[]
      : Operations[Index] extends GetOperation
        ? Item | null
        : Operations[Index] extends ListNamespacesOperation
          ? string[][]
          : never
}

/** How texts become vectors. One of `embed` and `embeddings` is needed. */
export interface IndexConfig {
  /** Length of the vectors. */
  readonly dims: number
  /** One vector for each text, in order. */
  readonly embed?: ((texts: string[]) => Promise<number[][]> | number[][]) | undefined
  /** LangChain's form of the same. */
  readonly embeddings?:
    | {
        embedDocuments: (texts: string[]) => Promise<number[][]>
        embedQuery: (text: string) => Promise<number[]>
      }
    | undefined
  /** Paths of the texts in a value: `title`, `author.name`, `chapters[*].text`; `$` (the default) is the whole value. */
  readonly fields?: readonly string[] | undefined
}

export interface TtlConfig {
  /** How long an item lives that names no time of its own; absent: for ever. */
  readonly defaultTtlMs?: number | undefined
  /** Whether reading an item lets it live its time anew. Default: yes. */
  readonly refreshOnRead?: boolean | undefined
}

export interface StoreOptions {
  readonly index?: IndexConfig | undefined
  readonly ttl?: TtlConfig | undefined
  /** The clock; for tests. */
  readonly nowMs?: (() => number) | undefined
}

/** The options of `put` beside LangGraph's. */
export interface PutOptions {
  readonly ttlMs?: number | null | undefined
}

/**
 * Memory that outlives threads. A store of one's own implements `batch`; everything else follows from it.
 * Within a batch, reads see what was there before it, and its writes happen together.
 */
export abstract class BaseStore {
  abstract batch<const Operations extends readonly Operation[]>(
    operations: Operations,
  ): Promise<OperationResults<Operations>>

  /** The item under a key, or `null`. */
  async get<Value extends object = StoreValue>(
    namespace: readonly string[],
    key: string,
  ): Promise<Item<Value> | null> {
    const [item] = await this.batch([{ namespace, key }] as [GetOperation])
    return item as Item<Value> | null
  }

  /**
   * Items whose namespace begins with a prefix, the oldest first; with `query` and an index, the most alike first.
   *
   * @example await store.search(['users', 'ada'], { query: 'what does she eat?', limit: 3 })
   */
  async search<Value extends object = StoreValue>(
    namespacePrefix: readonly string[],
    options: Omit<SearchOperation, 'namespacePrefix'> = {},
  ): Promise<SearchItem<Value>[]> {
    const operation = { namespacePrefix, limit: 10, offset: 0, ...options }
    const [items] = await this.batch([operation] as [SearchOperation])
    return items as SearchItem<Value>[]
  }

  /**
   * Keeps a value under a key, in place of what was there.
   *
   * @param index paths of the texts to embed, in place of the store's `fields`; `false` for none
   */
  async put(
    namespace: readonly string[],
    key: string,
    value: StoreValue,
    index?: false | readonly string[],
    options: PutOptions = {},
  ): Promise<void> {
    await this.batch([{ namespace, key, value, index, ...options }] as [PutOperation])
  }

  async delete(namespace: readonly string[], key: string): Promise<void> {
    await this.batch([{ namespace, key, value: null }] as [PutOperation])
  }

  /** Namespaces that hold items, sorted; `maxDepth` cuts longer ones off. */
  async listNamespaces(
    options: {
      readonly prefix?: readonly string[] | undefined
      readonly suffix?: readonly string[] | undefined
      readonly maxDepth?: number | undefined
      readonly limit?: number | undefined
      readonly offset?: number | undefined
    } = {},
  ): Promise<string[][]> {
    const { prefix, suffix, maxDepth, limit = 100, offset = 0 } = options
    const matchConditions: MatchCondition[] = []
    if (prefix !== undefined) matchConditions.push({ matchType: 'prefix', path: prefix })
    if (suffix !== undefined) matchConditions.push({ matchType: 'suffix', path: suffix })
    const operation = { matchConditions, maxDepth, limit, offset }
    const [namespaces] = await this.batch([operation] as [ListNamespacesOperation])
    return namespaces
  }

  /** For stores that do something in the background. */
  start(): void | Promise<void> {}

  /** Lets go of what the store holds. */
  stop(): void | Promise<void> {}
}
