import { INTERRUPT } from '../constants.ts'
import type { LoggedEvent, StreamMode } from './events.ts'
import { NOTHING, project } from './project.ts'

/** One thing that happened, as an entry of the run's log. */
export interface ProtocolEvent {
  readonly type: 'event'
  /** Counts up within the run; a reader that lost its connection asks for what came behind the last it saw. */
  readonly seq: number
  /** A stream mode, or `custom:<name>` for what a transformer pushed into a channel of that name. */
  readonly method: string
  readonly params: {
    readonly namespace: readonly string[]
    /** Milliseconds since 1970. */
    readonly timestamp: number
    readonly node?: string | undefined
    readonly data: unknown
  }
}

/** In the order in which they show one and the same event. */
const METHODS: readonly StreamMode[] = ['values', 'updates', 'messages', 'custom', 'tasks', 'tools']

/** What an event of the log is on the wire: nothing, one event, or several. A state comes after what it is found by. */
export function toProtocol(logged: LoggedEvent, timestamp: number): Omit<ProtocolEvent, 'seq'>[] {
  const { event, namespace } = logged
  const node = 'task' in event ? event.task.name : undefined
  const entry = (method: string, data: unknown): Omit<ProtocolEvent, 'seq'> => ({
    type: 'event',
    method,
    params: { namespace, timestamp, ...(node !== undefined && { node }), data },
  })
  const entries = METHODS.flatMap((method) => {
    const shown = project(method, logged)
    return shown === NOTHING ? [] : shapes(method, shown).map((data) => entry(method, data))
  })
  return event.type === 'state' ? [entry('checkpoints', event.checkpoint), ...entries] : entries
}

function shapes(method: StreamMode, shown: unknown): unknown[] {
  if (method === 'custom') return [{ payload: shown }]
  if (method !== 'updates') return [shown]
  return Object.entries(shown as object)
    .filter(([node]) => node !== '__metadata__' && node !== INTERRUPT)
    .map(([node, values]): unknown => ({ node, values: values as unknown }))
}
