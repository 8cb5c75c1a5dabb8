import type { CallType } from '../callbacks/record.ts'
import type { Catalog } from '../catalog/lookup.ts'
import { usdFromPicoUsd } from '../catalog/money.ts'
import { defaultCatalog } from '../catalog/sdk.ts'
import { providers } from '../providers/index.ts'
import type { ProviderRegistry } from '../providers/registry.ts'
import type { CompletionFunction } from './completion.ts'
import { createCompletion } from './completion.ts'
import type { ClientCore } from './core.ts'
import type { EmbeddingFunction } from './embedding.ts'
import { createEmbedding } from './embedding.ts'
import { fallingBack, pricesOf } from './falling-back.ts'
import type { BareCall } from './layers.ts'
import { layered } from './layers.ts'
import type { ClientWorld } from './options.ts'
import { createPending } from './pending.ts'
import { createPurse } from './purse.ts'
import type { ResponsesFunction } from './responses.ts'
import { createResponses } from './responses.ts'
import type { ClientSettings } from './settings.ts'
import type { TextCompletionFunction } from './text-completion.ts'
import { createTextCompletion } from './text-completion.ts'
import { createWorld } from './world.ts'

export interface ClientOptions extends Partial<ClientWorld>, ClientSettings {
  registry?: ProviderRegistry
  catalog?: Catalog
  /** The same as `drop_params`. */
  dropParams?: boolean
}

/** One call to any model. The functions of the package are those of a client with the usual settings. */
export interface Client {
  completion: CompletionFunction
  textCompletion: TextCompletionFunction
  embedding: EmbeddingFunction
  responses: ResponsesFunction
  /** What this client's calls have cost so far, in USD; those of unknown price are not in it. */
  currentCost: () => number
  /** Resolves when the callbacks of every call so far have ended. */
  flush: () => Promise<void>
}

/** Makes a client with a world, a registry, a catalogue, callbacks or limits of its own. */
export function createClient(options: ClientOptions = {}): Client {
  const core: ClientCore = {
    world: createWorld(options),
    registry: options.registry ?? providers,
    catalog: options.catalog ?? defaultCatalog,
    settings: { ...options, drop_params: options.drop_params ?? options.dropParams },
    pending: createPending(),
    purse: createPurse(),
  }
  const call = <Params extends object>(
    callType: CallType,
    bare: BareCall<Params>,
  ): ((params: Params) => Promise<object>) =>
    layered(core, callType, fallingBack(core, callType, bare as BareCall<object>), (params) =>
      pricesOf(core, params),
    )
  // Which of a function's overloads holds is decided by `stream`, which the call below looks at itself.
  return {
    completion: call('completion', createCompletion(core)) as CompletionFunction,
    textCompletion: call('text_completion', createTextCompletion(core)) as TextCompletionFunction,
    embedding: call('embedding', createEmbedding(core)) as EmbeddingFunction,
    responses: call('responses', createResponses(core)) as ResponsesFunction,
    currentCost: () => usdFromPicoUsd(core.purse.spentPicoUsd),
    flush: core.pending.flush,
  }
}
