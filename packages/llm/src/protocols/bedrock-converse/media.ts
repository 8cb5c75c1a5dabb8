import { createError } from '../../errors.ts'
import type { SwitchyardError } from '../../errors.ts'
import type { JsonObject } from '../../types/json.ts'
import type { AudioPart, FilePart, ImagePart, MediaSource } from '../../types/message.ts'
import { parseDataUrl } from '../wire.ts'

const IMAGES: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpeg',
  'image/jpg': 'jpeg',
  'image/gif': 'gif',
  'image/webp': 'webp',
}

const DOCUMENTS: Readonly<Record<string, string>> = {
  'application/pdf': 'pdf',
  'text/csv': 'csv',
  'application/msword': 'doc',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'application/vnd.ms-excel': 'xls',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
  'text/html': 'html',
  'text/plain': 'txt',
  'text/markdown': 'md',
}

const VIDEOS: Readonly<Record<string, string>> = {
  'video/mp4': 'mp4',
  'video/quicktime': 'mov',
  'video/x-matroska': 'mkv',
  'video/webm': 'webm',
  'video/x-flv': 'flv',
  'video/mpeg': 'mpeg',
  'video/x-ms-wmv': 'wmv',
  'video/3gpp': 'three_gp',
}

const SOUNDS: Readonly<Record<string, string>> = {
  'audio/mpeg': 'mp3',
  'audio/mp3': 'mp3',
  'audio/wav': 'wav',
  'audio/x-wav': 'wav',
  'audio/flac': 'flac',
  'audio/ogg': 'ogg',
  'audio/opus': 'opus',
  'audio/aac': 'aac',
  'audio/mp4': 'mp4',
  'audio/webm': 'webm',
}

export function renderImage(part: ImagePart): JsonObject {
  const { source, mediaType } = renderSource(part.source)
  return { image: { format: formatOf(IMAGES, mediaType, part.source, 'image'), source } }
}

export function renderAudio(part: AudioPart): JsonObject {
  const { source, mediaType } = renderSource(part.source)
  return { audio: { format: formatOf(SOUNDS, mediaType, part.source, 'audio'), source } }
}

/** A file is a video or a document. `nameOf` makes the document's name, which must be unique in a request. */
export function renderFile(part: FilePart, nameOf: (wanted: string | undefined) => string): JsonObject {
  const { source, mediaType } = renderSource(part.source)
  if (mediaType?.startsWith('video/') === true)
    return { video: { format: formatOf(VIDEOS, mediaType, part.source, 'video'), source } }
  const document: JsonObject = {
    format: formatOf(DOCUMENTS, mediaType, part.source, 'document', part.name),
    name: nameOf(part.name),
    source,
  }
  if (part.context !== undefined) document['context'] = part.context
  if (part.citations === true) {
    document['citations'] = { enabled: true }
    // Citations by characters need the text itself.
    if (mediaType === 'text/plain' && typeof source['bytes'] === 'string')
      document['source'] = { text: Buffer.from(source['bytes'], 'base64').toString('utf8') }
  }
  return { document }
}

function renderSource(media: MediaSource): { source: JsonObject; mediaType: string | undefined } {
  if (media.type === 'base64') return { source: { bytes: media.data }, mediaType: plain(media.mediaType) }
  if (media.type === 'url') {
    const inline = parseDataUrl(media.url)
    if (inline !== undefined) return { source: { bytes: inline.data }, mediaType: plain(inline.mediaType) }
    if (media.url.startsWith('s3://'))
      return { source: { s3Location: { uri: media.url } }, mediaType: plain(media.mediaType) }
  }
  const given = media.type === 'url' ? 'a web address' : 'a file id'
  throw refused(
    `Bedrock takes the content of images and files as base64 or as an s3:// address, not as ${given}.`,
  )
}

function formatOf(
  formats: Readonly<Record<string, string>>,
  mediaType: string | undefined,
  source: MediaSource,
  kind: string,
  name?: string,
): string {
  const known = mediaType === undefined ? undefined : formats[mediaType]
  if (known !== undefined) return known
  const ending = endingOf(name) ?? (source.type === 'url' ? endingOf(source.url) : undefined)
  if (ending !== undefined) {
    const format = ending === 'jpg' ? 'jpeg' : ending
    if (Object.values(formats).includes(format)) return format
  }
  const wanted = [...new Set(Object.values(formats))].join(', ')
  throw refused(`Bedrock takes ${kind}s of the formats ${wanted}, not '${mediaType ?? 'unknown'}'.`)
}

function endingOf(name: string | undefined): string | undefined {
  if (name === undefined || name.startsWith('data:')) return undefined
  return /\.(\w{2,5})$/.exec(name)?.[1]?.toLowerCase()
}

function plain(mediaType: string | undefined): string | undefined {
  return mediaType?.split(';')[0]?.trim().toLowerCase()
}

function refused(message: string): SwitchyardError {
  return createError({ code: 'bad_request', message, param: 'messages' })
}

/** Document names may hold letters, digits, single spaces, `-()[]`, and must differ within a request. */
export function createDocumentNames(): (wanted: string | undefined) => string {
  const used = new Set<string>()
  return (wanted) => {
    const stem = (wanted ?? '')
      .replace(/\.\w{2,5}$/, '')
      .replaceAll(/[^a-zA-Z0-9\s\-()[\]]+/g, '-')
      .replaceAll(/\s+/g, ' ')
      .trim()
      .slice(0, 180)
    const base = stem === '' ? `Document ${used.size + 1}` : stem
    let name = base
    for (let copy = 2; used.has(name); copy++) name = `${base} (${copy})`
    used.add(name)
    return name
  }
}
