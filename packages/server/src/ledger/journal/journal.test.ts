import { appendFile, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { testDisk } from '../testing/disk.ts'
import { manualSchedule } from '../testing/manual-schedule.ts'
import { closing, opening } from '../testing/records.ts'
import { createJournal } from './journal.ts'
import type { Journal, JournalOptions } from './journal.ts'
import { lockFolder } from './lock.ts'
import { segmentPath } from './segments.ts'
import { createTail } from './tail.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchyard-journal-'))
})
afterEach(async () => await rm(folder, { recursive: true, force: true }))

const time = manualSchedule(0)
function journalOf(options: Partial<JournalOptions> = {}): Journal {
  return createJournal({ folder, schedule: time.schedule, ...options })
}

/** The ids of all records, and how many lines were damaged. */
async function readAll(end?: Journal['end']): Promise<{ ids: string[]; torn: number }> {
  const tail = createTail(folder, end)
  const ids: string[] = []
  let torn = 0
  for (let batch = await tail.next(); batch !== undefined; batch = await tail.next()) {
    ids.push(...batch.records.map(({ type, requestId }) => `${type} ${requestId}`))
    torn += batch.torn
  }
  await tail.close()
  return { ids, torn }
}

describe('a journal', () => {
  it('is read while it is written', async () => {
    const journal = journalOf()
    const tail = createTail(folder, journal.end)
    expect(await tail.next()).toBeUndefined()
    for (const id of ['r1', 'r2']) {
      journal.append(opening(id))
      expect((await tail.next())?.records).toEqual([opening(id)])
      expect(await tail.next()).toBeUndefined()
    }
    await tail.close()
    await journal.close()
  })

  it('begins a new segment when one is full', async () => {
    const journal = journalOf({ segmentBytes: 1_000 })
    const ids = Array.from({ length: 20 }, (_, index) => `r${index}`)
    for (const id of ids) journal.append(opening(id))
    await journal.close()
    expect((await readdir(folder)).length).toBeGreaterThan(3)
    expect((await readAll()).ids).toEqual(ids.map((id) => `opening ${id}`))
  })

  it('holds a record larger than what is read at once', async () => {
    const journal = journalOf()
    journal.append(closing('large', { log: { messages: 'x'.repeat(1_000_000) } }))
    journal.append(opening('small'))
    await journal.close()
    expect((await readAll()).ids).toEqual(['closing large', 'opening small'])
  })

  it('reads up to the record that was being written when its process died', async () => {
    const journal = journalOf()
    journal.append(opening('r1'))
    await journal.close()
    await appendFile(segmentPath(folder, 1), '1 0a0b0c0d {"type":"clo')
    expect(await readAll()).toEqual({ ids: ['opening r1'], torn: 0 })
  })

  it('goes on behind a line that the disk has changed, and counts it', async () => {
    const journal = journalOf()
    journal.append(opening('r1'))
    await journal.close()
    await appendFile(segmentPath(folder, 1), '1 0a0b0c0d {"type":"clo\n')
    const another = join(folder, '00000002.log')
    await appendFile(another, '')
    expect(await readAll()).toEqual({ ids: ['opening r1'], torn: 1 })
  })

  it('asks the disk to keep records within 25 ms, once for all of them', async () => {
    const disk = testDisk()
    const journal = journalOf({ files: disk.files })
    for (const id of ['r1', 'r2', 'r3']) journal.append(opening(id))
    expect(disk.syncs()).toBe(0)
    time.pass(25)
    expect(disk.syncs()).toBe(1)
    time.pass(1_000)
    expect(journal.stats()).toMatchObject({ records: 3, syncs: 1, failures: 0 })
    await journal.close()
  })
})

describe('a journal on a full disk', () => {
  it('refuses what begins, keeps what ends, and recovers', async () => {
    const disk = testDisk()
    const journal = journalOf({ files: disk.files })
    journal.append(opening('r1'))
    disk.setFree(100)
    expect(() => journal.append(opening('r2'))).toThrow(
      expect.objectContaining({ reason: 'storage_full', status: 507 }),
    )
    journal.append(closing('r1'))
    expect(journal.stats()).toMatchObject({ records: 1, waiting: 1 })
    expect(() => journal.append(opening('r3'))).toThrow(expect.objectContaining({ reason: 'storage_full' }))

    disk.setFree(1_000_000)
    time.pass(25)
    expect(journal.stats()).toMatchObject({ records: 2, waiting: 0 })
    journal.append(opening('r4'))
    await journal.close()
    expect(await readAll()).toEqual({ ids: ['opening r1', 'closing r1', 'opening r4'], torn: 0 })
  })

  it('says so when the folder takes nothing for another reason', async () => {
    const journal = journalOf({ folder: join(folder, 'missing') })
    expect(() => journal.append(opening('r1'))).toThrow(
      expect.objectContaining({ reason: 'journal_unwritable', status: 503 }),
    )
  })
})

describe('a folder', () => {
  it('belongs to one at a time', () => {
    const release = lockFolder(folder)
    expect(release).toBeDefined()
    expect(lockFolder(folder)).toBeUndefined()
    release?.()
    const again = lockFolder(folder)
    expect(again).toBeDefined()
    again?.()
  })
})
