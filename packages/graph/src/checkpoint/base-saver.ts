import { TASKS } from '../constants.ts'
import { BaseCheckpointSaver } from './base-checkpoint-saver.ts'
import type {
  CheckpointListOptions,
  CheckpointWrite,
  LangGraphCheckpoint,
  SaverConfig,
} from './base-checkpoint-saver.ts'
import type {
  Awaitable,
  ChannelChange,
  ChannelVersion,
  Checkpointer,
  Commit,
  ListQuery,
  Place,
  PruneOptions,
  SavedCheckpoint,
  TaskWrites,
  ThreadSize,
  ThreadSummary,
} from './checkpointer.ts'

/** What LangGraph's savers give for one checkpoint. */
export interface CheckpointTuple {
  config: { configurable: { thread_id: string; checkpoint_ns: string; checkpoint_id: string } }
  checkpoint: LangGraphCheckpoint
  metadata: Record<string, unknown>
  parentConfig?: CheckpointTuple['config']
  pendingWrites: CheckpointWrite[]
}

/** The newest format of LangGraph's checkpoints. */
const FORMAT = 4

/** The methods that programs written for LangGraph call on a saver, on top of what each of ours does. */
export abstract class BaseSaver extends BaseCheckpointSaver implements Checkpointer {
  abstract load(place: Place, checkpointId?: string): Awaitable<SavedCheckpoint | undefined>
  abstract commit(commit: Commit): Awaitable<void>
  abstract addWrites(place: Place, checkpointId: string, tasks: readonly TaskWrites[]): Awaitable<void>
  abstract history(query?: ListQuery): AsyncIterable<SavedCheckpoint> | Iterable<SavedCheckpoint>
  abstract override deleteThread(thread: string): Awaitable<void>
  abstract copyThread(from: string, to: string): Awaitable<void>
  abstract prune(options: PruneOptions): Awaitable<number>
  abstract listThreads(options?: {
    readonly limit?: number
    readonly offset?: number
  }): Awaitable<ThreadSummary[]>
  abstract sizeOf(thread: string): Awaitable<ThreadSize>

  /**
   * Whether `put` stores the channels of `newVersions` only, as LangGraph's savers for PostgreSQL and Redis do. Those in
   * memory and for SQLite store all that the checkpoint has.
   */
  protected get keepsOnlyNewVersions(): boolean {
    return false
  }

  /** LangGraph's: the checkpoint that a config names, or the newest of its thread and namespace. */
  async getTuple(config: SaverConfig): Promise<CheckpointTuple | undefined> {
    const { thread, namespace, checkpointId } = readConfig(config)
    if (thread === undefined) return undefined
    const saved = await this.load({ thread, namespace: namespace ?? '' }, checkpointId)
    return saved === undefined ? undefined : this.#upgraded(saved)
  }

  /** LangGraph's: checkpoints, newest first. */
  async *list(config: SaverConfig, options: CheckpointListOptions = {}): AsyncGenerator<CheckpointTuple> {
    const before = options.before?.configurable?.['checkpoint_id']
    const query: ListQuery = {
      ...readConfig(config),
      before: typeof before === 'string' ? before : undefined,
      filter: options.filter,
      limit: options.limit,
    }
    for await (const saved of this.history(query)) yield await this.#upgraded(saved)
  }

  /**
   * LangGraph's: stores a checkpoint, whatever is there. Channels whose version is the parent's keep what the parent
   * has.
   */
  async put(
    config: SaverConfig,
    checkpoint: LangGraphCheckpoint,
    metadata: Readonly<Record<string, unknown>>,
    newVersions?: Readonly<Record<string, ChannelVersion>>,
  ): Promise<CheckpointTuple['config']> {
    const { thread, namespace = '', checkpointId } = readConfig(config)
    const place = { thread: thread ?? '', namespace }
    const parent = checkpointId === undefined ? undefined : await this.load(place, checkpointId)
    await this.commit({
      ...place,
      parentId: checkpointId,
      metadata,
      checkpoint: {
        id: checkpoint.id,
        ts: checkpoint.ts,
        channelVersions: { ...checkpoint.channel_versions },
        versionsSeen: structuredClone(checkpoint.versions_seen),
        format: checkpoint.v,
      },
      changes: changesTo(checkpoint, parent, this.keepsOnlyNewVersions ? newVersions : undefined),
    })
    return configOf({ ...place, id: checkpoint.id })
  }

  /** LangGraph's: stores writes of a task beside a checkpoint. */
  async putWrites(
    config: SaverConfig,
    writes: readonly (readonly [channel: string, value: unknown])[],
    taskId: string,
    taskPath?: string,
  ): Promise<void> {
    const { thread, namespace = '', checkpointId } = readConfig(config)
    await this.addWrites({ thread: thread ?? '', namespace }, checkpointId ?? '', [
      { taskId, taskPath, writes },
    ])
  }

  /** A tuple in the newest format: before it, what was sent stood with the parent's writes instead of in a channel. */
  async #upgraded(saved: SavedCheckpoint): Promise<CheckpointTuple> {
    const tuple = tupleOf(saved)
    const { checkpoint } = tuple
    if (checkpoint.v >= FORMAT || saved.parentId === undefined) return tuple
    const parent = await this.load(saved, saved.parentId)
    const sent = parent?.pendingWrites.filter(({ channel }) => channel === TASKS) ?? []
    checkpoint.channel_values[TASKS] = sent.map(({ value }) => value)
    const versions = Object.values(checkpoint.channel_versions)
    checkpoint.channel_versions[TASKS] =
      versions.length === 0
        ? this.getNextVersion(undefined)
        : versions.reduce((newest, version) => (version > newest ? version : newest))
    return tuple
  }
}

function readConfig({ configurable = {} }: SaverConfig): {
  thread: string | undefined
  namespace: string | undefined
  checkpointId: string | undefined
} {
  const read = (key: string): string | undefined => configurable[key] as string | undefined
  return { thread: read('thread_id'), namespace: read('checkpoint_ns'), checkpointId: read('checkpoint_id') }
}

function configOf({ thread, namespace, id }: Place & { id: string }): CheckpointTuple['config'] {
  return { configurable: { thread_id: thread, checkpoint_ns: namespace, checkpoint_id: id } }
}

/** A checkpoint in LangGraph's words. */
function tupleOf(saved: SavedCheckpoint): CheckpointTuple {
  const { thread, namespace, checkpoint, parentId } = saved
  const tuple: CheckpointTuple = {
    config: configOf({ thread, namespace, id: checkpoint.id }),
    checkpoint: {
      v: checkpoint.format ?? FORMAT,
      id: checkpoint.id,
      ts: checkpoint.ts,
      channel_values: saved.values,
      channel_versions: { ...checkpoint.channelVersions },
      versions_seen: structuredClone(checkpoint.versionsSeen) as LangGraphCheckpoint['versions_seen'],
    },
    metadata: { ...saved.metadata },
    pendingWrites: saved.pendingWrites.map(({ taskId, channel, value }) => [taskId, channel, value]),
  }
  if (parentId !== undefined) tuple.parentConfig = configOf({ thread, namespace, id: parentId })
  return tuple
}

function changesTo(
  checkpoint: LangGraphCheckpoint,
  parent: SavedCheckpoint | undefined,
  newVersions: Readonly<Record<string, ChannelVersion>> | undefined,
): ChannelChange[] {
  const { channel_values: values, channel_versions: versions } = checkpoint
  const before = parent?.values ?? {}
  const isKept = (channel: string): boolean =>
    Object.hasOwn(before, channel) &&
    Object.hasOwn(versions, channel) &&
    versions[channel] === parent?.checkpoint.channelVersions[channel]
  const changes: ChannelChange[] = []
  for (const [channel, value] of Object.entries(values)) {
    if (isKept(channel) || (newVersions !== undefined && !Object.hasOwn(newVersions, channel))) continue
    changes.push(
      Array.isArray(value) ? { type: 'list', channel, value, keep: 0 } : { type: 'value', channel, value },
    )
  }
  for (const channel of Object.keys(before))
    if (!Object.hasOwn(values, channel)) changes.push({ type: 'cleared', channel })
  return changes
}
