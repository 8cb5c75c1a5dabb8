import { createError } from '../errors.ts'
import type { AudioFile } from '../types/transcription.ts'

/**
 * A recording as callers have it: a `File` or `Blob`, bytes, a `Response` of `fetch()`, a stream of bytes
 * (`fs.createReadStream()`), whose `path` gives the name, or a stream with a name (`toStreamingFile()` of OpenAI's client).
 */
export type AudioInput =
  | Blob
  | Uint8Array
  | ArrayBuffer
  | AsyncIterable<unknown>
  | { readonly url: string; readonly blob: () => Promise<object> }
  | { readonly data: object; readonly name: string; readonly type?: string | undefined }

/** Larger recordings are refused before they are read to their end; OpenAI takes 25 MB. */
const MOST_BYTES = 256 * 1024 * 1024

/**
 * Reads a recording into memory.
 *
 * @throws `bad_request` for what is none, or is larger than 256 MB.
 */
export async function readAudio(input: unknown): Promise<AudioFile> {
  if (input instanceof Blob) {
    checkSize(input.size)
    const bytes = new Uint8Array(await input.arrayBuffer())
    const name = 'name' in input && typeof input.name === 'string' ? input.name : undefined
    return audioFile(bytes, name, input.type)
  }
  if (input instanceof ArrayBuffer) return audioFile(new Uint8Array(input))
  if (input instanceof Uint8Array) return audioFile(input)
  if (isResponse(input)) {
    const { bytes, mediaType } = await readAudio(await input.blob())
    return audioFile(bytes, URL.parse(input.url)?.pathname.split('/').at(-1), mediaType)
  }
  if (isNamed(input)) return audioFile(await gather(input.data), input.name, input.type)
  if (isStream(input)) return audioFile(await gather(input), nameOfStream(input))
  throw createError({
    code: 'bad_request',
    reason: 'invalid_type',
    message: `Invalid value for 'file': expected a File, a Blob, bytes, a Response or a stream of bytes.`,
    param: 'file',
  })
}

/** The same recording in a form that can be read again: what can be read once becomes a file. */
export async function keepAudio(input: AudioInput): Promise<AudioInput> {
  if (!isStream(input) && !isResponse(input) && !isNamed(input)) return input
  const { bytes, name, mediaType } = await readAudio(input)
  return new File([new Uint8Array(bytes)], name, { type: mediaType })
}

/** What kinds of recordings begin with, and the ending by which services know them. */
const KINDS: readonly { ending: string; mediaType: string; begins: RegExp }[] = [
  { ending: 'wav', mediaType: 'audio/wav', begins: /^RIFF....WAVE/s },
  { ending: 'flac', mediaType: 'audio/flac', begins: /^fLaC/ },
  { ending: 'ogg', mediaType: 'audio/ogg', begins: /^OggS/ },
  { ending: 'webm', mediaType: 'audio/webm', begins: /^.E\xdf\xa3/s },
  { ending: 'm4a', mediaType: 'audio/mp4', begins: /^....ftyp/s },
  { ending: 'mp3', mediaType: 'audio/mpeg', begins: /^(ID3|\xff[\xe2-\xff])/ },
]

/** A recording with its name and kind; what is not said is told from how it begins. */
export function audioFile(bytes: Uint8Array, name?: string, mediaType?: string): AudioFile {
  const start = String.fromCharCode(...bytes.subarray(0, 12))
  const kind = KINDS.find(({ begins }) => begins.test(start))
  return {
    bytes,
    name: name === undefined || name === '' ? `audio.${kind?.ending ?? 'wav'}` : name,
    mediaType: mediaType || (kind?.mediaType ?? 'application/octet-stream'),
  }
}

function isResponse(input: unknown): input is { url: string; blob: () => Promise<unknown> } {
  return typeof input === 'object' && input !== null && 'url' in input && 'blob' in input
}

function isNamed(
  input: unknown,
): input is { data: AsyncIterable<unknown>; name: string; type?: string | undefined } {
  return (
    typeof input === 'object' && input !== null && 'name' in input && 'data' in input && isStream(input.data)
  )
}

function isStream(input: unknown): input is AsyncIterable<unknown> {
  return typeof input === 'object' && input !== null && Symbol.asyncIterator in input
}

function nameOfStream(input: object): string | undefined {
  const path = 'path' in input ? input.path : undefined
  return typeof path === 'string' ? path.split(/[\\/]/).at(-1) : undefined
}

async function gather(stream: AsyncIterable<unknown>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of stream) {
    if (!(chunk instanceof Uint8Array))
      throw createError({
        code: 'bad_request',
        reason: 'invalid_type',
        message: `Invalid value for 'file': its stream has ${typeof chunk} in it, not bytes.`,
        param: 'file',
      })
    size += chunk.length
    checkSize(size)
    chunks.push(chunk)
  }
  const bytes = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}

function checkSize(bytes: number): void {
  if (bytes <= MOST_BYTES) return
  throw createError({
    code: 'bad_request',
    reason: 'limit_exceeded',
    message: `'file' is larger than ${MOST_BYTES / 1024 / 1024} MB. Cut the recording into parts.`,
    param: 'file',
  })
}
