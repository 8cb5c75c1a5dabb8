import { createError, FAILED_LEADERS } from '@switchyard/llm/kit'
import type { CacheEntry, Flight, Outcome, SwitchyardError } from '@switchyard/llm/kit'
import type { AnswerCache, SemanticSettings } from '../../cache/answer-cache.ts'
import type { Deployment } from '../../deployments/deployments.ts'
import type { Services } from '../../services.ts'
import type { GatewayAnswer } from '../answer.ts'
import type { LlmCall } from '../call.ts'
import { findLike } from '../caching/like-question.ts'
import type { AskVectors, LikeQuestion } from '../caching/like-question.ts'
import { findVectors } from '../caching/find-vectors.ts'
import { keeping } from '../caching/keep.ts'
import { planCaching } from '../caching/plan.ts'
import type { CachePlan } from '../caching/plan.ts'
import { replay } from '../caching/replay.ts'
import { sharedLifetime } from '../caching/shared-lifetime.ts'
import { encodeAnswer } from '../caching/stored-answer.ts'
import type { Exchange } from '../exchange.ts'
import type { Lifetime } from '../lifetime.ts'

/** An answer, and how long it lives: longer than its client where others wait for it, too. */
export interface Found {
  readonly answer: GatewayAnswer
  readonly lifetime: Lifetime
}

/** Asks those who can answer. */
export type AskAll = (call: LlmCall, lifetime: Lifetime) => Promise<GatewayAnswer>

/** An answer from the cache where there is one; else one from those who can answer, kept when it is whole. */
export async function cached(
  exchange: Exchange,
  call: LlmCall,
  candidates: readonly Deployment[],
  lifetime: Lifetime,
  services: Services,
  cache: AnswerCache,
  ask: AskAll,
  askVectors: AskVectors,
): Promise<Found> {
  const plan = planCaching(exchange, call, candidates, cache)
  if (plan === undefined) return { answer: await ask(call, lifetime), lifetime }
  const { key } = plan
  exchange.receipt.cache = { key, hit: false }
  if (call.route.operation === 'embeddings') {
    const asking = (part: LlmCall): Promise<GatewayAnswer> => ask(part, lifetime)
    return { answer: await findVectors(exchange, call, plan, cache, asking), lifetime }
  }
  const search: Search = { exchange, call, plan, key, lifetime, services, cache, ask }
  const finding = cache.responses.find(key, plan.policy)
  const entry = finding instanceof Promise ? await finding : finding
  const found = entry === undefined ? undefined : replay(entry, key, exchange, call, services)
  if (found !== undefined) return { answer: found, lifetime }
  const alike =
    cache.semantic === undefined ? undefined : await answerAlike(search, cache.semantic, askVectors)
  if (alike !== undefined) return { answer: alike, lifetime }
  return cache.responses.flights === undefined || !plan.policy.reads
    ? askAndKeep(search)
    : askTogether(search)
}

/** The answer to a question that means the same. */
async function answerAlike(
  search: Search,
  semantic: SemanticSettings,
  askVectors: AskVectors,
): Promise<GatewayAnswer | undefined> {
  const { exchange, call, plan, key, lifetime, services, cache } = search
  search.question = await findLike(exchange, plan, lifetime, services, cache, semantic, askVectors)
  const like = search.question?.like
  const answer = like === undefined ? undefined : replay(like.entry, key, exchange, call, services)
  if (like !== undefined && answer !== undefined)
    exchange.receipt.cache = { ...exchange.receipt.cache, key, hit: true, similarity: like.similarity }
  return answer
}

interface Search {
  readonly exchange: Exchange
  readonly call: LlmCall
  readonly plan: CachePlan
  readonly key: string
  readonly lifetime: Lifetime
  readonly services: Services
  readonly cache: AnswerCache
  readonly ask: AskAll
  /** Where questions that mean the same are looked for. */
  question?: LikeQuestion | undefined
}

async function askAndKeep(search: Search): Promise<Found> {
  const { call, lifetime, ask } = search
  return { answer: keptWhenWhole(await ask(call, lifetime), search, undefined), lifetime }
}

/** The first to come asks; whoever comes meanwhile waits for the same answer. When it fails, one of them tries again. */
async function askTogether(search: Search): Promise<Found> {
  const { exchange, call, key, lifetime, services, cache } = search
  const { flights } = cache.responses
  for (let failures = 0; ; failures++) {
    const flight = flights?.find(key)
    if (flights !== undefined && flight === undefined) return lead(search, flights.lead(key))
    const outcome = flight === undefined ? NOTHING : await follow(flight, lifetime)
    if (outcome.type === 'failure') {
      if (failures + 1 >= FAILED_LEADERS) throw outcome.error
      continue
    }
    const answer =
      outcome.type === 'answer' ? replay(outcome.value, key, exchange, call, services) : undefined
    return answer === undefined ? askAndKeep(search) : { answer, lifetime }
  }
}

const NOTHING: Outcome<CacheEntry> = { type: 'none' }

async function lead(search: Search, flight: Flight<CacheEntry>): Promise<Found> {
  const { call, ask } = search
  const lifetime = sharedLifetime(search.lifetime, flight)
  try {
    const answer = await ask(call, lifetime)
    return { answer: keptWhenWhole(answer, search, flight), lifetime }
  } catch (error) {
    flight.land({ type: 'failure', error })
    throw error
  }
}

async function follow(flight: Flight<CacheEntry>, lifetime: Lifetime): Promise<Outcome<CacheEntry>> {
  const leave = flight.follow()
  try {
    return await new Promise((resolve, reject) => {
      lifetime.onOver(() => reject(tooLate(lifetime)))
      void flight.outcome.then(resolve)
    })
  } finally {
    leave()
  }
}

function tooLate({ cause }: Lifetime): SwitchyardError {
  return cause === 'client_gone'
    ? createError({ code: 'aborted', message: 'The client left before there was an answer.' })
    : createError({
        code: 'timeout',
        status: 504,
        reason: 'upstream_timeout',
        message: 'The same request of somebody else was waited for, and was not answered in time.',
      })
}

function keptWhenWhole(
  answer: GatewayAnswer,
  { exchange, call, plan, key, cache, question }: Search,
  flight: Flight<CacheEntry> | undefined,
): GatewayAnswer {
  const { responses } = cache
  return keeping(answer, {
    maxLength: responses.rules.maxEntryBytes,
    exchange,
    call,
    onWhole: (stored) => {
      // Another model stood in: its answer is good for those who wait, not for those who ask when the model is back.
      const writes = plan.policy.writes && (exchange.receipt.fallbacks ?? 0) === 0
      const entry = responses.keep(key, encodeAnswer(stored), { ...plan.policy, writes })
      if (writes) question?.keep(key, entry.expiresMs)
      flight?.land({ type: 'answer', value: entry })
    },
    onUnfit: () => flight?.land(unfit(answer)),
  })
}

/** A stream that broke is a failure that others may be spared; anything else is nobody's but its client's. */
function unfit(answer: GatewayAnswer): Outcome<CacheEntry> {
  const failure = answer.type === 'stream' ? answer.stream.converter.facts.failure : undefined
  return failure === undefined ? NOTHING : { type: 'failure', error: createError(failure) }
}
