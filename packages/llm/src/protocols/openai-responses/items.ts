import type { JsonObject } from '../../types/json.ts'
import type { AnswerPart, OpaquePart, ReasoningPart, TextPart, ToolCallPart } from '../../types/message.ts'
import type { ParseContext } from '../protocol.ts'
import { argumentsText, objectsOf, stringOf, textOf } from '../wire.ts'
import { parseAnnotations } from './annotations.ts'
import { dialectOf, leftOver } from './dialect.ts'
import { parseProof, providerItemId } from './proof.ts'

/** What reading an item takes. */
export type ItemContext = Pick<ParseContext, 'newId' | 'quirks'>

/** Reads one item of an answer. An item makes several parts where it holds several texts. */
export function parseItem(item: JsonObject, context: ItemContext): AnswerPart[] {
  if (isCall(item, context)) return [parseCall(item, context)]
  switch (item.type) {
    case 'message':
      return parseMessage(item)
    case 'reasoning':
      return parseReasoning(item)
    case 'image_generation_call':
      return parseImage(item)
    default:
      return [opaqueOf(item)]
  }
}

/** Whether an item is a call of one of the client's tools. */
export function isCall(item: JsonObject, { quirks }: Pick<ParseContext, 'quirks'>): boolean {
  return (
    item.type === 'function_call' || (item.type === 'custom_tool_call' && quirks.customCallsAreOwn !== true)
  )
}

export function opaqueOf(item: JsonObject): OpaquePart {
  return { type: 'opaque', protocol: 'openai-responses', kind: stringOf(item.type) ?? '', raw: item }
}

const MESSAGE_FIELDS: ReadonlySet<string> = new Set(['type', 'role', 'content'])

/** What a message says beside its text: its id and phase. That it is complete says nothing. */
export function messageHead(item: JsonObject): TextPart['dialect'] {
  const rest = leftOver(item, MESSAGE_FIELDS)
  if (rest.status === 'completed' || rest.status === 'in_progress') delete rest.status
  if (providerItemId(textOf(rest.id)) === undefined) delete rest.id
  return dialectOf(rest)
}

function parseMessage(item: JsonObject): AnswerPart[] {
  const dialect = messageHead(item)
  if (typeof item.content === 'string')
    return [{ type: 'text', text: item.content, ...(dialect === undefined ? {} : { dialect }) }]
  return objectsOf(item.content).flatMap((content) => parseContent(content, dialect))
}

function parseContent(content: JsonObject, dialect: TextPart['dialect']): AnswerPart[] {
  if (content.type === 'refusal') return [{ type: 'refusal', text: stringOf(content.refusal) ?? '' }]
  const text = stringOf(content.text)
  if (text === undefined) return []
  const annotations = parseAnnotations(content.annotations)
  return [
    {
      type: 'text',
      text,
      ...(annotations.length > 0 ? { annotations } : {}),
      ...(dialect === undefined ? {} : { dialect }),
    },
  ]
}

const REASONING_FIELDS: ReadonlySet<string> = new Set([
  'type',
  'id',
  'summary',
  'content',
  'encrypted_content',
  'status',
])

/** Marks thinking that stands in `content`, told as it was thought, and not in `summary`. */
export function reasoningHead(item: JsonObject, kind: 'summary' | 'content'): ReasoningPart['dialect'] {
  const rest = leftOver(item, REASONING_FIELDS)
  return dialectOf(kind === 'content' ? { ...rest, kind } : rest)
}

/**
 * Thinking as a part for each of its texts, all with the item's id; the last one has the proof. An item without any
 * text is one empty part.
 */
export function parseReasoning(item: JsonObject): ReasoningPart[] {
  const itemId = providerItemId(textOf(item.id))
  const encrypted = textOf(item.encrypted_content)
  const proof = parseProof(encrypted)
  const parts = (['summary', 'content'] as const).flatMap((kind) =>
    objectsOf(item[kind]).map((entry): ReasoningPart => {
      const dialect = reasoningHead(item, kind)
      return {
        type: 'reasoning',
        text: stringOf(entry.text) ?? '',
        ...(itemId === undefined ? {} : { itemId }),
        ...(dialect === undefined ? {} : { dialect }),
      }
    }),
  )
  if (parts.length === 0) {
    const dialect = reasoningHead(item, 'summary')
    parts.push({
      type: 'reasoning',
      text: '',
      ...(itemId === undefined ? {} : { itemId }),
      ...(dialect === undefined ? {} : { dialect }),
    })
  }
  const last = parts.at(-1)
  if (last !== undefined && proof !== undefined) Object.assign(last, proof)
  else if (last !== undefined && encrypted !== undefined) last.encrypted = encrypted
  return parts
}

const CALL_FIELDS: ReadonlySet<string> = new Set([
  'type',
  'id',
  'call_id',
  'name',
  'arguments',
  'input',
  'status',
])

export function parseCall(item: JsonObject, context: ItemContext): ToolCallPart {
  const custom = item.type === 'custom_tool_call'
  const itemId = providerItemId(textOf(item.id))
  const dialect = dialectOf(leftOver(item, CALL_FIELDS))
  return {
    type: 'tool-call',
    id: textOf(item.call_id) ?? itemId ?? `call_${context.newId()}`,
    name: stringOf(item.name) ?? '',
    arguments: custom ? (stringOf(item.input) ?? '') : argumentsText(item.arguments),
    ...(itemId === undefined ? {} : { itemId }),
    ...(custom ? { custom: true } : {}),
    ...(dialect === undefined ? {} : { dialect }),
  }
}

/** A drawn image: its bytes as an image that any client can show, before it the call that made it. */
function parseImage(item: JsonObject): AnswerPart[] {
  const { result, ...call } = item
  const data = textOf(result)
  if (data === undefined) return [opaqueOf(item)]
  const format = textOf(item.output_format) ?? 'png'
  return [opaqueOf(call), { type: 'image', source: { type: 'base64', mediaType: `image/${format}`, data } }]
}
