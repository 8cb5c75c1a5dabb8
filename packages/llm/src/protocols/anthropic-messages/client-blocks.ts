import type { Json, JsonObject } from '../../types/json.ts'
import type {
  AnswerPart,
  CacheControl,
  DialectFields,
  FilePart,
  ImagePart,
  MediaSource,
  TextPart,
  ToolCallPart,
} from '../../types/message.ts'
import {
  checkObject,
  invalid,
  missing,
  optionalArray,
  optionalBoolean,
  optionalObject,
  optionalString,
  optionalWord,
  requiredString,
  restOf,
} from '../check.ts'
import { textOf } from '../wire.ts'
import { encodeBase64Text } from './base64-text.ts'
import { parseCitation } from './citations.ts'

/** A list of blocks, or the text that stands for one block. */
export function parseBlockList(
  content: Json | undefined,
  path: string,
): { block: JsonObject; path: string }[] {
  if (content === undefined || content === null) throw missing(path)
  if (typeof content === 'string') return [{ block: { type: 'text', text: content }, path }]
  if (!Array.isArray(content)) throw invalid(path, 'a string or an array', content)
  return content.map((value, index) => {
    const place = `${path}[${index}]`
    const block = checkObject(value, place)
    requiredString(block, 'type', `${place}.type`)
    return { block, path: place }
  })
}

export function parseCacheControl(owner: JsonObject, path: string): CacheControl | undefined {
  const control = optionalObject(owner, 'cache_control', `${path}.cache_control`)
  if (control === undefined) return undefined
  const ttl = optionalWord(control, 'ttl', ['5m', '1h'], `${path}.cache_control.ttl`)
  return ttl === undefined ? {} : { ttl }
}

export function parseText(block: JsonObject, path: string): TextPart {
  const citations = optionalArray(block, 'citations', `${path}.citations`) ?? []
  const annotations = citations.map((citation, index) =>
    parseCitation(checkObject(citation, `${path}.citations[${index}]`)),
  )
  const cacheControl = parseCacheControl(block, path)
  return {
    type: 'text',
    text: requiredString(block, 'text', `${path}.text`),
    ...(annotations.length > 0 ? { annotations } : {}),
    ...(cacheControl === undefined ? {} : { cacheControl }),
  }
}

/** Text, an image or a document; `undefined` for a block that only this wire has. */
export function parseUserBlock(block: JsonObject, path: string): TextPart | ImagePart | FilePart | undefined {
  switch (block.type) {
    case 'text':
      return parseText(block, path)
    case 'image': {
      const source = parseSource(block, path)
      const cacheControl = parseCacheControl(block, path)
      if (source === undefined) return undefined
      return { type: 'image', source, ...(cacheControl === undefined ? {} : { cacheControl }) }
    }
    case 'document':
      return parseDocument(block, path)
    default:
      return undefined
  }
}

function parseDocument(block: JsonObject, path: string): FilePart | undefined {
  const source = parseSource(block, path)
  if (source === undefined) return undefined
  const citations = optionalObject(block, 'citations', `${path}.citations`)
  const cacheControl = parseCacheControl(block, path)
  const name = optionalString(block, 'title', `${path}.title`)
  const context = optionalString(block, 'context', `${path}.context`)
  const cited =
    citations === undefined ? undefined : optionalBoolean(citations, 'enabled', `${path}.citations.enabled`)
  return {
    type: 'file',
    source,
    ...(name === undefined ? {} : { name }),
    ...(context === undefined ? {} : { context }),
    ...(cited === undefined ? {} : { citations: cited }),
    ...(cacheControl === undefined ? {} : { cacheControl }),
  }
}

/** `undefined` for kinds of source that only this wire has (`content`: a document made of blocks). */
function parseSource(block: JsonObject, path: string): MediaSource | undefined {
  const source = optionalObject(block, 'source', `${path}.source`)
  if (source === undefined) throw missing(`${path}.source`)
  const at = (key: string): string => `${path}.source.${key}`
  switch (requiredString(source, 'type', at('type'))) {
    case 'base64':
      return {
        type: 'base64',
        mediaType: requiredString(source, 'media_type', at('media_type')),
        data: requiredString(source, 'data', at('data')),
      }
    case 'text':
      return {
        type: 'base64',
        mediaType: 'text/plain',
        data: encodeBase64Text(requiredString(source, 'data', at('data'))),
      }
    case 'url': {
      const url = requiredString(source, 'url', at('url'))
      return block.type === 'document'
        ? { type: 'url', url, mediaType: 'application/pdf' }
        : { type: 'url', url }
    }
    case 'file':
      return { type: 'file-id', id: requiredString(source, 'file_id', at('file_id')) }
    default:
      return undefined
  }
}

/** A block of an assistant's turn. Blocks that only this wire has are carried. */
export function parseAssistantBlock(block: JsonObject, path: string): AnswerPart {
  switch (block.type) {
    case 'text':
      return parseText(block, path)
    case 'thinking': {
      const text = requiredString(block, 'thinking', `${path}.thinking`)
      const signature = optionalString(block, 'signature', `${path}.signature`)
      return { type: 'reasoning', text, ...(textOf(signature) === undefined ? {} : { signature }) }
    }
    case 'redacted_thinking':
      return { type: 'reasoning', text: '', redacted: requiredString(block, 'data', `${path}.data`) }
    case 'tool_use':
      return parseToolUse(block, path)
    default:
      return {
        type: 'opaque',
        protocol: 'anthropic-messages',
        kind: requiredString(block, 'type', `${path}.type`),
        raw: block,
      }
  }
}

const TOOL_USE_FIELDS: ReadonlySet<string> = new Set(['type', 'id', 'name', 'input'])

function parseToolUse(block: JsonObject, path: string): ToolCallPart {
  const dialect = dialectOf(restOf(block, TOOL_USE_FIELDS))
  return {
    type: 'tool-call',
    id: requiredString(block, 'id', `${path}.id`),
    name: requiredString(block, 'name', `${path}.name`),
    arguments: JSON.stringify(optionalObject(block, 'input', `${path}.input`) ?? {}),
    ...(dialect === undefined ? {} : { dialect }),
  }
}

export function dialectOf(fields: JsonObject | undefined): DialectFields | undefined {
  return fields === undefined ? undefined : { protocol: 'anthropic-messages', fields }
}
