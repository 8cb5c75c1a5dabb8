import type { BaseCache } from '../cache/cache.ts'
import type { RunControl } from '../node/run-control.ts'
import type { StateSnapshot } from '../runtime/describe.ts'
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
  /**
   * Longest time, in milliseconds, that the run waits for storage that fails, trying again and again, before it fails with
   * `storage_unavailable`; 0. With it every superstep waits until the one before is stored, as with `sync`.
   */
  readonly storagePatience?: number | undefined
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

/** A chunk of one mode. */
export interface ModeChunks<Output> {
  readonly values: Output
  readonly updates: Record<string, unknown>
  readonly messages: [message: unknown, metadata: Record<string, unknown>]
  readonly custom: unknown
  readonly tasks: Record<string, unknown> & { readonly id: string; readonly name: string }
  readonly checkpoints: StateSnapshot<Output>
  readonly debug: {
    readonly step: number
    readonly type: string
    readonly timestamp: string
    readonly payload: unknown
  }
  readonly tools: unknown
}

type WithLevel<Subgraphs, Parts extends unknown[]> = Subgraphs extends true
  ? [namespace: string[], ...Parts]
  : Parts

type OfModes<Output, Modes extends StreamMode, Subgraphs> = {
  [Mode in Modes]: WithLevel<Subgraphs, [mode: Mode, chunk: ModeChunks<Output>[Mode]]>
}[Modes]

type Bare<Subgraphs, Chunk> = Subgraphs extends true ? [namespace: string[], chunk: Chunk] : Chunk

/** What a stream yields: a bare chunk for one mode, a pair for a list; with the namespace in front for subgraphs. */
export type StreamChunk<
  Output,
  Mode extends StreamMode | readonly StreamMode[] | undefined,
  Subgraphs extends boolean,
  Encoding extends 'text/event-stream' | undefined,
> = Encoding extends 'text/event-stream'
  ? Uint8Array
  : Mode extends readonly StreamMode[]
    ? OfModes<Output, Mode[number], Subgraphs>
    : Mode extends StreamMode
      ? Bare<Subgraphs, ModeChunks<Output>[Mode]>
      : Bare<Subgraphs, Record<string, unknown>>
