import type { RunEvent, StreamMode } from './events.ts'

/** Which events a mode is made of. */
const SOURCES: Readonly<Record<StreamMode, readonly RunEvent['type'][]>> = {
  values: ['state', 'pause'],
  updates: ['task-end', 'pause'],
  messages: ['message'],
  custom: ['custom'],
  tasks: ['task-start', 'task-end'],
  checkpoints: ['checkpoint'],
  debug: ['task-start', 'task-end', 'checkpoint'],
  tools: ['tool'],
}

/** Is told an event, perhaps one that no mode is made of; it must not throw. */
export type Listen = (namespace: readonly string[], event: RunEvent) => void

/** The events of one run, in order. What nobody listens for is not made. */
export interface EventLog {
  readonly modes: ReadonlySet<StreamMode>
  /** Whether subgraphs report what happens in them. */
  readonly subgraphs: boolean
  /** Whether an event of the type would be looked at; the same for the whole run. */
  wants(type: RunEvent['type']): boolean
  readonly emit: Listen
}

export function createEventLog(modes: readonly StreamMode[], subgraphs: boolean, emit: Listen): EventLog {
  const wanted = new Set(modes.flatMap((mode) => SOURCES[mode]))
  return {
    modes: new Set(modes),
    subgraphs,
    wants: (type) => wanted.has(type),
    emit,
  }
}
