/** What a queue asks of the connection that fills it. */
export interface BodySource {
  /** Enough is queued: read no more from the socket. */
  pause(): void
  resume(): void
  /** The consumer left before the end. */
  cancel(): void
}

/** A body between a socket that pushes and one consumer that pulls, holding back no more than its high-water mark. */
export interface BodyQueue {
  readonly body: AsyncIterable<Uint8Array>
  push(chunk: Uint8Array): void
  end(): void
  /** What is queued is still delivered, then the error is thrown. */
  fail(error: Error): void
}

const highWaterBytes = 64 * 1024

type Result = IteratorResult<Uint8Array, undefined>

const finished: Result = { done: true, value: undefined }

export function createBodyQueue(source: BodySource): BodyQueue {
  const chunks: Uint8Array[] = []
  const waiting: { resolve(result: Result): void; reject(error: Error): void }[] = []
  let queuedBytes = 0
  let isPaused = false
  let isOver = false
  let failure: Error | undefined

  const takeFailure = (): Error | undefined => {
    const error = failure
    failure = undefined
    return error
  }

  const settleWaiting = (): void => {
    isOver = true
    for (const consumer of waiting.splice(0)) {
      const error = takeFailure()
      if (error === undefined) consumer.resolve(finished)
      else consumer.reject(error)
    }
  }

  const next = (): Promise<Result> => {
    const chunk = chunks.shift()
    if (chunk !== undefined) {
      queuedBytes -= chunk.length
      if (isPaused && queuedBytes === 0) {
        isPaused = false
        source.resume()
      }
      return Promise.resolve({ done: false, value: chunk })
    }
    const error = takeFailure()
    if (error !== undefined) return Promise.reject(error)
    if (isOver) return Promise.resolve(finished)
    return new Promise((resolve, reject) => waiting.push({ resolve, reject }))
  }

  const leave = (): Promise<Result> => {
    chunks.length = 0
    queuedBytes = 0
    failure = undefined
    if (!isOver) {
      settleWaiting()
      source.cancel()
    }
    return Promise.resolve(finished)
  }

  return {
    body: { [Symbol.asyncIterator]: () => ({ next, return: leave }) },
    push(chunk) {
      if (isOver) return
      const consumer = waiting.shift()
      if (consumer !== undefined) return consumer.resolve({ done: false, value: chunk })
      chunks.push(chunk)
      queuedBytes += chunk.length
      if (isPaused || queuedBytes < highWaterBytes) return
      isPaused = true
      source.pause()
    },
    end: settleWaiting,
    fail(error) {
      if (isOver) return
      failure = error
      settleWaiting()
    },
  }
}
