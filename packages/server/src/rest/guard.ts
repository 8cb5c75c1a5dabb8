import { createError } from '@switchyard/llm/kit'
import type { FastifyInstance } from 'fastify'
import type { IncomingMessage } from 'node:http'
import { isPermitted } from '../auth/permissions.ts'
import type { Principal } from '../auth/principal.ts'
import { checkRoute } from '../auth/route-access.ts'
import type { RouteSettings } from '../auth/route-access.ts'
import type { Access } from './route.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
    /** All paths of the route: any of them may be the one that a key is allowed. */
    paths?: readonly string[]
  }
  interface FastifyRequest {
    /** Left out on public routes. */
    principal: Principal | undefined
  }
}

/** Says who is asking. @throws 401 or 403 when that cannot be said. */
export type Identify = (request: IncomingMessage) => Principal | Promise<Principal>

/**
 * Lets nobody in by oversight: a route that does not say who may ask it cannot be added, and everyone else than
 * the public has to show a key that is permitted what the route needs. Paths that nobody serves need none: there is
 * nothing behind them.
 */
export function denyByDefault(
  fastify: FastifyInstance,
  identify: Identify,
  settings: RouteSettings = {},
): void {
  fastify.decorateRequest('principal', undefined)
  fastify.addHook('onRoute', ({ config, method, url }) => {
    if (config?.access === undefined)
      throw new TypeError(`${String(method)} ${url} does not say who may ask it: give it an access`)
  })
  fastify.addHook('onRequest', async (request) => {
    const { access } = request.routeOptions.config
    if (request.is404 || access === 'public') return
    const principal = await identify(request.raw)
    const path = request.routeOptions.url ?? ''
    checkRoute(principal, { paths: request.routeOptions.config.paths ?? [path] }, settings)
    if (access === undefined || !isPermitted(principal, access)) throw notPermitted(principal, path)
    request.principal = principal
  })
}

/** LiteLLM's words: its clients and tests look for them. */
function notPermitted({ role, userId }: Principal, path: string): Error {
  return createError({
    code: 'permission_denied',
    type: 'auth_error',
    message: `Authentication Error, Only proxy admin can be used to generate, delete, update info for new keys/users/teams. Route=${path}. Your role=${role === 'key' ? 'unknown' : role}. Your user_id=${userId ?? 'None'}. Ask an administrator for a role that may.`,
  })
}
