import type { Place } from '../checkpointer.ts'
import { corrupt, saverFailure } from '../failures.ts'
import { distinctWrites } from '../layout.ts'
import type { StoredPiece, WriteRow } from '../layout.ts'
import type { Want } from '../log-cache.ts'
import type { CheckpointRow } from '../stored-checkpoint.ts'

/** Digits of an index, so that texts sort as the numbers do. */
const DIGITS = 10
/** Added to the index of a write, since fixed ones are negative. */
const INDEX_OFFSET = 1000

/**
 * A thread is a few keys, all in one slot of a cluster:
 *
 * - `<thread>:places`, a hash: the head of each namespace
 * - `<thread>:<namespace>:c`, `:p`, `:w`: checkpoints, pieces of logs, and writes
 *
 * The three are sorted sets whose scores are all 0, so that Redis keeps their members in the order of their texts. A
 * member is a key and a value with a space between them; keys are written so that they have none.
 */
export interface PlaceKeys {
  readonly places: string
  readonly checkpoints: string
  readonly pieces: string
  readonly writes: string
}

/** The key of a thread's heads. The braces keep all keys of a thread in one slot of a cluster. */
export function threadKey(prefix: string, thread: string): string {
  return `${prefix}:{${encoded(thread)}}:places`
}

export function placeKeys(prefix: string, { thread, namespace }: Place): PlaceKeys {
  const at = `${prefix}:{${encoded(thread)}}:${encoded(namespace)}`
  return { places: threadKey(prefix, thread), checkpoints: `${at}:c`, pieces: `${at}:p`, writes: `${at}:w` }
}

/** A text without spaces, braces and colons; ids of ours stay as they are. */
export function encoded(text: string): string {
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

/** A checkpoint as its member has it. */
export function rowOf(member: string): CheckpointRow {
  const [id, parentId, body, metadata] = JSON.parse(valueOf(member, 1)) as [
    string,
    string | null,
    string,
    string,
  ]
  return { id, parentId, body, metadata }
}

/** A piece as its member has it. */
export function pieceOf(member: string): StoredPiece {
  const [log = '', start] = member.split(' ', 2)
  return { log, start: Number(start), payload: valueOf(member, 2) }
}

/** @throws {SyntaxError} for what is no member of a write */
function writeOf(member: string): WriteRow {
  const [, , index] = member.split(' ', 3)
  const [taskId, channel, payload] = JSON.parse(valueOf(member, 3)) as [string, string, string]
  return { taskId, index: Number(index) - INDEX_OFFSET, channel, payload }
}

/** Writes as their members have them. */
export function writesOf(place: Place, checkpointId: string, members: readonly string[]): WriteRow[] {
  try {
    return members.map(writeOf)
  } catch (error) {
    if (error instanceof SyntaxError) throw corrupt(place, checkpointId, 'a stored write is damaged', error)
    throw error
  }
}

/** The member of a checkpoint. */
export function checkpointMember({ id, parentId, body, metadata }: CheckpointRow): string {
  return `${encoded(id)} ${JSON.stringify([id, parentId, body, metadata])}`
}

/** The member of a piece. */
export function pieceMember({ log, start, payload }: StoredPiece): string {
  return `${log} ${padded(start)} ${payload}`
}

/** A range of members, as `ZRANGEBYLEX` takes it. */
type LexRange = readonly [min: string, max: string]

/** The members under a key, or under one that goes on after a space. */
export function under(key: string): LexRange {
  return [`[${key} `, `(${key}!`]
}

/** The pieces of a log that are wanted. */
export function piecesWanted({ log, from, to }: Want): LexRange {
  return [`[${log} ${padded(from)}`, `(${log} ${padded(to)}`]
}

/** Of each write its key, whether it replaces what is there, and its member. */
export function writeArguments(checkpointId: string, rows: readonly WriteRow[]): string[] {
  return distinctWrites(rows).flatMap(({ taskId, index, channel, payload }) => {
    const key = `${encoded(checkpointId)} ${encoded(taskId)} ${padded(index + INDEX_OFFSET)}`
    return [key, index < 0 ? '1' : '0', `${key} ${JSON.stringify([taskId, channel, payload])}`]
  })
}
