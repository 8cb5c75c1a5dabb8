import type { SQLOutputValue } from 'node:sqlite'
import { decodeEntry, encodeEntry, isOver } from '../entry.ts'
import type { CacheEntry } from '../entry.ts'
import { defineCacheStore } from '../store.ts'
import type { CacheStoreKind } from '../store.ts'

export interface DiskStoreOptions {
  /** A file of its own, made when it is not there; `:memory:` for none. */
  readonly file: string
  /** Of all entries together; the ones not asked for the longest go first. */
  readonly maxBytes: number
  readonly nowMs: () => number
}

const TABLE = `
  CREATE TABLE IF NOT EXISTS entries (
    key TEXT PRIMARY KEY,
    entry TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    expires_ms INTEGER,
    used_ms INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS entries_by_use ON entries (used_ms);
`
/** A use is written down when the last one known is older: most reads write nothing. */
const USE_GRAIN_MS = 60_000
/** Room is made in steps, so that not every entry has to make some. */
const ROOM_SHARE = 0.1

/** In a SQLite file: still there after a restart, for the processes of one machine. */
export const disk: CacheStoreKind<DiskStoreOptions> = defineCacheStore(
  'disk',
  async ({ file, maxBytes, nowMs }: DiskStoreOptions) => {
    const { DatabaseSync } = await import('node:sqlite')
    const database = new DatabaseSync(file)
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA busy_timeout = 200;')
    database.exec(TABLE)
    const find = database.prepare('SELECT entry, used_ms FROM entries WHERE key = ?')
    const use = database.prepare('UPDATE entries SET used_ms = ? WHERE key = ?')
    const put = database.prepare(
      'INSERT OR REPLACE INTO entries (key, entry, bytes, expires_ms, used_ms) VALUES (?, ?, ?, ?, ?)',
    )
    const drop = database.prepare('DELETE FROM entries WHERE key = ?')
    const total = database.prepare('SELECT coalesce(sum(bytes), 0) AS bytes FROM entries')
    const dropOver = database.prepare('DELETE FROM entries WHERE expires_ms <= ?')
    const oldest = database.prepare('SELECT key, bytes FROM entries ORDER BY used_ms, key')
    let bytes = numberOf(total.get()?.['bytes'])

    const get = (key: string): CacheEntry | undefined => {
      const row = find.get(key)
      const text = row?.['entry']
      const entry = typeof text === 'string' ? decodeEntry(text) : undefined
      const now = nowMs()
      if (entry === undefined || isOver(entry, now)) return undefined
      if (now - numberOf(row?.['used_ms']) > USE_GRAIN_MS) use.run(now, key)
      return entry
    }

    /** Others may write the same file, so that the sum is taken anew before anything goes. */
    const makeRoom = (): void => {
      dropOver.run(nowMs())
      bytes = numberOf(total.get()?.['bytes'])
      if (bytes <= maxBytes) return
      const wanted = maxBytes * (1 - ROOM_SHARE)
      for (const row of oldest.all()) {
        if (bytes <= wanted) break
        drop.run(String(row['key']))
        bytes -= numberOf(row['bytes'])
      }
    }

    return {
      get,
      getMany: (keys) => keys.map(get),
      set: (key, entry) => {
        const text = encodeEntry(entry)
        const size = Buffer.byteLength(text) + Buffer.byteLength(key)
        if (size > maxBytes) return void drop.run(key)
        put.run(key, text, size, entry.expiresMs ?? null, nowMs())
        bytes += size
        if (bytes > maxBytes) makeRoom()
      },
      delete: (keys) => keys.reduce((count, key) => count + Number(drop.run(key).changes), 0),
      clear: () => {
        database.exec('DELETE FROM entries')
        bytes = 0
      },
      ping: () => void total.get(),
      close: () => database.close(),
    }
  },
)

function numberOf(value: SQLOutputValue | undefined): number {
  return Number(value ?? 0)
}
