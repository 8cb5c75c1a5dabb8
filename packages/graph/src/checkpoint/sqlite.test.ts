import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { checkpointerSuite } from '../testing/checkpointer-suite.ts'
import { newCheckpointId } from './checkpoint-id.ts'
import { aesCipher } from './cipher.ts'
import { readsChainsWhole } from './delta-chain.contract.ts'
import { SqliteSaver } from './sqlite.ts'
import type { SqliteSaverOptions } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'switchyard-sqlite-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const files = new WeakMap<object, string>()
let made = 0
const newFile = (): string => join(folder, `${(made += 1)}.db`)

function open(file: string, options?: SqliteSaverOptions): SqliteSaver {
  const saver = SqliteSaver.fromConnString(file, options)
  files.set(saver, file)
  return saver
}

checkpointerSuite({ describe, it }, 'SqliteSaver', {
  create: () => open(newFile()),
  reopen: (saver) => open(files.get(saver) ?? ''),
  destroy: (saver) => {
    ;(saver as SqliteSaver).close()
  },
})

checkpointerSuite({ describe, it }, 'SqliteSaver with a cipher', {
  create: () => open(newFile(), { cipher: aesCipher({ key: new Uint8Array(32).fill(9) }) }),
  destroy: (saver) => {
    ;(saver as SqliteSaver).close()
  },
})

readsChainsWhole('SqliteSaver', () => new SqliteSaver(':memory:'))

const place = { thread: 't', namespace: '' }

/** A conversation, one message at each step. */
function converse(
  saver: SqliteSaver,
  steps: number,
  text = (n: number): string => `${n}`.padEnd(200),
): string[] {
  const ids: string[] = []
  const items: { id: string; content: string }[] = []
  for (let n = 0; n < steps; n += 1) {
    items.push({ id: `m${n}`, content: text(n) })
    const parentId = ids.at(-1)
    const id = newCheckpointId(parentId)
    saver.commit({
      ...place,
      checkpoint: { id, ts: '', channelVersions: {}, versionsSeen: {} },
      metadata: { source: 'loop', step: n },
      parentId,
      expectedHead: parentId ?? null,
      changes: [{ type: 'list', channel: 'messages', value: items, keep: n }],
      writes: [{ taskId: `t${n}`, writes: [['messages', items.slice(-1)]] }],
    })
    ids.push(id)
  }
  return ids
}

const codeOf = (attempt: () => unknown): unknown => {
  try {
    attempt()
  } catch (error) {
    return (error as { code?: unknown }).code
  }
  return undefined
}

describe('SqliteSaver', () => {
  it('refuses a checkpoint of which a part is missing or damaged, and still gives the older ones', () => {
    const file = newFile()
    const writer = open(file)
    const ids = converse(writer, 10)
    writer.close()
    const database = new DatabaseSync(file)
    database.exec('DELETE FROM pieces WHERE start = 6')
    database.exec(`UPDATE pieces SET payload = '[{"cut' WHERE start = 8`)
    database.close()
    const saver = open(file)
    expect(codeOf(() => saver.load(place))).toBe('checkpoint_corrupt')
    expect(codeOf(() => saver.load(place, ids[6]))).toBe('checkpoint_corrupt')
    expect(() => saver.load(place, ids[9])).toThrow(`Checkpoint ${ids[9]} of thread "t"`)
    expect(saver.load(place, ids[5])?.values['messages']).toHaveLength(6)
    saver.close()
  })

  it('refuses a file of another program and one of a newer version', () => {
    const [foreign, newer] = [newFile(), newFile()]
    const other = new DatabaseSync(foreign)
    other.exec('CREATE TABLE cats (name TEXT)')
    other.close()
    expect(() => open(foreign)).toThrow('database of another program')
    open(newer).close()
    const later = new DatabaseSync(newer)
    later.exec('PRAGMA user_version = 99')
    later.close()
    expect(() => open(newer)).toThrow('newer version')
  })

  it('opens a file whose pages have another size', () => {
    const file = newFile()
    const other = new DatabaseSync(file)
    other.exec('PRAGMA page_size = 8192')
    other.exec('PRAGMA journal_mode = WAL')
    other.close()
    const saver = open(file)
    const ids = converse(saver, 600, (n) => `${n}`.padEnd(1000))
    expect(saver.load(place)?.head).toBe(ids.at(-1))
    expect(statSync(`${file}-wal`).size).toBeLessThan(2_500_000)
    saver.close()
  })

  it('does not write what a cipher hides', () => {
    const file = newFile()
    const saver = open(file, { cipher: aesCipher({ key: new Uint8Array(32) }) })
    converse(saver, 3, () => 'swordfish')
    saver.close()
    expect(readFileSync(file).includes('swordfish')).toBe(false)
  })

  it('keeps a thread of 2,000 supersteps in what its text takes, and reads it at once', () => {
    const file = newFile()
    const writer = open(file)
    converse(writer, 2000, (n) => `${n}`.padEnd(500))
    expect(writer.sizeOf('t').bytes).toBeLessThan(2000 * 500 * 4)
    const onDisk = [file, `${file}-wal`].map((name) => statSync(name).size)
    expect(Math.max(...onDisk)).toBeLessThan(2000 * 500 * 4)
    writer.close()
    const saver = open(file)
    const before = performance.now()
    expect(saver.load(place)?.values['messages']).toHaveLength(2000)
    // Some milliseconds; the bound is for machines that do a lot besides.
    expect(performance.now() - before).toBeLessThan(1000)
    saver.close()
  })
})
