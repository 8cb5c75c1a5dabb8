import type { Redis } from 'ioredis'
import { BaseSaver } from './base-saver.ts'
import type {
  Commit,
  ListQuery,
  Place,
  PruneOptions,
  SavedCheckpoint,
  TaskWrites,
  ThreadSize,
  ThreadSummary,
} from './checkpointer.ts'
import { assertCommit, assertPlace, noSuchThread, threadTaken } from './failures.ts'
import { neededItems, readBody } from './layout.ts'
import type { CommitRows, StoredPiece, WriteRow } from './layout.ts'
import type { Want } from './log-cache.ts'
import { loadPeer } from './peer.ts'
import {
  checkpointMember,
  encoded,
  pieceMember,
  pieceOf,
  piecesWanted,
  placeKeys,
  rowOf,
  threadKey,
  under,
  writeArguments,
  writesOf,
} from './redis/members.ts'
import type { PlaceKeys } from './redis/members.ts'
import { runScript } from './redis/scripts.ts'
import type { ScriptName } from './redis/scripts.ts'
import { remoteFlow } from './remote-flow.ts'
import type { RemoteFlow, Stored } from './remote-flow.ts'
import type { SerdeOptions } from './serde.ts'
import type { CheckpointRow } from './stored-checkpoint.ts'

export interface RedisSaverOptions extends SerdeOptions {
  /** Beginning of all keys. `switchyard:graph` unless given. */
  readonly prefix?: string | undefined
  /** How long a thread stays after it was last written to, in milliseconds. For ever unless given. */
  readonly ttlMs?: number | undefined
  /** Whether reading a thread counts as well. */
  readonly refreshOnRead?: boolean | undefined
  /** Milliseconds since 1970; for tests. */
  readonly now?: (() => number) | undefined
}

/** Checkpoints that a page of `history` reads at once. */
const PAGE = 50

/**
 * Keeps threads in Redis, without any module. A superstep is one script: one round trip, stored whole or not at all.
 *
 * @example
 * const saver = RedisSaver.fromUrl('redis://localhost:6379', { ttlMs: 7 * 24 * 3_600_000 })
 * const app = graph.compile({ checkpointer: saver })
 */
export class RedisSaver extends BaseSaver {
  readonly #redis: Redis
  readonly #prefix: string
  readonly #ttl: string
  readonly #readTtl: string
  readonly #flow: RemoteFlow
  readonly #now: () => number

  /** @param redis a client of `ioredis`; `end` closes it */
  constructor(redis: Redis, options: RedisSaverOptions = {}) {
    super()
    this.#redis = redis
    this.#prefix = options.prefix ?? 'switchyard:graph'
    this.#ttl = options.ttlMs === undefined ? '' : String(options.ttlMs)
    this.#readTtl = options.refreshOnRead === true ? this.#ttl : ''
    this.#now = options.now ?? Date.now
    this.#flow = remoteFlow(
      {
        writtenId: encoded,
        headOf: (place) => this.#headOf(place),
        bodyOf: async (place, id) => (await this.#row(place, id))?.body,
        store: (commit, rows) => this.#store(commit, rows),
        storeWrites: (place, id, rows) => this.#storeWrites(place, id, rows),
      },
      options,
    )
  }

  /** LangGraph's way to open one, with a connection of its own. */
  static fromUrl(url: string, options?: RedisSaverOptions): RedisSaver {
    const { Redis: Client } = loadPeer('ioredis', 'RedisSaver') as { Redis: typeof Redis }
    return new RedisSaver(new Client(url), options)
  }

  protected override get keepsOnlyNewVersions(): boolean {
    return true
  }

  /** Closes the connection. The saver cannot be used afterwards. */
  async end(): Promise<void> {
    await this.#redis.quit()
  }

  async load(place: Place, checkpointId?: string): Promise<SavedCheckpoint | undefined> {
    assertPlace(place)
    const { places, checkpoints, pieces, writes } = this.#keys(place)
    const key = checkpointId === undefined ? '' : encoded(checkpointId)
    const keys = [places, checkpoints, writes, pieces]
    const found = await this.#script('load', keys, [place.namespace, key, this.#readTtl])
    if (found === null) return undefined
    const [head, row, members] = found as [string, string, string[]]
    return this.#read(place, rowOf(row), head, members)
  }

  async commit(commit: Commit): Promise<void> {
    assertCommit(commit)
    return this.#flow.commit(commit)
  }

  async addWrites(place: Place, checkpointId: string, tasks: readonly TaskWrites[]): Promise<void> {
    assertPlace(place)
    return this.#flow.addWrites(place, checkpointId, tasks)
  }

  async *history(query: ListQuery = {}): AsyncIterable<SavedCheckpoint> {
    let left = query.limit ?? Number.POSITIVE_INFINITY
    const sources = (await this.#placesOf(query)).map((place) => ({
      ...place,
      page: [] as CheckpointRow[],
      from: '+',
    }))
    for (;;) {
      for (const source of sources) {
        if (source.page.length > 0 || source.from === '') continue
        const max =
          source.from === '+' && query.before !== undefined ? `(${encoded(query.before)} ` : source.from
        const members = await this.#redis.zrevrangebylex(
          this.#keys(source).checkpoints,
          max,
          '-',
          'LIMIT',
          0,
          PAGE,
        )
        source.page = members.map(rowOf)
        source.from = members.length < PAGE ? '' : `(${encoded(source.page.at(-1)?.id ?? '')} `
      }
      const [source] = sources
        .filter(({ page }) => page.length > 0)
        .toSorted((left_, right) => ((left_.page[0]?.id ?? '') < (right.page[0]?.id ?? '') ? 1 : -1))
      const row = source?.page.shift()
      if (source === undefined || row === undefined || left <= 0) return
      if (query.checkpointId !== undefined && row.id !== query.checkpointId) continue
      if (!this.#flow.matches(row, query.filter)) continue
      left -= 1
      const place = { thread: source.thread, namespace: source.namespace }
      const members = await this.#redis.zrangebylex(this.#keys(place).writes, ...under(encoded(row.id)))
      yield await this.#read(place, row, source.head, members)
    }
  }

  async deleteThread(thread: string): Promise<void> {
    assertPlace({ thread, namespace: '' })
    await this.#dropThread(thread)
    this.#flow.forget()
  }

  async copyThread(from: string, to: string): Promise<void> {
    assertPlace({ thread: from, namespace: '' })
    assertPlace({ thread: to, namespace: '' })
    const places = await this.#placesOf({ thread: from })
    if (places.length === 0) throw noSuchThread(from)
    if ((await this.#redis.exists(threadKey(this.#prefix, to))) > 0) throw threadTaken(to)
    const copying = this.#redis.multi().copy(threadKey(this.#prefix, from), threadKey(this.#prefix, to))
    for (const { namespace } of places) {
      const [source, target] = [
        this.#keys({ thread: from, namespace }),
        this.#keys({ thread: to, namespace }),
      ]
      copying.copy(source.checkpoints, target.checkpoints)
      copying.copy(source.pieces, target.pieces)
      copying.copy(source.writes, target.writes)
    }
    await copying.exec()
    await this.#touch(to)
  }

  async prune({ thread, keepLast, idleForMs }: PruneOptions): Promise<number> {
    let gone = 0
    if (idleForMs !== undefined) {
      const idle = await this.#redis.zrangebyscore(this.#threadsKey, '-inf', this.#now() - idleForMs)
      for (const id of idle) if (thread === undefined || id === thread) gone += await this.#dropThread(id)
    }
    if (keepLast !== undefined)
      for (const place of await this.#placesOf({ thread }))
        gone += await this.#keepNewest(place, Math.max(1, keepLast))
    if (gone > 0) this.#flow.forget()
    return gone
  }

  async listThreads({ limit, offset = 0 }: { limit?: number; offset?: number } = {}): Promise<
    ThreadSummary[]
  > {
    const found = await this.#threads()
    return found.slice(offset, limit === undefined ? undefined : offset + limit)
  }

  async sizeOf(thread: string): Promise<ThreadSize> {
    const places = await this.#placesOf({ thread })
    let checkpoints = 0
    let bytes = 0
    for (const place of places) {
      const keys = this.#keys(place)
      checkpoints += await this.#redis.zcard(keys.checkpoints)
      bytes += Number(await this.#script('size', [keys.checkpoints, keys.pieces, keys.writes], []))
    }
    return { checkpoints, bytes }
  }

  get #threadsKey(): string {
    return `${this.#prefix}:threads`
  }

  #keys(place: Place): PlaceKeys {
    return placeKeys(this.#prefix, place)
  }

  #headOf({ thread, namespace }: Place): Promise<string | null> {
    return this.#redis.hget(threadKey(this.#prefix, thread), namespace)
  }

  async #store(commit: Commit, rows: CommitRows): Promise<Stored> {
    const { namespace, expectedHead, parentId } = commit
    const { places, checkpoints, pieces, writes } = this.#keys(commit)
    const [head] = await Promise.all([
      this.#script(
        'commit',
        [places, checkpoints, pieces, writes],
        [
          namespace,
          rows.id,
          checkpointMember(rows),
          expectedHead === undefined ? '-' : (expectedHead ?? ''),
          this.#ttl,
          String(rows.pieces.length),
          ...rows.pieces.map(pieceMember),
          ...(parentId === undefined ? [] : writeArguments(parentId, rows.writes)),
        ],
      ),
      this.#touch(commit.thread),
    ])
    return head === null
      ? { isStored: true }
      : { isStored: false, head: head === '' ? null : (head as string) }
  }

  async #storeWrites(place: Place, checkpointId: string, rows: readonly WriteRow[]): Promise<boolean> {
    if ((await this.#row(place, checkpointId)) === undefined) return false
    const { places, checkpoints, pieces, writes } = this.#keys(place)
    await Promise.all([
      this.#script(
        'commit',
        [places, checkpoints, pieces, writes],
        [place.namespace, '', '', '-', this.#ttl, '0', ...writeArguments(checkpointId, rows)],
      ),
      this.#touch(place.thread),
    ])
    return true
  }

  async #row(place: Place, id: string): Promise<CheckpointRow | undefined> {
    const [member] = await this.#redis.zrangebylex(this.#keys(place).checkpoints, ...under(encoded(id)))
    return member === undefined ? undefined : rowOf(member)
  }

  async #read(
    place: Place,
    row: CheckpointRow,
    head: string,
    members: readonly string[],
  ): Promise<SavedCheckpoint> {
    const held = { ...row, head, writes: writesOf(place, row.id, members) }
    return this.#flow.read(place, held, (wants) => this.#pieces(place, wants))
  }

  async #pieces(place: Place, wants: readonly Want[]): Promise<StoredPiece[]> {
    const { pieces } = this.#keys(place)
    const found = await Promise.all(
      wants.map((want) => this.#redis.zrangebylex(pieces, ...piecesWanted(want))),
    )
    return found.flat().map(pieceOf)
  }

  async #placesOf(query: ListQuery): Promise<(Place & { head: string })[]> {
    const threads =
      query.thread === undefined ? (await this.#threads()).map(({ thread }) => thread) : [query.thread]
    const found: (Place & { head: string })[] = []
    for (const thread of threads) {
      const heads = await this.#redis.hgetall(threadKey(this.#prefix, thread))
      for (const [namespace, head] of Object.entries(heads))
        if (query.namespace === undefined || namespace === query.namespace)
          found.push({ thread, namespace, head })
    }
    return found
  }

  /** The threads that are there, newest first. Those whose time has run out are forgotten on the way. */
  async #threads(): Promise<ThreadSummary[]> {
    const found = await this.#redis.zrevrange(this.#threadsKey, 0, -1, 'WITHSCORES')
    const threads: ThreadSummary[] = []
    for (let index = 0; index < found.length; index += 2) {
      const thread = found[index] ?? ''
      if ((await this.#redis.exists(threadKey(this.#prefix, thread))) === 0)
        await this.#redis.zrem(this.#threadsKey, thread)
      else threads.push({ thread, updatedAt: new Date(Number(found[index + 1])).toISOString() })
    }
    return threads
  }

  async #touch(thread: string): Promise<void> {
    await this.#redis.zadd(this.#threadsKey, this.#now(), thread)
  }

  async #dropThread(thread: string): Promise<number> {
    const places = await this.#placesOf({ thread })
    const keys = places.map((place) => this.#keys(place))
    const counts = await Promise.all(keys.map(({ checkpoints }) => this.#redis.zcard(checkpoints)))
    await this.#redis.unlink(
      threadKey(this.#prefix, thread),
      ...keys.flatMap(({ checkpoints, pieces, writes }) => [checkpoints, pieces, writes]),
    )
    await this.#redis.zrem(this.#threadsKey, thread)
    return counts.reduce((sum, count) => sum + count, 0)
  }

  async #keepNewest(place: Place & { head: string }, keepLast: number): Promise<number> {
    const { places, checkpoints, pieces, writes } = this.#keys(place)
    const members = await this.#redis.zrevrange(checkpoints, 0, keepLast - 1)
    const oldest = members.at(-1)
    if (oldest === undefined) return 0
    const kept = members.map(rowOf)
    const needed = kept.flatMap(({ id, body }) => [...neededItems(readBody(place, id, body).refs).keys()])
    const gone = await this.#script(
      'keepNewest',
      [places, checkpoints, pieces, writes],
      [place.namespace, place.head, `${encoded(rowOf(oldest).id)} `, ...new Set(needed)],
    )
    // The thread moved on meanwhile: what is needed has to be found anew.
    if (gone === -1) {
      const head = await this.#headOf(place)
      return head === null ? 0 : this.#keepNewest({ ...place, head }, keepLast)
    }
    return Number(gone)
  }

  #script(name: ScriptName, keys: readonly string[], parameters: readonly string[]): Promise<unknown> {
    return runScript(this.#redis, name, keys, parameters)
  }
}
