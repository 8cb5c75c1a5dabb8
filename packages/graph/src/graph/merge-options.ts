import { TASK_KEY } from '../runtime/ambient.ts'
import type { TaskContext } from '../runtime/context.ts'
import { handlersOf } from '../runtime/handlers.ts'
import type { RunSettings } from '../runtime/host.ts'
import type { ServerInfo } from '../node/runtime.ts'
import type { StreamMode } from '../stream/events.ts'
import type { RunOptions, StreamOptions } from './run-options.ts'

/** Options of a run, whatever it is streamed as. */
export type AnyOptions = StreamOptions<StreamMode | readonly StreamMode[] | undefined, boolean>

/** Options with others laid over them: what is a table or a list is joined. */
export function mergeOptions(base: RunOptions, more: AnyOptions | RunOptions | undefined): AnyOptions {
  if (more === undefined) return base as AnyOptions
  return {
    ...(base as AnyOptions),
    ...(more as AnyOptions),
    ...((base.configurable ?? more.configurable) !== undefined && {
      configurable: { ...base.configurable, ...more.configurable },
    }),
    ...((base.metadata ?? more.metadata) !== undefined && {
      metadata: { ...base.metadata, ...more.metadata },
    }),
    ...(base.tags !== undefined && { tags: joinLists(base.tags, more.tags) }),
    ...(base.callbacks !== undefined && { callbacks: joinCallbacks(base.callbacks, more.callbacks) }),
  }
}

/** Handlers of a graph and of a run of it: all are told. */
function joinCallbacks(base: unknown, more: unknown): unknown {
  if (more === undefined || more === null) return base
  if (Array.isArray(base) && Array.isArray(more))
    return [...new Set([...(base as object[]), ...(more as object[])])]
  return [...new Set([...handlersOf(base, true), ...handlersOf(more, true)])]
}

/** Two lists as one, without what is there twice. */
export function joinLists(
  first: readonly string[] | undefined,
  second: readonly string[] | undefined,
): readonly string[] | undefined {
  if (first === undefined || second === undefined) return first ?? second
  return [...new Set([...first, ...second])]
}

/** What of a config says where its caller stood is not handed on: the run has a place of its own. */
export function withoutPlace(
  configurable: Readonly<Record<PropertyKey, unknown>> | undefined,
  parent: TaskContext | undefined,
): Record<PropertyKey, unknown> {
  const rest: Record<PropertyKey, unknown> = { ...configurable }
  delete rest[TASK_KEY]
  if (parent !== undefined) {
    delete rest['checkpoint_ns']
    delete rest['checkpoint_id']
  }
  return rest
}

/** When storage has to be done, by either of the names for it. */
export function durabilityOf(options: RunOptions): RunSettings['durability'] | undefined {
  if (options.durability != null && options.checkpointDuring != null) {
    throw new Error('Cannot use both `durability` and `checkpointDuring` at the same time.')
  }
  if (options.checkpointDuring == null) return options.durability
  return options.checkpointDuring ? 'async' : 'exit'
}

/** What a server says of itself in the config of a run. */
export function serverInfoOf(
  configurable: Readonly<Record<PropertyKey, unknown>>,
  metadata: Readonly<Record<string, unknown>> | undefined,
): ServerInfo | undefined {
  const assistantId = configurable['assistant_id'] ?? metadata?.['assistant_id']
  const graphId = configurable['graph_id'] ?? metadata?.['graph_id']
  const user = configurable['langgraph_auth_user'] as Record<string, unknown> | undefined
  const known = typeof user === 'object' && user !== null && 'identity' in user ? user : undefined
  if (assistantId == null && graphId == null && known === undefined) return undefined
  return { assistantId: String(assistantId ?? ''), graphId: String(graphId ?? ''), user: known }
}
