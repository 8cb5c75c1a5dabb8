/** LangChain's own form of one of its instances as data. */
interface Constructed {
  readonly lc: number
  readonly type: string
  readonly id: readonly unknown[]
  readonly kwargs: Readonly<Record<string, unknown>>
}

const ROLES: Readonly<Record<string, string>> = {
  HumanMessage: 'user',
  AIMessage: 'assistant',
  SystemMessage: 'system',
  ToolMessage: 'tool',
  RemoveMessage: 'remove',
}

/** Fields of a message that mean the same in both worlds. */
const SHARED = ['content', 'name', 'tool_call_id', 'status', 'artifact'] as const

function isConstructed(data: unknown): data is Constructed {
  if (typeof data !== 'object' || data === null) return false
  const { lc, type, id, kwargs } = data as Partial<Constructed>
  return (
    lc === 1 && type === 'constructor' && Array.isArray(id) && typeof kwargs === 'object' && kwargs !== null
  )
}

/** The class that LangChain's form names, without the ending of streamed pieces. */
function className(data: Constructed): string {
  return String(data.id.at(-1)).replace(/Chunk$/, '')
}

function functionCalls(calls: unknown): object[] {
  return (Array.isArray(calls) ? calls : []).map(
    (call: { id?: unknown; name?: unknown; args?: unknown }) => ({
      id: call.id ?? '',
      type: 'function',
      function: { name: call.name ?? '', arguments: JSON.stringify(call.args ?? {}) },
    }),
  )
}

const isEmpty = (value: unknown): boolean =>
  value == null || (typeof value === 'object' && Object.keys(value).length === 0)

/**
 * What is read for an instance of LangChain's when no class was registered for it: a plain message for a message, else
 * the data as it was stored.
 */
export function plainFromLangChain(data: unknown): unknown {
  if (!isConstructed(data)) return data
  const { kwargs } = data
  const name = className(data)
  const role = Object.hasOwn(ROLES, name) ? ROLES[name] : name === 'ChatMessage' ? kwargs['role'] : undefined
  if (role === undefined) return data
  const message: Record<string, unknown> = { role, content: '' }
  if (typeof kwargs['id'] === 'string') message['id'] = kwargs['id']
  for (const field of SHARED) if (kwargs[field] !== undefined) message[field] = kwargs[field]
  const calls = functionCalls(kwargs['tool_calls'])
  if (calls.length > 0) message['tool_calls'] = calls
  for (const field of ['additional_kwargs', 'response_metadata', 'usage_metadata'])
    if (!isEmpty(kwargs[field])) message[field] = kwargs[field]
  return message
}

/** A class of LangChain's, made from its fields. */
type MessageClass = new (fields: never) => object

/**
 * For `revive` of a saver: gives LangChain's messages back as instances of the classes that are handed over, and of no
 * others.
 *
 * @example
 * import { AIMessage, HumanMessage, SystemMessage, ToolMessage } from '@langchain/core/messages'
 * const saver = new SqliteSaver('threads.db', { revive: messageClasses({ AIMessage, HumanMessage, SystemMessage, ToolMessage }) })
 */
export function messageClasses(classes: Readonly<Record<string, MessageClass>>): (data: unknown) => unknown {
  return (data) => {
    if (!isConstructed(data)) return data
    const name = String(data.id.at(-1))
    const found = Object.hasOwn(classes, name) ? classes[name] : undefined
    return found === undefined ? plainFromLangChain(data) : new found(data.kwargs as never)
  }
}
