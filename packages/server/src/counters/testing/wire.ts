import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

/** Stands between a client and a store, and freezes or cuts what passes. */
export interface Wire {
  readonly port: number
  readonly freeze: () => void
  readonly thaw: () => void
  /** For good. */
  readonly cut: () => void
  readonly close: () => void
}

export async function openWire(host: string, port: number): Promise<Wire> {
  const sockets = new Set<Socket>()
  let isFrozen = false
  let isCut = false
  const server = createServer((client) => {
    if (isCut) {
      client.destroy()
      return
    }
    const upstream = connect(port, host)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
    }
    client.pipe(upstream).pipe(client)
    if (isFrozen) for (const socket of [client, upstream]) socket.pause()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cut = (): void => {
    isCut = true
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    freeze: () => {
      isFrozen = true
      for (const socket of sockets) socket.pause()
    },
    thaw: () => {
      isFrozen = false
      for (const socket of sockets) socket.resume()
    },
    cut,
    close: () => {
      cut()
      server.close()
    },
  }
}
