import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { createServer as createSocketServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { brotliCompressSync, createGzip, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import type { HttpRequest, HttpResponse, Timeouts, Transport } from '../types/transport.ts'
import { TransportError } from './transport-error.ts'
import type { TransportErrorKind } from './transport-error.ts'

const patient: Timeouts = { connectMs: 10_000, firstByteMs: 10_000, idleMs: 10_000, totalMs: 15_000 }

interface Upstream {
  url: string
  /** Resolves when the last connection made so far is closed. */
  allClosed(): Promise<void>
  connections: number
  close(): Promise<void>
}

async function listen(server: Server): Promise<Upstream> {
  const sockets = new Set<Socket>()
  const upstream: Upstream = {
    url: '',
    connections: 0,
    async allClosed() {
      await Promise.all([...sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve))))
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
  server.on('connection', (socket: Socket) => {
    upstream.connections += 1
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port }: Pick<AddressInfo, 'port'> = Object(server.address())
  upstream.url = `http://127.0.0.1:${port}/v1/chat?key=secret`
  return upstream
}

function readAll(response: HttpResponse): Promise<string> {
  return readBytes(response.body)
}

async function readBytes(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

/** What every transport must do. */
export function testTransport(createTransport: () => Transport): void {
  describe('on real sockets', () => {
    const transport = createTransport()
    const opened: Upstream[] = []

    afterEach(async () => {
      await Promise.all(opened.splice(0).map((upstream) => upstream.close()))
    })

    const serve = async (listener: RequestListener): Promise<Upstream> => {
      const upstream = await listen(createServer(listener))
      opened.push(upstream)
      return upstream
    }
    /** Answers each request's first bytes by hand. */
    const serveRaw = async (answer: (socket: Socket) => void): Promise<Upstream> => {
      const upstream = await listen(createSocketServer((socket) => socket.once('data', () => answer(socket))))
      opened.push(upstream)
      return upstream
    }
    const post = (url: string, change: Partial<HttpRequest> = {}): Promise<HttpResponse> =>
      transport({ method: 'POST', url, headers: {}, body: '{}', timeouts: patient, ...change })

    const failureOf = async (promise: Promise<unknown>): Promise<TransportErrorKind | undefined> => {
      try {
        await promise
        return undefined
      } catch (error) {
        expect(String(error)).not.toContain('secret')
        if (!(error instanceof TransportError)) throw error
        return error.kind
      }
    }

    it('sends the request as it is and gives back the answer', async () => {
      let seen: { request: IncomingMessage; body: string } | undefined
      const upstream = await serve(async (request, response) => {
        seen = { request, body: await readBytes(request) }
        response.writeHead(429, { 'X-Two': ['a', 'b'], 'Retry-After': '1' })
        response.end('né')
      })
      const response = await post(upstream.url, {
        headers: { 'content-type': 'application/json', 'x-api-key': 'k' },
        body: new TextEncoder().encode('{"a":"né"}'),
      })
      expect(response).toMatchObject({ status: 429, headers: { 'x-two': 'a, b', 'retry-after': '1' } })
      expect(await readAll(response)).toBe('né')
      expect(seen?.body).toBe('{"a":"né"}')
      expect(seen?.request).toMatchObject({
        method: 'POST',
        url: '/v1/chat?key=secret',
        headers: { 'x-api-key': 'k', 'content-length': '11', 'accept-encoding': 'identity' },
      })
    })

    it('keeps escapes in the path', async () => {
      const upstream = await serve((request, response) => response.end(request.url))
      const url = new URL('/model/anthropic.claude-3%3A0/converse', upstream.url).href
      expect(await readAll(await post(url))).toBe('/model/anthropic.claude-3%3A0/converse')
    })

    it('delivers each piece when it comes', async () => {
      let answer: ServerResponse | undefined
      const upstream = await serve((_, response) => {
        answer = response
        response.write('one')
      })
      const body = (await post(upstream.url)).body[Symbol.asyncIterator]()
      expect(Buffer.from((await body.next()).value ?? []).toString()).toBe('one')
      answer?.end('two')
      expect(Buffer.from((await body.next()).value ?? []).toString()).toBe('two')
      expect((await body.next()).done).toBe(true)
      expect((await body.next()).done).toBe(true)
    })

    // undici leaves a connection alone for one turn of the event loop before it is used again.
    it('uses connections again', async () => {
      const upstream = await serve((request, response) =>
        request.resume().on('end', () => response.end('ok')),
      )
      for (let round = 0; round < 8; round += 1) expect(await readAll(await post(upstream.url))).toBe('ok')
      expect(upstream.connections).toBeLessThanOrEqual(2)
    })

    it('does not follow redirects', async () => {
      const paths: unknown[] = []
      const upstream = await serve((request, response) => {
        paths.push(request.url)
        response.writeHead(307, { location: '/elsewhere' }).end()
      })
      expect(await post(upstream.url)).toMatchObject({ status: 307, headers: { location: '/elsewhere' } })
      expect(paths).toHaveLength(1)
    })

    it('passes over informational heads, and takes answers without a body', async () => {
      const upstream = await serve((_, response) => {
        response.writeEarlyHints({ link: '</a>; rel=preload' })
        response.writeHead(204).end()
      })
      const response = await post(upstream.url)
      expect(response.status).toBe(204)
      expect(await readAll(response)).toBe('')
    })

    it.each<[TransportErrorKind, Partial<HttpRequest>]>([
      ['invalid_request', { url: 'not a url?key=secret' }],
      ['invalid_request', { url: 'http://name:secret@127.0.0.1:1/' }],
      ['invalid_request', { headers: { authorization: 'secret\r\nx: y' } }],
      ['aborted', { signal: AbortSignal.abort() }],
    ])('refuses before sending: %s %j', async (kind, change) => {
      expect(await failureOf(post('http://127.0.0.1:1/?key=secret', change))).toBe(kind)
    })

    it('names a refused connection', async () => {
      const upstream = await serve(() => {})
      await upstream.close()
      opened.length = 0
      expect(await failureOf(post(upstream.url))).toBe('connect_refused')
    })

    it('names an upstream that does not speak TLS', async () => {
      const upstream = await serve(() => {})
      expect(await failureOf(post(upstream.url.replace('http:', 'https:')))).toBe('tls')
    })

    it.each<[string, TransportErrorKind, (socket: Socket) => void]>([
      ['closes without an answer', 'reset', (socket) => socket.end()],
      ['resets without an answer', 'reset', (socket) => socket.resetAndDestroy()],
      ['does not speak HTTP', 'invalid_response', (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n\r\n')],
      [
        'sends an endless head',
        'invalid_response',
        (socket) => socket.end(`HTTP/1.1 200 OK\r\nx-long: ${'x'.repeat(300_000)}\r\n\r\n`),
      ],
    ])('an upstream that %s: %s', async (_, kind, answer) => {
      const upstream = await serveRaw(answer)
      expect(await failureOf(post(upstream.url))).toBe(kind)
    })

    it.each<[string, string]>([
      ['content length', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf'],
      ['chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
      ['one chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nhalf'],
    ])('a body cut before the end its %s promised is truncated', async (_, head) => {
      const upstream = await serveRaw((socket) => socket.end(head))
      const received: string[] = []
      const reading = (async () => {
        for await (const chunk of (await post(upstream.url)).body)
          received.push(Buffer.from(chunk).toString())
      })()
      expect(await failureOf(reading)).toBe('truncated')
      expect(received.join('')).toBe('half')
    })

    it('a reset inside the body is truncated', async () => {
      let answering: Socket | undefined
      const upstream = await serveRaw((socket) => {
        answering = socket
        socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n')
      })
      const body = (await post(upstream.url)).body[Symbol.asyncIterator]()
      await body.next()
      answering?.resetAndDestroy()
      expect(await failureOf(body.next())).toBe('truncated')
      expect((await body.next()).done).toBe(true)
    })

    it('times out waiting for the head, and closes the connection', async () => {
      const upstream = await serve(() => {})
      const startedAtMs = performance.now()
      const timeouts = { ...patient, connectMs: 40, firstByteMs: 40 }
      expect(await failureOf(post(upstream.url, { timeouts }))).toBe('first_byte_timeout')
      expect(performance.now() - startedAtMs).toBeLessThan(900)
      await upstream.allClosed()
    })

    it('times out on silence inside the body, after what was sent', async () => {
      const upstream = await serve((_, response) => response.write('half'))
      const response = await post(upstream.url, { timeouts: { ...patient, idleMs: 40 } })
      const body = response.body[Symbol.asyncIterator]()
      expect(Buffer.from((await body.next()).value ?? []).toString()).toBe('half')
      expect(await failureOf(body.next())).toBe('idle_timeout')
      await upstream.allClosed()
    })

    it('times out in total, although pieces keep coming', async () => {
      const upstream = await serve((_, response) => {
        const timer = setInterval(() => response.write('x'), 5)
        response.on('close', () => clearInterval(timer))
      })
      expect(
        await failureOf(post(upstream.url, { timeouts: { ...patient, totalMs: 80 } }).then(readAll)),
      ).toBe('total_timeout')
      await upstream.allClosed()
    })

    it('aborts while it waits for the head', async () => {
      const abort = new AbortController()
      const upstream = await serve(() => abort.abort())
      expect(await failureOf(post(upstream.url, { signal: abort.signal }))).toBe('aborted')
      await upstream.allClosed()
    })

    it('aborts inside the body', async () => {
      const abort = new AbortController()
      const upstream = await serve((_, response) => response.write('half'))
      const body = (await post(upstream.url, { signal: abort.signal })).body[Symbol.asyncIterator]()
      await body.next()
      const waiting = body.next()
      abort.abort()
      expect(await failureOf(waiting)).toBe('aborted')
      await upstream.allClosed()
    })

    it.each<[string, (body: AsyncIterable<Uint8Array>) => Promise<unknown>]>([
      [
        'after the first piece',
        async (body) => {
          for await (const _ of body) break
        },
      ],
      ['before the first piece', async (body) => body[Symbol.asyncIterator]().return?.()],
    ])('closes the connection when the consumer leaves %s', async (_, leave) => {
      const upstream = await serve((_request, response) => response.write('half'))
      const response = await post(upstream.url)
      const closed = upstream.allClosed()
      await leave(response.body)
      await expect(closed).resolves.toBeUndefined()
    })

    it('makes the upstream wait for a slow consumer, without calling that silence', async () => {
      const pieceBytes = 64 * 1024
      const pieces = 1024
      let sent = 0
      const upstream = await serve(async (_, response) => {
        while (sent < pieces) {
          sent += 1
          if (!response.write(Buffer.alloc(pieceBytes, 'x'))) await once(response, 'drain')
        }
        response.end()
      })
      const response = await post(upstream.url, { timeouts: { ...patient, idleMs: 100 } })
      const body = response.body[Symbol.asyncIterator]()
      let received = (await body.next()).value?.length ?? 0
      await standsStill(() => sent)
      expect(sent).toBeLessThan(pieces / 2)
      for (let piece = await body.next(); !piece.done; piece = await body.next())
        received += piece.value.length
      expect(received).toBe(pieces * pieceBytes)
    })

    it.each<[string, (text: string) => Buffer]>([
      ['gzip', gzipSync],
      ['deflate', deflateSync],
      ['br', brotliCompressSync],
      ['zstd', zstdCompressSync],
    ])('decompresses %s', async (encoding, compress) => {
      const text = 'né '.repeat(50_000)
      const upstream = await serve((_, response) => {
        const body = compress(text)
        response.writeHead(200, { 'content-encoding': encoding, 'content-length': body.length }).end(body)
      })
      const response = await post(upstream.url)
      expect(response.headers).not.toHaveProperty('content-encoding')
      expect(response.headers).not.toHaveProperty('content-length')
      expect(await readAll(response)).toBe(text)
    })

    it('delivers a compressed event before the stream ends, and closes it when left', async () => {
      const upstream = await serve((_, response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' })
        const gzip = createGzip()
        gzip.pipe(response)
        gzip.write('data: 1\n\n')
        gzip.flush()
      })
      const body = (await post(upstream.url)).body[Symbol.asyncIterator]()
      expect(Buffer.from((await body.next()).value ?? []).toString()).toBe('data: 1\n\n')
      const closed = upstream.allClosed()
      await body.return?.()
      await closed
    })

    it.each<[string, Buffer]>([
      ['gzip', Buffer.from('this is not gzip')],
      ['br', Buffer.from('{"this is":"not brotli"}')],
      ['aes128gcm', Buffer.from('this is something else')],
    ])('calls a body that is not %s as it says an encoding fault', async (encoding, bytes) => {
      const upstream = await serve((_, response) => {
        response.writeHead(200, { 'content-encoding': encoding }).end(bytes)
      })
      expect(await failureOf(post(upstream.url).then(readAll))).toBe('encoding')
    })

    it('calls a cut compressed body truncated', async () => {
      const half = gzipSync('x'.repeat(1000)).subarray(0, 15)
      const upstream = await serveRaw((socket) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 500\r\n\r\n')
        socket.end(half)
      })
      expect(await failureOf(post(upstream.url).then(readAll))).toBe('truncated')
    })
  })
}

/** Resolves when the count has not changed for a while. */
async function standsStill(count: () => number): Promise<void> {
  let last = -1
  for (let same = 0; same < 20; same = count() === last ? same + 1 : 0) {
    last = count()
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
