import type { Catalog } from '../catalog/lookup.ts'
import { defaultCatalog } from '../catalog/sdk.ts'
import { providers } from '../providers/index.ts'
import type { ProviderRegistry } from '../providers/registry.ts'
import type { BatchFunctions } from './batch.ts'
import { createBatch } from './batch.ts'
import type { Calls } from './calls.ts'
import { createCalls } from './calls.ts'
import type { ClientCore } from './core.ts'
import { fallingBack, pricesOf } from './falling-back.ts'
import type { ClientWorld } from './options.ts'
import { createPending } from './pending.ts'
import { createPurse } from './purse.ts'
import type { ClientSettings } from './settings.ts'
import { createWorld } from './world.ts'

export interface ClientOptions extends Partial<ClientWorld>, ClientSettings {
  registry?: ProviderRegistry
  catalog?: Catalog
  /** The same as `drop_params`. */
  dropParams?: boolean
}

/** One call to any model. The functions of the package are those of a client with the usual settings. */
export interface Client extends Calls, BatchFunctions {}

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
  const calls = createCalls(
    core,
    (bare) => fallingBack(core, bare),
    (params) => pricesOf(core, params),
  )
  return { ...calls, ...createBatch(calls.completion, core.world) }
}
