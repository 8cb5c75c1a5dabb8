import type { RunEvent, StreamMode } from './events.ts'
import { NOTHING, viewOf } from './project.ts'

/** One thing that happened, as an entry of the run's log. */
export interface ProtocolEvent {
  readonly type: 'event'
  /** Counts up within the run; a reader that lost its connection asks for what came behind the last it saw. */
  readonly seq: number
  /** A stream mode, `lifecycle`, or `custom:<name>` for what a transformer pushed into a channel of that name. */
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
const METHODS: readonly StreamMode[] = ['updates', 'values', 'messages', 'custom', 'tasks', 'tools']

/** What an event of the log is on the wire: nothing, one event, or several. A state comes after what it is found by. */
export function toProtocol(
  namespace: readonly string[],
  event: RunEvent,
  timestamp: number,
): Omit<ProtocolEvent, 'seq'>[] {
  const entry = (method: string, data: unknown): Omit<ProtocolEvent, 'seq'> => ({
    type: 'event',
    method,
    params: { namespace, timestamp, ...(method === 'updates' && { node: (data as Update).node }), data },
  })
  const entries = METHODS.flatMap((method) => {
    const shown = viewOf(method)(event, () => timestamp)
    return shown === NOTHING ? [] : shapes(method, shown).map((data) => entry(method, data))
  })
  return event.type === 'state' ? [entry('checkpoints', event.checkpoint()), ...entries] : entries
}

/** Whether a chunk has the form of the wire already. */
function isNamed(chunk: unknown): boolean {
  if (typeof chunk !== 'object' || chunk === null || !('payload' in chunk)) return false
  return typeof (chunk as { readonly name?: unknown }).name === 'string'
}

interface Update {
  readonly node: string
  readonly values: unknown
}

function shapes(method: StreamMode, shown: unknown): unknown[] {
  if (method === 'custom') return [isNamed(shown) ? shown : { payload: shown }]
  if (method !== 'updates') return [shown]
  return Object.entries(shown as object)
    .filter(([node]) => node !== '__metadata__')
    .map(([node, values]): Update => ({ node, values: values as unknown }))
}
