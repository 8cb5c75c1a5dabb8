import { BaseLangGraphError } from '../errors.ts'
import type { GraphErrorCode } from '../errors.ts'
import type { Commit, Place } from './checkpointer.ts'

/** A failure of a saver, under a code that programs can ask for. */
export function saverFailure(code: GraphErrorCode, message: string, cause?: unknown): BaseLangGraphError {
  return new BaseLangGraphError(message, { lc_error_code: code, cause })
}

/** Names a place for a message. */
function describePlace({ thread, namespace }: Place): string {
  return namespace === '' ? `thread "${thread}"` : `thread "${thread}", namespace "${namespace}"`
}

/** Refuses a commit whose place another run moved on. */
export function threadConflict(
  place: Place,
  expected: string | null,
  found: string | null,
): BaseLangGraphError {
  return saverFailure(
    'thread_conflict',
    `The head of ${describePlace(place)} is ${found ?? 'no checkpoint'}, not ${expected ?? 'no checkpoint'} as expected.`,
  )
}

/** Refuses to guess at a checkpoint whose parts are missing or unreadable. */
export function corrupt(
  place: Place,
  checkpointId: string,
  what: string,
  cause?: unknown,
): BaseLangGraphError {
  return saverFailure(
    'checkpoint_corrupt',
    `Checkpoint ${checkpointId} of ${describePlace(place)} cannot be read: ${what}.`,
    cause,
  )
}

/** Refuses ids that are no text or empty. They are data: any other text will do. */
export function assertPlace({ thread, namespace }: Place): void {
  if (typeof thread !== 'string' || thread === '')
    throw saverFailure('invalid_id', `A thread id must be a non-empty text, not ${shown(thread)}.`)
  if (typeof namespace !== 'string')
    throw saverFailure('invalid_id', `A checkpoint namespace must be a text, not ${shown(namespace)}.`)
}

/** Refuses the one name that means something else to JavaScript than to its user. */
export function assertChannel(channel: string): void {
  if (channel === '__proto__')
    throw saverFailure('invalid_state_key', 'No state key can be named "__proto__".')
}

function shown(value: unknown): string {
  return typeof value === 'string' ? `"${value}"` : value === null ? 'null' : typeof value
}

/** Refuses a commit that no saver could keep in order. */
export function assertCommit(commit: Commit): void {
  assertPlace(commit)
  const { id } = commit.checkpoint
  if (typeof id !== 'string' || id === '')
    throw saverFailure('invalid_id', `A checkpoint id must be a non-empty text, not ${shown(id)}.`)
  if (typeof commit.expectedHead === 'string' && id < commit.expectedHead)
    throw saverFailure(
      'invalid_id',
      `Checkpoint ${id} sorts before the head ${commit.expectedHead} it follows: make ids by newCheckpointId(head).`,
    )
}

/** Refuses to continue a checkpoint that is gone: the values that did not change would be lost. */
export function assertParent(commit: Commit, isKept: boolean): void {
  if (isKept || commit.parentId === undefined || commit.expectedHead === undefined) return
  throw saverFailure(
    'checkpoint_not_found',
    `${describePlace(commit)} has no checkpoint ${commit.parentId} to go on from; it may have been pruned.`,
  )
}

/** Refuses writes for a checkpoint that is not there. */
export function noSuchCheckpoint(checkpointId: string): BaseLangGraphError {
  return saverFailure('checkpoint_not_found', `There is no checkpoint ${checkpointId} to keep writes with.`)
}

/** Refuses to copy a thread that is not there. */
export function noSuchThread(thread: string): BaseLangGraphError {
  return saverFailure('thread_not_found', `There is no thread "${thread}" to copy.`)
}

/** Refuses to copy a thread over another one. */
export function threadTaken(thread: string): BaseLangGraphError {
  return saverFailure('thread_conflict', `Thread "${thread}" has a history of its own already.`)
}
