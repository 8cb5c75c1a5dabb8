/** What a {@link RunStream} is fed through. */
export interface StreamFeed<Chunk> {
  push(chunk: Chunk): void
  close(): void
  fail(error: unknown): void
}

/**
 * Node loads 2 MB for its streams when `ReadableStream` is first named. That is when a run is first streamed, and not when
 * the library is imported: until then this stands in its place.
 */
// oxlint-disable-next-line typescript/no-extraneous-class
const LateReadableStream: typeof ReadableStream = class {} as typeof ReadableStream

function inherit(): void {
  Object.setPrototypeOf(RunStream, ReadableStream)
  Object.setPrototypeOf(RunStream.prototype, ReadableStream.prototype)
}

/**
 * The chunks of a run: a `ReadableStream` that can also be iterated directly, which costs less. Leaving the iteration
 * early cancels the run.
 */
export class RunStream<Chunk> extends LateReadableStream<Chunk> implements AsyncIterableIterator<Chunk> {
  readonly #queue: Chunk[] = []
  #head = 0
  #ended: { readonly error?: unknown } | undefined
  #wake: (() => void) | undefined
  readonly #onCancel: (reason: unknown) => void

  /** @param onCancel is called when the reader leaves before the end */
  constructor(onCancel: (reason: unknown) => void) {
    if (!(RunStream.prototype instanceof ReadableStream)) inherit()
    super(
      {
        pull: async (controller) => {
          const step = await this.next()
          if (step.done) controller.close()
          else controller.enqueue(step.value)
        },
        cancel: (reason) => this.#leave(reason),
      },
      { highWaterMark: 0 },
    )
    this.#onCancel = onCancel
  }

  /** For whoever makes the stream. */
  get feed(): StreamFeed<Chunk> {
    return {
      push: (chunk) => {
        if (this.#ended !== undefined) return
        this.#queue.push(chunk)
        this.#notify()
      },
      close: () => {
        this.#ended ??= {}
        this.#notify()
      },
      fail: (error) => {
        this.#ended ??= { error }
        this.#notify()
      },
    }
  }

  #notify(): void {
    const wake = this.#wake
    if (wake === undefined) return
    this.#wake = undefined
    wake()
  }

  #leave(reason: unknown): void {
    if (this.#ended === undefined) this.#onCancel(reason)
    this.#ended ??= {}
    this.#queue.length = 0
    this.#head = 0
    this.#notify()
  }

  next(): Promise<IteratorResult<Chunk, undefined>> {
    return this.#head < this.#queue.length
      ? Promise.resolve({ done: false, value: this.#take() })
      : this.#nextToCome()
  }

  #take(): Chunk {
    const value = this.#queue[this.#head] as Chunk
    this.#head += 1
    if (this.#head > 1024) {
      this.#queue.splice(0, this.#head)
      this.#head = 0
    }
    return value
  }

  async #nextToCome(): Promise<IteratorResult<Chunk, undefined>> {
    for (;;) {
      if (this.#head < this.#queue.length) return { done: false, value: this.#take() }
      if (this.#ended !== undefined) {
        if ('error' in this.#ended) throw this.#ended.error
        return { done: true, value: undefined }
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  async return(): Promise<IteratorResult<Chunk, undefined>> {
    this.#leave('left')
    return { done: true, value: undefined }
  }

  async throw(error: unknown): Promise<IteratorResult<Chunk, undefined>> {
    this.#leave(error)
    throw error
  }

  override [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#leave('disposed')
  }
}
