import type { IncomingMessage, ServerResponse } from 'node:http'

/** Lets pages of some origins call the gateway from a browser. */
export interface Cors {
  /**
   * Adds to the response what the browser of a listed origin waits for. True when the request was only the browser's
   * question whether it may ask (preflight), which is then answered.
   */
  answer: (request: IncomingMessage, response: ServerResponse) => boolean
}

/** How long a browser may remember that it may ask. */
const REMEMBER_S = 7_200

/**
 * For the origins of a list and no others: a page in a browser can reach servers on its user's machine and network that
 * its author cannot. Cookies are not admitted, so that a page needs a key of its own.
 */
export function createCors(origins: readonly string[]): Cors {
  const allowed = new Set(origins)
  return {
    answer: (request, response) => {
      // Whoever keeps answers must not hand one origin's to another.
      response.setHeader('vary', 'origin')
      const { origin } = request.headers
      if (origin === undefined || !allowed.has(origin)) return false
      response.setHeader('access-control-allow-origin', origin)
      response.setHeader('access-control-expose-headers', '*')
      if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined)
        return false
      const wanted = request.headers['access-control-request-headers']
      if (wanted !== undefined) response.setHeader('access-control-allow-headers', wanted)
      response.setHeader('access-control-allow-methods', 'GET, POST')
      response.setHeader('access-control-max-age', REMEMBER_S)
      response.writeHead(204).end()
      return true
    },
  }
}
