import type { IncomingMessage } from 'node:http'

const DISCARD_BYTES = 64 * 1024 * 1024
const DISCARD_MS = 1_000

/**
 * Drops what a client is still sending, for a second at most, so that it gets to read why it was
 * refused: closing a connection with unread bytes resets it, and a client busy writing then never sees
 * the answer. The connection is closed in any case.
 */
export function discardRest(request: IncomingMessage): void {
  const { socket } = request
  let left = DISCARD_BYTES
  request.on('data', (chunk: Buffer) => {
    left -= chunk.length
    if (left < 0) socket.destroy()
  })
  const timer = setTimeout(() => socket.destroy(), DISCARD_MS)
  socket.once('close', () => clearTimeout(timer))
  // Called by node when an answer with `connection: close` is written: it may end its side, but not reset.
  socket.destroySoon = () => {
    socket.end()
  }
}
