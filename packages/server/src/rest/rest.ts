import { createError, isSwitchyardError } from '@switchyard/llm/kit'
import type { DialectId, Failure, SwitchyardError } from '@switchyard/llm/kit'
import Fastify from 'fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { renderFailureAnswer } from '../gateway/failure-answer.ts'
import { toGatewayFailure } from '../gateway/gateway-failure.ts'
import { LLM_ROUTES } from '../gateway/routes/routes.ts'
import { checkContentType, readBody } from '../http/body.ts'
import { createRouter } from '../http/routes.ts'
import type { Router } from '../http/routes.ts'
import { scanJson } from '../http/scan-json.ts'
import type { Services } from '../services.ts'
import { denyByDefault } from './guard.ts'
import type { Identify } from './guard.ts'
import type { RestAnswer, RestRoute } from './route.ts'
import { createRoutes } from './routes/index.ts'

/** Every endpoint but those that lead to a model. */
export interface Rest {
  /** Answers a request, whatever path it names. */
  handle: (request: IncomingMessage, response: ServerResponse) => void
  close: () => Promise<void>
}

declare module 'fastify' {
  interface FastifyContextConfig {
    dialect?: DialectId | undefined
  }
}

const BODY_TIMEOUT_MS = 60_000
/** Names of models may be long. */
const MAX_PARAMETER_LENGTH = 1_024

/**
 * Puts the routes on a router of their own, behind whatever server hands requests to it. `administered`: those of
 * the admin API, which this room does not know.
 */
export async function createRest(
  services: Services,
  identify: Identify,
  administered: readonly RestRoute[],
): Promise<Rest> {
  const fastify = Fastify({
    logger: false,
    genReqId: () => services.newId(),
    routerOptions: { maxParamLength: MAX_PARAMETER_LENGTH, ignoreTrailingSlash: true },
    frameworkErrors: (error, request, reply) => {
      setBaseHeaders(request, reply, services)
      void sendFailure(toFailure(error, request, services), request, reply)
    },
  })
  const routes = createRoutes(services, administered)
  const router = createPathRouter(routes)
  // Bodies are read by the gateway's own reader, within its limits and after the key was checked.
  fastify.removeAllContentTypeParsers()
  fastify.addContentTypeParser('*', (_request, _payload, done) => done(null))

  fastify.addHook('onRequest', async (request, reply) => {
    setBaseHeaders(request, reply, services)
    if (!request.is404 && router.match(request.method, request.url) === undefined) throw unknownPath(request)
  })
  denyByDefault(fastify, identify, services.config.access)
  fastify.setErrorHandler((error, request, reply) =>
    sendFailure(toFailure(error, request, services), request, reply),
  )
  fastify.setNotFoundHandler((request, reply) => {
    const found = router.match(request.method, request.url)
    if (found === undefined || !('notAllowed' in found)) throw unknownPath(request)
    reply.header('allow', found.notAllowed.join(', '))
    throw wrongMethod(request, found.notAllowed)
  })
  for (const route of routes) mount(fastify, route, services)
  await fastify.ready()
  return {
    handle: (request, response) => fastify.routing(request, response),
    close: () => fastify.close(),
  }
}

function mount(fastify: FastifyInstance, route: RestRoute, services: Services): void {
  const { maxRequestBytes } = services.config.settings
  for (const url of route.paths)
    fastify.route({
      method: route.method,
      url,
      config: { access: route.access, paths: route.paths, dialect: route.dialect },
      handler: async (request, reply) => {
        const answer = await route.run({
          id: request.id,
          headers: request.headers,
          query: request.query,
          wildcard: wildcardOf(request.params),
          params: paramsOf(request.params),
          principal: request.principal,
          readBody: () => readJson(request.raw, maxRequestBytes),
        })
        return sendAnswer(answer, reply)
      },
    })
}

/** The body, checked as strictly as those of the fast lane. */
async function readJson(request: IncomingMessage, maxBytes: number): Promise<unknown> {
  if (hasNoBody(request)) return undefined
  checkContentType(request)
  const body = await readBody(request, { maxBytes, timeoutMs: BODY_TIMEOUT_MS })
  scanJson(body)
  return JSON.parse(body.toString())
}

function hasNoBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0'
}

function wildcardOf(params: unknown): string {
  return paramsOf(params)['*'] ?? ''
}

function paramsOf(params: unknown): Readonly<Record<string, string>> {
  if (typeof params !== 'object' || params === null) return {}
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value)]))
}

/** Decides about paths as the fast lane does, its own paths included: nothing unusual is made usual. */
function createPathRouter(routes: readonly RestRoute[]): Router<string> {
  return createRouter(
    [...LLM_ROUTES.map(({ paths }) => ({ paths, method: 'POST' })), ...routes].flatMap(({ paths, method }) =>
      paths.map((path) => ({ methods: [method], path, route: path })),
    ),
  )
}

function setBaseHeaders(request: FastifyRequest, reply: FastifyReply, services: Services): void {
  reply.headers({
    'x-request-id': request.id,
    'x-litellm-call-id': request.id,
    'x-litellm-version': services.version,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
}

function sendAnswer(answer: RestAnswer, reply: FastifyReply): FastifyReply {
  return reply
    .code(answer.status ?? 200)
    .headers(answer.headers ?? {})
    .type(answer.type ?? 'application/json')
    .send(answer.body)
}

function sendFailure(failure: Failure, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, headers, body } = renderFailureAnswer(failure, dialectOf(request), request.id)
  for (let index = 0; index + 1 < headers.length; index += 2)
    reply.header(headers[index] ?? '', headers[index + 1])
  return reply.code(status).send(body)
}

/** The route's own format; else Anthropic's for its clients and OpenAI's for all others. */
function dialectOf(request: FastifyRequest): DialectId {
  const own = request.is404 ? undefined : request.routeOptions.config.dialect
  return own ?? (request.headers['anthropic-version'] === undefined ? 'openai-chat' : 'anthropic-messages')
}

function toFailure(error: unknown, request: FastifyRequest, services: Services): Failure {
  const ofRouter = routerFailure(error)
  if (ofRouter !== undefined) return ofRouter
  const failure = toGatewayFailure(error)
  if (failure.code === 'internal' && !isSwitchyardError(error))
    services.log.error({ id: request.id, error }, 'a request failed unexpectedly')
  return failure
}

/** What the router itself refuses, such as a path that cannot be decoded. */
function routerFailure(error: unknown): Failure | undefined {
  if (!(error instanceof Error) || !('statusCode' in error) || isSwitchyardError(error)) return undefined
  const { statusCode: status } = error
  if (typeof status !== 'number' || status < 400 || status >= 500) return undefined
  return createError({
    code: 'bad_request',
    status,
    reason: 'invalid_request',
    message: `${error.message}.`,
  }).toFailure()
}

function wrongMethod({ method }: FastifyRequest, allowed: readonly string[]): SwitchyardError {
  return createError({
    code: 'bad_request',
    status: 405,
    reason: 'method_not_allowed',
    message: `${method} is not allowed here. Allowed: ${allowed.join(', ')}.`,
  })
}

function unknownPath(request: FastifyRequest): SwitchyardError {
  const path = request.url.split('?', 1)[0]?.slice(0, 200)
  return createError({
    code: 'not_found',
    reason: 'not_found',
    message: `${request.method} ${path} is no endpoint of this gateway. Ask /routes or /docs for those it has.`,
  })
}
