import type { JsonObject } from '../../types/json.ts'
import type { AudioPart, FilePart, ImagePart, MediaSource } from '../../types/message.ts'
import { compact, objectOf, parseDataUrl, stringOf, textOf } from '../wire.ts'
import { camelKeys } from './keys.ts'

/** Where ids of the Files API live; a part names a file by its whole address. */
const FILES = 'https://generativelanguage.googleapis.com/v1beta/'

const TYPES_BY_EXTENSION: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  heic: 'image/heic',
  heif: 'image/heif',
  bmp: 'image/bmp',
  pdf: 'application/pdf',
  txt: 'text/plain',
  md: 'text/markdown',
  csv: 'text/csv',
  html: 'text/html',
  json: 'application/json',
  mp3: 'audio/mp3',
  wav: 'audio/wav',
  flac: 'audio/flac',
  ogg: 'audio/ogg',
  aac: 'audio/aac',
  m4a: 'audio/mp4',
  mp4: 'video/mp4',
  mov: 'video/quicktime',
  webm: 'video/webm',
  mpeg: 'video/mpeg',
  avi: 'video/x-msvideo',
}

/** Writes media as `inlineData` (bytes) or `fileData` (address). */
export function renderMedia(source: MediaSource): JsonObject {
  if (source.type === 'base64') return inlineData(source.mediaType, source.data)
  if (source.type === 'url') {
    const inline = parseDataUrl(source.url)
    if (inline !== undefined) return inlineData(inline.mediaType, inline.data)
    const mimeType = source.mediaType ?? typeOfAddress(source.url)
    return { fileData: compact({ mimeType, fileUri: source.url }) }
  }
  const fileUri = source.id.startsWith('files/') ? FILES + source.id : source.id
  return { fileData: compact({ mimeType: source.mediaType, fileUri }) }
}

function inlineData(mimeType: string, data: string): JsonObject {
  return { inlineData: { mimeType, data } }
}

/** The media type an address's ending tells; `undefined` where it tells none (YouTube, Files API). */
function typeOfAddress(url: string): string | undefined {
  const path = url.split(/[?#]/, 1)[0] ?? ''
  const extension = /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase()
  return extension === undefined ? undefined : TYPES_BY_EXTENSION[extension]
}

/** Reads a part's `inlineData` or `fileData`; `undefined` when it has neither. */
export function parseMedia(part: JsonObject): ImagePart | AudioPart | FilePart | undefined {
  const source = parseSource(part)
  if (source === undefined) return undefined
  const signature = textOf(part.thoughtSignature)
  const mediaType = source.mediaType ?? ''
  if (mediaType.startsWith('image/'))
    return { type: 'image', source, ...(signature === undefined ? {} : { signature }) }
  return { type: mediaType.startsWith('audio/') ? 'audio' : 'file', source }
}

function parseSource(part: JsonObject): MediaSource | undefined {
  const inline = objectOf(part.inlineData)
  if (inline !== undefined) {
    const { mimeType, data } = camelKeys(inline)
    return {
      type: 'base64',
      mediaType: textOf(mimeType) ?? 'application/octet-stream',
      data: stringOf(data) ?? '',
    }
  }
  const file = objectOf(part.fileData)
  if (file === undefined) return undefined
  const { mimeType, fileUri } = camelKeys(file)
  const mediaType = textOf(mimeType)
  return { type: 'url', url: stringOf(fileUri) ?? '', ...(mediaType === undefined ? {} : { mediaType }) }
}
