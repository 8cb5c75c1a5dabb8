/** A piece of a message's content, as OpenAI writes it. */
export type TextContent = { type: 'text'; text: string }
export type ImageContent = {
  type: 'image_url'
  image_url: { url: string; detail?: 'auto' | 'low' | 'high' | undefined }
}
export type ContentPart = TextContent | ImageContent

/** A call that a model asks for, its arguments as the JSON text that the model wrote. */
export type FunctionCall = {
  id: string
  type: 'function'
  function: { name: string; arguments: string }
}

/** Instructions to the model. */
export type SystemMessage = {
  id?: string | undefined
  role: 'system' | 'developer'
  content: string | TextContent[]
  name?: string | undefined
}

export type UserMessage = {
  id?: string | undefined
  role: 'user'
  content: string | ContentPart[]
  name?: string | undefined
}

/** What a model said. Fields that a provider adds beside these are kept as they come. */
export type AssistantMessage = {
  id?: string | undefined
  role: 'assistant'
  content: string | TextContent[] | null
  name?: string | undefined
  tool_calls?: FunctionCall[] | undefined
  refusal?: string | null | undefined
  reasoning_content?: string | null | undefined
}

/** The result of one tool call. */
export type ToolMessage = {
  id?: string | undefined
  role: 'tool'
  content: string | ContentPart[]
  tool_call_id: string
  name?: string | undefined
  /** `error` when the tool did not do what it was asked. */
  status?: 'success' | 'error' | undefined
  /** For the program, not for the model. */
  artifact?: unknown
  /**
   * `untrusted` when the content came from outside (a web page, another server): whatever it says is data, never an
   * instruction.
   */
  trust?: 'untrusted' | undefined
}

/** One turn of a conversation. Instances of LangChain's message classes are accepted beside these and kept as they are. */
export type Message = SystemMessage | UserMessage | AssistantMessage | ToolMessage

/** Who speaks; `remove` takes a message away, `other` is a role that we do not know. */
export type MessageRole = 'system' | 'user' | 'assistant' | 'tool' | 'remove' | 'other'

/** LangChain's words for roles, in its instances and in what its clients send. */
const ROLES: Readonly<Record<string, MessageRole>> = {
  system: 'system',
  developer: 'system',
  user: 'user',
  human: 'user',
  assistant: 'assistant',
  ai: 'assistant',
  tool: 'tool',
  remove: 'remove',
}

/** The role that a word for one means. */
export function roleNamed(word: unknown): MessageRole {
  return typeof word === 'string' && Object.hasOwn(ROLES, word) ? (ROLES[word] ?? 'other') : 'other'
}

/** Methods by which instances of LangChain's message classes are recognised, whichever copy of the package made them. */
interface MessageInstance {
  id?: string | null
  getType?: () => string
  _getType?: () => string
  lc_kwargs?: Record<string, unknown>
}

/** Whether a value is an instance of one of LangChain's message classes. */
export function isMessageInstance(value: unknown): value is MessageInstance {
  if (typeof value !== 'object' || value === null) return false
  const { getType, _getType } = value as MessageInstance
  return typeof getType === 'function' || typeof _getType === 'function'
}

/** Who speaks in a message, whatever it is made of. */
export function roleOf(message: unknown): MessageRole {
  if (typeof message !== 'object' || message === null) return 'other'
  if (isMessageInstance(message)) return roleNamed(message.getType?.() ?? message._getType?.())
  const { role, type } = message as { role?: unknown; type?: unknown }
  return roleNamed(role ?? type)
}

export function isSystemMessage(message: unknown): message is SystemMessage {
  return roleOf(message) === 'system'
}

export function isUserMessage(message: unknown): message is UserMessage {
  return roleOf(message) === 'user'
}

export function isAssistantMessage(message: unknown): message is AssistantMessage {
  return roleOf(message) === 'assistant'
}

export function isToolMessage(message: unknown): message is ToolMessage {
  return roleOf(message) === 'tool'
}

/** The text of a message's content; `''` when it has none. */
export function textOf(message: { readonly content?: unknown }): string {
  const { content } = message
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content
    .map((part: unknown) => {
      if (typeof part === 'string') return part
      const { type, text } = (part ?? {}) as { type?: unknown; text?: unknown }
      return type === 'text' && typeof text === 'string' ? text : ''
    })
    .join('')
}
