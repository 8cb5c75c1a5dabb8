import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createBacklog } from './backlog.ts'
import type { Backlog } from './backlog.ts'
import { createJournal } from './journal/journal.ts'
import type { Journal } from './journal/journal.ts'
import { createSegments } from './journal/segments.ts'
import type { Pair } from './pairing.ts'
import { testDisk } from './testing/disk.ts'
import { manualSchedule } from './testing/manual-schedule.ts'
import { closing, opening } from './testing/records.ts'

let folder: string
let journal: Journal
const disk = testDisk()
const events: string[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchyard-backlog-'))
  const { schedule } = manualSchedule(0)
  journal = createJournal({ folder, schedule, segmentBytes: 2_000, files: disk.files })
  events.length = 0
})
afterEach(async () => {
  disk.setFree(Number.POSITIVE_INFINITY)
  await journal.close()
  await rm(folder, { recursive: true, force: true })
})

const idsOf = (pairs: readonly Pair[]): string => pairs.map((pair) => pair.closing.requestId).join(' ')

function backlogOf(
  options: { maxBytes?: number; take?: (pairs: readonly Pair[]) => Promise<void> } = {},
): Backlog {
  const segments = createSegments(folder, () => void events.push('torn'))
  return createBacklog({
    folder,
    journal,
    segments: {
      ...segments,
      remove: async (segment) => {
        events.push(`remove ${segment}`)
        await segments.remove(segment)
      },
    },
    take: async (pairs) => void events.push(`take ${idsOf(pairs)}`),
    sync: async () => void events.push('sync'),
    ...options,
  })
}

function open(backlog: Backlog, id: string): void {
  journal.append(opening(id))
  backlog.opened(opening(id), journal.end().segment)
}

function close(backlog: Backlog, id: string): void {
  backlog.closed(closing(id), journal.append(closing(id)))
}

function run(backlog: Backlog, ...ids: string[]): void {
  for (const id of ids) {
    open(backlog, id)
    close(backlog, id)
  }
}

describe('a backlog', () => {
  it('gives away what is closed without reading the journal', async () => {
    const backlog = backlogOf()
    run(backlog, 'r1', 'r2')
    open(backlog, 'r3')
    await rm(folder, { recursive: true })
    await backlog.drain()
    expect(events).toEqual(['take r1 r2'])
    expect(backlog.isEmpty()).toBe(false)
    expect(backlog.records()).toBe(5)
  })

  it('deletes segments when the database is on the disk, but those of requests under way', async () => {
    const backlog = backlogOf()
    open(backlog, 'long')
    run(backlog, 'r1', 'r2', 'r3', 'r4', 'r5', 'r6')
    await backlog.drain()
    expect(events.slice(0, 3)).toEqual(['take r1 r2 r3 r4 r5 r6', 'sync', 'remove 2'])
    expect(await readdir(folder)).toContain('00000001.log')
    close(backlog, 'long')
    await backlog.drain()
    expect(events.slice(-3)).toEqual(['take long', 'sync', 'remove 1'])
  })

  it('gives the same pairs again when they were not taken', async () => {
    let isAway = true
    const backlog = backlogOf({
      take: async (pairs) => {
        if (isAway) throw new Error('away')
        events.push(`take ${idsOf(pairs)}`)
      },
    })
    run(backlog, 'r1', 'r2')
    await expect(backlog.drain()).rejects.toThrow('away')
    isAway = false
    run(backlog, 'r3')
    await backlog.drain()
    expect(events[0]).toBe('take r1 r2 r3')
    expect(backlog.isEmpty()).toBe(true)
  })

  it('takes what closes meanwhile with the next drain', async () => {
    const backlog: Backlog = backlogOf({
      take: async (pairs) => {
        events.push(`take ${idsOf(pairs)}`)
        if (events.length === 1) run(backlog, 'late')
      },
    })
    run(backlog, 'r1')
    await backlog.drain()
    await backlog.drain()
    expect(events.slice(0, 2)).toEqual(['take r1', 'take late'])
  })

  it('reads from the journal what was too much for the memory', async () => {
    const taken = new Set<string>()
    let isAway = true
    const backlog = backlogOf({
      maxBytes: 2_500,
      take: async (pairs) => {
        if (isAway) throw new Error('away')
        for (const pair of pairs) taken.add(pair.closing.requestId)
      },
    })
    open(backlog, 'long')
    const ids = Array.from({ length: 20 }, (_, index) => `r${index}`)
    run(backlog, ...ids)
    await expect(backlog.drain()).rejects.toThrow('away')
    expect(backlog.isEmpty()).toBe(false)
    isAway = false
    await backlog.drain()
    expect([...taken].toSorted()).toEqual(ids.toSorted())
    // The one of the request under way, and the one that is being written.
    expect(await readdir(folder)).toHaveLength(2)

    // From here on it keeps what is closed in memory again.
    close(backlog, 'long')
    run(backlog, 'after')
    await backlog.drain()
    expect([...taken].slice(-2)).toEqual(['long', 'after'])
    expect(backlog.isEmpty()).toBe(true)
  })

  it('loses nothing that closes while it reads back', async () => {
    const taken = new Set<string>()
    let count = 0
    const backlog: Backlog = backlogOf({
      maxBytes: 1_500,
      take: async (pairs) => {
        for (const pair of pairs) taken.add(pair.closing.requestId)
        if (count < 40) run(backlog, `during${count++}`, `during${count++}`)
      },
    })
    run(backlog, ...Array.from({ length: 10 }, (_, index) => `r${index}`))
    while (!backlog.isEmpty()) await backlog.drain()
    expect(taken.size).toBe(10 + count)
  })

  it('keeps in memory what the disk has no room for', async () => {
    const backlog = backlogOf({ maxBytes: 1 })
    open(backlog, 'r1')
    disk.setFree(0)
    close(backlog, 'r1')
    await backlog.drain()
    expect(events).toEqual(['take r1'])
    expect(backlog.isEmpty()).toBe(true)
  })

  it('is full when there is enough for a transaction', () => {
    const backlog = backlogOf()
    run(backlog, ...Array.from({ length: 99 }, (_, index) => `r${index}`))
    expect(backlog.isFull()).toBe(false)
    run(backlog, 'one more')
    expect(backlog.isFull()).toBe(true)
  })
})
