/**
 * - `too_long`: one frame passed the reader's limit.
 * - `bad_checksum`: an AWS event-stream message does not have the checksum it carries.
 * - `malformed`: the bytes are not of the framing they claim to be.
 * - `truncated`: the body ended inside a frame whose framing marks its end.
 */
export type InvalidFrameReason = 'too_long' | 'bad_checksum' | 'malformed' | 'truncated'

/** The upstream's bytes cannot be cut into frames. The message holds none of the bytes. */
export class InvalidFrameError extends Error {
  override readonly name = 'InvalidFrameError'
  readonly reason: InvalidFrameReason
  /** The limit in bytes that was passed, where `reason` is `too_long`. */
  readonly limit: number | undefined

  constructor(reason: InvalidFrameReason, message: string, limit?: number) {
    super(message)
    this.reason = reason
    this.limit = limit
  }
}

export function frameTooLong(limit: number): InvalidFrameError {
  return new InvalidFrameError('too_long', `a frame of the stream is longer than ${limit} bytes`, limit)
}
