import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createReceipt } from './gateway/exchange.ts'
import { handle } from './gateway/handle.ts'
import { LLM_ROUTES } from './gateway/routes/routes.ts'
import { createAuthenticator } from './gateway/steps/authenticate.ts'
import type { Services } from './services.ts'

/** A gateway that listens. */
export interface Gateway {
  url: string
  port: number
  /** Stops listening and waits for what is under way, at most `graceMs`. */
  close: (graceMs?: number) => Promise<void>
}

export async function startGateway(services: Services, options: { host: string; port: number }): Promise<Gateway> {
  const authenticator = createAuthenticator(services.config.settings)
  const paths = new Map(LLM_ROUTES.flatMap((route) => route.paths.map((path) => [path, route] as const)))
  const server: Server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const path = (request.url ?? '/').split('?')[0] ?? '/'
    const route = paths.get(path)
    if (route === undefined || request.method !== 'POST') {
      response.writeHead(404).end()
      return
    }
    void handle(
      {
        id: services.newId(),
        route,
        params: {},
        request,
        response,
        startedMs: services.monotonicMs(),
        receipt: createReceipt(),
      },
      authenticator,
      services,
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, resolve)
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : options.port
  const host = options.host.includes(':') ? `[${options.host}]` : options.host
  return {
    url: `http://${host}:${port}`,
    port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
