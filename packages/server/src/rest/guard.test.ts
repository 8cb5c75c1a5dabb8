import Fastify from 'fastify'
import { expect, it } from 'vitest'
import { MASTER } from '../auth/fixed-principals.ts'
import { denyByDefault } from './guard.ts'
import type { Identify } from './guard.ts'

const unknown: Identify = () => {
  throw Object.assign(new Error('no key'), { statusCode: 401 })
}
const plainKey: Identify = () => ({ ...MASTER, type: 'key', role: 'key', userId: undefined })

const modelsOnly: Identify = () => ({ ...MASTER, type: 'key', allowedRoutes: ['/v1/models'] })

it('takes no route that does not say who may ask it', async () => {
  await using fastify = Fastify()
  denyByDefault(fastify, unknown)
  expect(() => fastify.get('/open', () => 'x')).toThrow('GET /open does not say who may ask it')
})

it.each([
  ['/public', unknown, 200],
  ['/models', unknown, 401],
  ['/models', plainKey, 200],
  ['/keys', plainKey, 403],
  ['/models', modelsOnly, 200],
  ['/keys', modelsOnly, 403],
  ['/nowhere', unknown, 404],
])('answers %s', async (url, identify, status) => {
  await using fastify = Fastify()
  fastify.setErrorHandler((error: { status?: number; statusCode?: number }, _, reply) =>
    reply.code(error.status ?? error.statusCode ?? 500).send(),
  )
  denyByDefault(fastify, identify)
  fastify.get('/public', { config: { access: 'public' } }, () => 'x')
  fastify.get('/models', { config: { access: 'models:read', paths: ['/v1/models', '/models'] } }, () => 'x')
  fastify.get('/keys', { config: { access: 'keys:write' } }, () => 'x')
  expect((await fastify.inject(url)).statusCode).toBe(status)
})
