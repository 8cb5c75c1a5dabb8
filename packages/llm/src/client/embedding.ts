import { parseEmbeddingRequest, renderEmbeddingAnswer } from '../protocols/openai-embeddings/client.ts'
import { estimateTokens } from '../tokens/index.ts'
import type { EmbeddingAnswer, EmbeddingRequest } from '../types/embedding.ts'
import type { EmbeddingResponse } from '../types/openai.ts'
import type { Usage } from '../types/usage.ts'
import type { Attempting } from './attempts.ts'
import { answeredByMock, untilAnswered } from './attempts.ts'
import { cachedVectors } from './cached.ts'
import { sendWhole } from './call.ts'
import type { ClientCore } from './core.ts'
import { authContextOf, placeOf, prepareContextOf, resolveCall, rulesOf, timeoutsOf } from './core.ts'
import type { BareCall } from './layers.ts'
import { mockEmbeddings } from './mock.ts'
import type { CallOptions } from './options.ts'
import { readPlainCall } from './plain-call.ts'
import { embeddingSurfaceOf, prepareEmbedding } from './prepare.ts'

/** The fields of OpenAI's embeddings, and the settings of the call. */
export interface VectorParams extends Omit<CallOptions, 'mock_response'> {
  model: string
  input: string | readonly string[] | readonly number[] | readonly (readonly number[])[]
  dimensions?: number | undefined
  encoding_format?: 'float' | 'base64' | undefined
  /** What the vectors are for, in the provider's word (`search_query`, `RETRIEVAL_DOCUMENT` …). */
  input_type?: string | undefined
  user?: string | undefined
  /** Answer with this vector for each input and call nobody; an `Error` is thrown instead. */
  mock_response?: readonly number[] | Error | undefined
}

/** What `embedding()` takes: OpenAI's fields, any provider's own, and the settings of the call. */
export interface EmbeddingParams extends VectorParams {
  [field: string]: unknown
}

export type EmbeddingFunction = (params: EmbeddingParams | VectorParams) => Promise<EmbeddingResponse>

type Params = EmbeddingParams | VectorParams

/** Makes `embedding()` for a client. */
export function createEmbedding(core: ClientCore): BareCall<Params> {
  return async (params, watch) => {
    const { mock, call, cloud, body } = readPlainCall(core, params)
    const request = parseEmbeddingRequest(body)
    const run: Attempting = { core, call, watch }
    const answer =
      mock === undefined
        ? await cachedVectors(run, request, (part) => answerEmbedding(run, part, cloud))
        : await answeredByMock(run, request.model, () => mockEmbeddings(mock, request))
    watch.record.usage = answer.usage ?? estimateUsage(request)
    const model = answer.model === '' ? request.model : answer.model
    return renderEmbeddingAnswer(answer, request, model)
  }
}

function estimateUsage({ inputs }: EmbeddingRequest): Usage {
  const texts = inputs.map((input) => (input.type === 'text' ? input.text : ''))
  return { inputTokens: estimateTokens(texts.join('\n')), outputTokens: 0, source: 'estimated' }
}

/** All vectors, in as many calls as the provider's bound asks for. */
export async function answerEmbedding(
  run: Attempting,
  request: EmbeddingRequest,
  cloud: Record<string, string | undefined>,
): Promise<EmbeddingAnswer> {
  const { core, call } = run
  const resolved = resolveCall(core, request.model, call, cloud)
  const surface = embeddingSurfaceOf(resolved)
  const place = placeOf(core, resolved, call)
  const options = { timeouts: timeoutsOf(core, call), signal: call.signal }
  const size = surface.protocol.maxInputs ?? request.inputs.length
  const answers: EmbeddingAnswer[] = []
  for (let offset = 0; offset < request.inputs.length; offset += size) {
    const part = { ...request, inputs: request.inputs.slice(offset, offset + size) }
    const prepared = prepareEmbedding(
      resolved,
      surface,
      part,
      rulesOf(core, call),
      prepareContextOf(core, resolved),
    )
    answers.push(await untilAnswered(run, place, () => sendWhole(prepared, options, authContextOf(core))))
  }
  return joinAnswers(answers)
}

export function joinAnswers(answers: readonly EmbeddingAnswer[]): EmbeddingAnswer {
  const usages = answers.flatMap((answer) => answer.usage ?? [])
  const usage: Usage | undefined =
    usages.length === answers.length && usages.length > 0
      ? {
          ...usages[0],
          inputTokens: sum(usages.map((part) => part.inputTokens)),
          outputTokens: 0,
          totalTokens: sum(usages.map((part) => part.totalTokens ?? part.inputTokens)),
          source: 'provider',
        }
      : undefined
  return {
    model: answers[0]?.model ?? '',
    embeddings: answers.flatMap((answer) => answer.embeddings),
    ...(usage === undefined ? {} : { usage }),
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
