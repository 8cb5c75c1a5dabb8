import { createHash } from 'node:crypto'
import type { Redis } from 'ioredis'
import { BaseSaver } from './base-saver.ts'
import { newCheckpointId } from './checkpoint-id.ts'
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
import { copiedCommit, dataCopier } from './data.ts'
import type { Copy } from './data.ts'
import { assertCommit, assertParent, assertPlace, corrupt, saverFailure, threadConflict } from './failures.ts'
import { commitRows, distinctWrites, neededItems, readBody, readMetadata, writeRows } from './layout.ts'
import type { Refs, StoredPiece, WriteRow } from './layout.ts'
import { LogCache } from './log-cache.ts'
import { matchesFilter } from './metadata.ts'
import { loadPeer } from './peer.ts'
import { dataSerde } from './serde.ts'
import type { Serde, SerdeOptions } from './serde.ts'
import { assembled } from './stored-checkpoint.ts'
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

/**
 * A thread is a few keys, all in one slot of a cluster:
 *
 * - `<thread>:places`, a hash: the head of each namespace
 * - `<thread>:<namespace>:c`, `:p`, `:w`: checkpoints, pieces of logs, and writes
 *
 * The three are sorted sets whose scores are all 0, so that Redis keeps their members in the order of their texts. A
 * member is a key and a value with a space between them; keys are written so that they have none.
 */
const SCRIPTS = {
  /**
   * KEYS places, checkpoints, pieces, writes. ARGV: namespace, id, member of the checkpoint, expected head (`-` for
   * nobody looks), ttl, number of pieces, pieces, and of each write its key, whether it replaces, and its member.
   * Answers with nothing, or with the head that was found instead.
   */
  commit: `
    local head = redis.call('HGET', KEYS[1], ARGV[1]) or ''
    if ARGV[4] ~= '-' and head ~= ARGV[4] then
      if head == ARGV[2] then return false end
      return head
    end
    local at = 7 + tonumber(ARGV[6])
    for i = 7, at - 1 do redis.call('ZADD', KEYS[3], 0, ARGV[i]) end
    for i = at, #ARGV, 3 do
      if ARGV[i + 1] == '1' then redis.call('ZREMRANGEBYLEX', KEYS[4], '[' .. ARGV[i] .. ' ', '(' .. ARGV[i] .. '!') end
      if redis.call('ZLEXCOUNT', KEYS[4], '[' .. ARGV[i] .. ' ', '(' .. ARGV[i] .. '!') == 0 then
        redis.call('ZADD', KEYS[4], 0, ARGV[i + 2])
      end
    end
    if ARGV[3] ~= '' then
      local key = string.match(ARGV[3], '^[^ ]*')
      redis.call('ZREMRANGEBYLEX', KEYS[2], '[' .. key .. ' ', '(' .. key .. '!')
      redis.call('ZADD', KEYS[2], 0, ARGV[3])
      if ARGV[2] > head then redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) end
    end
    if ARGV[5] ~= '' then for i = 1, 4 do redis.call('PEXPIRE', KEYS[i], ARGV[5]) end end
    return false`,
  /** KEYS places, checkpoints, writes. ARGV: namespace, key of a checkpoint or '', ttl. */
  load: `
    local head = redis.call('HGET', KEYS[1], ARGV[1])
    if not head then return false end
    local key = ARGV[2]
    local row
    if key == '' then
      row = redis.call('ZREVRANGE', KEYS[2], 0, 0)[1]
      key = row and string.match(row, '^[^ ]*')
    else
      row = redis.call('ZRANGEBYLEX', KEYS[2], '[' .. key .. ' ', '(' .. key .. '!')[1]
    end
    if not row then return false end
    if ARGV[3] ~= '' then redis.call('PEXPIRE', KEYS[1], ARGV[3]) redis.call('PEXPIRE', KEYS[2], ARGV[3]) redis.call('PEXPIRE', KEYS[3], ARGV[3]) redis.call('PEXPIRE', KEYS[4], ARGV[3]) end
    return { head, row, redis.call('ZRANGEBYLEX', KEYS[3], '[' .. key .. ' ', '(' .. key .. '!') }`,
  /** KEYS places, checkpoints, pieces, writes. ARGV: namespace, head, first key that stays, logs that are needed. */
  keepNewest: `
    if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return -1 end
    local gone = redis.call('ZREMRANGEBYLEX', KEYS[2], '-', '(' .. ARGV[3])
    redis.call('ZREMRANGEBYLEX', KEYS[4], '-', '(' .. ARGV[3])
    local needed = {}
    for i = 4, #ARGV do needed[ARGV[i]] = true end
    for _, piece in ipairs(redis.call('ZRANGE', KEYS[3], 0, -1)) do
      if not needed[string.match(piece, '^[^ ]*')] then redis.call('ZREM', KEYS[3], piece) end
    end
    return gone`,
  /** KEYS sorted sets. Answers with the bytes of their members. */
  size: `
    local bytes = 0
    for _, key in ipairs(KEYS) do
      for _, member in ipairs(redis.call('ZRANGE', key, 0, -1)) do bytes = bytes + #member end
    end
    return bytes`,
} as const

const SHAS = Object.fromEntries(
  Object.entries(SCRIPTS).map(([name, script]) => [name, createHash('sha1').update(script).digest('hex')]),
)

/** Checkpoints that a page of `history` reads at once. */
const PAGE = 50
/** Digits of an index, so that texts sort as the numbers do. */
const DIGITS = 10
/** Added to the index of a write, since fixed ones are negative. */
const INDEX_OFFSET = 1000

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
  readonly #serde: Serde
  readonly #copy: Copy
  readonly #cache: LogCache
  readonly #now: () => number

  /** @param redis a client of `ioredis`; `end` closes it */
  constructor(redis: Redis, options: RedisSaverOptions = {}) {
    super()
    this.#redis = redis
    this.#prefix = options.prefix ?? 'switchyard:graph'
    this.#ttl = options.ttlMs === undefined ? '' : String(options.ttlMs)
    this.#readTtl = options.refreshOnRead === true ? this.#ttl : ''
    this.#serde = dataSerde(options)
    this.#copy = dataCopier(options.codecs)
    this.#cache = new LogCache(this.#serde, this.#copy)
    this.#now = options.now ?? Date.now
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
    const { parentId } = commit
    if (parentId === undefined) return this.#store(commit, undefined)
    const known = this.#cache.refsOf(commit, parentId)
    if (known !== undefined) return this.#store(commit, known)
    // The caller may change its objects while we ask for the parent.
    const copied = copiedCommit(commit, this.#copy)
    return this.#store(copied, await this.#refs(copied, parentId))
  }

  async addWrites(place: Place, checkpointId: string, tasks: readonly TaskWrites[]): Promise<void> {
    assertPlace(place)
    const rows = writeRows(tasks, this.#serde)
    if ((await this.#row(place, checkpointId)) === undefined)
      throw saverFailure(
        'checkpoint_not_found',
        `There is no checkpoint ${checkpointId} to keep writes with.`,
      )
    const { places, checkpoints, pieces, writes } = this.#keys(place)
    await Promise.all([
      this.#script(
        'commit',
        [places, checkpoints, pieces, writes],
        [place.namespace, '', '', '-', this.#ttl, '0', ...writeArguments(checkpointId, rows)],
      ),
      this.#touch(place.thread),
    ])
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
      if (!matchesFilter(readMetadata(row.metadata, this.#serde), query.filter)) continue
      left -= 1
      const place = { thread: source.thread, namespace: source.namespace }
      const key = encoded(row.id)
      const members = await this.#redis.zrangebylex(this.#keys(place).writes, `[${key} `, `(${key}!`)
      yield await this.#read(place, row, source.head, members)
    }
  }

  async deleteThread(thread: string): Promise<void> {
    assertPlace({ thread, namespace: '' })
    await this.#dropThread(thread)
    this.#cache.clear()
  }

  async copyThread(from: string, to: string): Promise<void> {
    assertPlace({ thread: from, namespace: '' })
    assertPlace({ thread: to, namespace: '' })
    const places = await this.#placesOf({ thread: from })
    if (places.length === 0) throw saverFailure('thread_not_found', `There is no thread "${from}" to copy.`)
    if ((await this.#redis.exists(this.#threadKey(to))) > 0)
      throw saverFailure('thread_conflict', `Thread "${to}" has a history of its own already.`)
    const copying = this.#redis.multi().copy(this.#threadKey(from), this.#threadKey(to))
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
    if (gone > 0) this.#cache.clear()
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

  #threadKey(thread: string): string {
    // The braces keep all keys of a thread in one slot of a cluster.
    return `${this.#prefix}:{${encoded(thread)}}:places`
  }

  #keys({ thread, namespace }: Place): {
    places: string
    checkpoints: string
    pieces: string
    writes: string
  } {
    const at = `${this.#prefix}:{${encoded(thread)}}:${encoded(namespace)}`
    return { places: this.#threadKey(thread), checkpoints: `${at}:c`, pieces: `${at}:p`, writes: `${at}:w` }
  }

  async #store(commit: Commit, parent: Refs | undefined): Promise<void> {
    const { expectedHead, parentId, checkpoint } = commit
    if (parent === undefined && parentId !== undefined && expectedHead !== undefined) {
      const head = await this.#redis.hget(this.#threadKey(commit.thread), commit.namespace)
      if (head !== expectedHead) throw threadConflict(commit, expectedHead, head)
      assertParent(commit, false)
    }
    const isTip = parentId !== undefined && parentId === expectedHead
    const name = encoded(expectedHead === undefined ? newCheckpointId() : checkpoint.id)
    const rows = commitRows(commit, parent, isTip, (position) => `${name}/${position}`, this.#serde)
    const { places, checkpoints, pieces, writes } = this.#keys(commit)
    const member = `${encoded(rows.id)} ${JSON.stringify([rows.id, rows.parentId, rows.body, rows.metadata])}`
    const [head] = await Promise.all([
      this.#script(
        'commit',
        [places, checkpoints, pieces, writes],
        [
          commit.namespace,
          rows.id,
          member,
          expectedHead === undefined ? '-' : (expectedHead ?? ''),
          this.#ttl,
          String(rows.pieces.length),
          ...rows.pieces.map(({ log, start, payload }) => `${log} ${padded(start)} ${payload}`),
          ...(parentId === undefined ? [] : writeArguments(parentId, rows.writes)),
        ],
      ),
      this.#touch(commit.thread),
    ])
    if (head !== null)
      throw threadConflict(commit, expectedHead ?? null, head === '' ? null : (head as string))
    this.#cache.stored(commit, rows.id, rows.refs, rows.pieces)
  }

  async #row(place: Place, id: string): Promise<CheckpointRow | undefined> {
    const key = encoded(id)
    const [member] = await this.#redis.zrangebylex(this.#keys(place).checkpoints, `[${key} `, `(${key}!`)
    return member === undefined ? undefined : rowOf(member)
  }

  async #refs(place: Place, id: string): Promise<Refs | undefined> {
    const row = await this.#row(place, id)
    return row && readBody(place, id, row.body).refs
  }

  async #read(
    place: Place,
    row: CheckpointRow,
    head: string,
    members: readonly string[],
  ): Promise<SavedCheckpoint> {
    const body = readBody(place, row.id, row.body)
    const { pieces } = this.#keys(place)
    // A second time if what was known had to make room while we waited.
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const wants = this.#cache.wants(place, body.refs)
      if (wants.length === 0) break
      const found = await Promise.all(
        wants.map(({ log, from, to }) =>
          this.#redis.zrangebylex(pieces, `[${log} ${padded(from)}`, `(${log} ${padded(to)}`),
        ),
      )
      this.#cache.fetched(place, body.refs, found.flat().map(pieceOf))
    }
    try {
      return assembled(place, row, body, head, members.map(writeOf), this.#cache, this.#serde)
    } catch (error) {
      if (error instanceof SyntaxError) throw corrupt(place, row.id, 'a stored write is damaged', error)
      throw error
    }
  }

  async #placesOf(query: ListQuery): Promise<(Place & { head: string })[]> {
    const threads =
      query.thread === undefined ? (await this.#threads()).map(({ thread }) => thread) : [query.thread]
    const found: (Place & { head: string })[] = []
    for (const thread of threads) {
      const heads = await this.#redis.hgetall(this.#threadKey(thread))
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
      if ((await this.#redis.exists(this.#threadKey(thread))) === 0)
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
      this.#threadKey(thread),
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
      const head = await this.#redis.hget(places, place.namespace)
      return head === null ? 0 : this.#keepNewest({ ...place, head }, keepLast)
    }
    return Number(gone)
  }

  async #script(
    name: keyof typeof SCRIPTS,
    keys: readonly string[],
    parameters: readonly string[],
  ): Promise<unknown> {
    const call = [keys.length, ...keys, ...parameters] as const
    try {
      return await this.#redis.evalsha(SHAS[name] ?? '', ...call)
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
      return this.#redis.eval(SCRIPTS[name], ...call)
    }
  }
}

/** A text without spaces, braces and colons; ids of ours stay as they are. */
function encoded(text: string): string {
  try {
    return encodeURIComponent(text)
  } catch (error) {
    throw saverFailure('invalid_id', 'An id is no well-formed text: it has half of a surrogate pair.', error)
  }
}

const padded = (number: number): string => String(number).padStart(DIGITS, '0')

/** The value of a member: what stands behind its first `spaces` spaces. */
function valueOf(member: string, spaces: number): string {
  let at = -1
  for (let found = 0; found < spaces; found += 1) at = member.indexOf(' ', at + 1)
  return member.slice(at + 1)
}

function rowOf(member: string): CheckpointRow {
  const [id, parentId, body, metadata] = JSON.parse(valueOf(member, 1)) as [
    string,
    string | null,
    string,
    string,
  ]
  return { id, parentId, body, metadata }
}

function pieceOf(member: string): StoredPiece {
  const [log = '', start] = member.split(' ', 2)
  return { log, start: Number(start), payload: valueOf(member, 2) }
}

function writeOf(member: string): WriteRow {
  const [, , index] = member.split(' ', 3)
  const [taskId, channel, payload] = JSON.parse(valueOf(member, 3)) as [string, string, string]
  return { taskId, index: Number(index) - INDEX_OFFSET, channel, payload }
}

/** Of each write its key, whether it replaces what is there, and its member. */
function writeArguments(checkpointId: string, rows: readonly WriteRow[]): string[] {
  return distinctWrites(rows).flatMap(({ taskId, index, channel, payload }) => {
    const key = `${encoded(checkpointId)} ${encoded(taskId)} ${padded(index + INDEX_OFFSET)}`
    return [key, index < 0 ? '1' : '0', `${key} ${JSON.stringify([taskId, channel, payload])}`]
  })
}
