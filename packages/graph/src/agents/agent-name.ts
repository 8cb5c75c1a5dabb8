import { isAssistantMessage, isMessageInstance, isSystemMessage, textOf } from '../state/message.ts'
import type { Message } from '../state/message.ts'

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
  if (!isAssistantMessage(message) || message.name == null || isMessageInstance(message)) return message
  const { name, ...rest } = message
  return { ...rest, content: `<name>${name}</name><content>${textOf(message)}</content>` }
}

/** An answer without the tags that a model may have written. */
export function removeAgentName(message: Message): Message {
  if (isMessageInstance(message) || !isAssistantMessage(message)) return message
  const text = textOf(message)
  const name = NAME.exec(text)?.[1]
  const content = CONTENT.exec(text)?.[1]
  return name === undefined || content === undefined ? message : { ...message, name, content }
}
