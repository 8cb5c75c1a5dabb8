import type { Catalog } from '../catalog/lookup.ts'
import { defaultCatalog } from '../catalog/sdk.ts'
import { providers } from '../providers/index.ts'
import type { ProviderRegistry } from '../providers/registry.ts'
import type { CompletionFunction } from './completion.ts'
import { createCompletion } from './completion.ts'
import type { ClientCore } from './core.ts'
import type { EmbeddingFunction } from './embedding.ts'
import { createEmbedding } from './embedding.ts'
import type { ClientWorld } from './options.ts'
import type { ResponsesFunction } from './responses.ts'
import { createResponses } from './responses.ts'
import type { TextCompletionFunction } from './text-completion.ts'
import { createTextCompletion } from './text-completion.ts'
import { createWorld } from './world.ts'

export interface ClientOptions extends Partial<ClientWorld> {
  registry?: ProviderRegistry
  catalog?: Catalog
  /** Leave out settings that a model does not take, in every call that does not say otherwise. */
  dropParams?: boolean
}

/** One call to any model. The functions of the package are those of a client with the usual settings. */
export interface Client {
  completion: CompletionFunction
  textCompletion: TextCompletionFunction
  embedding: EmbeddingFunction
  responses: ResponsesFunction
}

/** Makes a client with a world, a registry or a catalogue of its own. */
export function createClient(options: ClientOptions = {}): Client {
  const core: ClientCore = {
    world: createWorld(options),
    registry: options.registry ?? providers,
    catalog: options.catalog ?? defaultCatalog,
    defaults: { dropParams: options.dropParams },
  }
  return {
    completion: createCompletion(core),
    textCompletion: createTextCompletion(core),
    embedding: createEmbedding(core),
    responses: createResponses(core),
  }
}
