/** A value now or later. What is kept in memory answers at once, so that nobody waits for a promise in vain. */
export type Awaitable<Value> = Value | Promise<Value>

/** How often a channel changed. Ours are numbers; savers written for LangGraph may bring texts. */
export type ChannelVersion = number | string

/** Versions by channel. */
export type ChannelVersions = Readonly<Record<string, ChannelVersion>>

/** What is known of a thread after one superstep, without the values. Never changed once it was handed over. */
export interface Checkpoint {
  /** Sorts by time as text: see `newCheckpointId`. */
  readonly id: string
  /** When it was made, ISO 8601. */
  readonly ts: string
  readonly channelVersions: ChannelVersions
  /** By node: the versions of its triggers when it last ran. */
  readonly versionsSeen: Readonly<Record<string, ChannelVersions>>
  /** The channels that the superstep wrote. */
  readonly updatedChannels?: readonly string[] | undefined
  /** LangGraph's number of the format, for checkpoints that were put through its interface. */
  readonly format?: number | undefined
}

/** Where a checkpoint came from, what the run added, and what `list` can filter by. Plain data. */
export interface CheckpointMetadata {
  readonly source?: 'input' | 'loop' | 'update' | 'fork'
  /** -1 for input, 0 for the first superstep. */
  readonly step?: number
  /** Checkpoint ids of the graphs around this one, by namespace. */
  readonly parents?: Readonly<Record<string, string>>
  readonly [key: string]: unknown
}

/** One result of a task of the superstep in progress. */
export interface PendingWrite {
  readonly taskId: string
  readonly channel: string
  readonly value: unknown
}

/** Results of one task, in the order in which it wrote them. */
export interface TaskWrites {
  readonly taskId: string
  /** Where the task stands among its step's tasks; only savers that ask for it keep it. */
  readonly taskPath?: string | undefined
  readonly writes: readonly (readonly [channel: string, value: unknown])[]
  /**
   * Index of the first write, 0 unless given. A second call for the same task continues behind the first one by it: a
   * write whose index is taken is dropped. Errors, interrupts, answers and the like have one place each (`writeIndex`)
   * and replace what was there.
   */
  readonly firstIndex?: number | undefined
}

/**
 * What became of a channel since the parent checkpoint. A channel that no change names keeps its value.
 *
 * A `list` shares its first `keep` items with the value that the parent has; only the rest is stored. `ListDelta` finds
 * `keep`. Savers may store the whole list all the same.
 */
export type ChannelChange =
  | { readonly type: 'value'; readonly channel: string; readonly value: unknown }
  | {
      readonly type: 'list'
      readonly channel: string
      readonly value: readonly unknown[]
      readonly keep: number
    }
  | { readonly type: 'cleared'; readonly channel: string }

/** A place in the history of a thread. */
export interface Place {
  readonly thread: string
  /** `''` for the graph itself; levels of subgraphs joined by `|`. */
  readonly namespace: string
}

/** One superstep, stored whole or not at all. */
export interface Commit extends Place {
  readonly checkpoint: Checkpoint
  readonly metadata: CheckpointMetadata
  /** The checkpoint whose values this one continues; an older one than the head makes a branch. */
  readonly parentId?: string | undefined
  /**
   * The newest checkpoint that the place must still have: its id, `null` for none. If it has another one, nothing is
   * stored and `thread_conflict` is thrown. Left out: nobody looks. Committing what is already stored as the head does
   * nothing, so that a commit whose answer was lost can be repeated.
   */
  readonly expectedHead?: string | null | undefined
  readonly changes: readonly ChannelChange[]
  /** Results of the tasks that made this checkpoint; they are kept with its parent, and dropped without one. */
  readonly writes?: readonly TaskWrites[] | undefined
}

/** A checkpoint with everything that belongs to it. All values are copies that the reader may change. */
export interface SavedCheckpoint extends Place {
  readonly checkpoint: Checkpoint
  /** Values of the channels that have one. */
  readonly values: Record<string, unknown>
  readonly metadata: CheckpointMetadata
  readonly parentId?: string | undefined
  /** By task, then by index. */
  readonly pendingWrites: readonly PendingWrite[]
  /** Id of the newest checkpoint of the same place: what the next commit expects. */
  readonly head: string
}

/** Which checkpoints are listed, newest first. Everything left out does not restrict. */
export interface ListQuery {
  readonly thread?: string | undefined
  readonly namespace?: string | undefined
  readonly checkpointId?: string | undefined
  /** Only checkpoints older than this id. */
  readonly before?: string | undefined
  /** Only checkpoints whose metadata has these values, compared deeply. */
  readonly filter?: Readonly<Record<string, unknown>> | undefined
  readonly limit?: number | undefined
}

/** What a thread takes. */
export interface ThreadSize {
  readonly checkpoints: number
  /** Stored bytes of checkpoints, values and pending writes, without the indexes of a database. */
  readonly bytes: number
}

/** One line of `listThreads`. */
export interface ThreadSummary {
  readonly thread: string
  /** When its newest checkpoint was stored, ISO 8601. */
  readonly updatedAt: string
}

/** What is taken away. What a kept checkpoint needs stays, whoever stored it; the newest one always stays. */
export interface PruneOptions {
  /** One thread only. */
  readonly thread?: string | undefined
  /** Of every namespace, this many of the newest checkpoints stay. */
  readonly keepLast?: number | undefined
  /** Threads that were not written to for so long go altogether. */
  readonly idleForMs?: number | undefined
}

/**
 * Keeps the history of threads. A saver reads what it is handed before the call returns, even when it returns a promise:
 * the caller may change its objects right afterwards.
 *
 * @example
 * const saver: Checkpointer = new MemorySaver()
 * await saver.commit({
 *   thread: 'a', namespace: '', expectedHead: null, metadata: { source: 'input', step: -1 },
 *   checkpoint: { id: newCheckpointId(), ts: new Date().toISOString(), channelVersions: { n: 1 }, versionsSeen: {} },
 *   changes: [{ type: 'value', channel: 'n', value: 41 }],
 * })
 * const saved = await saver.load({ thread: 'a', namespace: '' }) // saved.values is { n: 41 }
 *
 * @throws state_not_serializable, at once and with the key path, for values that are no data
 * @throws thread_conflict from `commit`
 * @throws checkpoint_corrupt from `load` and `history` when a part that a checkpoint needs is missing or unreadable
 */
export interface Checkpointer {
  /** The newest checkpoint of a place, or the one with the id. */
  load(place: Place, checkpointId?: string): Awaitable<SavedCheckpoint | undefined>
  commit(commit: Commit): Awaitable<void>
  /** Keeps what tasks of the superstep in progress wrote. Repeating it changes nothing. */
  addWrites(place: Place, checkpointId: string, tasks: readonly TaskWrites[]): Awaitable<void>
  /** Newest first; read it with `for await`. */
  history(query?: ListQuery): AsyncIterable<SavedCheckpoint> | Iterable<SavedCheckpoint>
  deleteThread(thread: string): Awaitable<void>
  /** Copies the whole history; `to` must have none. Both go on independently. */
  copyThread(from: string, to: string): Awaitable<void>
  /** @returns how many checkpoints went. */
  prune(options: PruneOptions): Awaitable<number>
  /** Most recently written first. */
  listThreads(options?: { readonly limit?: number; readonly offset?: number }): Awaitable<ThreadSummary[]>
  sizeOf(thread: string): Awaitable<ThreadSize>
}
