import { isSwitchyardError } from '../errors.ts'
import { parseRerankRequest, renderRerankAnswer } from '../protocols/cohere-rerank/client.ts'
import type { RerankAnswer, RerankRequest, RerankResponse } from '../types/rerank.ts'
import { cachedRanking } from './cached.ts'
import type { Attempting } from './attempts.ts'
import { answeredByMock, untilAnswered } from './attempts.ts'
import { sendWhole } from './call.ts'
import type { ClientCore } from './core.ts'
import { authContextOf, placeOf, prepareContextOf, resolveCall, rulesOf, timeoutsOf } from './core.ts'
import type { BareCall } from './layers.ts'
import type { CallOptions } from './options.ts'
import { readPlainCall } from './plain-call.ts'
import { prepareRerank, rerankSurfaceOf } from './prepare.ts'
import { estimateRerankUsage } from './rerank-usage.ts'

/** Cohere's fields of a rerank, and the settings of the call. */
export interface RankParams extends Omit<CallOptions, 'mock_response'> {
  model: string
  query: string
  /** Texts, or objects whose `text`, or the fields that `rank_fields` names, is looked at. */
  documents: readonly (string | Readonly<Record<string, unknown>>)[]
  /** How many of the best are wanted (default: all). */
  top_n?: number | undefined
  /** Whether results hold their documents (default: only their places). */
  return_documents?: boolean | undefined
  rank_fields?: readonly string[] | undefined
  /** Longer documents are cut there, where the provider has such a bound. */
  max_tokens_per_doc?: number | undefined
  max_chunks_per_doc?: number | undefined
  /** Answer with these scores, one a document in their order, and call nobody; an `Error` is thrown instead. */
  mock_response?: readonly number[] | Error | undefined
}

/** What `rerank()` takes: Cohere's fields, any provider's own, and the settings of the call. */
export interface RerankParams extends RankParams {
  [field: string]: unknown
}

export type RerankFunction = (params: RerankParams | RankParams) => Promise<RerankResponse>

type Params = RerankParams | RankParams

interface RerankRun extends Attempting {
  request: RerankRequest
  cloud: Record<string, string | undefined>
}

/** Makes `rerank()` for a client. */
export function createRerank(core: ClientCore): BareCall<Params> {
  return async (params, watch) => {
    const { mock, call, cloud, body } = readPlainCall(core, params)
    const request = parseRerankRequest(body)
    const run: RerankRun = { core, request, call, cloud, watch }
    const answer =
      mock === undefined
        ? await cachedRanking({ ...run, operation: 'rerank' }, answerRerank)
        : await answeredByMock(run, request.model, () => mockRanking(mock, request))
    watch.record.usage = answer.usage
    return renderRerankAnswer(answer, request, core.world.newId)
  }
}

/** Asks for a ranking; where the provider does not tell what it has used, that is estimated. */
export async function answerRerank(run: RerankRun): Promise<RerankAnswer> {
  const { core, request, call, cloud } = run
  const resolved = resolveCall(core, request.model, call, cloud)
  const surface = rerankSurfaceOf(resolved)
  const prepared = prepareRerank(
    resolved,
    surface,
    request,
    rulesOf(core, call),
    prepareContextOf(core, resolved),
  )
  const options = { timeouts: timeoutsOf(core, call), signal: call.signal }
  const answer = await untilAnswered(run, placeOf(core, resolved, call), () =>
    sendWhole(prepared, options, authContextOf(core)),
  )
  return { ...answer, usage: answer.usage ?? estimateRerankUsage(request) }
}

function mockRanking(mock: readonly number[] | Error, request: RerankRequest): RerankAnswer {
  if (mock instanceof Error || isSwitchyardError(mock)) throw mock
  return {
    id: '',
    model: request.model,
    rankings: mock.map((score, index) => ({ index, score })),
    usage: estimateRerankUsage(request),
  }
}
