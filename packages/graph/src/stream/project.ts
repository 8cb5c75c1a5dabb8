import { ERROR, INTERRUPT, RETURN } from '../constants.ts'
import type { EventWrite, LoggedEvent, RunEvent, StreamMode } from './events.ts'

/** Says that an event shows nothing in a mode. */
export const NOTHING: unique symbol = Symbol('nothing')

type End = Extract<RunEvent, { type: 'task-end' }>
type Start = Extract<RunEvent, { type: 'task-start' }>

/** What an event shows in a mode, or {@link NOTHING}. */
export function project(mode: StreamMode, { event }: LoggedEvent, now: () => number = Date.now): unknown {
  switch (mode) {
    case 'values':
      return valuesOf(event)
    case 'updates':
      return updatesOf(event)
    case 'messages':
      return event.type === 'message' ? [event.message, event.metadata] : NOTHING
    case 'custom':
      return event.type === 'custom' ? event.data : NOTHING
    case 'tasks':
      return tasksOf(event)
    case 'checkpoints':
      return event.type === 'checkpoint' ? event.payload : NOTHING
    case 'debug':
      return debugOf(event, now)
    case 'tools':
      return event.type === 'tool' ? event.data : NOTHING
  }
}

function valuesOf(event: RunEvent): unknown {
  if (event.type === 'state') return event.values
  return event.type === 'pause' ? { [INTERRUPT]: event.interrupts } : NOTHING
}

function updatesOf(event: RunEvent): unknown {
  if (event.type === 'pause') return { [INTERRUPT]: event.interrupts }
  if (event.type !== 'task-end') return NOTHING
  const [first] = event.writes
  if (first === undefined || first[0] === ERROR || first[0] === INTERRUPT) return NOTHING
  const updates = taskUpdates(event)
  const chunk: Record<string, unknown> = {}
  if (updates.length > 0) chunk[event.task.name] = updates.length === 1 ? updates[0] : updates
  if (event.cached) chunk['__metadata__'] = { cached: true }
  return chunk
}

/** What a task wrote: one object, or several where it wrote one key more than once. */
function taskUpdates({ writes, outputChannels }: End): unknown[] {
  const returned = valuesIn(writes, RETURN)
  if (returned.length > 0) return returned
  if (typeof outputChannels === 'string') return valuesIn(writes, outputChannels)
  const update: Record<string, unknown> = {}
  for (const [channel, value] of writes) {
    if (!outputChannels.includes(channel)) continue
    if (Object.hasOwn(update, channel)) return eachWrite(writes, outputChannels)
    update[channel] = value
  }
  return [update]
}

function valuesIn(writes: readonly EventWrite[], name: string): unknown[] {
  const values: unknown[] = []
  for (const [channel, value] of writes) if (channel === name) values.push(value)
  return values
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
