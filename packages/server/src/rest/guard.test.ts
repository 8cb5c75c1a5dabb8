import Fastify from 'fastify'
import { expect, it } from 'vitest'
import { denyByDefault } from './guard.ts'

const refuse = (): never => {
  throw Object.assign(new Error('no key'), { statusCode: 401 })
}

it('takes no route that does not say who may ask it', async () => {
  await using fastify = Fastify()
  denyByDefault(fastify, { authenticate: refuse })
  expect(() => fastify.get('/open', () => 'x')).toThrow('GET /open does not say who may ask it')
})

it.each([
  ['/public', 200],
  ['/secret', 401],
  ['/nowhere', 404],
])('answers %s with %i to who has no key', async (url, status) => {
  await using fastify = Fastify()
  denyByDefault(fastify, { authenticate: refuse })
  fastify.get('/public', { config: { access: 'public' } }, () => 'x')
  fastify.get('/secret', { config: { access: 'key' } }, () => 'x')
  expect((await fastify.inject(url)).statusCode).toBe(status)
})
