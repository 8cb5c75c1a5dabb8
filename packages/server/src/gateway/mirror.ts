import type { Principal } from '../auth/principal.ts'
import type { Services } from '../services.ts'
import { accountStream, accountWhole, failureOfLate, openAccount } from './account-answer.ts'
import type { StreamGatewayAnswer } from './answer.ts'
import { readCall } from './call.ts'
import { askOf } from './ask-of.ts'
import type { LlmCall } from './call.ts'
import { createReceipt } from './exchange.ts'
import type { Exchange } from './exchange.ts'
import { finishRoute } from './finish-route.ts'
import { toGatewayFailure } from './gateway-failure.ts'
import { followSignal } from './lifetime.ts'
import type { Lifetime } from './lifetime.ts'
import { place } from './place.ts'
import { retriesOf, rulesOf, timeoutOf } from './route-rules.ts'
import { settle } from './settle.ts'
import type { Authorizer } from './steps/authorize.ts'
import { dispatch } from './steps/dispatch.ts'
import { record } from './steps/record.ts'
import { lifetimeMs } from './waits.ts'

/** What is copied: a request that is over. */
interface Original {
  readonly exchange: Exchange
  readonly call: LlmCall
  readonly principal: Principal
}

/**
 * Sends a copy of a request that was answered to each `silent_model` of the deployment that answered it. It begins when
 * the request is over, so that it takes no time and no room of its budget; its answer goes nowhere but to the log.
 */
export function mirror(exchange: Exchange, gate: Authorizer, services: Services): void {
  const { receipt, call, principal, id } = exchange
  const models = receipt.deployment?.silentModels
  if (models === undefined || models.length === 0 || call === undefined || principal === undefined) return
  if (!isWhole(exchange) || dependsOnDeployment(call)) return
  for (const model of models) {
    const begun = services.shadows.begin((stop) =>
      askShadow({ exchange, call, principal }, model, gate, services, stop),
    )
    if (!begun) services.log.debug({ id, model }, 'a request is not copied: too many copies are under way')
  }
}

/** Answered by a deployment, to its end. */
function isWhole({ receipt }: Exchange): boolean {
  return receipt.status === 200 && receipt.failure === undefined && receipt.cache?.hit !== true
}

/** Only who made the response before this one can go on with it. */
function dependsOnDeployment({ scan }: LlmCall): boolean {
  return scan.has('previous_response_id')
}

async function askShadow(
  original: Original,
  model: string,
  gate: Authorizer,
  services: Services,
  stop: AbortSignal,
): Promise<void> {
  const { route, request, response, id: shadowOf } = original.exchange
  const { principal } = original
  const exchange: Exchange = {
    id: services.newId(),
    route,
    params: { model },
    request,
    // Nothing is written to it.
    response,
    startedMs: services.monotonicMs(),
    receipt: createReceipt(),
    principal,
    shadowOf,
  }
  const { receipt } = exchange
  try {
    const call = callOf(original, exchange, model)
    exchange.call = call
    receipt.model = model
    receipt.stream = call.stream
    const candidates = await place(exchange, budgetsOnly(gate), asOperator(principal), call, services)
    const tries = retriesOf(call, candidates, rulesOf(exchange, call, services))
    call.options.timeoutMs = timeoutOf(exchange, call)
    const timeoutMs = lifetimeMs(call, candidates, tries, 0)
    const lifetime = followSignal(stop, timeoutMs, services.monotonicMs)
    try {
      const answer = await dispatch(exchange, call, candidates, lifetime, services, askOf(route))
      if (answer.type === 'whole') accountWhole(exchange, call, answer, services)
      else await drain(exchange, call, answer, lifetime, services)
    } finally {
      lifetime.complete()
    }
  } catch (error) {
    receipt.failure = toGatewayFailure(error)
    receipt.status = receipt.failure.status
  } finally {
    settle(exchange, services)
    finishRoute(exchange, services)
    record(exchange, services)
  }
}

/** Of priorities. */
const LAST = 255

/** The same call, to this model and to nobody instead of it. What the client said about fallbacks and tests is over. */
function callOf({ call: before }: Original, { route, params, request }: Exchange, model: string): LlmCall {
  const call = readCall(route, params, request.headers, before.body, before.file)
  const maxPicoUsd = before.options.routing?.maxPicoUsd
  call.model = model
  call.options.routing = { disableFallbacks: true, maxPicoUsd, priority: LAST }
  return call
}

/** Which model is tried out is the operator's choice, not the caller's. */
function asOperator(principal: Principal): Principal {
  return { ...principal, modelLists: [], aliases: {} }
}

/** Copies are paid for by whoever made the request, and take none of their requests and tokens a minute. */
function budgetsOnly(gate: Authorizer): Authorizer {
  return {
    authorize: async (...asked) => {
      const found = await gate.authorize(...asked)
      return { ...found, limits: found.limits.map(({ scope, budgets }) => ({ scope, budgets })) }
    },
  }
}

/** Reads a stream to its end, or as far as its time allows. */
function drain(
  exchange: Exchange,
  call: LlmCall,
  answer: StreamGatewayAnswer,
  lifetime: Lifetime,
  services: Services,
): Promise<void> {
  const { receipt } = exchange
  const { stream } = answer
  openAccount(exchange, answer, services)
  return new Promise((resolve) => {
    const finish = (): void => {
      accountStream(exchange, call, answer, services)
      resolve()
    }
    lifetime.onOver(() => {
      stream.abort()
      if (lifetime.cause === 'client_gone') receipt.status = 499
      else receipt.failure = failureOfLate(stream.converter)
      finish()
    })
    stream.pipe({ write: () => true, end: finish })
  })
}
