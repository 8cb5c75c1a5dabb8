import type { BaseCache } from '../cache/cache.ts'
import type { RunControl } from '../runtime/control.ts'
import type { Durability, RunBudgets } from '../runtime/host.ts'
import type { BaseStore } from '../store/store.ts'
import type { StreamMode } from '../stream/events.ts'

/** How a graph is run. */
export interface RunOptions<Context = Record<string, unknown>> {
  /** `thread_id`, `checkpoint_id`, `checkpoint_ns`, and whatever nodes are to find there. */
  readonly configurable?: Readonly<Record<string, unknown>> | undefined
  /** What nodes find as `runtime.context`. Not stored. */
  readonly context?: Context | undefined
  /** Supersteps that the run may take, exactly; 25. */
  readonly recursionLimit?: number | undefined
  /** Tasks of one superstep that run at a time. */
  readonly maxConcurrency?: number | undefined
  readonly interruptBefore?: '*' | readonly string[] | undefined
  readonly interruptAfter?: '*' | readonly string[] | undefined
  /** When storage has to be done; `async`. */
  readonly durability?: Durability | undefined
  /** @deprecated `true` is `durability: 'async'`, `false` is `'exit'`. */
  readonly checkpointDuring?: boolean | undefined
  /** Keys of the result, when they are not those of the output. */
  readonly outputKeys?: string | readonly string[] | undefined
  readonly inputKeys?: string | readonly string[] | undefined
  readonly store?: BaseStore | undefined
  readonly cache?: BaseCache | undefined
  /** Lets others ask the run to stop, and counts what it uses up. */
  readonly control?: RunControl | undefined
  readonly budgets?: RunBudgets | undefined
  /** Cancels the run. */
  readonly signal?: AbortSignal | undefined
  /** Longest time of the whole run, in milliseconds. */
  readonly timeout?: number | undefined
  readonly tags?: readonly string[] | undefined
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
  readonly callbacks?: unknown
  readonly runId?: string | undefined
  readonly runName?: string | undefined
  readonly debug?: boolean | undefined
}

/** How a run is streamed, besides how it is run. */
export interface StreamOptions<
  Mode extends StreamMode | readonly StreamMode[] | undefined = undefined,
  Subgraphs extends boolean = false,
  Context = Record<string, unknown>,
> extends RunOptions<Context> {
  /** One mode gives bare chunks; a list gives pairs of mode and chunk. */
  readonly streamMode?: Mode | undefined
  /** Shows what happens in subgraphs too: chunks get their namespace in front. */
  readonly subgraphs?: Subgraphs | undefined
  /** Gives server-sent events as bytes. */
  readonly encoding?: 'text/event-stream' | undefined
  /** Goes on with the run when the reader leaves. */
  readonly keepRunning?: boolean | undefined
}
