import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { startTestGateway } from '../clients/support/gateway.ts'
import type { TestGateway } from '../clients/support/gateway.ts'
import { chatBody, open, readChatStream, readReply } from './support/ask.ts'
import { expectHealthy, expectHandles, openHandles, watchLoop } from './support/invariants.ts'

let gateway: TestGateway
const sockets = new Set<Socket>()
let before: ReturnType<typeof openHandles>
beforeEach(() => {
  before = openHandles()
  watchLoop()
})
afterEach(async () => {
  await expectHealthy(gateway)
  for (const socket of sockets) socket.destroy()
  sockets.clear()
  await gateway.close()
  await expectHandles(before)
})

/** A connection that has said this much so far, and what it is told until it is closed. */
async function connection(text = ''): Promise<{ socket: Socket; told: Promise<string> }> {
  const socket = connect(gateway.port, '127.0.0.1')
  sockets.add(socket)
  const { promise: told, resolve } = Promise.withResolvers<string>()
  let received = ''
  socket.setEncoding('latin1')
  socket.on('data', (piece: string) => (received += piece))
  // A reset is one of the ways in which a server may close.
  socket.on('error', () => {})
  socket.on('close', () => resolve(received))
  await once(socket, 'connect')
  socket.write(text)
  return { socket, told }
}

it('F3 five hundred clients that trickle do not stop a normal one, and are told off', async () => {
  gateway = await startTestGateway({ limits: { headersTimeoutMs: 1_000, requestTimeoutMs: 1_500 } })
  const head = 'POST /v1/chat/completions HTTP/1.1\r\nhost: gateway\r\ncontent-type: application/json\r\n'
  const body = `${head}authorization: Bearer ${gateway.key}\r\ncontent-length: 1000\r\n\r\n{`
  const crowd = await Promise.all(
    Array.from({ length: 500 }, (_, at) => connection(at % 2 === 0 ? `${head}x-slow: ` : body)),
  )
  const trickle = setInterval(() => {
    for (const { socket } of crowd) if (socket.writable) socket.write(' ')
  }, 50)
  for (let time = 0; time < 3; time++) await expectHealthy(gateway)
  const told = await Promise.all(crowd.map((one) => one.told))
  clearInterval(trickle)
  expect(
    new Set(told.map((text) => /^HTTP\/1\.1 (\d+)[^]*"code":"(\w+)"/.exec(text)?.slice(1).join(' '))),
  ).toEqual(new Set(['408 request_timeout']))
})

it('F27 connections beyond the cap are refused, and streams that run go on', async () => {
  const cap = 20
  gateway = await startTestGateway({ limits: { maxConnections: cap } })
  const streams = await Promise.all(
    Array.from({ length: 5 }, () =>
      open(gateway, '/v1/chat/completions', chatBody('fault/hang-after-2', { stream: true })),
    ),
  )
  const idle = await Promise.all(Array.from({ length: cap - streams.length }, () => connection()))
  const refused = await Promise.all(Array.from({ length: 10 }, () => connection('GET / HTTP/1.1\r\n')))
  expect(new Set(await Promise.all(refused.map(({ told }) => told)))).toEqual(new Set(['']))

  for (const exchange of gateway.provider.exchanges) exchange.release()
  for (const stream of streams) {
    const { text, broken } = await readReply(stream)
    expect({ broken, done: readChatStream(text).done }).toEqual({ broken: false, done: true })
  }
  for (const { socket } of idle) socket.destroy()
})
