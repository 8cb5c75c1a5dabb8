import type {
  ChannelChange,
  Checkpoint,
  CheckpointMetadata,
  Commit,
  PendingWrite,
  TaskWrites,
} from './checkpointer.ts'
import { assertChannel, corrupt } from './failures.ts'
import type { Serde } from './serde.ts'
import { writeIndex } from './write-index.ts'

/**
 * The form in which SQLite, PostgreSQL and Redis keep a history; they differ only in how they store and find it.
 *
 * - A **checkpoint** is one row. For every channel it has a reference.
 * - A **log** holds the items of a list in pieces, each under the index of its first item. A log is only ever appended
 *   to, so all checkpoints that share the beginning of a list share its pieces, and a step stores what it adds.
 * - What is no list, or short, is stored as a whole: short values in the reference itself.
 */

/**
 * The first `count` items of a log. `stored` says that they are not to be continued in it, for it may go on otherwise
 * elsewhere: it is how many the log had when the rest was cut off, or as many as there are.
 */
export type Part = readonly [log: string, count: number, stored?: number]

/** Where a channel's value is: here, written down; in the single piece of a log; or in the parts of a list. */
export type Ref = string | { readonly at: string } | readonly Part[]

export type Refs = Readonly<Record<string, Ref>>

/** Some items of a list, or one whole value. Its place in the log is where it starts. */
export interface Piece {
  readonly log: string
  readonly start: number
  /** Items in it; one for a whole value. Known only while it is written. */
  readonly count: number
  readonly payload: string
}

/** A piece as it was stored. */
export type StoredPiece = Omit<Piece, 'count'>

/** A write of a task as it is stored. */
export interface WriteRow {
  readonly taskId: string
  readonly index: number
  readonly channel: string
  readonly payload: string
}

/** What one commit stores. */
export interface CommitRows {
  readonly id: string
  readonly parentId: string | null
  readonly body: string
  readonly metadata: string
  readonly refs: Refs
  readonly pieces: readonly Piece[]
  /** They belong to the parent. */
  readonly writes: readonly WriteRow[]
}

/** Values of at most so many characters stand in the checkpoint itself: less than finding them elsewhere takes. */
const SHORT = 96
/** Parts of a list that are put together before the list is stored anew. */
const MAX_PARTS = 16
/** Version of the form; readers refuse others. */
const FORM = 1

interface Body {
  readonly form: number
  readonly ts: string
  readonly versions: Checkpoint['channelVersions']
  readonly seen: Checkpoint['versionsSeen']
  readonly updated?: readonly string[] | undefined
  readonly format?: number | undefined
  readonly refs: Refs
}

/**
 * The rows of a commit.
 *
 * @param parent references of the parent checkpoint, `undefined` when there is none
 * @param newLog makes a name for a log that its place never had
 */
export function commitRows(
  commit: Commit,
  parent: Refs | undefined,
  newLog: (position: number) => string,
  serde: Serde,
): CommitRows {
  const { checkpoint, metadata, changes, parentId } = commit
  // Where the parent is the head its logs end where its lists do, and can be appended to.
  const isTip = parentId !== undefined && parentId === commit.expectedHead
  const pieces: Piece[] = []
  const refs: Record<string, Ref> = isTip ? { ...parent } : closedRefs(parent)
  for (const [position, change] of changes.entries()) {
    assertChannel(change.channel)
    if (change.type === 'cleared') delete refs[change.channel]
    else {
      const before = Object.hasOwn(refs, change.channel) ? refs[change.channel] : undefined
      refs[change.channel] =
        change.type === 'value'
          ? wholeRef(change.value, change.channel, newLog(position), pieces, serde)
          : listRef(commit, change, before, isTip, newLog(position), pieces, serde)
    }
  }
  const body: Body = {
    form: FORM,
    ts: checkpoint.ts,
    versions: checkpoint.channelVersions,
    seen: checkpoint.versionsSeen,
    updated: checkpoint.updatedChannels,
    format: checkpoint.format,
    refs,
  }
  return {
    id: checkpoint.id,
    parentId: parentId ?? null,
    body: JSON.stringify(body),
    metadata: serde.encode(metadata, 'metadata'),
    refs,
    pieces,
    writes: parentId === undefined ? [] : writeRows(commit.writes ?? [], serde),
  }
}

function wholeRef(value: unknown, path: string, log: string, pieces: Piece[], serde: Serde): Ref {
  const payload = serde.encode(value, path)
  if (payload.length <= SHORT) return payload
  pieces.push({ log, start: 0, count: 1, payload })
  return { at: log }
}

function listRef(
  commit: Commit,
  { channel, value, keep }: ChannelChange & { type: 'list' },
  before: Ref | undefined,
  isTip: boolean,
  log: string,
  pieces: Piece[],
  serde: Serde,
): Ref {
  const anew = (): Ref => {
    const payload = serde.encode(value, channel)
    if (payload.length <= SHORT) return payload
    pieces.push({ log, start: 0, count: value.length, payload })
    return [[log, value.length]]
  }
  if (keep === 0) return anew()
  if (before === undefined)
    throw corrupt(
      commit,
      commit.parentId ?? 'none',
      `it lacks the ${keep} items of "${channel}" that are continued`,
    )
  if (!Array.isArray(before)) return anew()
  const parts = firstItems(before as readonly Part[], keep)
  if (parts === undefined || parts.length >= MAX_PARTS || wasted(parts) > keep + SHORT) return anew()
  if (keep === value.length) return keep === lengthOf(before as readonly Part[]) ? parts : closed(parts)
  const payload = serde.encode(value.slice(keep), channel)
  const count = value.length - keep
  const last = parts.at(-1)
  if (isTip && last !== undefined && last.length === 2 && keep === lengthOf(before as readonly Part[])) {
    pieces.push({ log: last[0], start: last[1], count, payload })
    return [...parts.slice(0, -1), [last[0], last[1] + count]]
  }
  pieces.push({ log, start: 0, count, payload })
  return [...parts, [log, count]]
}

/** Parts that are not appended to. */
function closed(parts: readonly Part[]): readonly Part[] {
  const last = parts.at(-1)
  if (last === undefined || last.length === 3) return parts
  return [...parts.slice(0, -1), [last[0], last[1], last[1]]]
}

/** What a branch takes from where it begins: the logs may go on from there, and are not its own. */
function closedRefs(refs: Refs = {}): Record<string, Ref> {
  return Object.fromEntries(
    Object.entries(refs).map(([channel, ref]) => [
      channel,
      typeof ref !== 'string' && isParts(ref) ? closed(ref) : ref,
    ]),
  )
}

const lengthOf = (parts: readonly Part[]): number => parts.reduce((sum, [, count]) => sum + count, 0)

/** Items that are read with the parts and thrown away. When they outweigh the rest, the list is stored anew. */
const wasted = (parts: readonly Part[]): number =>
  parts.reduce((sum, [, count, stored = count]) => sum + stored - count, 0)

/** The parts of the first items of a list; `undefined` if it has fewer. */
function firstItems(parts: readonly Part[], keep: number): Part[] | undefined {
  const taken: Part[] = []
  let missing = keep
  for (const part of parts) {
    const [log, count, stored = count] = part
    if (missing >= count) taken.push(part)
    else if (missing > 0) taken.push([log, missing, stored])
    missing -= count
    if (missing <= 0) return taken
  }
  return undefined
}

/** Writes of tasks as rows. Of two with the same index the later one is last. */
export function writeRows(tasks: readonly TaskWrites[], serde: Serde): WriteRow[] {
  const rows: WriteRow[] = []
  for (const { taskId, writes, firstIndex = 0 } of tasks)
    for (const [position, [channel, value]] of writes.entries())
      rows.push({
        taskId,
        index: writeIndex(channel, firstIndex + position),
        channel,
        payload: serde.encode(value, channel),
      })
  return rows
}

/** Of writes with the same task and index the one that stays: the first, or the last where later ones replace. */
export function distinctWrites(rows: readonly WriteRow[]): WriteRow[] {
  const distinct = new Map<string, WriteRow>()
  for (const row of rows) {
    const key = `${row.index}:${row.taskId}`
    if (row.index < 0 || !distinct.has(key)) distinct.set(key, row)
  }
  return [...distinct.values()]
}

/** Rows of writes as they were written; the rows are in order. */
export function readWrites(rows: readonly WriteRow[], serde: Serde): PendingWrite[] {
  return rows.map(({ taskId, channel, payload }) => ({ taskId, channel, value: serde.decode(payload) }))
}

/** A checkpoint's row, read. */
export interface ReadBody {
  readonly checkpoint: Checkpoint
  readonly refs: Refs
}

/** @throws checkpoint_corrupt for what is no body of this form */
export function readBody(commit: { thread: string; namespace: string }, id: string, text: string): ReadBody {
  let body: Body
  try {
    body = JSON.parse(text) as Body
  } catch (error) {
    throw corrupt(commit, id, 'its row is no JSON', error)
  }
  if (body.form !== FORM)
    throw corrupt(commit, id, `it has the form ${body.form}, and this version reads form ${FORM} only`)
  const { ts, versions, seen, updated, format, refs } = body
  return {
    checkpoint: {
      id,
      ts,
      channelVersions: versions,
      versionsSeen: seen,
      ...(updated !== undefined && { updatedChannels: updated }),
      ...(format !== undefined && { format }),
    },
    refs,
  }
}

/** What a checkpoint's values need of a log. */
export interface Need {
  /** Items; one for a whole value. */
  readonly count: number
  readonly isWhole: boolean
}

/** What a checkpoint's values need, by log. */
export function neededItems(refs: Refs): Map<string, Need> {
  const needed = new Map<string, Need>()
  for (const ref of Object.values(refs)) {
    if (typeof ref === 'string') continue
    if (!isParts(ref)) needed.set(ref.at, { count: 1, isWhole: true })
    else
      for (const [log, count] of ref)
        needed.set(log, { count: Math.max(count, needed.get(log)?.count ?? 0), isWhole: false })
  }
  return needed
}

export function isParts(ref: Exclude<Ref, string>): ref is readonly Part[] {
  return Array.isArray(ref)
}

/** Metadata as it was stored. */
export function readMetadata(text: string, serde: Serde): CheckpointMetadata {
  return serde.decode(text) as CheckpointMetadata
}
