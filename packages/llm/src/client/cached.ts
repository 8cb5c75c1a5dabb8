import type { ResponseCache } from '../cache/cache.ts'
import type { CacheEntry } from '../cache/entry.ts'
import { cacheKey } from '../cache/key.ts'
import type { KeyParts } from '../cache/key.ts'
import { cachePolicy, mergeControls, parseCacheControls } from '../cache/policy.ts'
import type { CachedOperation, CachePolicy } from '../cache/policy.ts'
import { createCollector, eventsOf } from '../protocols/collect.ts'
import { parseJson } from '../protocols/wire.ts'
import type { Answer } from '../types/answer.ts'
import type { EmbeddingAnswer, EmbeddingRequest } from '../types/embedding.ts'
import type { StreamEvent } from '../types/event.ts'
import type { Rates } from '../types/model.ts'
import type { RerankAnswer } from '../types/rerank.ts'
import type { TranscriptionAnswer, TranscriptionRequest } from '../types/transcription.ts'
import type { ClientCore } from './core.ts'
import type { CallOptions } from './options.ts'
import { settingOf } from './settings.ts'
import type { CallWatch } from './watch.ts'

interface CachedCall {
  readonly core: ClientCore
  readonly call: CallOptions
  readonly watch: CallWatch
}

interface ChatCall extends CachedCall {
  readonly request: object & { readonly model: string }
  readonly operation: CachedOperation
}

interface Plan {
  readonly cache: ResponseCache
  readonly policy: CachePolicy
  readonly parts: KeyParts
}

/** A whole answer from the client's cache, else the one that is asked for, kept. */
export function cachedAnswer<Call extends ChatCall>(
  run: Call,
  ask: (run: Call) => Promise<Answer>,
): Promise<Answer> {
  return cachedWhole(run, ask, answerIn)
}

/** The same of ranked documents. */
export function cachedRanking<Call extends ChatCall>(
  run: Call,
  ask: (run: Call) => Promise<RerankAnswer>,
): Promise<RerankAnswer> {
  return cachedWhole(run, ask, rankingIn)
}

/** The same of transcripts: a recording is the same when its bytes are. */
export async function cachedTranscript<
  Call extends CachedCall & { readonly request: TranscriptionRequest; readonly operation: CachedOperation },
>(run: Call, ask: (run: Call) => Promise<TranscriptionAnswer>): Promise<TranscriptionAnswer> {
  if (settingOf(run.core.settings, 'cache') === undefined) return ask(run)
  const { file, ...settings } = run.request
  const request = { ...settings, file: await digestOf(file.bytes) }
  return cachedWhole({ ...run, request }, () => ask(run), transcriptIn)
}

async function digestOf(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new Uint8Array(bytes))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** How what is kept is read; `undefined` for what is no such answer. */
type ReadKept<Kept> = (entry: CacheEntry | undefined) => Kept | undefined

async function cachedWhole<Call extends ChatCall, Kept>(
  run: Call,
  ask: (run: Call) => Promise<Kept>,
  read: ReadKept<Kept>,
): Promise<Kept> {
  const plan = await planOf(run, run.operation, run.request)
  if (plan === undefined) return ask(run)
  const { cache, policy } = plan
  const key = keyOf(plan, run.watch)
  const kept = read(await cache.find(key, policy))
  if (kept !== undefined) return hit(kept, run.watch)
  const flight = policy.reads ? cache.flights?.find(key) : undefined
  if (flight !== undefined) {
    const outcome = await flight.outcome
    const shared = outcome.type === 'answer' ? read(outcome.value) : undefined
    // When the one who asked failed, the first to hear of it asks again, and the others wait for that one.
    return shared === undefined ? cachedOrAsked(run, ask, read, plan, key) : hit(shared, run.watch)
  }
  return await askAndLand(run, ask, plan, key)
}

async function cachedOrAsked<Call extends ChatCall, Kept>(
  run: Call,
  ask: (run: Call) => Promise<Kept>,
  read: ReadKept<Kept>,
  plan: Plan,
  key: string,
): Promise<Kept> {
  const next = plan.cache.flights?.find(key)
  if (next === undefined) return await askAndLand(run, ask, plan, key)
  const outcome = await next.outcome
  if (outcome.type === 'failure') throw outcome.error
  const shared = outcome.type === 'answer' ? read(outcome.value) : undefined
  return shared === undefined ? await ask(run) : hit(shared, run.watch)
}

async function askAndLand<Call extends ChatCall, Kept>(
  run: Call,
  ask: (run: Call) => Promise<Kept>,
  { cache, policy }: Plan,
  key: string,
): Promise<Kept> {
  const flight = cache.flights?.lead(key)
  try {
    const answer = await ask(run)
    const entry = cache.keep(key, JSON.stringify(answer), policy)
    flight?.land({ type: 'answer', value: entry })
    return answer
  } catch (error) {
    flight?.land({ type: 'failure', error })
    throw error
  }
}

/** The events of an answer that is kept, else those that come, kept when they have come to their end. */
export async function cachedEvents<Call extends ChatCall>(
  run: Call,
  ask: (run: Call) => Promise<AsyncGenerator<StreamEvent, void, undefined>>,
): Promise<AsyncGenerator<StreamEvent, void, undefined>> {
  const plan = await planOf(run, run.operation, run.request)
  if (plan === undefined) return ask(run)
  const key = keyOf(plan, run.watch)
  const kept = answerIn(await plan.cache.find(key, plan.policy))
  return kept === undefined ? keepingEvents(await ask(run), plan, key) : replay(hit(kept, run.watch))
}

async function* replay(answer: Answer): AsyncGenerator<StreamEvent, void, undefined> {
  yield* eventsOf(answer)
}

async function* keepingEvents(
  events: AsyncGenerator<StreamEvent, void, undefined>,
  { cache, policy }: Plan,
  key: string,
): AsyncGenerator<StreamEvent, void, undefined> {
  const collector = createCollector()
  for await (const event of events) {
    collector.push(event)
    if (event.type === 'finish') cache.keep(key, JSON.stringify(collector.answer()), policy)
    yield event
  }
}

/** Each input's vector from the client's cache; only the others are asked for. */
export async function cachedVectors(
  run: CachedCall,
  request: EmbeddingRequest,
  ask: (request: EmbeddingRequest) => Promise<EmbeddingAnswer>,
): Promise<EmbeddingAnswer> {
  const { inputs, encodingFormat: _format, ...settings } = request
  const plan = await planOf(run, 'embeddings', settings)
  if (plan === undefined) return ask(request)
  const { cache, policy, parts } = plan
  const keys = inputs.map((input) => cacheKey({ ...parts, request: { ...parts.request, input } }, cache.hash))
  const found = (await cache.findMany(keys, policy)).map(vectorIn)
  const missing = [...found.keys()].filter((index) => found[index] === undefined)
  if (missing.length === 0) hit(found, run.watch)
  const asked =
    missing.length === 0
      ? undefined
      : await ask({ ...request, inputs: missing.flatMap((index) => inputs[index] ?? []) })
  const usage = asked?.usage ?? { inputTokens: 0, outputTokens: 0, source: 'provider' as const }
  const model = asked?.model ?? found.find((one) => one !== undefined)?.model ?? ''
  missing.forEach((index, place) => {
    const vector = asked?.embeddings[place]
    if (vector === undefined) return
    found[index] = { vector, model }
    cache.keep(keys[index] ?? '', JSON.stringify({ vector, model }), policy)
  })
  return { model, embeddings: found.map((one) => one?.vector ?? []), usage }
}

/** `undefined`: there is no cache, or it has nothing to do with this call. */
async function planOf(
  { core, call, watch }: CachedCall,
  operation: CachedOperation,
  request: object & { readonly model: string },
): Promise<Plan | undefined> {
  const setting = settingOf(core.settings, 'cache')
  if (
    setting === undefined ||
    core.isShadow === true ||
    watch.beginning !== undefined ||
    typeof call.mock_response === 'object'
  )
    return undefined
  const cache = await setting.open()
  const controls = mergeControls(parseCacheControls(call.cache), {
    caching: call.caching,
    ttlMs: call.ttl === undefined ? undefined : call.ttl * 1000,
  })
  const policy = cachePolicy(cache.rules, operation, controls)
  if (policy === undefined) return undefined
  const { stream: _stream, includeUsage: _usage, ...counted } = request as Record<string, unknown>
  const parts: KeyParts = {
    tenant: '',
    modelGroup: watch.place.modelGroup ?? request.model,
    operation,
    namespace: policy.namespace,
    request: counted,
    settings: {
      // Deployments of one group share their answers, wherever they are.
      place:
        watch.place.modelGroup === undefined
          ? [call.custom_llm_provider, call.api_base ?? call.base_url, call.api_version, call.organization]
          : undefined,
      headers: call.extra_headers,
      body: call.extra_body,
      drop: call.drop_params,
      dropped: call.additional_drop_params,
      allowed: call.allowed_openai_params,
      mock: call.mock_response,
    },
  }
  return { cache, policy, parts }
}

function keyOf({ cache, parts }: Plan, { record }: CallWatch): string {
  return (record.cacheKey = cacheKey(parts, cache.hash))
}

function hit<Kept>(kept: Kept, { record }: CallWatch): Kept {
  record.cacheHit = true
  record.rates = FREE
  return kept
}

const FREE: Rates = { inputPicoUsd: 0n, outputPicoUsd: 0n }

/** `undefined` for what is no answer. */
function answerIn(entry: CacheEntry | undefined): Answer | undefined {
  const value =
    entry === undefined ? undefined : (parseJson(entry.value) as Partial<Answer> | null | undefined)
  if (!Array.isArray(value?.choices) || typeof value.id !== 'string' || typeof value.model !== 'string')
    return undefined
  return value as Answer
}

function rankingIn(entry: CacheEntry | undefined): RerankAnswer | undefined {
  const value =
    entry === undefined ? undefined : (parseJson(entry.value) as Partial<RerankAnswer> | null | undefined)
  return Array.isArray(value?.rankings) ? (value as RerankAnswer) : undefined
}

function transcriptIn(entry: CacheEntry | undefined): TranscriptionAnswer | undefined {
  const value =
    entry === undefined
      ? undefined
      : (parseJson(entry.value) as Partial<TranscriptionAnswer> | null | undefined)
  return typeof value?.text === 'string' ? (value as TranscriptionAnswer) : undefined
}

function vectorIn(entry: CacheEntry | undefined): { vector: number[]; model: string } | undefined {
  const value =
    entry === undefined ? undefined : (parseJson(entry.value) as { vector?: unknown; model?: unknown })
  return Array.isArray(value?.vector) ? { vector: value.vector, model: String(value.model) } : undefined
}
