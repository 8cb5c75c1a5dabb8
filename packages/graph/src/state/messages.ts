import { coerceMessage, isRemoval, removesAll } from './coerce-message.ts'
import type { MessageLike } from './coerce-message.ts'
import { isMessageInstance } from './message.ts'
import type { Message } from './message.ts'
import type { RemoveMessage } from './remove-message.ts'

/** What a node may write to a list of messages. */
export type Messages = MessageLike | readonly MessageLike[]

/** Puts messages written in a step behind, in place of, or out of those that there are. */
export type MessagesReducer = (left: Messages, right: Messages) => Message[]

/** Where each id stands. Shared by all lists that grew out of one another, so an entry is checked before it is used. */
type Positions = Map<string, number>
const known = new WeakMap<readonly Message[], Positions>()

function asList(messages: Messages): readonly unknown[] {
  return Array.isArray(messages) ? (messages as readonly unknown[]) : [messages]
}

function withId<M extends Message | RemoveMessage>(message: M, newId: () => string): M {
  if (message.id != null && message.id !== '') return message
  if (!isMessageInstance(message)) return { ...message, id: newId() }
  // An instance has methods and private fields: it is given its id, as LangGraph does, not copied.
  const id = newId()
  ;(message as { id?: string | null }).id = id
  if (message.lc_kwargs !== undefined) message.lc_kwargs['id'] = id
  return message
}

function positionsOf(messages: readonly Message[]): Positions {
  return new Map(messages.map((message, position) => [message.id ?? '', position]))
}

function find(messages: readonly Message[], positions: Positions, id: string): number | undefined {
  const position = positions.get(id)
  if (position === undefined || messages[position]?.id === id) return position
  const actual = messages.findLastIndex((message) => message.id === id)
  return actual < 0 ? undefined : actual
}

function remember(messages: Message[], positions: Positions): Message[] {
  known.set(messages, positions)
  return messages
}

function readLeft(left: Messages, newId: () => string): readonly Message[] {
  if (known.has(left as Message[])) return left as Message[]
  return asList(left).map((like) => withId(coerceMessage(like), newId) as Message)
}

/** A `messagesStateReducer` whose ids are made by `newId`. */
export function createMessagesReducer(newId: () => string): MessagesReducer {
  return (left, right) => {
    const before = readLeft(left, newId)
    const written = asList(right).map((like) => withId(coerceMessage(like), newId))
    const last = written.findLastIndex(removesAll)
    if (last >= 0) {
      const kept = written.slice(last + 1) as Message[]
      return remember(kept, positionsOf(kept))
    }
    const positions = known.get(before) ?? positionsOf(before)
    return appended(before, positions, written) ?? merge(before, positions, written)
  }
}

/** The usual case, in which every message is new; `undefined` when one is not. */
function appended(
  before: readonly Message[],
  positions: Positions,
  written: readonly (Message | RemoveMessage)[],
): Message[] | undefined {
  const ids = new Set(written.map(({ id }) => id as string))
  if (ids.size !== written.length) return undefined
  if (
    written.some(
      (message) => isRemoval(message) || find(before, positions, message.id as string) !== undefined,
    )
  ) {
    return undefined
  }
  for (const [index, message] of written.entries()) positions.set(message.id as string, before.length + index)
  // `concat` copies references twice as fast as a spread, and this runs once a step.
  return remember(before.concat(written as Message[]), positions)
}

function merge(
  before: readonly Message[],
  positions: Positions,
  written: readonly (Message | RemoveMessage)[],
): Message[] {
  const merged = [...before]
  const removed = new Set<string>()
  for (const message of written) {
    const id = message.id as string
    const position = find(merged, positions, id)
    if (isRemoval(message)) {
      if (position === undefined) throw new Error(unknownRemoval(id))
      removed.add(id)
      continue
    }
    removed.delete(id)
    if (position !== undefined) merged[position] = message as Message
    else {
      positions.set(id, merged.length)
      merged.push(message as Message)
    }
  }
  if (removed.size === 0) return remember(merged, positions)
  const kept = merged.filter(({ id }) => !removed.has(id as string))
  return remember(kept, positionsOf(kept))
}

function unknownRemoval(id: string): string {
  return (
    `Attempting to delete a message with an ID that doesn't exist ('${id}'): ` +
    'remove only messages that are in the state, or all of them with REMOVE_ALL_MESSAGES.'
  )
}

/**
 * LangGraph's rules for a list of messages: a new id is appended, a known id replaces its message in place, a
 * `RemoveMessage` takes one away, and `REMOVE_ALL_MESSAGES` keeps only what follows it. Messages without an id are given
 * one.
 *
 * Neither list is changed, and messages that stay are the same objects in the result: a list that only grew begins with
 * the very elements of the one before. Appending costs what is appended and one copy of the list's references.
 *
 * @throws {Error} when a message is to be removed that is not there.
 * @throws {TypeError} when something is no message.
 */
export const messagesStateReducer: MessagesReducer = createMessagesReducer(() => crypto.randomUUID())

/**
 * LangGraph's batch form: all writes of a step at once, batches may be cut anywhere, and removing what is not there does
 * nothing. Messages without an id are appended as they are.
 */
export function messagesDeltaReducer(state: readonly MessageLike[], writes: readonly Messages[]): Message[] {
  const merged: (Message | undefined)[] = []
  const positions: Positions = new Map()
  const put = (message: Message): void => {
    const known = message.id == null ? undefined : positions.get(message.id)
    if (known !== undefined) merged[known] = message
    else {
      if (message.id != null) positions.set(message.id, merged.length)
      merged.push(message)
    }
  }
  for (const like of state) put(coerceMessage(like) as Message)
  for (const message of writes.flatMap(asList).map(coerceMessage)) {
    if (!isRemoval(message)) put(message as Message)
    else if (removesAll(message)) {
      merged.length = 0
      positions.clear()
    } else {
      const position = positions.get(message.id ?? '')
      if (position !== undefined) merged[position] = undefined
      positions.delete(message.id ?? '')
    }
  }
  return merged.filter((message) => message !== undefined)
}

/**
 * The message that `pushMessage` streams and writes.
 *
 * @throws {Error} when it has no id: without one it could not be told from a second message.
 */
export function messageToPush(like: MessageLike): Message {
  const message = coerceMessage(like)
  if (message.id == null || message.id === '') {
    throw new Error('pushMessage: the message has no id; give it one, so that it is not added twice.')
  }
  return message as Message
}
