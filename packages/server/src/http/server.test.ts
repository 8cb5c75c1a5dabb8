import { once } from 'node:events'
import { connect, Socket } from 'node:net'
import { describe, expect, test, vi } from 'vitest'
import { readBody } from './body.ts'
import { createHttpServer, type HttpServerOptions } from './server.ts'
import { Loopback } from './testing/loopback.ts'

/** Answers method, path and body; paths it was asked for are noted. */
async function serving(options: Partial<HttpServerOptions> = {}) {
  const seen: string[] = []
  const http = createHttpServer({
    onRequest: (request, response) => {
      seen.push(request.url ?? '')
      readBody(request, { maxBytes: 1000 }).then(
        (body) => response.end(`<${request.method} ${request.url} ${body.toString()}>`),
        () => response.destroy(),
      )
    },
    ...options,
  })
  const loopback = await Loopback.listen(http.server)
  return { http, seen, loopback, [Symbol.asyncDispose]: () => loopback[Symbol.asyncDispose]() }
}

const HOST = 'host: a\r\n'
const CLOSE = 'connection: close\r\n'

/** Status, connection header and error code of the last answer in what was received. */
function summary(received: string): string {
  const last = received.split(/(?=HTTP\/1\.1 \d{3} )/).at(-1) ?? ''
  const status = /^HTTP\/1\.1 (\d+)/.exec(last)?.[1]
  const code = /"code":"(\w+)"/.exec(last)?.[1]
  return `${status} ${code} ${/connection: (\S+)/i.exec(last)?.[1]}`
}

describe('what is no request', () => {
  test.each([
    ['two lengths', `POST / HTTP/1.1\r\n${HOST}content-length: 3\r\ncontent-length: 4\r\n\r\nabcd`],
    ['two equal lengths', `POST / HTTP/1.1\r\n${HOST}content-length: 3\r\ncontent-length: 3\r\n\r\nabc`],
    [
      'a length and chunks',
      `POST / HTTP/1.1\r\n${HOST}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    [
      'chunks and a length',
      `POST / HTTP/1.1\r\n${HOST}transfer-encoding: chunked\r\ncontent-length: 3\r\n\r\n0\r\n\r\n`,
    ],
    [
      'a transfer encoding nobody knows',
      `POST / HTTP/1.1\r\n${HOST}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n`,
    ],
    ['chunked not last', `POST / HTTP/1.1\r\n${HOST}transfer-encoding: chunked, gzip\r\n\r\n0\r\n\r\n`],
    ['a folded header', `GET / HTTP/1.1\r\n${HOST}x-a: b\r\n c: d\r\n\r\n`],
    ['a space before the colon', `GET / HTTP/1.1\r\n${HOST}x-a : b\r\n\r\n`],
    ['a header without a name', `GET / HTTP/1.1\r\n${HOST}: b\r\n\r\n`],
    ['NUL in a header', `GET / HTTP/1.1\r\n${HOST}x-a: b\0c\r\n\r\n`],
    ['a lone CR in a header', `GET / HTTP/1.1\r\n${HOST}x-a: b\rc: d\r\n\r\n`],
    ['a lone LF after a header', `GET / HTTP/1.1\r\n${HOST}x-a: b\nc: d\r\n\r\n`],
    ['a length that is no number', `POST / HTTP/1.1\r\n${HOST}content-length: +3\r\n\r\nabc`],
    [
      'a chunk size that is no number',
      `POST / HTTP/1.1\r\n${HOST}transfer-encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n`,
    ],
    ['no HTTP at all', 'hello\r\n\r\n'],
    ['HTTP/2 without asking', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ])('%s: 400, closed, and what follows is never routed', async (_name, request) => {
    await using server = await serving()
    const received = await server.loopback.exchange(`${request}GET /second HTTP/1.1\r\n${HOST}\r\n`)
    expect(summary(received)).toBe('400 invalid_request close')
    expect(received.match(/HTTP\/1\.1 /g)).toHaveLength(1)
    expect(server.seen).not.toContain('/second')
  })

  test('no host', async () => {
    await using server = await serving()
    expect(await server.loopback.exchange('GET / HTTP/1.1\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
    expect(server.seen).toEqual([])
  })

  test.each([
    [
      'one header of 20 kB',
      `GET / HTTP/1.1\r\n${HOST}x-a: ${'b'.repeat(20_000)}\r\n\r\n`,
      '431 header_too_large close',
    ],
    [
      'a hundred of 4 kB',
      `GET / HTTP/1.1\r\n${HOST}${`x-a: ${'b'.repeat(4_000)}\r\n`.repeat(100)}\r\n`,
      '431 header_too_large close',
    ],
    ['a URL of 16 kB', `GET /${'u'.repeat(16_000)} HTTP/1.1\r\n${HOST}\r\n`, '414 url_too_long close'],
    ['a URL of 40 kB', `GET /${'u'.repeat(40_000)} HTTP/1.1\r\n${HOST}\r\n`, '414 url_too_long close'],
    ['a URL of 9 kB', `GET /${'u'.repeat(9_000)} HTTP/1.1\r\n${HOST}\r\n`, '414 url_too_long close'],
  ])('%s', async (_name, request, expected) => {
    await using server = await serving()
    expect(summary(await server.loopback.exchange(request))).toBe(expected)
    expect(server.seen).toEqual([])
  })

  test.each([
    ['websocket', '426 upgrade_refused close'],
    ['WebSocket', '426 upgrade_refused close'],
  ])('an upgrade to %s', async (protocol, expected) => {
    await using server = await serving()
    const request = `GET / HTTP/1.1\r\n${HOST}connection: upgrade\r\nupgrade: ${protocol}\r\n\r\n`
    expect(summary(await server.loopback.exchange(request))).toBe(expected)
  })

  test('an offer of HTTP/2 is overlooked', async () => {
    await using server = await serving()
    const request = `GET /x HTTP/1.1\r\n${HOST}connection: upgrade, close\r\nupgrade: h2c\r\n\r\n`
    expect(await server.loopback.exchange(request)).toContain('<GET /x >')
  })

  test('CONNECT', async () => {
    await using server = await serving()
    expect(summary(await server.loopback.exchange(`CONNECT a:443 HTTP/1.1\r\n${HOST}\r\n`))).toBe(
      '405 method_not_allowed close',
    )
  })
})

describe('slow clients', () => {
  test('headers a byte at a time', async () => {
    await using server = await serving({ limits: { headersTimeoutMs: 60 } })
    const client = await server.loopback.connect()
    client.send('GET / HTTP/1.1\r\nx-a: ')
    const drip = setInterval(() => client.send('b'), 5)
    expect(summary(await client.untilClosed())).toBe('408 request_timeout close')
    clearInterval(drip)
  })

  test('nothing at all', async () => {
    await using server = await serving({ limits: { headersTimeoutMs: 40 } })
    const client = await server.loopback.connect()
    expect(summary(await client.untilClosed())).toBe('408 request_timeout close')
  })

  test('an idle connection is closed without a word', async () => {
    await using server = await serving({ limits: { keepAliveTimeoutMs: 30 } })
    const client = await server.loopback.connect()
    client.send(`GET /x HTTP/1.1\r\n${HOST}\r\n`)
    expect(await client.untilClosed()).toMatch(/<GET \/x >\r\n0\r\n\r\n$|<GET \/x >$/)
  })
})

describe('expect: 100-continue', () => {
  const head = `POST /x HTTP/1.1\r\n${HOST}${CLOSE}expect: 100-continue\r\n`

  test('the body is asked for', async () => {
    await using server = await serving()
    const client = await server.loopback.connect()
    client.send(`${head}content-length: 3\r\n\r\n`)
    await client.until(/^HTTP\/1\.1 100 Continue\r\n\r\n$/)
    client.send('abc')
    expect(await client.untilClosed()).toContain('<POST /x abc>')
  })

  test('a body too large is not', async () => {
    await using server = await serving({ limits: { bodyBytes: 1000 } })
    const received = await server.loopback.exchange(`${head}content-length: 1001\r\n\r\n`)
    expect(summary(received)).toBe('413 request_too_large close')
    expect(received).not.toContain('100 Continue')
  })
})

describe('requests sent ahead', () => {
  /** Holds every answer back until it is let go. */
  async function holding(limits: HttpServerOptions['limits'] = {}) {
    const held = new Map<string, () => void>()
    const server = await serving({
      limits,
      onRequest: (request, response) => {
        held.set(request.url ?? '', () => response.end(`<${request.url}>`))
        server.http.server.emit(`held ${request.url}`)
      },
    })
    const release = async (path: string): Promise<void> => {
      if (!held.has(path)) await once(server.http.server, `held ${path}`)
      held.get(path)?.()
    }
    return { ...server, held, release }
  }

  test('are handled one after another', async () => {
    await using server = await holding()
    const client = await server.loopback.connect()
    client.send(
      `GET /1 HTTP/1.1\r\n${HOST}\r\nGET /2 HTTP/1.1\r\n${HOST}\r\nGET /3 HTTP/1.1\r\n${HOST}${CLOSE}\r\n`,
    )
    await server.release('/1')
    expect([...server.held.keys()].slice(0, 1)).toEqual(['/1'])
    await client.until(/<\/1>/)
    await server.release('/2')
    await server.release('/3')
    expect((await client.untilClosed()).match(/<\/\d>/g)).toEqual(['</1>', '</2>', '</3>'])
  })

  test('an unreadable one does not cut the answers before it', async () => {
    await using server = await holding()
    const client = await server.loopback.connect()
    client.send(`GET /1 HTTP/1.1\r\n${HOST}\r\nGET /2 HTTP/1.1\r\n${HOST}\r\nnonsense\r\n\r\n`)
    await server.release('/1')
    await server.release('/2')
    const received = await client.untilClosed()
    expect(received).toMatch(/<\/1>[^]*<\/2>[^]*HTTP\/1\.1 400 /)
    expect(summary(received)).toBe('400 invalid_request close')
  })

  test('one whose body is unreadable waits its turn to be refused', async () => {
    await using server = await holding()
    const client = await server.loopback.connect()
    client.send(
      `GET /1 HTTP/1.1\r\n${HOST}\r\nPOST /2 HTTP/1.1\r\n${HOST}transfer-encoding: chunked\r\n\r\nnonsense\r\n\r\n`,
    )
    await server.release('/1')
    const received = await client.untilClosed()
    expect(received).toMatch(/<\/1>[^]*HTTP\/1\.1 400 /)
    expect(server.held.has('/2')).toBe(false)
  })

  test('too many close the connection', async () => {
    await using server = await holding({ maxPipelined: 3 })
    const received = await server.loopback.exchange(`GET /1 HTTP/1.1\r\n${HOST}\r\n`.repeat(5))
    expect(received).toBe('')
  })
})

describe('a client that leaves before its answer is complete', () => {
  /** Resolves with the path of each request whose response closes unfinished. */
  async function watching(write: boolean) {
    const gone = new Map<string, PromiseWithResolvers<string>>()
    const server = await serving({
      onRequest: (request, response) => {
        const left = Promise.withResolvers<string>()
        gone.set(request.url ?? '', left)
        response.once('close', () => {
          if (!response.writableFinished) left.resolve('left')
        })
        if (write) response.write('part')
        server.http.server.emit('watched')
      },
    })
    return { ...server, gone }
  }

  test.each([
    ['by a reset, before the first byte', false, true],
    ['politely, before the first byte', false, false],
    ['by a reset, in the middle', true, true],
    ['politely, in the middle', true, false],
  ])('%s', async (_name, write, reset) => {
    await using server = await watching(write)
    const client = await server.loopback.connect()
    const watched = once(server.http.server, 'watched')
    client.send(`GET /1 HTTP/1.1\r\n${HOST}\r\n`)
    await watched
    if (reset) client.socket.resetAndDestroy()
    else client.socket.end()
    expect(await server.gone.get('/1')?.promise).toBe('left')
  })

  test('after more was asked for, which is never begun', async () => {
    await using server = await watching(false)
    const client = await server.loopback.connect()
    const watched = once(server.http.server, 'watched')
    client.send(`GET /1 HTTP/1.1\r\n${HOST}\r\nGET /2 HTTP/1.1\r\n${HOST}\r\n`)
    await watched
    client.socket.destroy()
    expect(await server.gone.get('/1')?.promise).toBe('left')
    expect([...server.gone.keys()]).toEqual(['/1'])
  })
})

test('connections beyond the limit are closed, the others live on', async () => {
  await using server = await serving({ limits: { maxConnections: 1 } })
  const first = await server.loopback.connect()
  const refused = connect(server.loopback.port, '127.0.0.1').on('error', () => {})
  await once(refused, 'close')
  first.send(`GET /x HTTP/1.1\r\n${HOST}${CLOSE}\r\n`)
  expect(await first.untilClosed()).toContain('<GET /x >')
})

test('a client that vanished without a word is noticed: the system asks after it', async () => {
  const probes = vi.spyOn(Socket.prototype, 'setKeepAlive')
  await using server = await serving()
  const client = await server.loopback.connect()
  client.send(`GET /x HTTP/1.1\r\n${HOST}${CLOSE}\r\n`)
  await client.untilClosed()
  expect(probes.mock.calls).toEqual([[true, 15_000]])
  probes.mockRestore()
})

describe('closing', () => {
  test('lets what is under way finish, and closes idle connections at once', async () => {
    const finish = Promise.withResolvers<() => void>()
    await using server = await serving({
      onRequest: (request, response) => {
        if (request.url === '/idle') response.end('idle')
        else finish.resolve(() => response.end('finished'))
      },
    })
    const idle = await server.loopback.connect()
    idle.send(`GET /idle HTTP/1.1\r\n${HOST}\r\n`)
    await idle.until(/idle/)
    const silent = await server.loopback.connect()
    const busy = await server.loopback.connect()
    busy.send(`GET /busy HTTP/1.1\r\n${HOST}\r\n`)
    const end = await finish.promise
    const closed = server.http.close(60_000)
    await Promise.all([idle.untilClosed(), silent.untilClosed()])
    end()
    await closed
    expect(await busy.untilClosed()).toContain('finished')
  })

  test('answers what was asked before, and says that nothing more will be', async () => {
    const first = Promise.withResolvers<() => void>()
    await using server = await serving({
      onRequest: (request, response) => {
        if (request.url === '/1') first.resolve(() => response.end('</1>'))
        else response.end('</2>')
      },
    })
    const client = await server.loopback.connect()
    client.send(`GET /1 HTTP/1.1\r\n${HOST}\r\nGET /2 HTTP/1.1\r\n${HOST}\r\n`)
    const answer = await first.promise
    const closed = server.http.close(60_000)
    answer()
    await closed
    expect(await client.untilClosed()).toMatch(/<\/1>[^]*connection: close[^]*<\/2>/i)
  })

  test('ends what is left after the grace', async () => {
    const started = Promise.withResolvers<void>()
    await using server = await serving({ onRequest: () => started.resolve() })
    const busy = await server.loopback.connect()
    busy.send(`GET /busy HTTP/1.1\r\n${HOST}\r\n`)
    await started.promise
    await server.http.close(20)
    expect(await busy.untilClosed()).toBe('')
  })
})

test('an address that is taken', async () => {
  await using server = await serving()
  const other = createHttpServer({ onRequest: () => {} })
  await expect(other.listen(server.loopback.port, '127.0.0.1')).rejects.toMatchObject({ code: 'EADDRINUSE' })
})
