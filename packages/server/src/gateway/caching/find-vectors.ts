import { cacheKey, parseEmbeddingRequest, parseJson, renderEmbeddingAnswer } from '@switchyard/llm/kit'
import type { CacheEntry, EmbeddingAnswer, EmbeddingRequest, Json, Usage } from '@switchyard/llm/kit'
import type { AnswerCache } from '../../cache/answer-cache.ts'
import type { GatewayAnswer, WholeGatewayAnswer } from '../answer.ts'
import type { LlmCall } from '../call.ts'
import type { Exchange } from '../exchange.ts'
import { withMember } from './plan.ts'
import type { CachePlan } from './plan.ts'

/** One input's vector as it is kept. */
interface StoredVector {
  readonly vector: readonly number[]
  readonly model: string
  /** Its share of the usage of the request that it came with. */
  readonly tokens: number
}

/** Each input's vector from the cache where it is there; only the others are asked for, and paid. */
export async function findVectors(
  exchange: Exchange,
  call: LlmCall,
  plan: CachePlan,
  { responses }: AnswerCache,
  ask: (part: LlmCall) => Promise<GatewayAnswer>,
): Promise<GatewayAnswer> {
  const { policy } = plan
  const parts = plan.parts()
  const body = call.parsedBody()
  const request = parseEmbeddingRequest(body)
  const inputs = inputsOf(body['input'])
  const { input: _input, encoding_format: _format, ...settings } = body
  const keys = inputs.map((input) =>
    cacheKey({ ...parts, request: { ...settings, input: input ?? null } }, responses.hash),
  )
  const found = (await responses.findMany(keys, policy)).map(vectorOf)
  const missing = [...found.keys()].filter((index) => found[index] === undefined)
  if (missing.length === 0) {
    if (exchange.receipt.cache !== undefined)
      exchange.receipt.cache = { ...exchange.receipt.cache, hit: true }
    return render(
      found.flatMap((one) => one ?? []),
      request,
      call,
    )
  }
  const wanted = missing.map((index) => inputs[index] ?? '')
  const part = { ...call, parsedBody: () => withMember(body, 'input', wanted) }
  const answer = await ask(missing.length === inputs.length ? call : part)
  const asked = answer.type === 'whole' ? answer.vectors : undefined
  if (answer.type !== 'whole' || asked === undefined || asked.embeddings.length !== missing.length)
    return answer
  const shares = sharesOf(asked.usage, wanted)
  missing.forEach((index, place) => {
    const stored = {
      vector: asked.embeddings[place] ?? [],
      model: asked.model,
      tokens: shares[place] ?? 0,
    }
    found[index] = stored
    responses.keep(keys[index] ?? '', JSON.stringify(stored), policy)
  })
  if (missing.length === inputs.length) return answer
  // What is paid is what was asked for; what the client is told is what its whole answer is worth.
  return {
    ...answer,
    body: render(
      found.flatMap((one) => one ?? []),
      request,
      call,
    ).body,
  }
}

/** The inputs as they were written, one by one. */
function inputsOf(input: Json | undefined): Json[] {
  if (!Array.isArray(input)) return [input ?? null]
  return input.every((value) => typeof value === 'number') ? [input] : input
}

function vectorOf(entry: CacheEntry | undefined): StoredVector | undefined {
  if (entry === undefined) return undefined
  const stored = parseJson(entry.value) as Partial<StoredVector> | null | undefined
  if (!Array.isArray(stored?.vector) || typeof stored.model !== 'string') return undefined
  return { vector: stored.vector, model: stored.model, tokens: Number(stored.tokens ?? 0) }
}

/** What each of them took, by its length: the parts make the whole. */
function sharesOf(usage: Usage | undefined, inputs: readonly Json[]): number[] {
  const total = usage?.inputTokens ?? 0
  const lengths = inputs.map((input) => JSON.stringify(input).length)
  const sum = lengths.reduce((all, length) => all + length, 0)
  let given = 0
  let seen = 0
  return lengths.map((length) => {
    seen += length
    const upTo = Math.round((total * seen) / sum)
    const share = upTo - given
    given = upTo
    return share
  })
}

function render(
  vectors: readonly StoredVector[],
  request: EmbeddingRequest,
  call: LlmCall,
): WholeGatewayAnswer {
  const named = vectors.find(({ model }) => model !== '')?.model
  const inputTokens = vectors.reduce((sum, { tokens }) => sum + tokens, 0)
  const usage: Usage = { inputTokens, outputTokens: 0, source: 'provider' }
  const answer: EmbeddingAnswer = {
    model: named ?? '',
    embeddings: vectors.map(({ vector }) => [...vector]),
    usage,
  }
  return {
    type: 'whole',
    url: '',
    providerHeaders: {},
    body: Buffer.from(JSON.stringify(renderEmbeddingAnswer(answer, request, named ?? call.model))),
    usage,
    model: named,
    id: undefined,
  }
}
