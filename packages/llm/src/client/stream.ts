import { createError } from '../errors.ts'
import type { StreamEvent } from '../types/event.ts'

/**
 * An answer as it arrives: iterate it for the chunks of the client's format, or `events` for the typed
 * events behind them. It can be read once, one way or the other; leaving it early ends the call.
 */
export interface AnswerStream<Chunk> extends AsyncIterable<Chunk> {
  readonly events: AsyncIterable<StreamEvent>
}

export function isAnswerStream(answer: object): answer is AnswerStream<unknown> {
  return Symbol.asyncIterator in answer
}

/** Makes the two views of one stream. A failure is thrown from `chunks` and is an event in `events`. */
export function createAnswerStream<Chunk>(
  source: AsyncGenerator<StreamEvent, void, undefined>,
  render: (event: StreamEvent) => Iterable<Chunk>,
): AnswerStream<Chunk> {
  async function* chunks(): AsyncGenerator<Chunk, void, undefined> {
    for await (const event of source) {
      if (event.type === 'error') throw createError(event.failure)
      yield* render(event)
    }
  }
  return { [Symbol.asyncIterator]: () => chunks(), events: source }
}
