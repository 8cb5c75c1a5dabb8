import type {
  Awaitable,
  ChannelChange,
  CheckpointMetadata,
  Place,
  SavedCheckpoint,
  TaskWrites,
} from '../checkpoint/checkpointer.ts'
import type { ListDelta } from '../checkpoint/list-delta.ts'
import { listDelta } from '../checkpoint/list-delta.ts'
import { START } from '../constants.ts'
import { isSend, overwriteOf } from '../control.ts'
import { BaseLangGraphError } from '../errors.ts'
import type { Applied } from './apply.ts'
import type { Cells } from './cells.ts'
import { storeVersions } from './cells.ts'
import type { Keeper } from './patience.ts'
import type { Program } from './program.ts'
import type { Task, TaskPath, Write } from './task.ts'

/** What a checkpoint is, besides the values. */
export interface CheckpointNote {
  readonly id: string
  readonly nowMs: number
  readonly metadata: CheckpointMetadata
}

/** One thread and namespace as a run writes it: one commit after the other, each on the head of the one before. */
export class Persistence {
  readonly saver: Keeper
  readonly place: Place
  /** Id of the checkpoint that the next one continues. */
  parentId: string | undefined
  readonly #program: Program
  readonly #delta: ListDelta
  /** Channels that changed since the last commit, with what was written to them. */
  readonly #dirty: Map<number, readonly unknown[]> = new Map()
  #head: string | null
  #flying: Promise<void> | undefined
  #failure: { readonly error: unknown } | undefined

  /** @param head the newest checkpoint of the place, where it is not known from the one that is continued */
  constructor(
    program: Program,
    saver: Keeper,
    place: Place,
    saved: SavedCheckpoint | undefined,
    head?: string,
  ) {
    this.#program = program
    this.saver = saver
    this.place = place
    this.parentId = saved?.checkpoint.id
    this.#head = saved?.head ?? head ?? null
    this.#delta = listDelta(saved?.values)
  }

  /** Notes what changed, for the next commit. */
  note(applied: Applied): void {
    for (const index of applied.changed) {
      const written = applied.written.get(index) ?? []
      const before = this.#dirty.get(index)
      this.#dirty.set(index, before === undefined || before.length === 0 ? written : [...before, ...written])
    }
  }

  /**
   * Stores everything that was noted. Nothing comes back when it is done already; a promise is fulfilled when the values
   * were read, or, with `wait`, when they are stored.
   */
  commit(cells: Cells, note: CheckpointNote, tasks: readonly Task[], wait: boolean): Awaitable<void> {
    if (this.#failure !== undefined) throw this.#failure.error
    if (this.#flying !== undefined) return this.#flying.then(() => this.commit(cells, note, tasks, wait))
    const stored = this.saver.commit({
      ...this.place,
      checkpoint: {
        id: note.id,
        ts: isoTime(note.nowMs),
        ...storeVersions(this.#program, cells),
        updatedChannels: [...this.#dirty.keys()].map((index) => this.#program.channelNames[index] as string),
      },
      metadata: note.metadata,
      parentId: this.parentId,
      expectedHead: this.#head,
      changes: this.#changes(cells),
      ...(tasks.length > 0 &&
        this.parentId !== undefined && { writes: tasks.map((task) => toTaskWrites(this.#program, task)) }),
    })
    this.#dirty.clear()
    this.parentId = note.id
    this.#head = note.id
    if (stored === undefined) return undefined
    this.#fly(stored)
    return wait ? this.settled() : undefined
  }

  #changes(cells: Cells): ChannelChange[] {
    const changes: ChannelChange[] = []
    for (const [index, written] of this.#dirty) {
      const channel = cells.channels[index]
      if (channel === undefined || !channel.isTracked) continue
      const name = this.#program.channelNames[index] as string
      const value = this.#stored(index, name, channel.checkpoint())
      changes.push(value === undefined ? this.#delta.cleared(name) : this.#delta.change(name, value, written))
    }
    return changes
  }

  #stored(index: number, name: string, value: unknown): unknown {
    const { tasksIndex, untracked } = this.#program
    if (index === tasksIndex) return storedSends(value, untracked)
    return name === START ? withoutKeys(value, untracked) : value
  }

  /** Keeps what tasks wrote although their superstep is not over. */
  addWrites(tasks: readonly TaskWrites[]): Awaitable<void> {
    if (this.parentId === undefined) return undefined
    const { parentId } = this
    if (this.#flying !== undefined) {
      this.#fly(this.#flying.then(() => this.saver.addWrites(this.place, parentId, tasks)))
      return undefined
    }
    try {
      const stored = this.saver.addWrites(this.place, parentId, tasks)
      if (stored !== undefined) this.#fly(stored)
    } catch (error) {
      // Told when the superstep is to be stored: nobody waits for these writes.
      this.#failure ??= { error }
    }
    return undefined
  }

  #fly(stored: Promise<void>): void {
    const flight: Promise<void> = stored.then(
      () => {
        if (this.#flying === flight) this.#flying = undefined
      },
      (error: unknown) => {
        this.#failure ??= { error }
        if (this.#flying === flight) this.#flying = undefined
      },
    )
    this.#flying = flight
  }

  /** Done when everything is stored. @throws what the saver threw. */
  settled(): Awaitable<void> {
    if (this.#flying !== undefined) return this.#flying.then(() => this.settled())
    if (this.#failure !== undefined) throw this.#failure.error
    return undefined
  }
}

let lastMs = NaN
let lastIso = ''

/** Many checkpoints of a fast run fall into one millisecond: its text is made once. */
function isoTime(milliseconds: number): string {
  if (milliseconds !== lastMs) {
    lastMs = milliseconds
    lastIso = new Date(milliseconds).toISOString()
  }
  return lastIso
}

/** A task's results as they are stored. */
export function toTaskWrites(program: Program, task: Pick<Task, 'id' | 'path' | 'writes'>): TaskWrites {
  return new StoredTask(task, storedWrites(program, task.writes))
}

/** A class, since an engine keeps what an object's own getter closes over: here the whole run, until a full collection. */
class StoredTask implements TaskWrites {
  readonly taskId: string
  readonly writes: readonly Write[]
  readonly #path: TaskPath

  constructor({ id, path }: Pick<Task, 'id' | 'path'>, writes: readonly Write[]) {
    this.taskId = id
    this.writes = writes
    this.#path = path
  }

  /** Made when it is asked for: few savers do. */
  get taskPath(): string {
    return pathText(this.#path)
  }
}

/** Writes as plain data, without what is never stored: `Send`s and overwrites are known again by their shape. */
export function storedWrites({ untracked }: Program, writes: readonly Write[]): Write[] {
  const kept = untracked.size === 0 ? writes : writes.filter(([channel]) => !untracked.has(channel))
  return kept.map((write) => {
    const [channel, value] = write
    if (typeof value !== 'object' || value === null) return write
    if (isSend(value)) return [channel, plainSend(value, untracked)]
    const overwrite = 'lg_name' in value ? overwriteOf(value) : undefined
    return overwrite === undefined ? write : [channel, { __overwrite__: overwrite.value }]
  })
}

function plainSend(
  send: { readonly node: string; readonly args: unknown; readonly timeout?: unknown },
  untracked: ReadonlySet<string>,
): object {
  const { node, args, timeout } = send
  return {
    lg_name: 'Send',
    node,
    args: withoutKeys(args, untracked),
    ...(timeout !== undefined && { timeout }),
  }
}

function storedSends(stored: unknown, untracked: ReadonlySet<string>): unknown {
  if (!Array.isArray(stored)) return stored
  return stored.map((send: unknown) => (isSend(send) ? plainSend(send, untracked) : send))
}

/** A state without the keys that are never stored. */
function withoutKeys(value: unknown, keys: ReadonlySet<string>): unknown {
  if (keys.size === 0 || typeof value !== 'object' || value === null || Array.isArray(value)) return value
  if (!Object.keys(value).some((key) => keys.has(key))) return value
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.has(key)))
}

/** A path as LangGraph's savers sort it. */
function pathText(path: TaskPath): string {
  return `~${path.map(partText).join(', ')}`
}

function partText(part: TaskPath[number]): string {
  if (typeof part === 'object') return pathText(part)
  if (typeof part === 'boolean') return part ? '0000000001' : '0000000000'
  return typeof part === 'number' ? String(part).padStart(10, '0') : part
}

/** Says which nodes returned what cannot be stored. */
export function namingNodes(error: unknown, tasks: readonly Task[]): unknown {
  if (!(error instanceof BaseLangGraphError) || error.lc_error_code !== 'state_not_serializable') return error
  const names = [...new Set(tasks.map(({ name }) => `"${name}"`))].join(', ')
  const [message = ''] = error.message.split('\n\n')
  return new BaseLangGraphError(`Node ${names} returned what cannot be stored: ${message}`, {
    lc_error_code: error.lc_error_code,
    cause: error,
  })
}
