import { createError } from '../../errors.ts'
import type { JsonObject } from '../../types/json.ts'
import type {
  AnswerPart,
  CacheControl,
  DialectFields,
  FilePart,
  MediaSource,
  TextPart,
  ToolCallPart,
  ToolMessage,
  ToolResultPart,
  UserPart,
} from '../../types/message.ts'
import { argumentsObject, compact, countOf, objectOf, objectsOf, parseDataUrl } from '../wire.ts'
import { decodeBase64Text } from './base64-text.ts'
import { renderSentCitation } from './citations.ts'

export function renderCacheControl(control: CacheControl | undefined): JsonObject | undefined {
  return control === undefined ? undefined : compact({ type: 'ephemeral', ttl: control.ttl })
}

/** A text block; none for text without a visible character, which Anthropic refuses. */
export function renderText(part: TextPart): JsonObject[] {
  if (part.text.trim() === '') return []
  const citations = (part.annotations ?? [])
    .map(renderSentCitation)
    .filter((citation): citation is JsonObject => citation !== undefined)
  return [
    compact({
      type: 'text',
      text: part.text,
      citations: citations.length > 0 ? citations : undefined,
      cache_control: renderCacheControl(part.cacheControl),
    }),
  ]
}

export function renderUserPart(part: UserPart | ToolResultPart): JsonObject[] {
  switch (part.type) {
    case 'text':
      return renderText(part)
    case 'image':
      return [
        compact({
          type: 'image',
          source: renderSource(part.source),
          cache_control: renderCacheControl(part.cacheControl),
        }),
      ]
    case 'file':
      return [renderFile(part)]
    case 'audio':
      throw createError({
        code: 'bad_request',
        message: 'Audio input is not supported by the Anthropic Messages API. Send a transcript instead.',
        param: 'messages',
        reason: 'unsupported_content',
      })
  }
}

function renderSource(source: MediaSource): JsonObject {
  if (source.type === 'file-id') return { type: 'file', file_id: source.id }
  const inline = source.type === 'base64' ? source : parseDataUrl(source.url)
  if (inline !== undefined) return { type: 'base64', media_type: inline.mediaType, data: inline.data }
  return { type: 'url', url: source.type === 'url' ? source.url : '' }
}

function renderFile(part: FilePart): JsonObject {
  const inline =
    part.source.type === 'base64'
      ? part.source
      : part.source.type === 'url'
        ? parseDataUrl(part.source.url)
        : undefined
  const cacheControl = renderCacheControl(part.cacheControl)
  if (inline?.mediaType.startsWith('image/') === true)
    return compact({ type: 'image', source: renderSource(part.source), cache_control: cacheControl })
  const text = inline !== undefined && isText(inline.mediaType) ? decodeBase64Text(inline.data) : undefined
  return compact({
    type: 'document',
    source:
      text === undefined ? renderSource(part.source) : { type: 'text', media_type: 'text/plain', data: text },
    title: part.name,
    context: part.context,
    citations: part.citations === undefined ? undefined : { enabled: part.citations },
    cache_control: cacheControl,
  })
}

function isText(mediaType: string): boolean {
  return mediaType.startsWith('text/') || mediaType === 'application/json'
}

export function renderToolResult(message: ToolMessage): JsonObject {
  const blocks = placeBlocks(message.content.map(renderUserPart), message.dialect)
  const [only] = blocks
  const plain = blocks.length === 1 && only?.type === 'text' && only.cache_control === undefined
  return compact({
    type: 'tool_result',
    tool_use_id: safeId(message.toolCallId),
    content: blocks.length === 0 ? undefined : plain ? only.text : blocks,
    is_error: message.isError,
    cache_control: renderCacheControl(message.cacheControl),
  })
}

export function renderAnswerPart(part: AnswerPart): JsonObject[] {
  switch (part.type) {
    case 'text':
      return renderText(part)
    case 'refusal':
      return renderText({ type: 'text', text: part.text })
    case 'reasoning':
      if (part.redacted !== undefined) return [{ type: 'redacted_thinking', data: part.redacted }]
      // Thinking without its proof is refused.
      return part.signature === undefined
        ? []
        : [{ type: 'thinking', thinking: part.text, signature: part.signature }]
    case 'tool-call':
      return [renderToolCall(part)]
    case 'opaque':
      return part.protocol === 'anthropic-messages' ? [part.raw] : []
    case 'audio':
      return part.transcript === undefined ? [] : renderText({ type: 'text', text: part.transcript })
    default:
      return []
  }
}

function renderToolCall(part: ToolCallPart): JsonObject {
  return {
    type: 'tool_use',
    id: safeId(part.id),
    name: part.name,
    input: argumentsObject(part.arguments),
    ...(part.dialect?.protocol === 'anthropic-messages' ? part.dialect.fields : {}),
  }
}

/** Anthropic takes letters, digits, `_` and `-` in ids; other services' ids hold more. */
function safeId(id: string): string {
  return id.replaceAll(/[^a-zA-Z0-9_-]/g, '_')
}

/** Puts blocks of which our form knows nothing back to where the client had them. */
export function placeBlocks(
  rendered: readonly JsonObject[][],
  dialect: DialectFields | undefined,
): JsonObject[] {
  const kept = dialect?.protocol === 'anthropic-messages' ? objectsOf(dialect.fields.blocks) : []
  if (kept.length === 0) return rendered.flat()
  const lists: JsonObject[][] = rendered.map((blocks) => blocks)
  for (const { at, block } of kept) {
    const raw = objectOf(block)
    if (raw !== undefined) lists.splice(Math.min(countOf(at) ?? lists.length, lists.length), 0, [raw])
  }
  return lists.flat()
}
