import { Readable, pipeline } from 'node:stream'
import type { Transform } from 'node:stream'
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
} from 'node:zlib'
import { encodingsOf } from './content-encoding.ts'
import { TransportError } from './transport-error.ts'

/**
 * Decompresses a body as it comes, each piece as soon as it can be: a compressed event stream must not wait for its
 * end. Throws `TransportError` of kind `encoding` for an unknown encoding, and while reading for damaged bytes.
 */
export function decodeBody(
  body: AsyncIterable<Uint8Array>,
  contentEncoding: string,
  url: string,
): AsyncIterable<Uint8Array> {
  const encodings = encodingsOf(contentEncoding)
  if (encodings.length > mostLayers) throw new TransportError('encoding', url)
  const decoders = encodings.toReversed().map((encoding) => createDecoder(encoding, url))
  return decoders.reduce((encoded, decoder) => decodeWith(encoded, decoder, url), body)
}

/** More than this many layers is no honest body. */
const mostLayers = 3

function createDecoder(encoding: string, url: string): Transform {
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip({ flush: constants.Z_SYNC_FLUSH })
    case 'deflate':
      return createInflate({ flush: constants.Z_SYNC_FLUSH })
    case 'br':
      return createBrotliDecompress()
    case 'zstd':
      return createZstdDecompress()
    default:
      throw new TransportError('encoding', url)
  }
}

function decodeWith(
  encoded: AsyncIterable<Uint8Array>,
  decoder: Transform,
  url: string,
): AsyncIterable<Uint8Array> {
  const decoded = pipeline(Readable.from(encoded, { objectMode: false }), decoder, () => {})
  const iterator: AsyncIterator<Uint8Array, undefined> = decoded[Symbol.asyncIterator]()
  const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
    try {
      return await iterator.next()
    } catch (error) {
      throw error instanceof TransportError ? error : new TransportError('encoding', url, error)
    }
  }
  const leave = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
    decoded.destroy()
    return { done: true, value: undefined }
  }
  return { [Symbol.asyncIterator]: () => ({ next, return: leave }) }
}
