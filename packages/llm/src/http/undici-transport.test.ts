import { createConnection } from 'node:net'
import { expect, it } from 'vitest'
import { defaultTimeouts } from './timeouts.ts'
import { testTransport } from './transport.contract.ts'
import { createUndiciTransport } from './undici-transport.ts'

testTransport(createUndiciTransport)

it('gives up on a connection that does not come about, and does not send the request when it does', async () => {
  let connected: (() => void) | undefined
  const transport = createUndiciTransport({
    connect: (_, callback) => {
      connected = () => callback(new Error('too late'), null)
    },
  })
  const timeouts = { ...defaultTimeouts, connectMs: 30 }
  const sending = transport({ method: 'POST', url: 'http://127.0.0.1:9/', headers: {}, timeouts })
  await expect(sending).rejects.toMatchObject({ name: 'TransportError', kind: 'connect_timeout' })
  connected?.()
  await transport.close()
})

it('opens its sockets through the connector it is given', async () => {
  const asked: string[] = []
  const transport = createUndiciTransport({
    connect: ({ hostname }, callback) => {
      asked.push(hostname)
      const socket = createConnection({ host: '127.0.0.1', port: 1 })
      socket.once('error', (error) => callback(error, null))
    },
  })
  const sending = transport({
    method: 'GET',
    url: 'http://upstream.test/',
    headers: {},
    timeouts: defaultTimeouts,
  })
  await expect(sending).rejects.toMatchObject({ kind: 'connect_refused' })
  expect(asked).toEqual(['upstream.test'])
})
