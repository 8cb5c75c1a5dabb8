import { ERROR, INTERRUPT, RETURN } from '../constants.ts'
import type { EventWrite, RunEvent, StreamMode } from './events.ts'

/** Says that an event shows nothing in a mode. */
export const NOTHING: unique symbol = Symbol('nothing')

type End = Extract<RunEvent, { type: 'task-end' }>
type Start = Extract<RunEvent, { type: 'task-start' }>

/** What an event shows in a mode, or {@link NOTHING}. */
type View = (event: RunEvent, now: () => number) => unknown

const VIEWS: Readonly<Record<StreamMode, View>> = {
  values: valuesOf,
  updates: updatesOf,
  messages: (event) => (event.type === 'message' ? [event.message, event.metadata] : NOTHING),
  custom: (event) => (event.type === 'custom' ? event.data : NOTHING),
  tasks: tasksOf,
  checkpoints: (event) => (event.type === 'checkpoint' ? event.payload : NOTHING),
  debug: debugOf,
  tools: (event) => (event.type === 'tool' ? event.data : NOTHING),
}

/** How events look in a mode. */
export function viewOf(mode: StreamMode): View {
  return VIEWS[mode]
}

function valuesOf(event: RunEvent): unknown {
  if (event.type === 'state') return event.values
  return event.type === 'pause' ? { [INTERRUPT]: event.interrupts } : NOTHING
}

function updatesOf(event: RunEvent): unknown {
  if (event.type === 'pause') return { [INTERRUPT]: event.interrupts }
  if (event.type !== 'task-end') return NOTHING
  const first = event.writes[0]
  if (first === undefined || first[0] === ERROR || first[0] === INTERRUPT) return NOTHING
  const chunk: Record<string, unknown> = {}
  const updates = taskUpdates(event)
  if (updates !== NOTHING) chunk[event.task.name] = updates
  if (event.cached) chunk['__metadata__'] = { cached: true }
  return chunk
}

/** What a task wrote: one object, or a list of them where it wrote one key more than once. */
function taskUpdates({ writes, outputChannels }: End): unknown {
  if (typeof outputChannels === 'string') {
    const returned = valuesIn(writes, RETURN)
    return returned === NOTHING ? valuesIn(writes, outputChannels) : returned
  }
  const update: Record<string, unknown> = {}
  let shown = 0
  let repeats = false
  for (let index = 0; index < writes.length; index += 1) {
    const write = writes[index] as EventWrite
    const channel = write[0]
    if (channel === RETURN) return valuesIn(writes, RETURN)
    if (!outputChannels.includes(channel)) continue
    repeats ||= shown > 0 && Object.hasOwn(update, channel)
    shown += 1
    update[channel] = write[1]
  }
  return repeats ? eachWrite(writes, outputChannels) : update
}

/** The value that was written under a name, or the list of several. */
function valuesIn(writes: readonly EventWrite[], name: string): unknown {
  const found = writes.filter(([channel]) => channel === name)
  if (found.length === 0) return NOTHING
  return found.length === 1 ? found[0]?.[1] : found.map(([, value]) => value)
}

function eachWrite(writes: readonly EventWrite[], outputChannels: readonly string[]): unknown[] {
  return writes
    .filter(([channel]) => outputChannels.includes(channel))
    .map(([channel, value]) => ({ [channel]: value }))
}

function tasksOf(event: RunEvent): unknown {
  if (event.type === 'task-start') return startOf(event)
  return event.type === 'task-end' && !event.cached ? endOf(event) : NOTHING
}

function startOf({ task, input, triggers, metadata }: Start): Record<string, unknown> {
  const start = { id: task.id, name: task.name, input, triggers, interrupts: [] }
  return metadata === undefined ? start : { ...start, metadata }
}

function endOf({ task, writes, streamChannels }: End): Record<string, unknown> {
  const interrupts = writes.filter(([channel]) => channel === INTERRUPT).flatMap(([, value]) => value)
  const error = writes.find(([channel]) => channel === ERROR)
  return {
    id: task.id,
    name: task.name,
    result: writeResult(
      writes.filter(([channel]) =>
        typeof streamChannels === 'string' ? channel === streamChannels : streamChannels.includes(channel),
      ),
    ),
    interrupts,
    ...(error !== undefined && { error: error[1] }),
  }
}

/** Writes by channel; several to one channel become `{ $writes: [...] }`. */
export function writeResult(writes: readonly EventWrite[]): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  const counts = new Map<string, number>()
  for (const [channel, value] of writes) {
    const count = (counts.get(channel) ?? 0) + 1
    counts.set(channel, count)
    if (count === 1) result[channel] = value
    else if (count === 2) result[channel] = { $writes: [result[channel], value] }
    else (result[channel] as { $writes: unknown[] }).$writes.push(value)
  }
  return result
}

function debugOf(event: RunEvent, now: () => number): unknown {
  if (event.type === 'checkpoint') return debug(event.step, 'checkpoint', event.payload, now)
  if (event.type === 'task-start') return debug(event.step, 'task', startOf(event), now)
  if (event.type === 'task-end' && !event.cached) return debug(event.step, 'task_result', endOf(event), now)
  return NOTHING
}

function debug(step: number, type: string, payload: unknown, now: () => number): unknown {
  return { step, type, timestamp: new Date(now()).toISOString(), payload }
}
