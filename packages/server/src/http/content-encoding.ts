import type { IncomingMessage } from 'node:http'
import zlib from 'node:zlib'
import { BodyError } from './body-error.ts'

type Callback = (error: Error | null, result: Buffer) => void
type Decompress = (bytes: Buffer, options: { maxOutputLength: number }, done: Callback) => void

const DECOMPRESS: ReadonlyMap<string, Decompress> = new Map<string, Decompress>([
  ['gzip', zlib.gunzip],
  ['x-gzip', zlib.gunzip],
  ['deflate', inflateEither],
  ['br', zlib.brotliDecompress],
  ['zstd', zlib.zstdDecompress],
])

/** How to undo the request's `content-encoding`; undefined when there is none. Throws BodyError. */
export function decompressionOf(request: IncomingMessage): Decompress | undefined {
  const encoding = request.headers['content-encoding']
  if (encoding === undefined) return undefined
  const name = encoding.trim().toLowerCase()
  if (name === '' || name === 'identity') return undefined
  const decompress = DECOMPRESS.get(name)
  if (decompress === undefined) {
    throw new BodyError(
      'unsupported_encoding',
      'The content-encoding must be one of gzip, deflate, br, zstd or identity.',
    )
  }
  return decompress
}

/** Decompresses outside the event loop, stopping once there is more than `maxBytes`. */
export function decompressBody(bytes: Buffer, decompress: Decompress, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    decompress(bytes, { maxOutputLength: maxBytes }, (error, result) => {
      if (error === null) resolve(result)
      else if ('code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') reject(tooLarge(maxBytes))
      else
        reject(
          new BodyError(
            'invalid_content_encoding',
            'The request body is not what its content-encoding says.',
          ),
        )
    })
  })
}

export function tooLarge(maxBytes: number): BodyError {
  return new BodyError('request_too_large', `The request body is larger than ${maxBytes} bytes.`)
}

/** `deflate` means zlib's format, but some send it without zlib's header. */
function inflateEither(bytes: Buffer, options: { maxOutputLength: number }, done: Callback): void {
  const hasHeader = ((bytes[0] ?? 0) & 0x0f) === 8
  if (hasHeader) zlib.inflate(bytes, options, done)
  else zlib.inflateRaw(bytes, options, done)
}
