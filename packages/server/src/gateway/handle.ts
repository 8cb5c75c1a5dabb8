import { checkContentType, readBody } from '../http/body.ts'
import type { Services } from '../services.ts'
import { readCall } from './call.ts'
import { checkMedia } from './check-media.ts'
import { fittingDeployments } from './check-window.ts'
import type { Exchange } from './exchange.ts'
import { toGatewayFailure } from './gateway-failure.ts'
import { followLifetime } from './lifetime.ts'
import { unknownModel } from './refusals.ts'
import type { Authenticator } from './steps/authenticate.ts'
import type { Authorizer } from './steps/authorize.ts'
import { askDeployment, dispatch, retriesOf } from './steps/dispatch.ts'
import { embed } from './steps/embed.ts'
import { record } from './steps/record.ts'
import { refuse } from './steps/refuse.ts'
import { respond } from './steps/respond.ts'
import { lifetimeMs } from './waits.ts'

/**
 * A request, top to bottom, whatever it asks for and in whatever format:
 *
 * who asks → what they ask → may they → which deployments → an answer → the answer's way back → what it was.
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
    receipt.principal = found instanceof Promise ? await found : found
    checkContentType(request)
    const body = await readBody(request, { maxBytes: settings.maxRequestBytes })
    const call = readCall(route, params, request.headers, body)
    receipt.model = call.model
    receipt.stream = call.stream
    const allowed = gate.authorize(exchange, receipt.principal, call)
    const { principal, model } = allowed instanceof Promise ? await allowed : allowed
    receipt.principal = principal
    receipt.model = call.model = model
    const deployments = services.deployments.find(call.model)
    if (deployments.length === 0) throw unknownModel(call.model)
    checkMedia(call)
    const candidates = fittingDeployments(call, deployments)
    const timeoutMs = lifetimeMs(call, candidates, retriesOf(call, candidates, services))
    const lifetime = followLifetime(response, timeoutMs, services.monotonicMs)
    try {
      const ask = route.operation === 'embeddings' ? embed : askDeployment
      const answer = await dispatch(exchange, call, candidates, lifetime, services, ask)
      await respond(exchange, call, answer, lifetime, services)
    } finally {
      lifetime.complete()
    }
  } catch (error) {
    const failure = toGatewayFailure(error)
    if (failure.code === 'internal' && failure.provider === undefined)
      services.log.error({ id: exchange.id, error }, 'a request failed unexpectedly')
    refuse(exchange, failure, services)
  } finally {
    record(exchange, services)
  }
}
