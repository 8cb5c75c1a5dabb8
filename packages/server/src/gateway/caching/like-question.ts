import { cacheKey, cost, questionOf, unitVector } from '@switchyard/llm/kit'
import type { CacheEntry, CachePolicy } from '@switchyard/llm/kit'
import type { AnswerCache, SemanticSettings } from '../../cache/answer-cache.ts'
import type { Deployment } from '../../deployments/deployments.ts'
import type { Services } from '../../services.ts'
import type { GatewayAnswer } from '../answer.ts'
import { readCall } from '../call.ts'
import type { LlmCall } from '../call.ts'
import { createReceipt } from '../exchange.ts'
import type { Exchange } from '../exchange.ts'
import { finishRoute } from '../finish-route.ts'
import type { Lifetime } from '../lifetime.ts'
import { LLM_ROUTES } from '../routes/routes.ts'
import type { CachePlan } from './plan.ts'

/** Asks those who make vectors. */
export type AskVectors = (
  exchange: Exchange,
  call: LlmCall,
  candidates: readonly Deployment[],
  lifetime: Lifetime,
) => Promise<GatewayAnswer>

/** An answer to a question that means nearly the same, and how near it is. */
export interface Like {
  readonly entry: CacheEntry
  readonly similarity: number
}

export interface LikeQuestion {
  readonly like: Like | undefined
  /** From now on, the answer that is kept under this key is an answer to what was asked here. */
  readonly keep: (key: string, expiresMs: number | undefined) => void
}

/**
 * Looks for a question like this one, among those that have the same instructions, tools, settings and history. What
 * the vector costs is part of what the request costs. `undefined` where there is no telling.
 */
export async function findLike(
  exchange: Exchange,
  { parts, policy }: CachePlan,
  lifetime: Lifetime,
  services: Services,
  cache: AnswerCache,
  semantic: SemanticSettings,
  ask: AskVectors,
): Promise<LikeQuestion | undefined> {
  const made = parts()
  const question = questionOf(made.request, exchange.route.operation)
  if (question === undefined) return undefined
  const { index } = semantic
  const bucket = cacheKey({ ...made, request: question.rest }, cache.responses.hash)
  try {
    const vector = await vectorOf(question.text, exchange, lifetime, services, semantic, ask)
    if (vector === undefined) return undefined
    const near = policy.reads ? await index.nearest(bucket, vector) : undefined
    const like =
      near === undefined || near.similarity < semantic.threshold
        ? undefined
        : await likeOf(near, policy, cache)
    return {
      like,
      keep: (key, expiresMs) => {
        const added = index.add(bucket, { key, vector, expiresMs })
        if (added instanceof Promise) added.catch(() => undefined)
      },
    }
  } catch (error) {
    // The request itself is none the worse.
    services.log.warn({ id: exchange.id, error }, 'questions like this one could not be looked for')
    return undefined
  }
}

async function likeOf(
  { key, similarity }: { key: string; similarity: number },
  policy: CachePolicy,
  { responses }: AnswerCache,
): Promise<Like | undefined> {
  const entry = await responses.find(key, policy)
  return entry === undefined ? undefined : { entry, similarity: Math.min(1, similarity) }
}

const EMBEDDINGS = LLM_ROUTES.find(({ operation }) => operation === 'embeddings')

async function vectorOf(
  text: string,
  exchange: Exchange,
  lifetime: Lifetime,
  services: Services,
  { embeddingModel }: SemanticSettings,
  ask: AskVectors,
): Promise<Float32Array | undefined> {
  const candidates = services.deployments.find(embeddingModel)
  if (EMBEDDINGS === undefined || candidates.length === 0) return undefined
  const call = readCall(
    EMBEDDINGS,
    {},
    {},
    Buffer.from(JSON.stringify({ model: embeddingModel, input: [text] })),
  )
  const receipt = createReceipt()
  const asking: Exchange = { ...exchange, route: EMBEDDINGS, params: {}, call, charge: undefined, receipt }
  try {
    const answer = await ask(asking, call, candidates, lifetime)
    if (answer.type !== 'whole') return undefined
    receipt.status = 200
    receipt.usage = answer.usage
    const rates = receipt.deployment?.ratesFor(answer.model)
    if (rates !== undefined && answer.usage !== undefined)
      exchange.receipt.costPicoUsd =
        (exchange.receipt.costPicoUsd ?? 0n) + cost(answer.usage, rates).totalPicoUsd
    return unitVector(answer.vectors?.embeddings[0] ?? [])
  } finally {
    exchange.receipt.upstreamMs += receipt.upstreamMs
    finishRoute(asking, services)
  }
}
