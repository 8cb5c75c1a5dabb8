import { isMessageInstance, roleNamed } from './message.ts'
import type { FunctionCall, Message } from './message.ts'
import { REMOVE_ALL_MESSAGES, RemoveMessage } from './remove-message.ts'
import { toolCallsOf } from './tool-calls.ts'

/** What stands for a message: itself, a text of the user, `[role, content]`, or LangChain's JSON forms. */
export type MessageLike =
  | Message
  | RemoveMessage
  | string
  | readonly [role: string, content: string]
  | { readonly role: string; readonly content: unknown }
  | { readonly type: string; readonly id?: string | undefined; readonly content?: unknown }

const PLAIN_ROLES: ReadonlySet<unknown> = new Set(['system', 'developer', 'user', 'assistant', 'tool'])

/** LangChain's class names, as its own serialization writes them. */
const CLASS_ROLES: Readonly<Record<string, string>> = {
  HumanMessage: 'human',
  AIMessage: 'ai',
  SystemMessage: 'system',
  ToolMessage: 'tool',
  RemoveMessage: 'remove',
}

function unreadable(like: unknown): TypeError {
  let shown: string | undefined
  try {
    shown = JSON.stringify(like)?.slice(0, 200)
  } catch {
    shown = typeof like
  }
  return new TypeError(
    `messages: ${shown ?? typeof like} is no message. Write { role, content } with the role system, developer, user, ` +
      'assistant or tool (a tool message also needs tool_call_id), a text, or [role, content].',
  )
}

interface Fields {
  role?: unknown
  type?: unknown
  id?: unknown
  content?: unknown
  lc?: unknown
  kwargs?: unknown
}

/** LangChain's `{ lc, type: 'constructor', id: [..., class], kwargs }` as the fields it stands for; data only. */
function unwrapped(fields: Fields): Fields {
  if (fields.lc === undefined || fields.type !== 'constructor' || !Array.isArray(fields.id)) return fields
  const name = String(fields.id.at(-1)).replace(/Chunk$/, '')
  if (!Object.hasOwn(CLASS_ROLES, name)) throw unreadable(fields)
  return { ...(fields.kwargs as Fields), role: CLASS_ROLES[name], type: undefined }
}

function withFunctionCalls(fields: Fields): FunctionCall[] | undefined {
  const { valid, invalid } = toolCallsOf(fields)
  const calls = [
    ...valid.map(({ id, name, args }) => ({ id, name, text: JSON.stringify(args) })),
    ...invalid.map(({ id, name, text }) => ({ id, name, text })),
  ]
  if (calls.length === 0) return undefined
  return calls.map(({ id, name, text }) => ({
    id: id ?? '',
    type: 'function',
    function: { name, arguments: text },
  }))
}

/** Whether every call is written as OpenAI writes it, so that the message can stay as it is. */
function hasFunctionCalls(fields: Fields): boolean {
  const { tool_calls: calls } = fields as { tool_calls?: unknown }
  if (calls === undefined) return true
  return (
    Array.isArray(calls) &&
    calls.every((call) => (call as { function?: unknown } | null)?.function !== undefined)
  )
}

/**
 * The message that a value stands for. A plain message and an instance of LangChain's are returned as they are, not
 * copied, so that whoever compares two states finds unchanged messages unchanged.
 *
 * @throws {TypeError} when the value stands for none.
 */
export function coerceMessage(like: unknown): Message | RemoveMessage {
  if (typeof like === 'string') return { role: 'user', content: like }
  if (isMessageInstance(like)) return like as Message
  if (typeof like !== 'object' || like === null) throw unreadable(like)
  if (like instanceof RemoveMessage) return like
  if (Array.isArray(like)) {
    if (like.length !== 2 || typeof like[0] !== 'string') throw unreadable(like)
    return coerceMessage({ role: like[0] as string, content: like[1] as unknown })
  }
  const fields = unwrapped(like)
  if (PLAIN_ROLES.has(fields.role) && hasFunctionCalls(fields)) {
    if (!('content' in fields) && fields.role !== 'assistant') throw unreadable(like)
    return fields as Message
  }
  return renamed(fields, like)
}

function renamed(fields: Fields, like: unknown): Message | RemoveMessage {
  const { role: word, type, ...rest } = fields
  const role = roleNamed(word ?? type)
  if (role === 'other') throw unreadable(like)
  if (role === 'remove') {
    if (typeof rest.id !== 'string') throw unreadable(like)
    return new RemoveMessage({ id: rest.id })
  }
  if (role !== 'assistant') {
    if (rest.content === undefined) throw unreadable(like)
    return { ...rest, role } as Message
  }
  const { tool_calls: _written, invalid_tool_calls: _unread, ...said } = rest as Record<string, unknown>
  const calls = withFunctionCalls(fields)
  return {
    content: '',
    ...said,
    role,
    ...(calls === undefined ? {} : { tool_calls: calls }),
  } as Message
}

/** Whether a message takes all earlier ones away. */
export function removesAll(message: Message | RemoveMessage): boolean {
  return message.id === REMOVE_ALL_MESSAGES && isRemoval(message)
}

/** Whether a message takes another one away: ours, or an instance of LangChain's `RemoveMessage`. */
export function isRemoval(message: Message | RemoveMessage): boolean {
  if (message instanceof RemoveMessage) return true
  return isMessageInstance(message) && (message.getType?.() ?? message._getType?.()) === 'remove'
}
