import { describe, expect, test } from 'vitest'
import { createCors } from './cors.ts'
import { Loopback } from './testing/loopback.ts'

const OURS = 'https://app.example.com'

async function ask(method: string, headers: Record<string, string>): Promise<Record<string, unknown>> {
  const cors = createCors([OURS, 'tauri://localhost'])
  await using server = await Loopback.listen((request, response) => {
    if (!cors.answer(request, response)) response.writeHead(405, ['allow', 'POST']).end()
  })
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const head = `${method} / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n${lines.join('')}\r\n`
  const [start = '', ...rest] = (await server.exchange(head)).split('\r\n\r\n', 1)[0]?.split('\r\n') ?? []
  const told = rest
    .map((line) => line.split(': '))
    .filter(([name = '']) => /^(vary|allow|access-)/.test(name))
  return { status: Number(start.split(' ')[1]), ...Object.fromEntries(told) }
}

const admitted = { vary: 'origin', 'access-control-allow-origin': OURS, 'access-control-expose-headers': '*' }

describe('a page in a browser', () => {
  test.each<[string, string, Record<string, string>, Record<string, unknown>]>([
    [
      'of a listed origin may ask',
      'OPTIONS',
      {
        origin: OURS,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
      {
        status: 204,
        ...admitted,
        'access-control-allow-headers': 'authorization,content-type',
        'access-control-allow-methods': 'GET, POST',
        'access-control-max-age': '7200',
      },
    ],
    ['of a listed origin may read', 'POST', { origin: OURS }, { status: 405, ...admitted, allow: 'POST' }],
    [
      'of an app may read',
      'GET',
      { origin: 'tauri://localhost' },
      { status: 405, ...admitted, 'access-control-allow-origin': 'tauri://localhost', allow: 'POST' },
    ],
    [
      'of another origin may not ask',
      'OPTIONS',
      { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
      { status: 405, vary: 'origin', allow: 'POST' },
    ],
    [
      'of an origin that looks alike may not read',
      'POST',
      { origin: `${OURS}.evil.example` },
      { status: 405, vary: 'origin', allow: 'POST' },
    ],
    [
      'without an origin may not read',
      'POST',
      { origin: 'null' },
      { status: 405, vary: 'origin', allow: 'POST' },
    ],
    ['is no other program', 'POST', {}, { status: 405, vary: 'origin', allow: 'POST' }],
    ['asks with a method', 'OPTIONS', { origin: OURS }, { status: 405, ...admitted, allow: 'POST' }],
  ])('%s', async (_name, method, headers, expected) => {
    expect(await ask(method, headers)).toEqual(expected)
  })
})
