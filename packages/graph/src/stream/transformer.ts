import type { ProtocolEvent } from './protocol.ts'

/** Derives further lists from the events of a run, while it runs. */
export interface StreamTransformer<Projection = unknown> {
  /** What readers find under `run.extensions`; a {@link StreamChannel} with a name is also seen among the events. */
  init(): Projection
  /** @returns `false` to keep the event from the readers of the run */
  process(event: ProtocolEvent): boolean
  finalize?(): void
  fail?(error: unknown): void
}

/** A list that a transformer fills and any number of readers read, each from the beginning. */
export class StreamChannel<Item = unknown> implements AsyncIterable<Item> {
  /** Name on the wire; `undefined` for readers in this process only. */
  readonly name: string | undefined
  readonly #items: Item[] = []
  #end: { readonly error?: unknown } | undefined
  #waiting: (() => void)[] = []
  #listener: ((item: Item) => void) | undefined

  constructor(name?: string) {
    this.name = name
  }

  /** One that is not seen among the events of the run. */
  static local<Item>(): StreamChannel<Item> {
    return new StreamChannel<Item>()
  }

  /** One whose items are events of the run, too: `custom:<name>`. */
  static remote<Item>(name: string): StreamChannel<Item> {
    return new StreamChannel<Item>(name)
  }

  push(item: Item): void {
    if (this.#end !== undefined) return
    this.#items.push(item)
    this.#listener?.(item)
    this.#wake()
  }

  /** @param listener told of what is pushed from now on */
  attach(listener: (item: Item) => void): void {
    this.#listener = listener
  }

  close(end: { readonly error?: unknown } = {}): void {
    this.#end ??= end
    this.#wake()
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resume of waiting) resume()
  }

  /** @param from position of the first item that is given */
  async *read(from = 0): AsyncGenerator<Item, void> {
    for (let position = from; ;) {
      if (position < this.#items.length) {
        yield this.#items[position] as Item
        position += 1
        continue
      }
      if (this.#end !== undefined) {
        if ('error' in this.#end) throw this.#end.error
        return
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  [Symbol.asyncIterator](): AsyncGenerator<Item, void> {
    return this.read()
  }
}

/** The transformers of one run. */
export class Transformers {
  readonly extensions: Readonly<Record<string, unknown>>
  readonly #all: readonly StreamTransformer[]
  readonly #channels: readonly StreamChannel[]

  /** @param push adds what a named channel is given to the events of the run */
  constructor(
    factories: readonly (() => StreamTransformer)[],
    push: (method: string, data: unknown) => void,
  ) {
    this.#all = factories.map((make) => make())
    this.extensions = Object.assign({}, ...this.#all.map((transformer) => transformer.init())) as Record<
      string,
      unknown
    >
    this.#channels = Object.values(this.extensions).filter((value) => value instanceof StreamChannel)
    for (const channel of this.#channels) {
      const { name } = channel
      if (name !== undefined) channel.attach((item) => push(`custom:${name}`, item))
    }
  }

  /** Shows an event to each. @returns whether the readers of the run see it */
  process(event: ProtocolEvent): boolean {
    let seen = true
    for (const transformer of this.#all) if (!transformer.process(event)) seen = false
    return seen
  }

  end(failure: { readonly error: unknown } | undefined): void {
    for (const transformer of this.#all) {
      if (failure === undefined) transformer.finalize?.()
      else transformer.fail?.(failure.error)
    }
    for (const channel of this.#channels) channel.close(failure)
  }
}
