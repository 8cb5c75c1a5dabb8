import type { IncomingMessage, ServerResponse } from 'node:http'
import { createCallers } from './auth/callers.ts'
import { createReceipt } from './gateway/exchange.ts'
import { handle } from './gateway/handle.ts'
import { LLM_ROUTES } from './gateway/routes/routes.ts'
import { createAuthenticator } from './gateway/steps/authenticate.ts'
import type { Authenticator } from './gateway/steps/authenticate.ts'
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
  /**
   * Serves what comes from now on with other services. What is under way ends with those it began with, and so do their
   * connections. What concerns the listening itself stays: address, port, limits on connections.
   */
  reload: (services: Services) => Promise<void>
  /** Stops accepting and waits for what is under way, at most `graceMs` (default 60 s). */
  close: (graceMs?: number) => Promise<void>
}

const GRACE_MS = 60_000

/** Starts the gateway: one HTTP server in front of two doors. */
export async function startGateway(
  services: Services,
  options: { host: string; port: number; limits?: Partial<HttpServerLimits> | undefined },
): Promise<Gateway> {
  let doors = await openDoors(services)
  const { maxRequestBytes, maxUploadBytes } = services.config.settings
  const server = createHttpServer({
    onRequest: (request, response) => doors.serve(request, response),
    limits: { ...options.limits, bodyBytes: Math.max(maxRequestBytes, maxUploadBytes) },
  })
  const { port } = await server.listen(options.port, options.host)
  services.health.start()
  const host = options.host.includes(':') ? `[${options.host}]` : options.host
  return {
    url: `http://${host}:${port}`,
    port,
    reload: async (next) => {
      const before = doors
      doors = await openDoors(next)
      before.services.health.stop()
      next.health.start()
      before.forget()
    },
    close: async (graceMs = GRACE_MS) => {
      doors.services.state.draining = true
      doors.services.health.stop()
      await server.close(graceMs)
      await doors.services.shadows.close()
      await doors.close()
    },
  }
}

/** What serves requests by one state of the configuration. */
interface Doors {
  services: Services
  serve: (request: IncomingMessage, response: ServerResponse) => void
  /** Nobody comes in any more; who is in stays. */
  forget: () => void
  close: () => Promise<void>
}

/**
 * Calls to models take the fast lane, matched first and handled on the raw request; everything else is the business of
 * `rest`, which is loaded when it is first needed, so that the gateway is ready sooner.
 */
async function openDoors(services: Services): Promise<Doors> {
  const { settings } = services.config
  const callers = await createCallers(services)
  const authenticator = createAuthenticator(services.config, callers, services.monotonicMs)
  const gate = { ...authenticator, ...createAuthorizer(services, callers) }
  const router = createRouter(
    LLM_ROUTES.flatMap((route) => route.paths.map((path) => ({ methods: ['POST'], path, route }))),
  )
  const cors = settings.corsOrigins === undefined ? undefined : createCors(settings.corsOrigins)
  let rest: Promise<Rest> | undefined
  const loadRest = (): Promise<Rest> => (rest ??= startRest(services, authenticator))

  return {
    services,
    serve: (request, response) => {
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
    },
    forget: callers.close,
    close: async () => {
      callers.close()
      // One that could not be loaded has nothing to close; whoever asked for it was told.
      const loaded = await rest?.catch(() => undefined)
      await loaded?.close()
      await services.upstream.close()
    },
  }
}

async function startRest(services: Services, { authenticate }: Authenticator): Promise<Rest> {
  const [{ createRest }, { createAdminRoutes }] = await Promise.all([
    import('./rest/rest.ts'),
    import('./admin/index.ts'),
  ])
  return await createRest(services, authenticate, createAdminRoutes(services))
}
