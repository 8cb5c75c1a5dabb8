import type { IncomingMessage } from 'node:http'
import { BodyError } from './body-error.ts'
import { decompressBody, decompressionOf, tooLarge } from './content-encoding.ts'
import { discardRest } from './discard-rest.ts'
import { GrowingBuffer } from './growing-buffer.ts'

export interface BodyLimits {
  /** Of the body as it is sent, and again of what it decompresses to. */
  maxBytes: number
  /** For the whole body, however it trickles in. Left out, the server's own limit for a request holds. */
  timeoutMs?: number | undefined
}

/**
 * The whole body, decompressed, without a byte order mark. Rejects with a BodyError as soon as it is
 * larger or slower than allowed; nothing more is kept then, and the answer must close the connection
 * (`error.closeConnection`).
 */
export function readBody(request: IncomingMessage, limits: BodyLimits): Promise<Buffer> {
  if (request.headers['content-encoding'] === undefined) return readBytes(request, limits, withoutMark)
  return readCompressed(request, limits)
}

async function readCompressed(request: IncomingMessage, limits: BodyLimits): Promise<Buffer> {
  const decompress = decompressionOf(request)
  if (decompress === undefined) return readBytes(request, limits, withoutMark)
  const bytes = await readBytes(request, limits, (compressed) => compressed)
  return withoutMark(await decompressBody(bytes, decompress, limits.maxBytes))
}

/** Throws BodyError unless the request says that its body is JSON, in UTF-8. */
export function checkContentType(request: IncomingMessage): void {
  const header = request.headers['content-type']
  if (header === 'application/json') return
  const [type = '', ...parameters] = (header ?? '').toLowerCase().split(';')
  const name = type.trim()
  const isJson = name === 'application/json' || (name.startsWith('application/') && name.endsWith('+json'))
  if (!isJson) {
    throw new BodyError('unsupported_media_type', 'The content-type must be application/json.')
  }
  for (const parameter of parameters) {
    const [key = '', value = ''] = parameter.split('=')
    if (key.trim() === 'charset' && !/^"?utf-?8"?$/.test(value.trim())) {
      throw new BodyError('unsupported_media_type', 'The charset of the body must be utf-8.')
    }
  }
}

function readBytes(
  request: IncomingMessage,
  { maxBytes, timeoutMs }: BodyLimits,
  finish: (bytes: Buffer) => Buffer,
): Promise<Buffer> {
  const header = request.headers['content-length']
  const expected = header === undefined ? undefined : Number(header)
  return new Promise((resolve, reject) => {
    const body = new GrowingBuffer(expected)
    let settled = false

    const succeed = (): void => {
      settled = true
      clearTimeout(timer)
      resolve(finish(body.take()))
    }
    const fail = (error: BodyError): void => {
      if (settled) return
      settled = true
      clearTimeout(timer)
      request.off('data', take)
      if (error.code !== 'client_closed_request') discardRest(request)
      reject(error)
    }
    const take = (chunk: Buffer): void => {
      if (body.length + chunk.length > maxBytes) return fail(tooLarge(maxBytes))
      body.add(chunk)
      // The end of the request is told a turn later; nothing can come in between.
      if (body.length === expected) succeed()
    }

    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            fail(new BodyError('request_timeout', `The request body did not arrive within ${timeoutMs} ms.`))
          }, timeoutMs)
    request.on('data', take)
    // Of a known length, the last byte is the end.
    if (expected === undefined || expected === 0)
      request.on('end', () => {
        if (!settled) succeed()
      })
    request.on('close', () => {
      if (!settled) fail(gone())
    })
    if (expected !== undefined && expected > maxBytes) fail(tooLarge(maxBytes))
    else if (request.destroyed) fail(gone())
  })
}

function withoutMark(body: Buffer): Buffer {
  return body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? body.subarray(3) : body
}

function gone(): BodyError {
  return new BodyError('client_closed_request', 'The client left before its request was complete.')
}
