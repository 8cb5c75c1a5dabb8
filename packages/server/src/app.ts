import type { IncomingMessage, ServerResponse } from 'node:http'
import { createCallers } from './auth/callers.ts'
import { createReceipt } from './gateway/exchange.ts'
import { handle } from './gateway/handle.ts'
import { LLM_ROUTES } from './gateway/routes/routes.ts'
import { createAuthenticator } from './gateway/steps/authenticate.ts'
import { createAuthorizer } from './gateway/steps/authorize.ts'
import { createCors } from './http/cors.ts'
import { createRouter } from './http/routes.ts'
import { createHttpServer } from './http/server.ts'
import type { HttpServerLimits } from './http/server.ts'
import type { Rest } from './rest/rest.ts'
import type { Services } from './services.ts'

/** A gateway that listens. */
export interface Gateway {
  url: string
  port: number
  /** Stops accepting and waits for what is under way, at most `graceMs` (default 60 s). */
  close: (graceMs?: number) => Promise<void>
}

const GRACE_MS = 60_000

/**
 * Starts the gateway: one HTTP server with two doors. Calls to models take the fast lane, matched first and
 * handled on the raw request; everything else is the business of `rest`, which is loaded when it is first
 * needed, so that the gateway is ready sooner.
 */
export async function startGateway(
  services: Services,
  options: { host: string; port: number; limits?: Partial<HttpServerLimits> | undefined },
): Promise<Gateway> {
  const callers = await createCallers(services)
  const authenticator = createAuthenticator(services.config, callers)
  const gate = { ...authenticator, ...createAuthorizer(services, callers) }
  const router = createRouter(
    LLM_ROUTES.flatMap((route) => route.paths.map((path) => ({ methods: ['POST'], path, route }))),
  )
  let rest: Promise<Rest> | undefined
  const loadRest = (): Promise<Rest> =>
    (rest ??= Promise.all([import('./rest/rest.ts'), import('./admin/index.ts')]).then(
      ([{ createRest }, { createAdminRoutes }]) =>
        createRest(services, authenticator.authenticate, createAdminRoutes(services)),
    ))

  const { corsOrigins } = services.config.settings
  const cors = corsOrigins === undefined ? undefined : createCors(corsOrigins)

  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    if (cors?.answer(request, response) === true) return
    const found = router.match(request.method ?? 'GET', request.url ?? '/')
    if (found === undefined || 'notAllowed' in found) {
      void loadRest().then(
        ({ handle: handleRest }) => handleRest(request, response),
        (error: unknown) => {
          services.log.error({ error }, 'the admin side could not be started')
          response.writeHead(500).end()
        },
      )
      return
    }
    const exchange = {
      id: services.newId(),
      route: found.route,
      params: found.params,
      request,
      response,
      startedMs: services.monotonicMs(),
      receipt: createReceipt(),
    }
    void handle(exchange, gate, services)
  }

  const server = createHttpServer({
    onRequest,
    limits: { ...options.limits, bodyBytes: services.config.settings.maxRequestBytes },
  })
  const { port } = await server.listen(options.port, options.host)
  const host = options.host.includes(':') ? `[${options.host}]` : options.host
  return {
    url: `http://${host}:${port}`,
    port,
    close: async (graceMs = GRACE_MS) => {
      services.state.draining = true
      await server.close(graceMs)
      // One that could not be loaded has nothing to close; whoever asked for it was told.
      const loaded = await rest?.catch(() => undefined)
      await loaded?.close()
      callers.close()
      await services.upstream.close()
    },
  }
}
