/** One server-sent event, NDJSON line, AWS event-stream message or element of a streamed JSON array. */
export interface Frame {
  /** The event's name where the framing has names. */
  event?: string | undefined
  /** The frame's text, mostly JSON. */
  data: string
  /** What an AWS message says it is. Left out by the other framings, which know only events. */
  kind?: 'event' | 'exception' | 'error' | undefined
}

export interface FrameLimits {
  /** A frame of more bytes than this is refused. Text framings count a decoded frame in UTF-16 units. */
  maxFrameBytes: number
}

export const defaultFrameLimits: FrameLimits = { maxFrameBytes: 8 * 1024 * 1024 }

/**
 * Cuts a body into frames, whatever the chunks it comes in.
 * Both functions throw `InvalidFrameError`; frames that were complete before the fault are delivered first,
 * and the fault is thrown by the next call.
 */
export interface FrameReader {
  push(chunk: Uint8Array): Frame[]
  /** What is left when the body has ended cleanly, such as a last line without a line end. */
  end(): Frame[]
}

/** The part of a reader that differs between framings: both functions add what is complete to `frames`. */
export interface FrameParser {
  read(chunk: Uint8Array, frames: Frame[]): void
  finish(frames: Frame[]): void
}

export function createReader(parser: FrameParser): FrameReader {
  let failure: unknown
  const collect = (parse: (frames: Frame[]) => void): Frame[] => {
    if (failure !== undefined) throw failure
    const frames: Frame[] = []
    try {
      parse(frames)
    } catch (error) {
      failure = error
      if (frames.length === 0) throw error
    }
    return frames
  }
  return {
    push: (chunk) => collect((frames) => parser.read(chunk, frames)),
    end: () => {
      const frames = collect((left) => parser.finish(left))
      if (failure !== undefined) throw failure
      return frames
    },
  }
}
