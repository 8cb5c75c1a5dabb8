import { afterEach, describe, expect, test, vi } from 'vitest'
import { Loopback } from '../http/testing/loopback.ts'
import { createDialer } from './dial.ts'
import type { Dialer, DialerOptions, Resolve } from './dial.ts'

const PRIVATE = { address: '127.0.0.1', family: 4 }
const PUBLIC = { address: '8.8.8.8', family: 4 }

afterEach(() => {
  vi.useRealTimers()
})

/** `connected`, or the kind or code of what went wrong. */
function dial(dialer: Dialer, hostname: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    dialer({ hostname, protocol: 'http:', port: String(port) }, (error, socket) => {
      socket?.destroy()
      if (error === null) resolve('connected')
      else resolve(String('kind' in error ? error.kind : 'code' in error ? error.code : error))
    })
  })
}

describe('a name that leads to this machine', () => {
  test.each<[hostname: string, expected: string, options?: (port: number) => DialerOptions]>([
    ['llm.example.com', 'forbidden_address'],
    ['127.0.0.1.nip.io', 'forbidden_address'],
    ['llm.example.com', 'forbidden_address', () => ({ resolve: () => Promise.resolve([PUBLIC, PRIVATE]) })],
    ['llm.example.com', 'forbidden_address', (port) => ({ allowPrivate: [`llm.example.com:${port + 1}`] })],
    ['llm.example.com', 'forbidden_address', (port) => ({ allowPrivate: [`other.example.com:${port}`] })],
    ['llm.example.com', 'connected', (port) => ({ allowPrivate: [`llm.example.com:${port}`] })],
    ['llm.example.com.', 'connected', (port) => ({ allowPrivate: [`llm.example.com:${port}`] })],
    ['localhost', 'connected'],
    ['ollama', 'connected'],
    ['host.docker.internal', 'connected'],
    ['127.0.0.1', 'connected', () => ({ resolve: () => Promise.reject(new Error('not asked')) })],
  ])('%s: %s', async (hostname, expected, options) => {
    let connections = 0
    await using server = await Loopback.listen(() => {})
    server.server.on('connection', () => connections++)
    const resolve: Resolve = () => Promise.resolve([PRIVATE])
    const dialer = createDialer({ resolve, ...options?.(server.port) })
    expect(await dial(dialer, hostname, server.port)).toBe(expected)
    if (expected !== 'connected') expect(connections).toBe(0)
  })
})

test('the ports that addresses do not name are the usual ones', async () => {
  const resolve: Resolve = () => Promise.resolve([PRIVATE])
  const dialer = createDialer({ resolve, allowPrivate: ['llm.example.com:443'] })
  const failed = new Promise((result) => {
    dialer(
      { hostname: 'llm.example.com', host: 'llm.example.com', protocol: 'https:', port: '' },
      (...[error]) => result(error),
    )
  })
  expect(await failed).not.toMatchObject({ kind: 'forbidden_address' })
})

test('what was checked is what is connected to: a name is looked up once', async () => {
  await using server = await Loopback.listen(() => {})
  const resolve = vi.fn<Resolve>().mockResolvedValue([PRIVATE])
  const dialer = createDialer({ resolve, allowPrivate: [`llm.example.com:${server.port}`] })
  expect(await dial(dialer, 'llm.example.com', server.port)).toBe('connected')
  expect(resolve).toHaveBeenCalledOnce()
})

test('a name that is not found says so', async () => {
  const resolve: Resolve = () => Promise.reject(Object.assign(new Error('none'), { code: 'ENOTFOUND' }))
  expect(await dial(createDialer({ resolve }), 'llm.example.com', 80)).toBe('ENOTFOUND')
})

describe('a lookup that hangs', () => {
  test('is given up after five seconds', async () => {
    vi.useFakeTimers()
    const outcome = dial(createDialer({ resolve: () => new Promise(() => {}) }), 'llm.example.com', 80)
    await vi.advanceTimersByTimeAsync(4_999)
    expect(await Promise.race([outcome, 'waiting'])).toBe('waiting')
    await vi.advanceTimersByTimeAsync(1)
    expect(await outcome).toBe('EAI_TIMEOUT')
  })

  test('is asked for once by all who wait for it, and holds up nobody else', async () => {
    await using server = await Loopback.listen(() => {})
    const slow = Promise.withResolvers<[typeof PRIVATE]>()
    const resolve = vi.fn<Resolve>((hostname) =>
      hostname === 'slow.internal' ? slow.promise : Promise.resolve([PRIVATE]),
    )
    const dialer = createDialer({ resolve })
    const waiting = Array.from({ length: 10 }, () => dial(dialer, 'slow.internal', server.port))
    expect(await dial(dialer, 'quick.internal', server.port)).toBe('connected')
    expect(resolve).toHaveBeenCalledTimes(2)
    slow.resolve([PRIVATE])
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['connected']))
  })
})
