import type { TransportError } from '@switchyard/llm/kit'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import zlib from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { Loopback } from '../http/testing/loopback.ts'
import { createUpstream } from './upstream.ts'
import type { UpstreamCall, UpstreamRequest } from './upstream.ts'

interface Received {
  status: number
  text: string
  chunks: number
  /** `end`, or the kind of the failure. */
  last: string
}

/** A running call and what came of it. */
class Receiver implements AsyncDisposable {
  readonly received: Received = { status: 0, text: '', chunks: 0, last: '' }
  readonly over = Promise.withResolvers<Received>()
  readonly firstData = Promise.withResolvers<void>()
  readonly call: UpstreamCall
  /** What is answered to each piece. */
  room = true
  #ends = 0
  readonly #upstream = createUpstream()

  constructor(request: Partial<UpstreamRequest> & { origin: string }) {
    const { received } = this
    const finish = (last: string): void => {
      expect(++this.#ends).toBe(1)
      received.last = last
      this.over.resolve(received)
    }
    this.call = this.#upstream.send(
      { path: '/v1?a=b', headers: { 'x-a': 'b' }, body: '{}', firstByteMs: 0, idleMs: 0, ...request },
      {
        head: (status) => (received.status = status),
        data: (chunk) => {
          received.text += chunk.toString()
          received.chunks++
          this.firstData.resolve()
          return this.room
        },
        end: () => finish('end'),
        failure: ({ kind }) => finish(kind),
      },
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.call.abort()
    await this.#upstream.close()
  }
}

async function ask(listener: RequestListener, request: Partial<UpstreamRequest> = {}): Promise<Received> {
  await using server = await Loopback.listen(listener)
  await using receiver = new Receiver({ origin: server.url(''), ...request })
  return await receiver.over.promise
}

test('a call goes out as it is, and its answer comes as it is', async () => {
  const seen: (string | undefined)[] = []
  const received = await ask(
    (request, response) => {
      seen.push(request.method, request.url, request.headers['x-a']?.toString())
      request.on('data', (chunk: Buffer) => seen.push(chunk.toString()))
      request.on('end', () => response.writeHead(418).end('answer'))
    },
    { body: Buffer.from('{"a":1}') },
  )
  expect(seen).toEqual(['POST', '/v1?a=b', 'b', '{"a":1}'])
  expect(received).toEqual({ status: 418, text: 'answer', chunks: 1, last: 'end' })
})

test('a redirect is an answer like others', async () => {
  const received = await ask((_request, response) => response.writeHead(302, { location: '/other' }).end())
  expect(received).toMatchObject({ status: 302, last: 'end' })
})

test('a call knows how far it came', async () => {
  await using server = await Loopback.listen((_request, response) => response.writeHead(418).end('answer'))
  await using answered = new Receiver({ origin: server.url('') })
  expect(answered.call).toMatchObject({ sent: false, status: undefined })
  await answered.over.promise
  expect(answered.call).toMatchObject({ sent: true, status: 418 })
  await using refused = new Receiver({ origin: 'http://127.0.0.1:1' })
  await refused.over.promise
  expect(refused.call).toMatchObject({ sent: false, status: undefined })
})

test('early hints are no answer', async () => {
  const received = await ask((_request, response) => {
    response.writeProcessing()
    response.end('x')
  })
  expect(received).toMatchObject({ status: 200, text: 'x', last: 'end' })
})

describe('compressed though nobody asked', () => {
  const plain = 'data: hello\n\n'.repeat(50)
  test.each([
    ['gzip', zlib.gzipSync(plain)],
    ['X-GZIP', zlib.gzipSync(plain)],
    ['deflate', zlib.deflateSync(plain)],
    ['br', zlib.brotliCompressSync(plain)],
    ['zstd', zlib.zstdCompressSync(plain)],
    ['identity', Buffer.from(plain)],
  ])('%s', async (encoding, body) => {
    const received = await ask((_request, response) => {
      response.writeHead(200, { 'content-encoding': encoding }).end(body)
    })
    expect(received).toMatchObject({ text: plain, last: 'end' })
  })

  test.each([
    ['gzip', Buffer.from(plain)],
    ['gzip', zlib.gzipSync(plain).subarray(0, -12)],
    ['br', Buffer.from(plain)],
    ['compress', Buffer.from(plain)],
    ['gzip, br', zlib.gzipSync(plain)],
  ])('but not truly: %s %#', async (encoding, body) => {
    const received = await ask((_request, response) => {
      response.writeHead(200, { 'content-encoding': encoding }).end(body)
    })
    expect(received.last).toBe('encoding')
  })

  test('what is flushed comes before the end', async () => {
    await using server = await Loopback.listen((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' })
      const gzip = zlib.createGzip()
      gzip.pipe(response)
      gzip.write('data: first\n\n')
      gzip.flush(zlib.constants.Z_SYNC_FLUSH)
    })
    await using receiver = new Receiver({ origin: server.url('') })
    await receiver.firstData.promise
    expect(receiver.received).toMatchObject({ text: 'data: first\n\n', last: '' })
  })

  test('holds still when it is asked to', async () => {
    const bomb = zlib.gzipSync(Buffer.alloc(20_000_000, 'x'))
    await using server = await Loopback.listen((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)
    })
    await using receiver = new Receiver({ origin: server.url('') })
    receiver.room = false
    await receiver.firstData.promise
    await new Promise((resolve) => setImmediate(resolve))
    expect(receiver.received.chunks).toBe(1)
    receiver.room = true
    receiver.call.resume()
    expect((await receiver.over.promise).text).toHaveLength(20_000_000)
  })
})

test('a slow taker holds the provider back', async () => {
  const blocked = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  let sentBytes = 0
  const send = async (response: ServerResponse): Promise<void> => {
    const piece = Buffer.alloc(256 * 1024, 'x')
    response.writeHead(200)
    while (response.write(piece)) sentBytes += piece.length
    blocked.resolve()
    await goOn.promise
    response.end()
  }
  await using server = await Loopback.listen((_request, response) => void send(response))
  await using receiver = new Receiver({ origin: server.url('') })
  receiver.room = false
  await blocked.promise
  await receiver.firstData.promise
  const before = receiver.received.chunks
  await new Promise((resolve) => setImmediate(resolve))
  expect(receiver.received.chunks).toBe(before)
  receiver.room = true
  receiver.call.resume()
  goOn.resolve()
  const received = await receiver.over.promise
  expect(received.last).toBe('end')
  expect(received.text.length).toBeGreaterThanOrEqual(sentBytes)
})

describe('given up', () => {
  test('before the answer, the provider notices', async () => {
    const arrived = Promise.withResolvers<IncomingMessage>()
    await using server = await Loopback.listen((request) => arrived.resolve(request))
    await using receiver = new Receiver({ origin: server.url('') })
    const request = await arrived.promise
    request.on('error', () => {})
    const left = new Promise((resolve) => request.once('close', resolve))
    receiver.call.abort()
    expect(receiver.received.last).toBe('aborted')
    await left
    expect(request.socket.destroyed).toBe(true)
  })

  test('in its middle, nothing more comes', async () => {
    await using server = await Loopback.listen((_request, response) => void response.write('first'))
    await using receiver = new Receiver({ origin: server.url('') })
    await receiver.firstData.promise
    receiver.call.abort()
    receiver.call.abort()
    expect(receiver.received).toMatchObject({ text: 'first', last: 'aborted' })
  })

  test('before it is connected, it never is', async () => {
    let asked = 0
    await using server = await Loopback.listen(() => asked++)
    await using receiver = new Receiver({ origin: server.url('') })
    receiver.call.abort()
    expect(receiver.received.last).toBe('aborted')
    await new Promise((resolve) => setImmediate(resolve))
    expect(asked).toBe(0)
  })
})

describe('what breaks', () => {
  test.each<[string, RequestListener, Partial<UpstreamRequest>, string]>([
    ['no answer', (request) => request.socket.destroy(), {}, 'reset'],
    ['no head in time', () => {}, { firstByteMs: 20 }, 'first_byte_timeout'],
    ['no more in time', (_request, response) => void response.write('x'), { idleMs: 20 }, 'idle_timeout'],
    [
      'cut in its middle',
      (request, response) => void response.write('x', () => request.socket.destroy()),
      {},
      'truncated',
    ],
    [
      'less than announced',
      (_request, response) => {
        response.writeHead(200, { 'content-length': '10' })
        response.write('x', () => response.socket?.end())
      },
      {},
      'truncated',
    ],
    ['no HTTP', (request) => request.socket.end('hello\r\n\r\n'), {}, 'invalid_response'],
    [
      'an endless head',
      (request) => request.socket.end(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`),
      {},
      'invalid_response',
    ],
    ['a header that cannot be sent', () => {}, { headers: { 'x-a': 'b\nc' } }, 'invalid_request'],
  ])('%s', async (_name, listener, request, expected) => {
    expect((await ask(listener, request)).last).toBe(expected)
  })

  test('no connection in time', async () => {
    const failed = Promise.withResolvers<string>()
    const sink = {
      head: () => {},
      data: () => true,
      end: () => {},
      failure: ({ kind }: TransportError) => failed.resolve(kind),
    }
    const neverConnects = createUpstream(() => {})
    const request = { origin: 'http://127.0.0.1', path: '/', headers: {}, body: '{}', idleMs: 0 }
    const call = neverConnects.send({ ...request, firstByteMs: 20 }, sink)
    expect(await failed.promise).toBe('connect_timeout')
    expect(call.sent).toBe(false)
  })

  test('nobody there', async () => {
    const server = await Loopback.listen(() => {})
    const origin = server.url('')
    await server[Symbol.asyncDispose]()
    await using receiver = new Receiver({ origin })
    expect((await receiver.over.promise).last).toBe('connect_refused')
  })
})
