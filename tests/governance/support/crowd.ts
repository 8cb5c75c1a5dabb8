import { Agent, request as httpRequest } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import { parse } from '../../gateway/support/ask.ts'

/** Who asks, and where. */
export interface Door {
  url: string
  key: string
}

/** What one of many clients got. */
export interface Got {
  status: number
  headers: IncomingHttpHeaders
  text: string
  json: unknown
}

/** Clients that keep their connections, as many at once as there are requests. */
export interface Crowd {
  /**
   * Undefined: the connection broke before the answer's end.
   *
   * @param body a text is sent as it is
   */
  ask: (door: Door, path: string, body: object | string) => Promise<Got | undefined>
  leave: () => void
}

export function gatherCrowd(): Crowd {
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })
  return {
    ask: ({ url, key }, path, body) =>
      new Promise((resolve) => {
        const bytes = typeof body === 'string' ? body : JSON.stringify(body)
        const request = httpRequest(`${url}${path}`, {
          method: 'POST',
          agent,
          headers: {
            authorization: `Bearer ${key}`,
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(bytes),
          },
        })
        request.on('error', () => resolve(undefined))
        request.on('response', (response) => {
          let text = ''
          response.setEncoding('utf8')
          response.on('data', (piece: string) => {
            text += piece
          })
          response.on('error', () => resolve(undefined))
          response.on('end', () => {
            const { statusCode: status = 0, headers } = response
            resolve(response.complete ? { status, headers, text, json: parse(text) } : undefined)
          })
        })
        request.end(bytes)
      }),
    leave: () => agent.destroy(),
  }
}

/** How many got which status; 0: the connection broke. */
export function statusesOf(got: readonly (Got | undefined)[]): Record<number, number> {
  const counts: Record<number, number> = {}
  for (const answer of got) counts[answer?.status ?? 0] = (counts[answer?.status ?? 0] ?? 0) + 1
  return counts
}
