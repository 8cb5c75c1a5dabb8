import { isAssistantMessage, isMessageInstance, isSystemMessage, textOf } from '../state/message.ts'
import type { AssistantMessage, Message } from '../state/message.ts'

/** How a model learns which agent said what: by tags around what they said, or by being told to write the tags itself. */
export type AgentNameMode = 'inline' | 'system-prompt'

const NAME = /<name>(.*?)<\/name>/s
const CONTENT = /<content>(.*?)<\/content>/s

/** The conversation as a model is shown it. */
export function addAgentNames(
  messages: readonly Message[],
  mode: AgentNameMode | undefined,
  name: string | undefined,
): Message[] {
  if (mode === 'inline') return messages.map(named)
  if (mode !== 'system-prompt') return [...messages]
  if (name === undefined)
    throw new TypeError('includeAgentName: "system-prompt" needs the agent to have a name.')
  const instruction =
    `IMPORTANT: Your name is "${name}". Always format your response using these XML tags:\n` +
    `<name>${name}</name><content>your response here</content>`
  const [first, ...rest] = messages
  if (first !== undefined && isSystemMessage(first) && typeof first.content === 'string') {
    return [{ role: 'system', content: `${first.content}\n\n${instruction}` }, ...rest]
  }
  return [{ role: 'system', content: instruction }, ...messages]
}

function named(message: Message): Message {
  if (!isAssistantMessage(message) || message.name == null) return message
  const { name } = message
  const content = taggedContent(message.content, name) as AssistantMessage['content']
  if (isMessageInstance(message)) return copyInstance(message, { content, name: undefined })
  const { name: _name, ...rest } = message
  return { ...rest, content }
}

/** Each text of a content between tags; one without a text gets empty tags, so that its speaker is told anyway. */
function taggedContent(content: unknown, name: string): unknown {
  const tagged = (text: string): string => `<name>${name}</name><content>${text}</content>`
  if (!Array.isArray(content)) return tagged(typeof content === 'string' ? content : '')
  let texts = 0
  const parts = content.map((part: unknown) => {
    const { type, text } = (part ?? {}) as { type?: unknown; text?: unknown }
    if (typeof part !== 'string' && (type !== 'text' || typeof text !== 'string')) return part
    texts += 1
    return typeof part === 'string' ? tagged(part) : { ...(part as object), text: tagged(text as string) }
  })
  return texts === 0 ? [{ type: 'text', text: tagged('') }, ...parts] : parts
}

/** An instance of LangChain's of the same class with other fields: those of the conversation stay as they are. */
function copyInstance<Instance extends Message>(message: Instance, changes: object): Instance {
  const { lc_kwargs: kwargs = {} } = message as { lc_kwargs?: object }
  const Class = message.constructor as new (fields: object) => Instance
  return new Class({ ...(Object.keys(kwargs).length > 0 ? kwargs : message), ...changes })
}

/** An answer without the tags that a model may have written. */
export function removeAgentName(message: Message): Message {
  if (!isAssistantMessage(message)) return message
  const text = textOf(message)
  const name = NAME.exec(text)?.[1]
  const content = CONTENT.exec(text)?.[1]
  if (name === undefined || content === undefined) return message
  return isMessageInstance(message) ? copyInstance(message, { name, content }) : { ...message, name, content }
}
