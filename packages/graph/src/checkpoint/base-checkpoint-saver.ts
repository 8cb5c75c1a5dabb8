import type { ChannelVersion } from './checkpointer.ts'

/** LangGraph's way to name a thread, a namespace and a checkpoint. */
export interface SaverConfig {
  readonly configurable?: Readonly<Record<string, unknown>> | undefined
}

/** A checkpoint as LangGraph's savers exchange it. */
export interface LangGraphCheckpoint {
  v: number
  id: string
  ts: string
  channel_values: Record<string, unknown>
  channel_versions: Record<string, ChannelVersion>
  versions_seen: Record<string, Record<string, ChannelVersion>>
}

/** A write beside a checkpoint, as LangGraph's savers exchange it. */
export type CheckpointWrite = [taskId: string, channel: string, value: unknown]

/** What LangGraph's savers give for one checkpoint. Some leave out what is empty. */
export interface ForeignTuple {
  readonly config: SaverConfig
  readonly checkpoint: LangGraphCheckpoint
  readonly metadata?: object | undefined
  readonly parentConfig?: SaverConfig | undefined
  readonly pendingWrites?: readonly (readonly [taskId: string, channel: string, value: unknown])[] | undefined
}

/** How LangGraph's `list` is restricted. */
export interface CheckpointListOptions {
  readonly limit?: number | undefined
  readonly before?: SaverConfig | undefined
  readonly filter?: Readonly<Record<string, unknown>> | undefined
}

/** What the checkpoints before one say of a channel. */
export interface DeltaChannelHistory {
  /** Writes to it, oldest first. */
  readonly writes: CheckpointWrite[]
  /** Its value at the nearest checkpoint that has one: the writes come after it. */
  readonly seed?: unknown
}

/**
 * What a saver for LangGraph is made from. A graph of ours takes it as it is, and can do more with one that is made from
 * {@link Checkpointer}: store a superstep whole or not at all, refuse a second run on a thread.
 */
export abstract class BaseCheckpointSaver {
  abstract getTuple(config: SaverConfig): Promise<ForeignTuple | undefined>
  abstract list(config: SaverConfig, options?: CheckpointListOptions): AsyncGenerator<ForeignTuple>
  abstract put(
    config: SaverConfig,
    checkpoint: LangGraphCheckpoint,
    metadata: Readonly<Record<string, unknown>>,
    newVersions: Readonly<Record<string, ChannelVersion>>,
  ): Promise<SaverConfig>
  abstract putWrites(
    config: SaverConfig,
    writes: readonly (readonly [channel: string, value: unknown])[],
    taskId: string,
  ): Promise<void>
  abstract deleteThread(thread: string): PromiseLike<void> | void

  /** The checkpoint alone. */
  async get(config: SaverConfig): Promise<LangGraphCheckpoint | undefined> {
    return (await this.getTuple(config))?.checkpoint
  }

  /** The version that follows another. */
  getNextVersion(current: ChannelVersion | undefined): ChannelVersion {
    return (typeof current === 'number' ? current : 0) + 1
  }

  /** Writes to channels in the checkpoints before one, back to where each has a value. */
  async getDeltaChannelHistory(options: {
    readonly config: SaverConfig
    readonly channels: readonly string[]
  }): Promise<Record<string, DeltaChannelHistory>> {
    const open = new Set(options.channels)
    const found = new Map(options.channels.map((channel) => [channel, { writes: [] as CheckpointWrite[] }]))
    let before = open.size === 0 ? undefined : (await this.getTuple(options.config))?.parentConfig
    while (before !== undefined && open.size > 0) {
      const tuple = await this.getTuple(before)
      if (tuple === undefined) break
      const writes = (tuple.pendingWrites ?? []).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      for (const channel of open) {
        const history = found.get(channel) as { writes: CheckpointWrite[]; seed?: unknown }
        const own = writes.filter(([, name]) => name === channel)
        history.writes.unshift(...own.map(([id, name, value]): CheckpointWrite => [id, name, value]))
        if (!Object.hasOwn(tuple.checkpoint.channel_values, channel)) continue
        history.seed = tuple.checkpoint.channel_values[channel]
        open.delete(channel)
      }
      before = tuple.parentConfig
    }
    return Object.fromEntries(found)
  }

  /** Keeps a saver's connections out of what is written down of a config. */
  toJSON(): string {
    return `[${this.constructor.name}]`
  }
}
