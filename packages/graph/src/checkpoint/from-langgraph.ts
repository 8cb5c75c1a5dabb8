import type { CheckpointListOptions, ForeignTuple, SaverConfig } from './base-checkpoint-saver.ts'
import { BaseSaver } from './base-saver.ts'
import type {
  ChannelVersion,
  Checkpointer,
  Commit,
  ListQuery,
  PendingWrite,
  Place,
  SavedCheckpoint,
  ThreadSummary,
} from './checkpointer.ts'
import { assertCommit, assertParent, assertPlace, saverFailure, threadConflict } from './failures.ts'
import { dataSerde } from './serde.ts'

/** A saver written for `@langchain/langgraph-checkpoint`. */
export interface ForeignSaver {
  getTuple(config: SaverConfig): Promise<ForeignTuple | undefined>
  list(config: never, options?: CheckpointListOptions): AsyncIterable<ForeignTuple>
  put(config: never, checkpoint: never, metadata: never, newVersions: never): Promise<SaverConfig>
  putWrites(config: never, writes: never, taskId: string): Promise<void>
  deleteThread(threadId: string): PromiseLike<void> | void
}

/** Format of the checkpoints that are put. */
const FORMAT = 4
/** Places whose last values are remembered, so that a commit need not read its parent. */
const MAX_REMEMBERED = 100

/**
 * Lets graphs of ours keep their threads in a saver that was written for LangGraph.
 *
 * Such a saver cannot store a superstep whole or not at all, nor look at the head while it stores. So two runs on one
 * thread are told apart only if one was done before the other began its last step, and a process that ends within a step
 * may leave the results of its tasks without the checkpoint they led to; continuing takes them up. It stores whatever
 * values it stores: what its serializer loses is lost.
 *
 * @example const app = graph.compile({ checkpointer: fromLangGraph(new MongoDBSaver({ client })) })
 */
export function fromLangGraph(saver: ForeignSaver): Checkpointer {
  const remembered = new Map<
    string,
    { readonly id: string; readonly values: Readonly<Record<string, unknown>> }
  >()

  function remember(place: Place, id: string, values: Readonly<Record<string, unknown>>): void {
    const key = JSON.stringify([place.thread, place.namespace])
    remembered.delete(key)
    remembered.set(key, { id, values })
    if (remembered.size > MAX_REMEMBERED)
      for (const oldest of remembered.keys()) return void remembered.delete(oldest)
  }

  async function headOf(place: Place): Promise<string | null> {
    return (await saver.getTuple(configOf(place)))?.checkpoint.id ?? null
  }

  async function parentValues(
    place: Place,
    id: string | undefined,
  ): Promise<Readonly<Record<string, unknown>> | undefined> {
    if (id === undefined) return {}
    const known = remembered.get(JSON.stringify([place.thread, place.namespace]))
    if (known?.id === id) return known.values
    return (await saver.getTuple(configOf(place, id)))?.checkpoint.channel_values
  }

  async function commit(commit: Commit): Promise<void> {
    assertCommit(commit)
    const { checkpoint, expectedHead, parentId } = commit
    if (expectedHead !== undefined) {
      const head = await headOf(commit)
      if (head === checkpoint.id) return
      if (head !== expectedHead) throw threadConflict(commit, expectedHead, head)
    }
    const before = await parentValues(commit, parentId)
    assertParent(commit, before !== undefined)
    const values: Record<string, unknown> = { ...before }
    const newVersions: Record<string, ChannelVersion> = {}
    for (const change of commit.changes) {
      if (change.type === 'cleared') {
        delete values[change.channel]
        continue
      }
      values[change.channel] = change.value
      newVersions[change.channel] = checkpoint.channelVersions[change.channel] ?? 1
    }
    const put = saver.put(
      configOf(commit, parentId) as never,
      {
        v: checkpoint.format ?? FORMAT,
        id: checkpoint.id,
        ts: checkpoint.ts,
        channel_values: values,
        channel_versions: { ...checkpoint.channelVersions },
        versions_seen: structuredClone(checkpoint.versionsSeen),
      } as never,
      { ...commit.metadata } as never,
      newVersions as never,
    )
    // Both at once, as LangGraph does: the checkpoint holds what the writes did, whichever is there first.
    const writes =
      parentId === undefined || commit.writes === undefined
        ? undefined
        : addWrites(commit, parentId, commit.writes)
    await Promise.all([put, writes])
    remember(commit, checkpoint.id, values)
  }

  const addWrites: Checkpointer['addWrites'] = async (place, checkpointId, tasks) => {
    assertPlace(place)
    for (const { taskId, writes, firstIndex = 0 } of tasks) {
      // The interface has no index to begin with, so a task's further writes go under a name of their own.
      const name = firstIndex === 0 ? taskId : `${taskId}${CONTINUED}${firstIndex}`
      await saver.putWrites(configOf(place, checkpointId) as never, writes as never, name)
    }
  }

  async function saved(tuple: ForeignTuple, head?: string): Promise<SavedCheckpoint> {
    const { checkpoint, metadata = {} } = tuple
    const place = placeOf(tuple.config)
    const parentId = tuple.parentConfig?.configurable?.['checkpoint_id']
    return {
      ...place,
      checkpoint: {
        id: checkpoint.id,
        ts: checkpoint.ts,
        channelVersions: checkpoint.channel_versions,
        versionsSeen: checkpoint.versions_seen,
        format: checkpoint.v,
      },
      values: { ...checkpoint.channel_values },
      metadata: { ...metadata },
      parentId: typeof parentId === 'string' ? parentId : undefined,
      pendingWrites: pendingWrites(tuple),
      head: head ?? (await headOf(place)) ?? checkpoint.id,
    }
  }

  async function* history(query: ListQuery = {}): AsyncIterable<SavedCheckpoint> {
    const { thread, namespace, checkpointId, before, filter, limit } = query
    if (limit !== undefined && limit <= 0) return
    const options: CheckpointListOptions = {
      ...(before !== undefined && { before: { configurable: { checkpoint_id: before } } }),
      ...(filter !== undefined && { filter }),
      ...(limit !== undefined && { limit }),
    }
    const config = {
      configurable: {
        ...(thread !== undefined && { thread_id: thread }),
        ...(namespace !== undefined && { checkpoint_ns: namespace }),
        ...(checkpointId !== undefined && { checkpoint_id: checkpointId }),
      },
    }
    for await (const tuple of saver.list(config as never, options)) yield await saved(tuple)
  }

  return {
    async load(place, checkpointId) {
      assertPlace(place)
      const tuple = await saver.getTuple(configOf(place, checkpointId))
      return tuple === undefined
        ? undefined
        : saved(tuple, checkpointId === undefined ? tuple.checkpoint.id : undefined)
    },
    commit,
    addWrites,
    history,
    async deleteThread(thread) {
      await saver.deleteThread(thread)
      remembered.clear()
    },
    async copyThread(from, to) {
      const all: ForeignTuple[] = []
      for await (const tuple of saver.list({ configurable: { thread_id: from } } as never)) all.push(tuple)
      if (all.length === 0) throw saverFailure('thread_not_found', `There is no thread "${from}" to copy.`)
      for await (const _ of saver.list({ configurable: { thread_id: to } } as never, { limit: 1 }))
        throw saverFailure('thread_conflict', `Thread "${to}" has a history of its own already.`)
      for (const tuple of all.toReversed()) await copyTuple(saver, tuple, to)
    },
    async prune({ keepLast, idleForMs, thread }) {
      if (keepLast !== undefined)
        throw new TypeError(
          'A saver written for LangGraph cannot delete single checkpoints: prune by `idleForMs`.',
        )
      if (idleForMs === undefined) return 0
      let gone = 0
      for (const found of await threadsOf(saver)) {
        if (thread !== undefined && thread !== found.thread) continue
        if (Date.parse(found.updatedAt) > Date.now() - idleForMs) continue
        gone += found.checkpoints
        await saver.deleteThread(found.thread)
      }
      remembered.clear()
      return gone
    },
    async listThreads({ limit, offset = 0 } = {}) {
      const threads = await threadsOf(saver)
      return threads
        .slice(offset, limit === undefined ? undefined : offset + limit)
        .map(({ thread, updatedAt }) => ({ thread, updatedAt }))
    },
    async sizeOf(thread) {
      const serde = dataSerde()
      let checkpoints = 0
      let bytes = 0
      for await (const { checkpoint, metadata, pendingWrites: writes } of saver.list({
        configurable: { thread_id: thread },
      } as never)) {
        checkpoints += 1
        bytes += serde.encode([checkpoint, metadata, writes], 'checkpoint').length
      }
      return { checkpoints, bytes }
    },
  }
}

const adapted = new WeakMap<ForeignSaver, Checkpointer>()

/** What a saver of ours that was written anew in LangGraph's way would do in its own. */
const THEIRS = ['getTuple', 'list', 'put', 'putWrites'] as const

/** Whether a saver of ours has a subclass that does things in LangGraph's way: those are then the ones to call. */
function isOverridden(saver: BaseSaver): boolean {
  for (
    let level: object = saver;
    level !== BaseSaver.prototype;
    level = Object.getPrototypeOf(level) as object
  ) {
    if (THEIRS.some((method) => Object.hasOwn(level, method))) return true
  }
  return false
}

/** Any saver as one of ours: those that were written for LangGraph go through {@link fromLangGraph}. */
export function toCheckpointer(saver: Checkpointer | ForeignSaver): Checkpointer {
  if ('commit' in saver && !(saver instanceof BaseSaver && isOverridden(saver))) return saver
  const theirs = saver as ForeignSaver
  const known = adapted.get(theirs)
  if (known !== undefined) return known
  const made = fromLangGraph(theirs)
  adapted.set(theirs, made)
  return made
}

/** Between a task's id and the index of its further writes. */
const CONTINUED = '+'

function configOf({ thread, namespace }: Place, id?: string): SaverConfig {
  return {
    configurable: {
      thread_id: thread,
      checkpoint_ns: namespace,
      ...(id !== undefined && { checkpoint_id: id }),
    },
  }
}

function placeOf({ configurable = {} }: SaverConfig): Place {
  return {
    thread: String(configurable['thread_id']),
    namespace: String(configurable['checkpoint_ns'] ?? ''),
  }
}

function pendingWrites({ pendingWrites: writes = [] }: ForeignTuple): PendingWrite[] {
  return writes.map(([taskId, channel, value]) => ({
    taskId: taskId.split(CONTINUED, 1)[0] ?? taskId,
    channel,
    value,
  }))
}

async function copyTuple(saver: ForeignSaver, tuple: ForeignTuple, to: string): Promise<void> {
  const place = { ...placeOf(tuple.config), thread: to }
  const parentId = tuple.parentConfig?.configurable?.['checkpoint_id'] as string | undefined
  const { checkpoint, metadata = {} } = tuple
  await saver.put(
    configOf(place, parentId) as never,
    checkpoint as never,
    metadata as never,
    checkpoint.channel_versions as never,
  )
  const byTask = Map.groupBy(tuple.pendingWrites ?? [], ([taskId]) => taskId)
  for (const [taskId, writes] of byTask)
    await saver.putWrites(
      configOf(place, checkpoint.id) as never,
      writes.map(([, channel, value]) => [channel, value]) as never,
      taskId,
    )
}

/** The threads of a saver, most recently written first. It has to read all that is there. */
async function threadsOf(saver: ForeignSaver): Promise<(ThreadSummary & { checkpoints: number })[]> {
  const threads = new Map<string, { thread: string; updatedAt: string; checkpoints: number }>()
  for await (const { config, checkpoint } of saver.list({} as never)) {
    const { thread } = placeOf(config)
    const found = threads.get(thread)
    if (found === undefined) threads.set(thread, { thread, updatedAt: checkpoint.ts, checkpoints: 1 })
    else {
      found.checkpoints += 1
      if (found.updatedAt < checkpoint.ts) found.updatedAt = checkpoint.ts
    }
  }
  return [...threads.values()].toSorted((left, right) => (left.updatedAt < right.updatedAt ? 1 : -1))
}
