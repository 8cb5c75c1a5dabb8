import type { Json, JsonObject } from '../../types/json.ts'
import type {
  AnswerPart,
  ImagePart,
  ReasoningPart,
  RefusalPart,
  TextPart,
  ToolCallPart,
} from '../../types/message.ts'
import { arrayOf, compact, objectOf, textOf } from '../wire.ts'
import { fieldsOf } from './dialect.ts'
import { renderOutputContent, renderThinking, takeMessage, takeThinking, withImage } from './input.ts'
import { makeItemId, renderCallProof, renderProof } from './proof.ts'

/** Writes the parts of an answer as the items of `output` from place `start` on, all complete. */
export function renderItems(
  parts: readonly AnswerPart[],
  response: string,
  { logprobs, start = 0 }: { logprobs?: Json | undefined; start?: number } = {},
): JsonObject[] {
  const items: JsonObject[] = []
  const tokens =
    parts.filter((part) => part.type === 'text').length === 1 ? arrayOf(objectOf(logprobs)?.content) : []
  let index = 0
  for (;;) {
    const part = parts[index]
    if (part === undefined) return items
    const place = start + items.length
    if (part.type === 'text' || part.type === 'refusal') {
      const texts = takeMessage(parts, index)
      items.push(renderMessage(texts, response, place, tokens))
      index += texts.length
    } else if (part.type === 'reasoning') {
      const thinking = takeThinking(parts, index)
      items.push(renderReasoning(thinking, response, place))
      index += thinking.length
    } else {
      const next = parts[index + 1]
      const item = renderOther(part, next, response, place)
      if (item !== undefined) items.push(item)
      if (part.type === 'tool-call' && part.signature !== undefined)
        items.push(callProofItem(part.id, part.signature, response, place + 1))
      index += takesImage(part, next) ? 2 : 1
    }
  }
}

function renderMessage(
  texts: readonly (TextPart | RefusalPart)[],
  response: string,
  place: number,
  tokens: Json[],
): JsonObject {
  const head = texts.find((part) => part.type === 'text')
  return {
    ...messageItem(head?.type === 'text' ? head.dialect : undefined, response, place),
    content: texts.map((part) =>
      part.type === 'text' ? { ...renderOutputContent(part), logprobs: tokens } : renderOutputContent(part),
    ),
  }
}

/** A message of the model without its content. */
export function messageItem(dialect: TextPart['dialect'], response: string, place: number): JsonObject {
  const own = fieldsOf(dialect)
  return {
    ...own,
    id: textOf(own.id) ?? makeItemId('msg', response, place),
    type: 'message',
    status: 'completed',
    role: 'assistant',
  }
}

function renderReasoning(thinking: readonly ReasoningPart[], response: string, place: number): JsonObject {
  const [first] = thinking
  const last = thinking.at(-1)
  return compact({
    ...reasoningItem(first?.itemId, first?.dialect, response, place),
    ...renderThinking(thinking),
    encrypted_content: last?.encrypted ?? (last === undefined ? undefined : renderProof(last)),
  })
}

/** Thinking without its texts. */
export function reasoningItem(
  itemId: string | undefined,
  dialect: ReasoningPart['dialect'],
  response: string,
  place: number,
): JsonObject {
  const { kind: _kind, ...own } = fieldsOf(dialect)
  return { ...own, id: itemId ?? makeItemId('rs', response, place), type: 'reasoning', summary: [] }
}

/** A call without its arguments. */
export function callItem(
  call: Omit<ToolCallPart, 'type' | 'arguments'>,
  response: string,
  place: number,
): JsonObject {
  const custom = call.custom === true
  return {
    ...fieldsOf(call.dialect),
    id: call.itemId ?? makeItemId(custom ? 'ctc' : 'fc', response, place),
    type: custom ? 'custom_tool_call' : 'function_call',
    status: 'completed',
    call_id: call.id,
    name: call.name,
    [custom ? 'input' : 'arguments']: '',
  }
}

export function callProofItem(
  callId: string,
  signature: string,
  response: string,
  place: number,
): JsonObject {
  return {
    ...reasoningItem(undefined, undefined, response, place),
    encrypted_content: renderCallProof(callId, signature),
  }
}

function renderToolCall(call: ToolCallPart, response: string, place: number): JsonObject {
  const item = callItem(call, response, place)
  if (call.custom === true) return { ...item, input: call.arguments }
  return { ...item, arguments: call.arguments === '' ? '{}' : call.arguments }
}

/** Whether a part is a call that drew the image after it. */
export function takesImage(part: AnswerPart, next: AnswerPart | undefined): boolean {
  return next?.type === 'image' && part.type === 'opaque' && withImage(part.raw, next) !== part.raw
}

/** Parts that come whole; `undefined` for what this wire has no item for. */
function renderOther(
  part: AnswerPart,
  next: AnswerPart | undefined,
  response: string,
  place: number,
): JsonObject | undefined {
  switch (part.type) {
    case 'tool-call':
      return renderToolCall(part, response, place)
    case 'opaque':
      if (part.protocol !== 'openai-responses') return undefined
      return { id: makeItemId('item', response, place), ...withImage(part.raw, next) }
    case 'image':
      return renderImage(part, response, place)
    case 'audio':
      if (part.transcript === undefined) return undefined
      return renderMessage([{ type: 'text', text: part.transcript }], response, place, [])
    default:
      return undefined
  }
}

function renderImage({ source }: ImagePart, response: string, place: number): JsonObject | undefined {
  if (source.type !== 'base64') return undefined
  return {
    id: makeItemId('ig', response, place),
    type: 'image_generation_call',
    status: 'completed',
    result: source.data,
    output_format: source.mediaType.replace(/^image\//, ''),
  }
}
