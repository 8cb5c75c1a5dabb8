import type { Json, JsonObject } from '../../types/json.ts'
import type {
  AnswerPart,
  AssistantMessage,
  CacheControl,
  MediaSource,
  Message,
  TextPart,
  ToolCallPart,
  ToolResultPart,
  UserPart,
} from '../../types/message.ts'
import {
  checkObject,
  invalid,
  missing,
  optionalArray,
  optionalObject,
  optionalString,
  requiredString,
} from '../check.ts'
import { arrayOf, objectOf, objectsOf, parseDataUrl, stringOf, textOf } from '../wire.ts'
import { parseAnnotations, signatureOf } from './answer.ts'

/** Reads the conversation of a client. */
export function parseMessages(values: readonly Json[]): Message[] {
  const names = new Map<string, string>()
  return values.map((value, index) => {
    const path = `messages[${index}]`
    const message = parseMessage(checkObject(value, path), path)
    if (message.role === 'assistant')
      for (const part of message.content) if (part.type === 'tool-call') names.set(part.id, part.name)
    if (message.role === 'tool') message.toolName ??= names.get(message.toolCallId)
    return message
  })
}

function parseMessage(message: JsonObject, path: string): Message {
  const role = requiredString(message, 'role', `${path}.role`)
  const name = optionalString(message, 'name', `${path}.name`)
  switch (role) {
    case 'system':
    case 'developer':
      return { role, content: parseTexts(message, path), name }
    case 'user':
      return { role, content: parseUserContent(message.content, `${path}.content`, message), name }
    case 'assistant':
      return parseAssistant(message, path, name)
    case 'tool':
      return {
        role,
        toolCallId: requiredString(message, 'tool_call_id', `${path}.tool_call_id`),
        toolName: name,
        content: parseToolResult(message, path),
        cacheControl: parseCacheControl(message),
      }
    case 'function':
      return { role: 'tool', toolCallId: name ?? '', toolName: name, content: parseToolResult(message, path) }
    default:
      throw invalid(`${path}.role`, "'system', 'developer', 'user', 'assistant' or 'tool'", role)
  }
}

function parseTexts(message: JsonObject, path: string): TextPart[] {
  const { content } = message
  const marked = parseCacheControl(message)
  if (typeof content === 'string') return [{ type: 'text', text: content, cacheControl: marked }]
  if (!Array.isArray(content)) throw contentError(content, `${path}.content`)
  return content.map((value, index) => {
    const part = checkObject(value, `${path}.content[${index}]`)
    return parseText(part, `${path}.content[${index}]`)
  })
}

function contentError(content: Json | undefined, path: string): Error {
  return content === undefined || content === null
    ? missing(path)
    : invalid(path, 'a string or an array of parts', content)
}

function parseText(part: JsonObject, path: string): TextPart {
  if (part.type !== 'text') throw invalid(`${path}.type`, "'text'", part.type)
  return {
    type: 'text',
    text: requiredString(part, 'text', `${path}.text`),
    cacheControl: parseCacheControl(part),
  }
}

function parseUserContent(content: Json | undefined, path: string, message: JsonObject): UserPart[] {
  if (typeof content === 'string')
    return [{ type: 'text', text: content, cacheControl: parseCacheControl(message) }]
  if (!Array.isArray(content)) throw contentError(content, path)
  return content.map((value, index) =>
    parseUserPart(checkObject(value, `${path}[${index}]`), `${path}[${index}]`),
  )
}

function parseUserPart(part: JsonObject, path: string): UserPart {
  switch (part.type) {
    case 'text':
      return parseText(part, path)
    case 'image_url': {
      const image = objectOf(part.image_url)
      const url =
        image === undefined ? stringOf(part.image_url) : optionalString(image, 'url', `${path}.image_url.url`)
      if (url === undefined) throw missing(`${path}.image_url.url`)
      const detail = stringOf(image?.detail)
      return {
        type: 'image',
        source: sourceOf(url, stringOf(image?.format)),
        detail: detail === 'auto' || detail === 'low' || detail === 'high' ? detail : undefined,
        cacheControl: parseCacheControl(part),
      }
    }
    case 'input_audio': {
      const audio = optionalObject(part, 'input_audio', `${path}.input_audio`)
      if (audio === undefined) throw missing(`${path}.input_audio`)
      const format = optionalString(audio, 'format', `${path}.input_audio.format`) ?? 'wav'
      return {
        type: 'audio',
        source: {
          type: 'base64',
          mediaType: `audio/${format === 'mp3' ? 'mpeg' : format}`,
          data: requiredString(audio, 'data', `${path}.input_audio.data`),
        },
      }
    }
    case 'file':
      return parseFile(part, path)
    default:
      throw invalid(`${path}.type`, "'text', 'image_url', 'input_audio' or 'file'", part.type)
  }
}

function parseFile(part: JsonObject, path: string): UserPart {
  const file = optionalObject(part, 'file', `${path}.file`)
  if (file === undefined) throw missing(`${path}.file`)
  const id = optionalString(file, 'file_id', `${path}.file.file_id`)
  const data = optionalString(file, 'file_data', `${path}.file.file_data`)
  const format = optionalString(file, 'format', `${path}.file.format`)
  if (id === undefined && data === undefined) throw missing(`${path}.file.file_data`)
  const source: MediaSource =
    data !== undefined
      ? sourceOf(data, format)
      : /^(https?|gs):\/\//.test(id ?? '')
        ? { type: 'url', url: id ?? '', mediaType: format }
        : { type: 'file-id', id: id ?? '', mediaType: format }
  return {
    type: 'file',
    source,
    name: optionalString(file, 'filename', `${path}.file.filename`),
    cacheControl: parseCacheControl(part),
  }
}

/** An address, a `data:` address, or bare base64 as some clients send it. */
function sourceOf(value: string, format: string | undefined): MediaSource {
  const data = parseDataUrl(value)
  if (data !== undefined) return { type: 'base64', ...data }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(value)) return { type: 'url', url: value, mediaType: format }
  return { type: 'base64', mediaType: format ?? 'application/octet-stream', data: value }
}

function parseAssistant(message: JsonObject, path: string, name: string | undefined): AssistantMessage {
  const parts: AnswerPart[] = parseReasoningEcho(message)
  const { content } = message
  const annotations = parseAnnotations(message.annotations)
  if (typeof content === 'string') {
    if (content !== '')
      parts.push({
        type: 'text',
        text: content,
        cacheControl: parseCacheControl(message),
        ...(annotations.length > 0 ? { annotations } : {}),
      })
  } else if (Array.isArray(content)) {
    content.forEach((value, index) => {
      const part = checkObject(value, `${path}.content[${index}]`)
      if (part.type === 'refusal')
        parts.push({
          type: 'refusal',
          text: requiredString(part, 'refusal', `${path}.content[${index}].refusal`),
        })
      else if (part.type === 'thinking') parts.push(parseThinking(part))
      else parts.push(parseText(part, `${path}.content[${index}]`))
    })
  } else if (content !== undefined && content !== null) throw contentError(content, `${path}.content`)
  const refusal = optionalString(message, 'refusal', `${path}.refusal`)
  if (refusal !== undefined) parts.push({ type: 'refusal', text: refusal })
  const audioId = textOf(objectOf(message.audio)?.id)
  if (audioId !== undefined)
    parts.push({ type: 'audio', source: { type: 'file-id', id: audioId }, id: audioId })
  parts.push(...parseToolCalls(message, path))
  for (const block of objectsOf(objectOf(message.provider_specific_fields)?.opaque_blocks)) {
    const raw = objectOf(block.raw)
    const protocol = block.protocol
    if (raw !== undefined && isProtocol(protocol))
      parts.push({ type: 'opaque', protocol, kind: stringOf(block.kind) ?? '', raw })
  }
  return { role: 'assistant', content: parts, name, prefix: message.prefix === true ? true : undefined }
}

function isProtocol(
  value: Json | undefined,
): value is 'anthropic-messages' | 'openai-responses' | 'gemini' | 'bedrock-converse' {
  return (
    value === 'anthropic-messages' ||
    value === 'openai-responses' ||
    value === 'gemini' ||
    value === 'bedrock-converse'
  )
}

/** A model's thinking as it comes back in this format, with the proofs that other wires need. */
function parseReasoningEcho(message: JsonObject): AnswerPart[] {
  const items = objectsOf(objectOf(message.provider_specific_fields)?.reasoning_items)
  if (items.length > 0)
    return items.map((item) => ({
      type: 'reasoning',
      text: stringOf(item.text) ?? '',
      itemId: textOf(item.id),
      encrypted: textOf(item.encrypted_content),
    }))
  const blocks = objectsOf(message.thinking_blocks)
  if (blocks.length > 0) return blocks.map(parseThinking)
  const details = arrayOf(message.reasoning_details)
  const text = stringOf(message.reasoning_content) ?? stringOf(message.reasoning) ?? ''
  if (text === '' && details.length === 0) return []
  return [{ type: 'reasoning', text, ...(details.length > 0 ? { details } : {}) }]
}

function parseThinking(block: JsonObject): AnswerPart {
  if (block.type === 'redacted_thinking')
    return { type: 'reasoning', text: '', redacted: stringOf(block.data) ?? '' }
  return { type: 'reasoning', text: stringOf(block.thinking) ?? '', signature: textOf(block.signature) }
}

function parseToolCalls(message: JsonObject, path: string): ToolCallPart[] {
  const calls = (optionalArray(message, 'tool_calls', `${path}.tool_calls`) ?? []).map((value, index) => {
    const place = `${path}.tool_calls[${index}]`
    const call = checkObject(value, place)
    const custom = optionalObject(call, 'custom', `${place}.custom`)
    const callee = custom ?? optionalObject(call, 'function', `${place}.function`)
    if (callee === undefined) throw missing(`${place}.function`)
    const part: ToolCallPart = {
      type: 'tool-call',
      id: requiredString(call, 'id', `${place}.id`),
      name: requiredString(callee, 'name', `${place}.function.name`),
      arguments:
        custom === undefined
          ? (optionalString(callee, 'arguments', `${place}.function.arguments`) ?? '')
          : (optionalString(custom, 'input', `${place}.custom.input`) ?? ''),
      signature: signatureOf(call),
    }
    if (custom !== undefined) part.custom = true
    return part
  })
  const legacy = objectOf(message.function_call)
  if (calls.length === 0 && legacy !== undefined) {
    const name = requiredString(legacy, 'name', `${path}.function_call.name`)
    calls.push({ type: 'tool-call', id: name, name, arguments: stringOf(legacy.arguments) ?? '' })
  }
  return calls
}

function parseToolResult(message: JsonObject, path: string): ToolResultPart[] {
  const { content } = message
  if (content === null || content === undefined) return []
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  if (!Array.isArray(content)) throw contentError(content, `${path}.content`)
  return content.map((value, index) => {
    const place = `${path}.content[${index}]`
    const part = parseUserPart(checkObject(value, place), place)
    if (part.type === 'audio') throw invalid(`${place}.type`, "'text', 'image_url' or 'file'", part.type)
    return part
  })
}

export function parseCacheControl(part: JsonObject): CacheControl | undefined {
  const mark = objectOf(part.cache_control)
  if (mark === undefined) return undefined
  return mark.ttl === '1h' || mark.ttl === '5m' ? { ttl: mark.ttl } : {}
}
