import type { CallType } from '../callbacks/record.ts'
import { usdFromPicoUsd } from '../catalog/money.ts'
import type { CompletionFunction } from './completion.ts'
import { createCompletion } from './completion.ts'
import type { ClientCore } from './core.ts'
import type { EmbeddingFunction } from './embedding.ts'
import { createEmbedding } from './embedding.ts'
import type { BareCall } from './layers.ts'
import { layered } from './layers.ts'
import type { RerankFunction } from './rerank.ts'
import { createRerank } from './rerank.ts'
import type { ResponsesFunction } from './responses.ts'
import { createResponses } from './responses.ts'
import type { PriceList } from './spend.ts'
import type { TranscriptionFunction } from './transcription.ts'
import { createTranscription, readingOnce } from './transcription.ts'
import type { TextCompletionFunction } from './text-completion.ts'
import { createTextCompletion } from './text-completion.ts'

/** The calls that a client or a router offers. */
export interface Calls {
  completion: CompletionFunction
  textCompletion: TextCompletionFunction
  embedding: EmbeddingFunction
  responses: ResponsesFunction
  rerank: RerankFunction
  transcription: TranscriptionFunction
  /** What the calls have cost so far, in USD; those of unknown price are not in it. */
  currentCost: () => number
  /** Resolves when the callbacks of every call so far have ended. */
  flush: () => Promise<void>
}

/** A call looks itself at what it is given. */
const KINDS: Readonly<Record<CallType, (core: ClientCore) => BareCall<object>>> = {
  completion: (core) => createCompletion(core) as BareCall<object>,
  text_completion: (core) => createTextCompletion(core) as BareCall<object>,
  embedding: (core) => createEmbedding(core) as BareCall<object>,
  responses: (core) => createResponses(core) as BareCall<object>,
  rerank: (core) => createRerank(core) as BareCall<object>,
  transcription: (core) => createTranscription(core) as BareCall<object>,
}

/** Decides who is asked. */
export type Around = (bare: BareCall<object>) => BareCall<object>

/** Makes one kind of call; the layers are the same for all. */
export function createCall(
  core: ClientCore,
  callType: CallType,
  around: Around,
  prices: PriceList,
): (params: object) => Promise<object> {
  return layered(core, callType, around(KINDS[callType](core)), prices)
}

export function createCalls(core: ClientCore, around: Around, prices: PriceList): Calls {
  const call = (callType: CallType): ((params: object) => Promise<object>) =>
    createCall(core, callType, around, prices)
  // Which of a function's overloads holds is decided by `stream`, which the call looks at itself.
  return {
    completion: call('completion') as CompletionFunction,
    textCompletion: call('text_completion') as TextCompletionFunction,
    embedding: call('embedding') as EmbeddingFunction,
    responses: call('responses') as ResponsesFunction,
    rerank: call('rerank') as RerankFunction,
    transcription: readingOnce(call('transcription')),
    currentCost: () => usdFromPicoUsd(core.purse.spentPicoUsd),
    flush: core.pending.flush,
  }
}
