import type { Json, JsonObject } from '../../types/json.ts'
import type { MediaSource, TextPart, UserPart } from '../../types/message.ts'
import { checkObject, invalid, missing, optionalObject, optionalString, requiredString } from '../check.ts'
import { parseDataUrl } from '../wire.ts'
import { leftOver } from './dialect.ts'

interface ParsedContent {
  parts: UserPart[]
  /** Fields of the parts that only this wire has, by their place. */
  kept: JsonObject | undefined
}

/** Reads what a user or a tool says: a text or a list of parts. */
export function parseContentList(content: Json | undefined, path: string): ParsedContent {
  if (typeof content === 'string') return { parts: [{ type: 'text', text: content }], kept: undefined }
  if (!Array.isArray(content)) throw invalid(path, 'a string or an array of parts', content)
  let kept: JsonObject | undefined
  const parts = content.map((value, index) => {
    const place = `${path}[${index}]`
    const raw = checkObject(value, place)
    const { part, known } = parsePart(raw, place)
    const rest = leftOver(raw, known)
    if (part.type === 'image' && part.detail !== undefined) delete rest.detail
    if (Object.keys(rest).length > 0) (kept ??= {})[String(index)] = rest
    return part
  })
  return { parts, kept }
}

/** Reads instructions, which are made of texts. */
export function parseTexts(
  content: Json | undefined,
  path: string,
): { texts: TextPart[]; kept: JsonObject | undefined } {
  const { parts, kept } = parseContentList(content, path)
  const texts = parts.map((part, index) => {
    if (part.type !== 'text') throw invalid(`${path}[${index}].type`, "'input_text'", part.type)
    return part
  })
  return { texts, kept }
}

const TEXT: ReadonlySet<string> = new Set(['type', 'text', 'annotations', 'logprobs'])
const IMAGE: ReadonlySet<string> = new Set(['type', 'image_url', 'file_id'])
const FILE: ReadonlySet<string> = new Set(['type', 'file_id', 'file_url', 'file_data', 'filename'])
const AUDIO: ReadonlySet<string> = new Set(['type', 'input_audio'])

function parsePart(part: JsonObject, path: string): { part: UserPart; known: ReadonlySet<string> } {
  const type = requiredString(part, 'type', `${path}.type`)
  switch (type) {
    case 'input_text':
    case 'output_text':
    case 'text':
      return { part: { type: 'text', text: requiredString(part, 'text', `${path}.text`) }, known: TEXT }
    case 'input_image':
      return { part: parseImage(part, path), known: IMAGE }
    case 'input_file':
      return { part: parseFile(part, path), known: FILE }
    case 'input_audio':
      return { part: parseAudio(part, path), known: AUDIO }
    default:
      throw invalid(`${path}.type`, "'input_text', 'input_image' or 'input_file'", type)
  }
}

function parseImage(part: JsonObject, path: string): UserPart {
  const id = optionalString(part, 'file_id', `${path}.file_id`)
  const url = optionalString(part, 'image_url', `${path}.image_url`)
  if (id === undefined && url === undefined) throw missing(`${path}.image_url`)
  const detail = optionalString(part, 'detail', `${path}.detail`)
  return {
    type: 'image',
    source: id === undefined ? sourceOf(url ?? '') : { type: 'file-id', id },
    ...(detail === 'auto' || detail === 'low' || detail === 'high' ? { detail } : {}),
  }
}

function parseFile(part: JsonObject, path: string): UserPart {
  const id = optionalString(part, 'file_id', `${path}.file_id`)
  const url = optionalString(part, 'file_url', `${path}.file_url`)
  const data = optionalString(part, 'file_data', `${path}.file_data`)
  const name = optionalString(part, 'filename', `${path}.filename`)
  if (id === undefined && url === undefined && data === undefined) throw missing(`${path}.file_data`)
  const source: MediaSource =
    id !== undefined
      ? { type: 'file-id', id }
      : url !== undefined
        ? { type: 'url', url }
        : sourceOf(data ?? '')
  return { type: 'file', source, ...(name === undefined ? {} : { name }) }
}

function parseAudio(part: JsonObject, path: string): UserPart {
  const audio = optionalObject(part, 'input_audio', `${path}.input_audio`)
  if (audio === undefined) throw missing(`${path}.input_audio`)
  const data = requiredString(audio, 'data', `${path}.input_audio.data`)
  const format = requiredString(audio, 'format', `${path}.input_audio.format`)
  return {
    type: 'audio',
    source: { type: 'base64', mediaType: `audio/${format === 'mp3' ? 'mpeg' : format}`, data },
  }
}

/** An address, a `data:` address, or bare base64 as some clients send it. */
function sourceOf(value: string): MediaSource {
  const inline = parseDataUrl(value)
  if (inline !== undefined) return { type: 'base64', ...inline }
  if (/^[a-z][a-z0-9+.-]*:/i.test(value)) return { type: 'url', url: value }
  return { type: 'base64', mediaType: 'application/octet-stream', data: value }
}
