import { createServer, request as httpRequest, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import zlib from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { BodyError } from './body-error.ts'
import { type BodyLimits, checkContentType, readBody } from './body.ts'
import { Loopback } from './testing/loopback.ts'

/** Answers the length and text of what it read, or the refusal. */
function echo(limits: BodyLimits): Promise<Loopback> {
  const server = createServer(async (request, response) => {
    try {
      const body = await readBody(request, limits)
      response.end(`${body.length} ${body.subarray(0, 100).toString()}`)
    } catch (error) {
      if (!(error instanceof BodyError)) throw error
      if (error.closeConnection) response.setHeader('connection', 'close')
      response.writeHead(error.status).end(error.code)
    }
  })
  return Loopback.listen(server)
}

interface Post {
  body?: Buffer | string
  headers?: Record<string, string>
}

async function post(server: Loopback, { body = '', headers = {} }: Post): Promise<string> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    httpRequest(server.url('/'), { method: 'POST', headers, agent: false }, resolve)
      .on('error', reject)
      .end(body)
  })
  return `${answer.statusCode} ${await text(answer)}`
}

describe('reading a body', () => {
  test.each<[string, Post, string]>([
    ['with its length', { body: 'hello', headers: { 'content-length': '5' } }, '200 5 hello'],
    ['in pieces', { body: 'hello', headers: { 'transfer-encoding': 'chunked' } }, '200 5 hello'],
    ['empty', { body: '', headers: { 'content-length': '0' } }, '200 0 '],
    ['without a byte order mark', { body: '\ufeff{}' }, '200 2 {}'],
    ['exactly at the limit', { body: 'x'.repeat(1000) }, `200 1000 ${'x'.repeat(100)}`],
  ])('%s', async (_name, sent, expected) => {
    await using server = await echo({ maxBytes: 1000 })
    expect(await post(server, sent)).toBe(expected)
  })

  test('without any', async () => {
    await using server = await echo({ maxBytes: 10 })
    expect(await server.exchange('GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n')).toMatch(/0 $/)
  })

  test('large, with and without its length', async () => {
    await using server = await echo({ maxBytes: 10_000_000 })
    const body = Buffer.alloc(5_000_000, 'x')
    const expected = `200 5000000 ${'x'.repeat(100)}`
    expect(await post(server, { body, headers: { 'content-length': '5000000' } })).toBe(expected)
    expect(await post(server, { body, headers: { 'transfer-encoding': 'chunked' } })).toBe(expected)
  })

  test('a byte at a time', async () => {
    await using server = await echo({ maxBytes: 100_000 })
    const chunks = '1\r\nx\r\n'.repeat(50_000)
    const head = 'POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n'
    expect(await server.exchange(head, chunks, '0\r\n\r\n')).toContain('50000 xxx')
  })

  test('two requests in one packet stay two', async () => {
    await using server = await echo({ maxBytes: 100 })
    const one = 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\none'
    const two = 'POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 3\r\n\r\ntwo'
    expect(await server.exchange(one + two)).toMatch(/3 one[^]*3 two/)
  })
})

describe('too large', () => {
  const head = 'POST / HTTP/1.1\r\nhost: a\r\n'

  test('by its own account: nothing of it is read', async () => {
    await using server = await echo({ maxBytes: 1000 })
    expect(await server.exchange(`${head}content-length: 50000000\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 413 [^]*connection: close\r\n[^]*request_too_large/i,
    )
  })

  test.each([
    ['announced', 'content-length: 50000000\r\n\r\n', Buffer.alloc(0x10000, 'x')],
    [
      'chunked without end',
      'transfer-encoding: chunked\r\n\r\n',
      Buffer.from(`10000\r\n${'x'.repeat(0x10000)}\r\n`),
    ],
  ])(
    '%s, by a client that goes on sending: it reads the answer, and is cut off',
    async (_name, more, chunk) => {
      await using server = await echo({ maxBytes: 100_000 })
      const client = await server.connect()
      client.send(head + more)
      const sendMore = (): void => {
        let room = true
        while (room && !client.socket.destroyed) room = client.socket.write(chunk)
      }
      client.socket.on('drain', sendMore)
      sendMore()
      expect(await client.until(/\r\n\r\n/)).toMatch(/^HTTP\/1.1 413 [^]*connection: close\r\n/i)
      await client.untilClosed()
      expect(client.socket.bytesWritten).toBeLessThan(100_000_000)
    },
  )
})

describe('compressed', () => {
  const plain = Buffer.from(JSON.stringify({ model: 'gpt-4o', text: 'hello '.repeat(10) }))
  const expected = `200 ${plain.length} ${plain.toString().slice(0, 100)}`

  test.each([
    ['gzip', zlib.gzipSync(plain)],
    ['x-gzip', zlib.gzipSync(plain)],
    ['GZIP ', zlib.gzipSync(plain)],
    ['deflate', zlib.deflateSync(plain)],
    ['deflate', zlib.deflateRawSync(plain)],
    ['br', zlib.brotliCompressSync(plain)],
    ['zstd', zlib.zstdCompressSync(plain)],
    ['identity', plain],
    ['', plain],
  ])('%s', async (encoding, body) => {
    await using server = await echo({ maxBytes: 1000 })
    expect(await post(server, { body, headers: { 'content-encoding': encoding } })).toBe(expected)
  })

  test.each([
    ['gzip', zlib.gzipSync(plain).subarray(0, -12), '400 invalid_content_encoding'],
    ['deflate', zlib.deflateSync(plain).subarray(0, -12), '400 invalid_content_encoding'],
    ['br', zlib.brotliCompressSync(plain).subarray(0, -12), '400 invalid_content_encoding'],
    ['zstd', zlib.zstdCompressSync(plain).subarray(0, -12), '400 invalid_content_encoding'],
    ['gzip', plain, '400 invalid_content_encoding'],
    ['compress', plain, '415 unsupported_encoding'],
    ['gzip, br', plain, '415 unsupported_encoding'],
    ['gzip', zlib.gzipSync(Buffer.alloc(50_000_000)), '413 request_too_large'],
    ['br', zlib.brotliCompressSync(Buffer.alloc(5_000_000)), '413 request_too_large'],
    ['zstd', zlib.zstdCompressSync(Buffer.alloc(5_000_000)), '413 request_too_large'],
  ])('refused: %s %#', async (encoding, body, expected) => {
    await using server = await echo({ maxBytes: 100_000 })
    expect(await post(server, { body, headers: { 'content-encoding': encoding } })).toBe(expected)
  })
})

test('a body that trickles is refused at the deadline, however steadily it comes', async () => {
  await using server = await echo({ maxBytes: 1000, timeoutMs: 60 })
  const client = await server.connect()
  client.send('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 900\r\n\r\n')
  const drip = setInterval(() => client.send('x'), 5)
  const answer = await client.untilClosed()
  clearInterval(drip)
  expect(answer).toMatch(/^HTTP\/1.1 408 [^]*connection: close\r\n[^]*request_timeout/i)
})

test('a client that leaves in the middle', async () => {
  const outcome = Promise.withResolvers<unknown>()
  await using server = await Loopback.listen((request) => {
    readBody(request, { maxBytes: 1000 }).then(outcome.resolve, outcome.resolve)
  })
  const client = await server.connect()
  client.send('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 900\r\n\r\nxxx')
  client.socket.end()
  expect(await outcome.promise).toMatchObject({ code: 'client_closed_request', status: 499 })
})

test.each([
  ['application/json', 'accepted'],
  ['application/json; charset=utf-8', 'accepted'],
  ['Application/JSON;charset="UTF-8"', 'accepted'],
  ['application/json; charset=utf8; profile=x', 'accepted'],
  ['application/vnd.api+json', 'accepted'],
  ['application/json; charset=latin1', 'unsupported_media_type'],
  ['text/plain', 'unsupported_media_type'],
  ['application/jsonl', 'unsupported_media_type'],
  ['text/html+json', 'unsupported_media_type'],
  ['application/x-www-form-urlencoded', 'unsupported_media_type'],
  [undefined, 'unsupported_media_type'],
])('content type %s: %s', async (contentType, expected) => {
  await using server = await Loopback.listen((request, response) => {
    try {
      checkContentType(request)
      response.end('accepted')
    } catch (error) {
      response.end(error instanceof BodyError ? error.code : 'other')
    }
  })
  const headers = contentType === undefined ? {} : { 'content-type': contentType }
  expect(await post(server, { body: '{}', headers })).toBe(`200 ${expected}`)
})
