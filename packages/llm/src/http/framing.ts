import { createAwsEventStreamReader } from './aws-event-stream.ts'
import type { FrameLimits, FrameReader } from './frame.ts'
import { createJsonArrayReader } from './json-array.ts'
import { createNdjsonReader } from './ndjson.ts'
import { createSseReader } from './sse.ts'

/** How a streamed body is cut into frames. */
export type Framing = 'sse' | 'ndjson' | 'aws-event-stream' | 'json-array'

const readers: Readonly<Record<Framing, (limits?: FrameLimits) => FrameReader>> = {
  sse: createSseReader,
  ndjson: createNdjsonReader,
  'aws-event-stream': createAwsEventStreamReader,
  'json-array': createJsonArrayReader,
}

export function createFrameReader(framing: Framing, limits?: FrameLimits): FrameReader {
  return readers[framing](limits)
}
