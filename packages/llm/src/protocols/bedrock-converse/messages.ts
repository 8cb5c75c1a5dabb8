import type { JsonObject } from '../../types/json.ts'
import type {
  AnswerPart,
  CacheControl,
  Message,
  ReasoningPart,
  ToolMessage,
  ToolResultPart,
  UserPart,
} from '../../types/message.ts'
import { argumentsObject } from '../wire.ts'
import { createDocumentNames, renderAudio, renderFile, renderImage } from './media.ts'

export interface Conversation {
  system: JsonObject[]
  messages: JsonObject[]
}

/**
 * Writes the turns. Instructions leave the conversation, tool results become blocks of a user turn, and turns of
 * one role that follow each other are joined, since roles must alternate. Blank text is refused by Bedrock and left out.
 */
export function renderConversation(messages: readonly Message[]): Conversation {
  const nameOf = createDocumentNames()
  const system: JsonObject[] = []
  const turns: { role: 'user' | 'assistant'; content: JsonObject[] }[] = []
  for (const message of messages) {
    if (message.role === 'system' || message.role === 'developer') {
      for (const part of message.content) pushText(system, part.text, part.cacheControl)
      continue
    }
    const content = renderTurn(message, nameOf)
    if (content.length === 0) continue
    const role = message.role === 'assistant' ? 'assistant' : 'user'
    const last = turns.at(-1)
    if (last?.role === role) last.content.push(...content)
    else turns.push({ role, content })
  }
  return { system, messages: turns.map(({ role, content }) => ({ role, content })) }
}

function renderTurn(message: Message, nameOf: (wanted: string | undefined) => string): JsonObject[] {
  switch (message.role) {
    case 'assistant':
      return message.content.flatMap(renderAnswerPart)
    case 'tool':
      return renderToolResult(message, nameOf)
    case 'user':
      return message.content.flatMap((part) => renderUserPart(part, nameOf))
    default:
      return []
  }
}

function renderUserPart(
  part: UserPart | ToolResultPart,
  nameOf: (wanted: string | undefined) => string,
): JsonObject[] {
  switch (part.type) {
    case 'text': {
      const blocks: JsonObject[] = []
      pushText(blocks, part.text, part.cacheControl)
      return blocks
    }
    case 'image':
      return [renderImage(part), ...cachePoints(part.cacheControl)]
    case 'file':
      return [renderFile(part, nameOf), ...cachePoints(part.cacheControl)]
    case 'audio':
      return [renderAudio(part)]
  }
}

function renderToolResult(
  message: ToolMessage,
  nameOf: (wanted: string | undefined) => string,
): JsonObject[] {
  // A cache point has no place inside of a tool result, so it follows it.
  const content = message.content
    .flatMap((part) => renderUserPart(part, nameOf))
    .filter((block) => block['cachePoint'] === undefined)
  const cacheControl =
    message.cacheControl ?? message.content.find((part) => part.cacheControl !== undefined)?.cacheControl
  const toolResult: JsonObject = { toolUseId: message.toolCallId, content }
  if (message.isError === true) toolResult['status'] = 'error'
  return [{ toolResult }, ...cachePoints(cacheControl)]
}

function renderAnswerPart(part: AnswerPart): JsonObject[] {
  switch (part.type) {
    case 'text': {
      const blocks: JsonObject[] = []
      pushText(blocks, part.text, part.cacheControl)
      return blocks
    }
    case 'refusal': {
      const blocks: JsonObject[] = []
      pushText(blocks, part.text, undefined)
      return blocks
    }
    case 'reasoning':
      return renderReasoning(part)
    case 'tool-call':
      return [{ toolUse: { toolUseId: part.id, name: part.name, input: argumentsObject(part.arguments) } }]
    case 'opaque':
      return part.protocol === 'bedrock-converse' ? [part.raw] : []
    case 'image':
    case 'audio':
    case 'file':
      // Models' own media cannot be sent back in an assistant turn.
      return []
  }
}

/** Only thinking that the provider can verify goes back; Bedrock refuses a block without its proof. */
function renderReasoning(part: ReasoningPart): JsonObject[] {
  if (part.redacted !== undefined) return [{ reasoningContent: { redactedContent: part.redacted } }]
  if (part.signature === undefined) return []
  return [{ reasoningContent: { reasoningText: { text: part.text, signature: part.signature } } }]
}

function pushText(blocks: JsonObject[], text: string, cacheControl: CacheControl | undefined): void {
  if (text.trim() === '') return
  blocks.push({ text }, ...cachePoints(cacheControl))
}

/** Bedrock marks a cached prefix by a block of its own after it. */
export function cachePoints(cacheControl: CacheControl | undefined): JsonObject[] {
  if (cacheControl === undefined) return []
  return [{ cachePoint: cacheControl.ttl === '1h' ? { type: 'default', ttl: '1h' } : { type: 'default' } }]
}
