import { eventsOf, readRequestFallbacks, route } from '@switchyard/llm/kit'
import type {
  AttemptReason,
  DialectId,
  Entered,
  FallbackTarget,
  Place,
  RouteIo,
  SwitchyardError,
} from '@switchyard/llm/kit'
import type { Deployment } from '../../deployments/deployments.ts'
import type { Services } from '../../services.ts'
import type { GatewayAnswer } from '../answer.ts'
import { answerContext } from '../answer.ts'
import { isBilledInVain } from '../attempt-cost.ts'
import { attempt } from '../attempt.ts'
import type { Ask } from '../attempt.ts'
import type { LlmCall } from '../call.ts'
import type { Exchange } from '../exchange.ts'
import { choiceOf } from '../choice.ts'
import { enterFallback } from '../enter-fallback.ts'
import { groupOf, rulesOf } from '../route-rules.ts'
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
 * Finds an answer: by the rules of the router, from a deployment of the model that was asked for, or from one of a
 * model that stands in for it.
 *
 * @throws the failure of the model that was asked for when nobody answers.
 */
export function dispatch(
  exchange: Exchange,
  call: LlmCall,
  candidates: readonly Deployment[],
  lifetime: Lifetime,
  services: Services,
  ask: Ask,
): Promise<GatewayAnswer> {
  const rules = rulesOf(exchange, call, services)
  const model = groupOf(call.model, rules, services)
  const { routing, numRetries } = call.options
  exchange.receipt.maxRetries = numRetries ?? candidates[0]?.numRetries ?? rules.retries.numRetries
  return route(
    services.routing.engine,
    {
      model,
      candidates,
      choice: choiceOf(exchange, call, services),
      rules,
      numRetries,
      fallbacks: readRequestFallbacks(routing?.fallbacks, model),
      disableFallbacks: routing?.disableFallbacks,
      mock: routing?.mock,
      priority: routing?.priority,
    },
    new Search(exchange, call, lifetime, services, ask),
  )
}

/** What the search of the router needs of a request. */
class Search implements RouteIo<Deployment, GatewayAnswer> {
  readonly #exchange: Exchange
  readonly #call: LlmCall
  readonly #lifetime: Lifetime
  readonly #services: Services
  readonly #ask: Ask
  #calls: Map<FallbackTarget, LlmCall> | undefined

  constructor(exchange: Exchange, call: LlmCall, lifetime: Lifetime, services: Services, ask: Ask) {
    this.#exchange = exchange
    this.#call = call
    this.#lifetime = lifetime
    this.#services = services
    this.#ask = ask
  }

  ask(deployment: Deployment, { group, target }: Place, why: AttemptReason): Promise<GatewayAnswer> {
    const call = (target === undefined ? undefined : this.#calls?.get(target)) ?? this.#call
    const { receipt } = this.#exchange
    receipt.group = group
    return attempt(this.#ask, this.#exchange, call, deployment, this.#lifetime, this.#services, why)
  }

  async enter(target: FallbackTarget): Promise<Entered<Deployment>> {
    const { call, entered } = await enterFallback(this.#exchange, this.#call, target, this.#services)
    this.#calls ??= new Map()
    this.#calls.set(target, call)
    return entered
  }

  onFallback(target: FallbackTarget, skipped: string | undefined): void {
    const { receipt, id } = this.#exchange
    if (skipped === undefined) receipt.fallbacks = (receipt.fallbacks ?? 0) + 1
    else this.#services.log.debug({ id, fallback: target.model }, `a fallback is not asked: ${skipped}`)
  }

  sleep(ms: number): Promise<void> {
    return this.#lifetime.sleep(ms)
  }

  onOver(callback: () => void): void {
    this.#lifetime.onOver(callback)
  }

  leftMs(): number {
    return this.#lifetime.leftMs()
  }

  isOver(): boolean {
    return this.#lifetime.over
  }

  /** Whoever leaves, or gives too little time, says nothing about the deployment. */
  isBlameless(): boolean {
    const { cause } = this.#lifetime
    return cause === 'client_gone' || (cause === 'deadline' && this.#call.options.timeoutMs !== undefined)
  }

  isBilled(error: SwitchyardError): boolean {
    return isBilledInVain(this.#exchange.calls ?? [], error)
  }
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
      leavesOpen: call.continuation !== undefined,
      before: call.continuation?.before,
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
