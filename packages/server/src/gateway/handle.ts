import { isSwitchyardError } from '@switchyard/llm/kit'
import type { SwitchyardError } from '@switchyard/llm/kit'
import type { Principal } from '../auth/principal.ts'
import { checkContentType, readBody } from '../http/body.ts'
import type { Services } from '../services.ts'
import type { Deployment } from '../deployments/deployments.ts'
import { readCall } from './call.ts'
import type { LlmCall } from './call.ts'
import type { AskVectors } from './caching/like-question.ts'
import { checkMedia } from './check-media.ts'
import { fittingDeployments } from './check-window.ts'
import type { GatewayAnswer } from './answer.ts'
import type { Exchange } from './exchange.ts'
import { toGatewayFailure } from './gateway-failure.ts'
import { finishRoute } from './finish-route.ts'
import { followLifetime } from './lifetime.ts'
import type { Lifetime } from './lifetime.ts'
import { servedTo } from './model-access.ts'
import { modelNotServed, unknownModel } from './refusals.ts'
import { budgetFallbacks, fallbackCount, retriesOf, rulesOf } from './route-rules.ts'
import type { Authenticator } from './steps/authenticate.ts'
import { admit } from './steps/admit.ts'
import type { Authorizer } from './steps/authorize.ts'
import { cached } from './steps/cached.ts'
import { askDeployment, dispatch } from './steps/dispatch.ts'
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
    checkContentType(request)
    const body = await readBody(request, { maxBytes: settings.maxRequestBytes })
    const call = readCall(route, params, request.headers, body)
    exchange.call = call
    receipt.model = call.model
    receipt.stream = call.stream
    const candidates = await place(exchange, gate, caller, call, services)
    const rules = rulesOf(exchange, call, services)
    const tries = retriesOf(call, candidates, rules)
    const timeoutMs = lifetimeMs(call, candidates, tries, fallbackCount(call, rules))
    const lifetime = followLifetime(response, timeoutMs, services.monotonicMs)
    try {
      const ask = route.operation === 'embeddings' ? embed : askDeployment
      const { cache } = services
      if (cache === undefined) {
        const answer = await dispatch(exchange, call, candidates, lifetime, services, ask)
        await respond(exchange, call, answer, lifetime, services)
      } else {
        const askAll = (asked: LlmCall, during: Lifetime): Promise<GatewayAnswer> =>
          dispatch(exchange, asked, candidates, during, services, ask)
        const askVectors: AskVectors = (asking, asked, those, during) =>
          dispatch(asking, asked, those, during, services, embed)
        const found = await cached(exchange, call, candidates, lifetime, services, cache, askAll, askVectors)
        try {
          await respond(exchange, call, found.answer, found.lifetime, services)
        } finally {
          found.lifetime.complete()
        }
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
  }
}

/**
 * Finds who may answer, and takes what that can cost. Where the budget for a model is used up, the models that stand
 * in for it then are tried in turn.
 */
async function place(
  exchange: Exchange,
  gate: Authorizer,
  caller: Principal,
  call: LlmCall,
  services: Services,
): Promise<readonly Deployment[]> {
  try {
    return await placeWith(exchange, gate, caller, call, call.model, services)
  } catch (error) {
    if (!isSwitchyardError(error) || error.code !== 'budget_exceeded') throw error
    for (const { model } of budgetFallbacks(exchange, call, services)) {
      try {
        const candidates = await placeWith(exchange, gate, caller, call, model, services)
        exchange.refusalHeaders = undefined
        return candidates
      } catch (refusal) {
        if (!isSwitchyardError(refusal)) throw refusal
      }
    }
    throw error
  }
}

async function placeWith(
  exchange: Exchange,
  gate: Authorizer,
  caller: Principal,
  call: LlmCall,
  model: string,
  services: Services,
): Promise<readonly Deployment[]> {
  const allowing = gate.authorize(exchange, caller, { model, scan: call.scan })
  const allowed = allowing instanceof Promise ? await allowing : allowing
  exchange.principal = allowed.principal
  exchange.parties = allowed.parties
  exchange.receipt.model = call.model = allowed.model
  const deployments = servedTo(allowed.principal, services.deployments.find(call.model))
  if (deployments.length === 0) throw notFound(call.model, allowed.principal, services)
  checkMedia(call)
  const candidates = fittingDeployments(exchange, call, deployments, services)
  const admission = admit(exchange, call, allowed, candidates, services)
  if (admission !== undefined) await admission
  return candidates
}

/** Whose list names a model may hear that nobody serves it; to others it is as good as one that is kept from them. */
function notFound(model: string, { modelLists }: Principal, { config }: Services): SwitchyardError {
  const isNamed = modelLists.some(({ models }) => models.includes(model))
  return isNamed || config.access.statusProfile === 'legacy' ? modelNotServed(model) : unknownModel(model)
}
