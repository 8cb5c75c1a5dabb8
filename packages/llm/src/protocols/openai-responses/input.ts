import type { JsonObject } from '../../types/json.ts'
import type {
  AnswerPart,
  Message,
  ReasoningPart,
  RefusalPart,
  SystemMessage,
  TextPart,
  ToolCallPart,
  ToolMessage,
} from '../../types/message.ts'
import type { Quirks } from '../../types/quirks.ts'
import { urlOf } from '../openai-chat/request.ts'
import { compact, objectOf } from '../wire.ts'
import { renderAnnotation } from './annotations.ts'
import { fieldsOf } from './dialect.ts'
import { joinTexts, renderContent } from './input-parts.ts'

/** The conversation as this wire has it: instructions apart, a flat list of items. */
export interface Conversation {
  instructions: string | undefined
  input: JsonObject[]
}

/** Instructions at the very beginning go to their own field, unless the client had them among the items. */
export function renderConversation(messages: readonly Message[], quirks: Quirks): Conversation {
  const [first] = messages
  const apart = first !== undefined && isInstruction(first) && fieldsOf(first.dialect).item === undefined
  const customCalls = new Set<string>()
  const input = (apart ? messages.slice(1) : messages).flatMap((message) =>
    renderMessage(message, quirks, customCalls),
  )
  return { instructions: apart ? joinTexts(first.content) : undefined, input }
}

function isInstruction(message: Message): message is SystemMessage {
  return message.role === 'system' || message.role === 'developer'
}

function renderMessage(message: Message, quirks: Quirks, customCalls: Set<string>): JsonObject[] {
  switch (message.role) {
    case 'system':
    case 'developer': {
      const own = objectOf(fieldsOf(message.dialect).item)
      const role = own === undefined ? (quirks.systemRole ?? message.role) : message.role
      return [{ role, content: renderContent(message.content, message.dialect), ...own }]
    }
    case 'user': {
      const own = objectOf(fieldsOf(message.dialect).item)
      return [{ role: 'user', content: renderContent(message.content, message.dialect), ...own }]
    }
    case 'tool':
      return [renderToolResult(message, customCalls)]
    case 'assistant':
      for (const part of message.content)
        if (part.type === 'tool-call' && part.custom === true) customCalls.add(part.id)
      return renderParts(message.content)
  }
}

function renderToolResult(message: ToolMessage, customCalls: ReadonlySet<string>): JsonObject {
  return {
    type: customCalls.has(message.toolCallId) ? 'custom_tool_call_output' : 'function_call_output',
    call_id: message.toolCallId,
    output: message.content.length === 0 ? '' : renderContent(message.content, message.dialect),
    ...objectOf(fieldsOf(message.dialect).item),
  }
}

/** An assistant's turn as items: neighbouring texts of one message are one item, as are those of one thinking. */
function renderParts(parts: readonly AnswerPart[]): JsonObject[] {
  const items: JsonObject[] = []
  let index = 0
  while (index < parts.length) {
    const part = parts[index]
    if (part === undefined) break
    if (part.type === 'text' || part.type === 'refusal') {
      const texts = takeMessage(parts, index)
      items.push(renderAssistantMessage(texts))
      index += texts.length
    } else if (part.type === 'reasoning') {
      const thinking = takeThinking(parts, index)
      items.push(...renderReasoning(thinking))
      index += thinking.length
    } else {
      const next = parts[index + 1]
      items.push(...renderOther(part, next))
      index++
    }
  }
  return items
}

/** The texts from `start` on that belong to one message. */
export function takeMessage(parts: readonly AnswerPart[], start: number): (TextPart | RefusalPart)[] {
  const texts: (TextPart | RefusalPart)[] = []
  let id: JsonObject[string]
  for (const part of parts.slice(start)) {
    if (part.type !== 'text' && part.type !== 'refusal') break
    const own = part.type === 'text' ? fieldsOf(part.dialect).id : id
    if (texts.length > 0 && own !== id) break
    id = own
    texts.push(part)
  }
  return texts
}

/** The texts of thinking from `start` on that are one item: they have one id, and the last one the proof. */
export function takeThinking(parts: readonly AnswerPart[], start: number): ReasoningPart[] {
  const thinking: ReasoningPart[] = []
  for (const part of parts.slice(start)) {
    const [first] = thinking
    if (part.type !== 'reasoning') break
    if (first !== undefined && (first.itemId === undefined || first.itemId !== part.itemId)) break
    thinking.push(part)
    if (part.encrypted !== undefined) break
  }
  return thinking
}

function renderAssistantMessage(texts: readonly (TextPart | RefusalPart)[]): JsonObject {
  const head = texts.find((part) => part.type === 'text')
  const own = fieldsOf(head?.type === 'text' ? head.dialect : undefined)
  const [only] = texts
  const plain = texts.length === 1 && only?.type === 'text' && only.annotations === undefined
  if (plain && own.id === undefined) return { role: 'assistant', content: only.text, ...own }
  return {
    type: 'message',
    role: 'assistant',
    ...(own.id === undefined ? {} : { status: 'completed' }),
    ...own,
    content: texts.map(renderOutputContent),
  }
}

export function renderOutputContent(part: TextPart | RefusalPart): JsonObject {
  if (part.type === 'refusal') return { type: 'refusal', refusal: part.text }
  return { type: 'output_text', text: part.text, annotations: (part.annotations ?? []).map(renderAnnotation) }
}

/** Thinking of another wire means nothing here: only what has an id or a proof of this one is returned. */
function renderReasoning(thinking: readonly ReasoningPart[]): JsonObject[] {
  const itemId = thinking[0]?.itemId
  const encrypted = thinking.at(-1)?.encrypted
  const own = thinking.map((part) => fieldsOf(part.dialect))
  if (itemId === undefined && encrypted === undefined && own.every(({ kind }) => kind === undefined))
    return []
  const { kind: _kind, ...rest } = own[0] ?? {}
  return [
    compact({
      type: 'reasoning',
      id: itemId,
      ...renderThinking(thinking),
      encrypted_content: encrypted,
      ...rest,
    }),
  ]
}

/** The two lists of a thinking item: what was summed up, and what was told as it was thought. */
export function renderThinking(thinking: readonly ReasoningPart[]): {
  summary: JsonObject[]
  content?: JsonObject[]
} {
  const summary: JsonObject[] = []
  const content: JsonObject[] = []
  for (const { text, dialect } of thinking) {
    if (fieldsOf(dialect).kind === 'content') content.push({ type: 'reasoning_text', text })
    else if (text !== '') summary.push({ type: 'summary_text', text })
  }
  return content.length > 0 ? { summary, content } : { summary }
}

function renderCall(call: ToolCallPart): JsonObject {
  const { id: call_id, name, itemId, custom, dialect } = call
  const own = fieldsOf(dialect)
  if (custom === true)
    return compact({ type: 'custom_tool_call', id: itemId, call_id, name, input: call.arguments, ...own })
  const text = call.arguments === '' ? '{}' : call.arguments
  return compact({ type: 'function_call', id: itemId, call_id, name, arguments: text, ...own })
}

function renderOther(part: AnswerPart, next: AnswerPart | undefined): JsonObject[] {
  switch (part.type) {
    case 'tool-call':
      return [renderCall(part)]
    case 'opaque':
      return part.protocol === 'openai-responses' ? [withImage(part.raw, next)] : []
    case 'audio':
      return part.transcript === undefined ? [] : [{ role: 'assistant', content: part.transcript }]
    default:
      return []
  }
}

/** A call that drew an image, with the bytes that stand after it as an image of their own. */
export function withImage(raw: JsonObject, next: AnswerPart | undefined): JsonObject {
  if (raw.type !== 'image_generation_call' || raw.result !== undefined) return raw
  if (next?.type !== 'image' || next.source.type === 'file-id') return raw
  return { ...raw, result: next.source.type === 'base64' ? next.source.data : urlOf(next.source) }
}
