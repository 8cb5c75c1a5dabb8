import {
  createError,
  eventsOf,
  isSwitchyardError,
  lowestOrder,
  retryDelayMs,
  simpleShuffle,
} from '@switchyard/llm/kit'
import type { DialectId, SwitchyardError } from '@switchyard/llm/kit'
import type { Deployment } from '../../deployments/deployments.ts'
import type { UpstreamCall } from '../../deployments/upstream.ts'
import type { Services } from '../../services.ts'
import type { GatewayAnswer } from '../answer.ts'
import { answerContext } from '../answer.ts'
import type { LlmCall } from '../call.ts'
import type { Exchange } from '../exchange.ts'
import { isDeploymentFault, isStateElsewhere, mayFailOver } from '../gateway-failure.ts'
import type { Lifetime } from '../lifetime.ts'
import { waitsFor } from '../waits.ts'
import { askLocal } from '../upstream/local.ts'
import { openStream } from '../upstream/open-stream.ts'
import { planCall } from '../upstream/plan.ts'
import type { UpstreamPlan } from '../upstream/plan.ts'
import { readAnswer, readRelayedAnswer } from '../upstream/read-whole.ts'
import { receiveWhole } from '../upstream/receive-whole.ts'
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
  const untried = new Set(candidates)
  const faulty = new Set<Deployment>()
  for (let attempt = 0; ; attempt++) {
    const deployment = pick(
      untried.size > 0 ? [...untried] : candidates.filter((one) => !faulty.has(one)),
      services,
    )
    untried.delete(deployment)
    exchange.receipt.deployment = deployment
    const startedMs = services.monotonicMs()
    try {
      const answer = await ask(exchange, call, deployment, lifetime, services)
      exchange.receipt.attempts.push({ deploymentId: deployment.id, ms: services.monotonicMs() - startedMs })
      return answer
    } catch (error) {
      if (!isSwitchyardError(error)) throw error
      exchange.receipt.attempts.push({
        deploymentId: deployment.id,
        code: error.reason ?? error.code,
        ms: services.monotonicMs() - startedMs,
      })
      if (lifetime.cause === 'deadline') throw tooLate(error)
      if (isStateElsewhere(error) && untried.size > 0 && !lifetime.over) continue
      if (lifetime.over || attempt >= retries || !mayFailOver(error)) throw error
      if (isDeploymentFault(error)) faulty.add(deployment)
      if (untried.size > 0) continue
      if (faulty.size === candidates.length) throw error
      await waitBeforeRetry(error, attempt, lifetime, services)
    }
  }
}

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

/** Asks one deployment once. */
export type Ask = (
  exchange: Exchange,
  call: LlmCall,
  deployment: Deployment,
  lifetime: Lifetime,
  services: Services,
) => Promise<GatewayAnswer>

/** How often more a request may be tried after it has failed. */
export function retriesOf(call: LlmCall, candidates: readonly Deployment[], services: Services): number {
  return call.options.numRetries ?? candidates[0]?.config.numRetries ?? services.config.settings.numRetries
}

function pick(candidates: readonly Deployment[], services: Services): Deployment {
  const deployment =
    candidates.length === 1 ? candidates[0] : simpleShuffle.pick(lowestOrder(candidates), services.random())
  if (deployment === undefined)
    throw createError({
      code: 'service_unavailable',
      reason: 'no_deployment_available',
      message: 'No deployments available for selected model. Try again later.',
    })
  return deployment
}

async function waitBeforeRetry(
  error: SwitchyardError,
  attempt: number,
  lifetime: Lifetime,
  services: Services,
): Promise<void> {
  const delayMs = retryDelayMs(attempt, error.retryAfterMs, services.random())
  // Waiting past the request's own end helps nobody.
  if (delayMs >= lifetime.leftMs()) throw error
  await lifetime.sleep(delayMs)
  if (lifetime.over) throw error
}

/** Asks for an answer of words: whole or as a stream, relayed or translated. */
export const askDeployment: Ask = async (exchange, call, deployment, lifetime, services) => {
  const { place } = deployment
  const mock = call.options.mockResponse
  if (mock !== undefined) return askLocal(exchange, call, { type: 'mock', text: mock }, services)
  if (place.type !== 'provider') return askLocal(exchange, call, place, services)
  const waits = waitsFor(deployment, call.stream, lifetime)
  const planning = planCall(call, deployment, place.resolved, services, waits)
  const plan = planning instanceof Promise ? await planning : planning
  const sentMs = services.monotonicMs()
  const watch = (running: UpstreamCall): void => lifetime.onOver(() => running.abort())
  try {
    return call.stream
      ? await askForStream(exchange, call, plan, services, watch)
      : await askForWhole(exchange, call, plan, services, watch)
  } finally {
    exchange.receipt.upstreamMs += services.monotonicMs() - sentMs
  }
}

type Watch = (running: UpstreamCall) => void

async function askForWhole(
  exchange: Exchange,
  call: LlmCall,
  plan: UpstreamPlan,
  services: Services,
  watch: Watch,
): Promise<GatewayAnswer> {
  const whole = await receiveWhole(services.upstream, plan, watch)
  const base = { type: 'whole' as const, url: plan.url, providerHeaders: whole.headers }
  if (plan.mode === 'relay') {
    const { usage, model } = readRelayedAnswer(whole, plan, call.dialect.id as DialectId)
    return { ...base, body: whole.body, usage, model }
  }
  const answer = readAnswer(whole, plan)
  const context = answerContext(exchange, call, answer, services)
  return {
    ...base,
    body: Buffer.from(JSON.stringify(call.dialect.renderAnswer(answer, context))),
    usage: answer.usage,
    model: answer.model === '' ? undefined : answer.model,
    answer,
  }
}

async function askForStream(
  exchange: Exchange,
  call: LlmCall,
  plan: UpstreamPlan,
  services: Services,
  watch: Watch,
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
  const stream = await openStream(services.upstream, plan, converter, wholeAnswer, watch)
  return { type: 'stream', url: plan.url, providerHeaders: stream.headers, stream }
}
