import { createError } from '../../errors.ts'
import type { SwitchyardError } from '../../errors.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import type {
  AssistantMessage,
  FilePart,
  MediaSource,
  Message,
  TextPart,
  UserPart,
} from '../../types/message.ts'
import { parseDataUrl } from '../wire.ts'
import { toolPlanOf } from './tool-plan.ts'

export interface Conversation {
  messages: JsonObject[]
  /** Text files of the conversation: Cohere takes them beside the messages and cites from them. */
  documents: JsonObject[]
}

export function renderConversation(messages: readonly Message[]): Conversation {
  const documents: JsonObject[] = []
  const rendered = messages.map((message) => renderMessage(message, documents))
  return { messages: rendered.filter((message) => message !== undefined), documents }
}

function renderMessage(message: Message, documents: JsonObject[]): JsonObject | undefined {
  switch (message.role) {
    case 'system':
    case 'developer':
      return { role: 'system', content: renderTexts(message.content) }
    case 'user':
      return renderUser(message.content, documents)
    case 'assistant':
      return renderAssistant(message)
    case 'tool':
      return {
        role: 'tool',
        tool_call_id: message.toolCallId,
        content: renderTexts(
          message.content.map((part): TextPart => {
            if (part.type === 'text') return part
            throw refused('Cohere takes tool results as text only.')
          }),
        ),
      }
  }
}

function renderTexts(parts: readonly TextPart[]): Json {
  const [first] = parts
  if (parts.length <= 1) return first?.text ?? ''
  return parts.map((part) => ({ type: 'text', text: part.text }))
}

function renderUser(parts: readonly UserPart[], documents: JsonObject[]): JsonObject | undefined {
  const texts: TextPart[] = []
  const content: Json[] = []
  for (const part of parts) {
    switch (part.type) {
      case 'text':
        texts.push(part)
        content.push({ type: 'text', text: part.text })
        break
      case 'image': {
        const detail = part.detail === undefined ? {} : { detail: part.detail }
        content.push({ type: 'image_url', image_url: { url: imageUrl(part.source), ...detail } })
        break
      }
      case 'file':
        documents.push(renderDocument(part, documents.length))
        break
      case 'audio':
        throw refused('Cohere takes no audio.')
    }
  }
  if (content.length === 0) return undefined
  return { role: 'user', content: texts.length === content.length ? renderTexts(texts) : content }
}

function imageUrl(source: MediaSource): string {
  if (source.type === 'base64') return `data:${source.mediaType};base64,${source.data}`
  if (source.type === 'url') return source.url
  throw refused('Cohere takes images as base64 or as a web address, not as a file id.')
}

function renderDocument(part: FilePart, position: number): JsonObject {
  const source = part.source.type === 'url' ? parseDataUrl(part.source.url) : part.source
  if (source === undefined || !('data' in source) || !/^text\/|json|xml/.test(source.mediaType))
    throw refused('Cohere takes documents as text only: send a text file as base64.')
  const data: JsonObject = { text: Buffer.from(source.data, 'base64').toString('utf8') }
  if (part.name !== undefined) data['title'] = part.name
  return { id: `doc:${position}`, data }
}

function renderAssistant(message: AssistantMessage): JsonObject | undefined {
  const content: JsonObject[] = []
  const calls: JsonObject[] = []
  for (const part of message.content) {
    if (part.type === 'reasoning' && part.text !== '') content.push({ type: 'thinking', thinking: part.text })
    if ((part.type === 'text' || part.type === 'refusal') && part.text !== '')
      content.push({ type: 'text', text: part.text })
    if (part.type === 'tool-call')
      calls.push({
        id: part.id,
        type: 'function',
        function: { name: part.name, arguments: part.arguments === '' ? '{}' : part.arguments },
      })
  }
  if (calls.length === 0 && content.length === 0) return undefined
  const rendered: JsonObject = { role: 'assistant' }
  if (content.length > 0) rendered['content'] = plainText(content) ?? content
  if (calls.length === 0) return rendered
  rendered['tool_calls'] = calls
  const plan = toolPlanOf(message.content)
  // Where other providers speak before they call, Cohere plans.
  const spoken = plainText(content)
  if (plan === undefined && spoken !== undefined) delete rendered['content']
  if (plan !== undefined || spoken !== undefined) rendered['tool_plan'] = plan ?? spoken
  return rendered
}

/** The text of content that is nothing but one text. */
function plainText(content: readonly JsonObject[]): string | undefined {
  const text = content.length === 1 ? content[0]?.['text'] : undefined
  return typeof text === 'string' ? text : undefined
}

function refused(message: string): SwitchyardError {
  return createError({ code: 'bad_request', message, param: 'messages' })
}
