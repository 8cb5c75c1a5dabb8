import type { EventLog, Listen } from '../stream/event-log.ts'
import { createEventLog } from '../stream/event-log.ts'
import type { StreamMode } from '../stream/events.ts'
import { NOTHING, viewOf } from '../stream/project.ts'
import { encodeEvent } from '../stream/sse.ts'
import type { AnyOptions } from './merge-options.ts'

/** Takes what a run tells as chunks of the modes that are asked for, in the shape that the options say. */
export function streamLog(
  modes: readonly StreamMode[],
  isSingle: boolean,
  options: AnyOptions | undefined,
  now: () => number,
  push: (chunk: unknown) => void,
): EventLog {
  const subgraphs = options?.subgraphs === true
  const shape = chunkShape(isSingle, subgraphs, options?.encoding === 'text/event-stream')
  const listeners = modes.map((mode): Listen => {
    const view = viewOf(mode)
    return (namespace, event) => {
      const chunk = view(event, now)
      if (chunk !== NOTHING) push(shape === undefined ? chunk : shape(chunk, mode, namespace))
    }
  })
  const [first] = listeners
  return createEventLog(
    modes,
    subgraphs,
    first !== undefined && listeners.length === 1
      ? first
      : (namespace, event) => {
          for (const listen of listeners) listen(namespace, event)
        },
  )
}

type Shape = (chunk: unknown, mode: StreamMode, namespace: readonly string[]) => unknown

/** How a chunk is handed out; `undefined` for as it is. */
function chunkShape(isSingle: boolean, subgraphs: boolean, isEncoded: boolean): Shape | undefined {
  if (isEncoded) return (chunk, mode, namespace) => encodeEvent(mode, subgraphs ? namespace : null, chunk)
  if (isSingle) return subgraphs ? (chunk, _mode, namespace) => [[...namespace], chunk] : undefined
  return subgraphs
    ? (chunk, mode, namespace) => [[...namespace], mode, chunk]
    : (chunk, mode) => [mode, chunk]
}
