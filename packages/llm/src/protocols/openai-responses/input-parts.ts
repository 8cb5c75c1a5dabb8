import type { Json, JsonObject } from '../../types/json.ts'
import type { DialectFields, FilePart, ImagePart, TextPart, UserPart } from '../../types/message.ts'
import { urlOf } from '../openai-chat/request.ts'
import { compact, objectOf } from '../wire.ts'
import { fieldsOf } from './dialect.ts'

/** What a user or a tool says: plain text where it is nothing but one text. */
export function renderContent(parts: readonly UserPart[], dialect: DialectFields | undefined): Json {
  const kept = objectOf(fieldsOf(dialect).parts)
  const [only] = parts
  if (parts.length === 1 && only?.type === 'text' && kept === undefined) return only.text
  return parts.map((part, index) => ({ ...renderPart(part), ...objectOf(kept?.[String(index)]) }))
}

function renderPart(part: UserPart): JsonObject {
  switch (part.type) {
    case 'text':
      return { type: 'input_text', text: part.text }
    case 'image':
      return renderImage(part)
    case 'file':
      return renderFile(part)
    case 'audio': {
      const { source } = part
      if (source.type !== 'base64') return renderFile({ type: 'file', source })
      const format = source.mediaType.replace(/^audio\/(x-)?/, '')
      return {
        type: 'input_audio',
        input_audio: { data: source.data, format: format === 'mpeg' ? 'mp3' : format },
      }
    }
  }
}

function renderImage({ source, detail }: ImagePart): JsonObject {
  return compact({
    type: 'input_image',
    file_id: source.type === 'file-id' ? source.id : undefined,
    image_url: source.type === 'file-id' ? undefined : urlOf(source),
    detail,
  })
}

function renderFile({ source, name }: FilePart): JsonObject {
  if (source.type === 'file-id') return { type: 'input_file', file_id: source.id }
  if (source.type === 'url' && !source.url.startsWith('data:'))
    return compact({ type: 'input_file', file_url: source.url, filename: name })
  // Inline data is refused without a name.
  return { type: 'input_file', filename: name ?? 'file', file_data: urlOf(source) }
}

export function joinTexts(parts: readonly TextPart[]): string {
  return parts.map((part) => part.text).join('\n')
}
