import type { ServerResponse } from 'node:http'

/** Silence after which a stream says that it is still there. */
const QUIET_MS = 15_000

interface Stream {
  response: ServerResponse
  text: string
  quietTicks: number
}

/** Sends comments while a stream says nothing, so that dead connections are noticed and proxies do not close live ones. */
export type KeepAlive = (response: ServerResponse, dialect: string) => { touch: () => void; stop: () => void }

/** One timer for all streams: who has been quiet for a whole turn gets a sign of life. */
export function createKeepAlive(): KeepAlive {
  const streams = new Set<Stream>()
  let wheel: NodeJS.Timeout | undefined

  const turn = (): void => {
    for (const stream of streams) {
      if (stream.quietTicks++ < 1) continue
      stream.quietTicks = 0
      if (!stream.response.writableNeedDrain) stream.response.write(stream.text)
    }
    if (streams.size === 0) {
      clearInterval(wheel)
      wheel = undefined
    }
  }

  return (response, dialect) => {
    const text =
      dialect === 'anthropic-messages' ? 'event: ping\ndata: {"type":"ping"}\n\n' : ': keep-alive\n\n'
    const stream: Stream = { response, text, quietTicks: 0 }
    streams.add(stream)
    wheel ??= setInterval(turn, QUIET_MS).unref()
    return {
      touch: () => {
        stream.quietTicks = 0
      },
      stop: () => {
        streams.delete(stream)
      },
    }
  }
}

/** That of the process. */
export const keepAlive: KeepAlive = createKeepAlive()
