import type { CallType } from '../callbacks/record.ts'
import { usdFromPicoUsd } from '../catalog/money.ts'
import type { CompletionFunction } from './completion.ts'
import { createCompletion } from './completion.ts'
import type { ClientCore } from './core.ts'
import type { EmbeddingFunction } from './embedding.ts'
import { createEmbedding } from './embedding.ts'
import type { BareCall } from './layers.ts'
import { layered } from './layers.ts'
import type { ResponsesFunction } from './responses.ts'
import { createResponses } from './responses.ts'
import type { PriceList } from './spend.ts'
import type { TextCompletionFunction } from './text-completion.ts'
import { createTextCompletion } from './text-completion.ts'

/** The calls that a client or a router offers. */
export interface Calls {
  completion: CompletionFunction
  textCompletion: TextCompletionFunction
  embedding: EmbeddingFunction
  responses: ResponsesFunction
  /** What the calls have cost so far, in USD; those of unknown price are not in it. */
  currentCost: () => number
  /** Resolves when the callbacks of every call so far have ended. */
  flush: () => Promise<void>
}

/** Makes them: `around` decides who is asked, and the layers are the same for all. */
export function createCalls(
  core: ClientCore,
  around: (bare: BareCall<object>) => BareCall<object>,
  prices: PriceList,
): Calls {
  const call = <Params extends object>(
    callType: CallType,
    bare: BareCall<Params>,
  ): ((params: Params) => Promise<object>) =>
    layered(core, callType, around(bare as BareCall<object>), prices)
  // Which of a function's overloads holds is decided by `stream`, which the call looks at itself.
  return {
    completion: call('completion', createCompletion(core)) as CompletionFunction,
    textCompletion: call('text_completion', createTextCompletion(core)) as TextCompletionFunction,
    embedding: call('embedding', createEmbedding(core)) as EmbeddingFunction,
    responses: call('responses', createResponses(core)) as ResponsesFunction,
    currentCost: () => usdFromPicoUsd(core.purse.spentPicoUsd),
    flush: core.pending.flush,
  }
}
