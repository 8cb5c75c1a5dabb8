import type { EventLog } from '../stream/event-log.ts'
import { createEventLog } from '../stream/event-log.ts'
import type { StreamMode } from '../stream/events.ts'
import { NOTHING, project } from '../stream/project.ts'
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
  return createEventLog(modes, options?.subgraphs === true, (logged) => {
    for (const mode of modes) {
      const chunk = project(mode, logged, now)
      if (chunk !== NOTHING) push(shapeChunk(chunk, mode, logged.namespace, options, isSingle))
    }
  })
}

function shapeChunk(
  chunk: unknown,
  mode: StreamMode,
  namespace: readonly string[],
  options: AnyOptions | undefined,
  isSingle: boolean,
): unknown {
  const subgraphs = options?.subgraphs === true
  if (options?.encoding === 'text/event-stream') return encodeEvent(mode, subgraphs ? namespace : null, chunk)
  if (isSingle) return subgraphs ? [[...namespace], chunk] : chunk
  return subgraphs ? [[...namespace], mode, chunk] : [mode, chunk]
}
