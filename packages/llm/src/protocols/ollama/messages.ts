import { createError } from '../../errors.ts'
import type { SwitchyardError } from '../../errors.ts'
import type { JsonObject } from '../../types/json.ts'
import type {
  AnswerPart,
  AssistantMessage,
  MediaSource,
  Message,
  ToolMessage,
  ToolResultPart,
  UserPart,
} from '../../types/message.ts'
import { argumentsObject, parseDataUrl } from '../wire.ts'

export function renderMessages(messages: readonly Message[]): JsonObject[] {
  const toolNames = new Map<string, string>()
  return messages.map((message) => {
    switch (message.role) {
      case 'system':
      case 'developer':
        return { role: 'system', content: textsOf(message.content).join('\n') }
      case 'user':
        return { role: 'user', ...renderContent(message.content) }
      case 'assistant':
        for (const part of message.content) if (part.type === 'tool-call') toolNames.set(part.id, part.name)
        return renderAssistant(message)
      case 'tool':
        return renderToolResult(message, toolNames)
    }
  })
}

function renderAssistant({ content }: AssistantMessage): JsonObject {
  const message: JsonObject = { role: 'assistant', content: textsOf(content).join('') }
  const thinking = content
    .map((part) => (part.type === 'reasoning' ? part.text : ''))
    .filter((text) => text !== '')
    .join('\n')
  if (thinking !== '') message['thinking'] = thinking
  const calls = content.flatMap((part): JsonObject[] => {
    if (part.type !== 'tool-call') return []
    return [{ id: part.id, function: { name: part.name, arguments: argumentsObject(part.arguments) } }]
  })
  if (calls.length > 0) message['tool_calls'] = calls
  return message
}

/** Older servers match a result to its call by the tool's name, newer ones by the call's id. */
function renderToolResult(message: ToolMessage, toolNames: ReadonlyMap<string, string>): JsonObject {
  const name = message.toolName ?? toolNames.get(message.toolCallId)
  return {
    role: 'tool',
    ...renderContent(message.content),
    ...(name === undefined ? {} : { tool_name: name }),
    tool_call_id: message.toolCallId,
  }
}

/** Content is one text; images stand beside it. */
function renderContent(parts: readonly (UserPart | ToolResultPart)[]): JsonObject {
  const texts: string[] = []
  const images: string[] = []
  for (const part of parts) {
    if (part.type === 'text') texts.push(part.text)
    else if (part.type === 'image') images.push(imageData(part.source))
    else throw refused(`Ollama takes text and images, no ${part.type === 'audio' ? 'audio' : 'files'}.`)
  }
  const content = texts.join('\n')
  return images.length > 0 ? { content, images } : { content }
}

function textsOf(parts: readonly AnswerPart[]): string[] {
  return parts.flatMap((part) => (part.type === 'text' || part.type === 'refusal' ? [part.text] : []))
}

function imageData(source: MediaSource): string {
  if (source.type === 'base64') return source.data
  const inline = source.type === 'url' ? parseDataUrl(source.url) : undefined
  if (inline !== undefined) return inline.data
  throw refused('Ollama takes images as base64 only: it fetches none from the web. Send the image itself.')
}

function refused(message: string): SwitchyardError {
  return createError({ code: 'bad_request', message, param: 'messages' })
}
