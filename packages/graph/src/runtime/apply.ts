import type { BaseChannel } from '../channels/index.ts'
import { ERROR, ERROR_SOURCE_NODE, INTERRUPT, NO_WRITES, PUSH, RESUME, RETURN } from '../constants.ts'
import { BaseLangGraphError, InvalidUpdateError } from '../errors.ts'
import type { Cells } from './cells.ts'
import type { NodeSpec, Program } from './program.ts'
import type { Write } from './task.ts'

/** Writes that are about a task, not about the state. */
const NOT_STATE: ReadonlySet<string> = new Set([
  NO_WRITES,
  PUSH,
  RESUME,
  INTERRUPT,
  RETURN,
  ERROR,
  ERROR_SOURCE_NODE,
])

/** Whose writes are applied: a task, or the input, which has no node and no triggers. */
export interface Writer {
  readonly name: string
  readonly writes: readonly Write[]
  readonly triggers: readonly string[]
  readonly node?: NodeSpec | undefined
}

/** What a superstep changed. */
export interface Applied {
  /** Channels that have a new value: they decide what runs next. */
  readonly updated: number[]
  /** Channels of which anything changed, cleared ones included: they are stored. */
  readonly changed: number[]
  /** By channel: what was written to it. */
  readonly written: ReadonlyMap<number, readonly unknown[]>
}

/**
 * Ends a superstep: hands each channel what was written to it, in the order of the writers.
 *
 * @throws {InvalidUpdateError} naming channel and writers, when a channel refuses
 * @throws {BaseLangGraphError} `reducer_error`, when a reducer throws
 */
export function applyWrites(program: Program, cells: Cells, writers: readonly Writer[]): Applied {
  const { channels } = cells
  const changed: number[] = []
  const stepped = sawTriggers(program, cells, writers, changed)
  const written = groupWrites(program, writers)
  const version = cells.highest + 1
  const updated: number[] = []
  for (const [index, values] of written) {
    if (!updateChannel(program, channels[index] as BaseChannel, index, values, writers)) continue
    mark(cells, changed, index, version)
    if ((channels[index] as BaseChannel).isAvailable()) updated.push(index)
  }
  if (stepped) {
    for (const index of program.transient) {
      const channel = channels[index] as BaseChannel
      if (written.has(index) || !channel.isAvailable() || !channel.update([])) continue
      mark(cells, changed, index, version)
      if (channel.isAvailable()) updated.push(index)
    }
    if (program.deferred.length > 0 && !triggersAny(program, updated) && !hasSends(program, cells)) {
      for (const index of program.deferred) {
        const channel = channels[index] as BaseChannel
        if (!channel.finish()) continue
        mark(cells, changed, index, version)
        if (channel.isAvailable()) updated.push(index)
      }
    }
  }
  if (changed.length > 0) cells.highest = version
  return { updated, changed, written }
}

function mark(cells: Cells, changed: number[], index: number, version: number): void {
  cells.versions[index] = version
  changed.push(index)
}

/** Notes what each writer has seen of its triggers, and uses up those that are. */
function sawTriggers(program: Program, cells: Cells, writers: readonly Writer[], changed: number[]): boolean {
  let stepped = false
  let consumed: Set<number> | undefined
  for (const { node, triggers } of writers) {
    if (triggers.length > 0) stepped = true
    if (node === undefined) continue
    const seen = (cells.seen[node.index] ??= node.triggers.map(() => 0))
    for (const trigger of triggers) {
      const position = node.triggers.indexOf(trigger)
      const index = program.channelIndex.get(trigger)
      if (index === undefined) continue
      if (position >= 0) seen[position] = cells.versions[index] as number
      ;(consumed ??= new Set()).add(index)
    }
  }
  if (consumed === undefined) return stepped
  for (const index of consumed) {
    if ((cells.channels[index] as BaseChannel).consume()) mark(cells, changed, index, cells.highest + 1)
  }
  return stepped
}

function groupWrites(program: Program, writers: readonly Writer[]): Map<number, unknown[]> {
  const groups = new Map<number, unknown[]>()
  for (const { writes } of writers) {
    for (const [channel, value] of writes) {
      if (NOT_STATE.has(channel)) continue
      const index = program.channelIndex.get(channel)
      if (index === undefined) continue
      const group = groups.get(index)
      if (group === undefined) groups.set(index, [value])
      else group.push(value)
    }
  }
  return groups
}

function updateChannel(
  program: Program,
  channel: BaseChannel,
  index: number,
  values: readonly unknown[],
  writers: readonly Writer[],
): boolean {
  try {
    return channel.update(values)
  } catch (error) {
    throw explain(program.channelNames[index] as string, values, writers, error)
  }
}

function explain(
  channel: string,
  values: readonly unknown[],
  writers: readonly Writer[],
  error: unknown,
): Error {
  const names = writers
    .filter(({ writes }) => writes.some(([name]) => name === channel))
    .map(({ name }) => name)
  const by = `Written by ${names.map((name) => `"${name}"`).join(', ')}.`
  if (error instanceof InvalidUpdateError) {
    const [message = ''] = error.message.split('\n\n')
    return new InvalidUpdateError(
      `Invalid update for channel "${channel}" with values ${preview(values)}: ${message} ${by}`,
      { lc_error_code: error.lc_error_code, cause: error },
    )
  }
  const message = error instanceof Error ? error.message : String(error)
  return new BaseLangGraphError(`The reducer of "${channel}" threw: ${message} ${by}`, {
    lc_error_code: 'reducer_error',
    cause: error,
  })
}

function preview(values: readonly unknown[]): string {
  try {
    const text = JSON.stringify(values)
    return text.length > 500 ? `${text.slice(0, 500)}…` : text
  } catch {
    return `(${values.length} values)`
  }
}

/** Whether any of the channels makes a node run: a trigger, or what was sent. */
function triggersAny(program: Program, updated: readonly number[]): boolean {
  return updated.some(
    (index) => index === program.tasksIndex || (program.subscribers[index] as readonly NodeSpec[]).length > 0,
  )
}

/** Whether tasks with inputs of their own are due. */
function hasSends(program: Program, cells: Cells): boolean {
  return cells.channels[program.tasksIndex]?.isAvailable() === true
}

/** The value that channels would have with some writes applied, without applying them. */
export function readWith(
  program: Program,
  cells: Cells,
  writes: readonly Write[],
  select: string | readonly string[],
): unknown {
  const names = typeof select === 'string' ? [select] : select
  const values: Record<string, unknown> = {}
  for (const name of names) {
    const index = program.channelIndex.get(name)
    if (index === undefined) continue
    const channel = cells.channels[index] as BaseChannel
    const own = writes.filter(([written]) => written === name).map(([, value]) => value)
    const read = own.length === 0 ? channel : updatedCopy(program, channel, index, own)
    if (read.isAvailable()) values[name] = read.get()
  }
  return typeof select === 'string' ? (values[select] ?? null) : values
}

function updatedCopy(
  program: Program,
  channel: BaseChannel,
  index: number,
  values: readonly unknown[],
): BaseChannel {
  const copy = (program.prototypes[index] as BaseChannel).fromCheckpoint(channel.checkpoint())
  updateChannel(program, copy, index, values, [])
  return copy
}
