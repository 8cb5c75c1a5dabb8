import type { FastifyInstance } from 'fastify'
import type { Authenticator } from '../gateway/steps/authenticate.ts'
import type { Access } from './route.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
  }
}

/**
 * Lets nobody in by oversight: a route that does not say who may ask it cannot be added, and everyone else than
 * the public has to show a key. Paths that nobody serves need none: there is nothing behind them.
 */
export function denyByDefault(fastify: FastifyInstance, authenticator: Authenticator): void {
  fastify.addHook('onRoute', ({ config, method, url }) => {
    if (config?.access === undefined)
      throw new TypeError(`${String(method)} ${url} does not say who may ask it: give it an access`)
  })
  fastify.addHook('onRequest', async (request) => {
    if (request.is404 || request.routeOptions.config.access === 'public') return
    authenticator.authenticate(request.raw)
  })
}
