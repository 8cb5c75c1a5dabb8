import type { IncomingMessage } from 'node:http'
import type { GatewaySettings } from '../config/index.ts'
import { checkContentType, readBody } from '../http/body.ts'
import type { Deployment } from '../deployments/deployments.ts'
import type { Services } from '../services.ts'
import { askOf } from './ask-of.ts'
import { readCall } from './call.ts'
import type { LlmCall } from './call.ts'
import type { AskVectors } from './caching/like-question.ts'
import type { GatewayAnswer } from './answer.ts'
import type { Exchange } from './exchange.ts'
import { toGatewayFailure } from './gateway-failure.ts'
import { dispatchOn } from './continue-stream.ts'
import { checkFormType, readUpload } from './read-upload.ts'
import type { Upload } from './read-upload.ts'
import { takesUpload } from './routes/routes.ts'
import { finishRoute } from './finish-route.ts'
import { followLifetime } from './lifetime.ts'
import type { Lifetime } from './lifetime.ts'
import { mirror } from './mirror.ts'
import { place } from './place.ts'
import { fallbackCount, retriesOf, rulesOf, timeoutOf } from './route-rules.ts'
import type { Authenticator } from './steps/authenticate.ts'
import type { Authorizer } from './steps/authorize.ts'
import { cached } from './steps/cached.ts'
import type { Found } from './steps/cached.ts'
import { dispatch } from './steps/dispatch.ts'
import { embed } from './steps/embed.ts'
import { record } from './steps/record.ts'
import { refuse } from './steps/refuse.ts'
import { respond } from './steps/respond.ts'
import { settle } from './settle.ts'
import { lifetimeMs } from './waits.ts'

/**
 * A request, top to bottom, whatever it asks for and in whatever format:
 *
 * who asks → what they ask → may they → which deployments → is there room → an answer, kept or new → the answer's way
 * back → what it was.
 */
export async function handle(
  exchange: Exchange,
  gate: Authenticator & Authorizer,
  services: Services,
): Promise<void> {
  const { request, response, route, params, receipt } = exchange
  const { settings } = services.config
  try {
    const found = gate.authenticate(request)
    const caller = found instanceof Promise ? await found : found
    exchange.principal = caller
    const upload = takesUpload(route) ? await receiveUpload(request, settings) : undefined
    const body = upload?.body ?? (await receiveJson(request, settings))
    const call = readCall(route, params, request.headers, body, upload?.file)
    exchange.call = call
    receipt.model = call.model
    receipt.stream = call.stream
    const candidates = await place(exchange, gate, caller, call, services)
    const rules = rulesOf(exchange, call, services)
    const tries = retriesOf(call, candidates, rules)
    call.options.timeoutMs = timeoutOf(exchange, call)
    const timeoutMs = lifetimeMs(call, candidates, tries, fallbackCount(call, rules))
    const lifetime = followLifetime(response, timeoutMs, services.monotonicMs)
    try {
      const found = await answerOf(exchange, call, candidates, lifetime, services)
      try {
        await respond(exchange, call, found.answer, found.lifetime, services)
      } finally {
        found.lifetime.complete()
      }
    } finally {
      lifetime.complete()
    }
  } catch (error) {
    const failure = toGatewayFailure(error)
    if (failure.code === 'internal' && failure.provider === undefined)
      services.log.error({ id: exchange.id, error }, 'a request failed unexpectedly')
    refuse(exchange, failure, services)
  } finally {
    settle(exchange, services)
    finishRoute(exchange, services)
    record(exchange, services)
    mirror(exchange, gate, services)
  }
}

function receiveJson(request: IncomingMessage, { maxRequestBytes }: GatewaySettings): Promise<Buffer> {
  checkContentType(request)
  return readBody(request, { maxBytes: maxRequestBytes })
}

function receiveUpload(request: IncomingMessage, { maxUploadBytes }: GatewaySettings): Promise<Upload> {
  checkFormType(request)
  return readUpload(request, { maxBytes: maxUploadBytes })
}

/** From what was answered before, else from a deployment; with how long whoever answers has for it. */
async function answerOf(
  exchange: Exchange,
  call: LlmCall,
  candidates: readonly Deployment[],
  lifetime: Lifetime,
  services: Services,
): Promise<Found> {
  const ask = askOf(exchange.route)
  const { cache } = services
  if (cache === undefined)
    return { answer: await dispatchOn(exchange, call, candidates, lifetime, services, ask), lifetime }
  const askAll = (asked: LlmCall, during: Lifetime): Promise<GatewayAnswer> =>
    dispatchOn(exchange, asked, candidates, during, services, ask)
  const askVectors: AskVectors = (asking, asked, those, during) =>
    dispatch(asking, asked, those, during, services, embed)
  return cached(exchange, call, candidates, lifetime, services, cache, askAll, askVectors)
}
