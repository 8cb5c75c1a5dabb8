import {
  createError,
  eventsOf,
  isSwitchyardError,
  lowestOrder,
  retryDelayMs,
  simpleShuffle,
} from '@switchyard/llm/kit'
import type { DialectId, PickContext, SwitchyardError } from '@switchyard/llm/kit'
import type { Deployment } from '../../deployments/deployments.ts'
import type { Services } from '../../services.ts'
import type { GatewayAnswer } from '../answer.ts'
import { answerContext } from '../answer.ts'
import { attempt } from '../attempt.ts'
import type { Ask } from '../attempt.ts'
import type { LlmCall } from '../call.ts'
import type { Exchange } from '../exchange.ts'
import { isDeploymentFault, isStateElsewhere, mayFailOver } from '../gateway-failure.ts'
import type { Lifetime } from '../lifetime.ts'
import { waitsFor } from '../waits.ts'
import { watchCall } from '../watch-call.ts'
import { askLocal } from '../upstream/local.ts'
import { openStream } from '../upstream/open-stream.ts'
import { planCall } from '../upstream/plan.ts'
import type { RelayPlan, UpstreamPlan } from '../upstream/plan.ts'
import { readAnswer, readRelayedAnswer } from '../upstream/read-whole.ts'
import { receiveWhole } from '../upstream/receive-whole.ts'
import type { WholeBody } from '../upstream/receive-whole.ts'
import { relayStream } from '../upstream/relay-stream.ts'
import { translateStream } from '../upstream/translate-stream.ts'
import type { Translator } from '../upstream/translate-stream.ts'

/**
 * Finds an answer: asks one deployment after the other until one answers. A sibling is asked at once; the
 * same deployment again only after a wait. What is wrong with the request itself ends the search.
 *
 * @throws the last failure when nobody answers.
 */
export async function dispatch(
  exchange: Exchange,
  call: LlmCall,
  candidates: readonly Deployment[],
  lifetime: Lifetime,
  services: Services,
  ask: Ask,
): Promise<GatewayAnswer> {
  const retries = retriesOf(call, candidates, services)
  let untried = candidates
  const faulty: Deployment[] = []
  for (let round = 0; ; round++) {
    const deployment = pick(
      untried.length > 0 ? untried : candidates.filter((one) => !faulty.includes(one)),
      services,
    )
    untried = untried.length > 1 ? untried.filter((one) => one !== deployment) : NOBODY
    try {
      return await attempt(ask, exchange, call, deployment, lifetime, services)
    } catch (error) {
      if (!isSwitchyardError(error)) throw error
      if (lifetime.cause === 'deadline') throw tooLate(error)
      if (isStateElsewhere(error) && untried.length > 0 && !lifetime.over) continue
      if (lifetime.over || round >= retries || !mayFailOver(error)) throw error
      if (isDeploymentFault(error)) faulty.push(deployment)
      if (untried.length > 0) continue
      if (faulty.length === candidates.length) throw error
      await waitBeforeRetry(error, round, lifetime, services)
    }
  }
}

const NOBODY: readonly Deployment[] = []

/** The request's own time was up while a provider was being asked. */
function tooLate({ provider, model }: SwitchyardError): SwitchyardError {
  return createError({
    code: 'timeout',
    reason: 'upstream_timeout',
    message: `${provider ?? 'the provider'}: did not answer within the request's time limit`,
    provider,
    model,
  })
}

/** How often more a request may be tried after it has failed. */
export function retriesOf(call: LlmCall, candidates: readonly Deployment[], services: Services): number {
  return call.options.numRetries ?? candidates[0]?.config.numRetries ?? services.config.settings.numRetries
}

function pick(candidates: readonly Deployment[], services: Services): Deployment {
  const deployment =
    candidates.length === 1 ? candidates[0] : simpleShuffle.pick(lowestOrder(candidates), contextOf(services))
  if (deployment === undefined)
    throw createError({
      code: 'service_unavailable',
      reason: 'no_deployment_available',
      message: 'No deployments available for selected model. Try again later.',
    })
  return deployment
}

function contextOf({ monotonicMs, random }: Services): PickContext {
  return { nowMs: monotonicMs(), random, stream: false, inputTokens: () => 0, args: {} }
}

async function waitBeforeRetry(
  error: SwitchyardError,
  round: number,
  lifetime: Lifetime,
  services: Services,
): Promise<void> {
  const delayMs = retryDelayMs(round, error.retryAfterMs, services.random())
  // Waiting past the request's own end helps nobody.
  if (delayMs >= lifetime.leftMs()) throw error
  await lifetime.sleep(delayMs)
  if (lifetime.over) throw error
}

/** Asks for an answer of words: whole or as a stream, relayed or translated. */
export const askDeployment: Ask = (exchange, call, deployment, lifetime, services) => {
  const { place } = deployment
  const mock = call.options.mockResponse
  if (mock !== undefined) return askLocal(exchange, call, { type: 'mock', text: mock }, services)
  if (place.type !== 'provider') return askLocal(exchange, call, place, services)
  const waits = waitsFor(deployment, call.stream, lifetime)
  const plan = planCall(call, deployment, place.resolved, services, waits)
  const send = call.stream ? askForStream : askForWhole
  // Most plans need nothing fetched first, and each turn of waiting costs.
  return plan instanceof Promise
    ? plan.then((made) => send(exchange, call, made, lifetime, services))
    : send(exchange, call, plan, lifetime, services)
}

function askForWhole(
  exchange: Exchange,
  call: LlmCall,
  plan: UpstreamPlan,
  lifetime: Lifetime,
  services: Services,
): Promise<GatewayAnswer> {
  const watch = watchCall(exchange, lifetime, services)
  return receiveWhole(services.upstream, plan, watch, (whole) =>
    plan.mode === 'relay'
      ? relayedAnswer(call, plan, whole)
      : translatedAnswer(exchange, call, plan, whole, services),
  )
}

function relayedAnswer(call: LlmCall, plan: RelayPlan, whole: WholeBody): GatewayAnswer {
  const { usage, model, id } = readRelayedAnswer(whole, plan, call.dialect.id as DialectId)
  return { type: 'whole', url: plan.url, providerHeaders: whole.headers, body: whole.body, usage, model, id }
}

function translatedAnswer(
  exchange: Exchange,
  call: LlmCall,
  plan: UpstreamPlan,
  whole: WholeBody,
  services: Services,
): GatewayAnswer {
  const answer = readAnswer(whole, plan)
  const context = answerContext(exchange, call, answer, services)
  return {
    type: 'whole',
    url: plan.url,
    providerHeaders: whole.headers,
    body: Buffer.from(JSON.stringify(call.dialect.renderAnswer(answer, context))),
    usage: answer.usage,
    model: answer.model === '' ? undefined : answer.model,
    id: context.id,
    answer,
  }
}

async function askForStream(
  exchange: Exchange,
  call: LlmCall,
  plan: UpstreamPlan,
  lifetime: Lifetime,
  services: Services,
): Promise<GatewayAnswer> {
  const requestId = exchange.id
  const createTranslation = (): Translator =>
    translateStream({
      protocol: plan.protocol,
      parse: plan.parse,
      dialect: call.dialect,
      contextOf: (start) => answerContext(exchange, call, start, services),
      requestId,
    })
  const converter =
    plan.mode === 'relay'
      ? relayStream({ dialect: call.dialect, parse: plan.parse, hidesUsage: plan.hidesUsage, requestId })
      : createTranslation()
  const wholeAnswer = (body: Buffer): string => {
    const translation = createTranslation()
    const text = translation.renderAll(eventsOf(readAnswer({ headers: {}, body }, plan)))
    Object.assign(converter.facts, translation.facts)
    return text
  }
  const watch = watchCall(exchange, lifetime, services)
  const stream = await openStream(services.upstream, plan, converter, wholeAnswer, watch)
  return { type: 'stream', url: plan.url, providerHeaders: stream.headers, stream }
}
