import { createError } from '../errors.ts'
import type { StreamEvent } from '../types/event.ts'
import type { Failure } from '../types/failure.ts'
import type { ChatRequest } from '../types/request.ts'
import { mayFailOver } from './retry.ts'

/** How often one answer is gone on with. */
export const MAX_CONTINUATIONS = 3

/** An answer that broke off: what another model needs to go on with it. */
export interface Beginning {
  /** All that was said so far. */
  readonly text: string
  /** Of the next block. */
  readonly nextIndex: number
}

/** Follows what a stream says, for another one to go on with if it breaks. */
export class StreamFollower {
  readonly #before: Beginning
  #text = ''
  #isText = true
  #nextIndex: number

  /** @param before what the stream itself goes on with. */
  constructor(before: Beginning = NOTHING) {
    this.#before = before
    this.#nextIndex = before.nextIndex
  }

  /** What this stream alone has said. */
  get text(): string {
    return this.#text
  }

  /** The same event; its block comes after those of the streams before. */
  place(event: StreamEvent): StreamEvent {
    if (event.type === 'text-delta') this.#text += event.text
    if (!('index' in event)) return event
    const index = event.index + this.#before.nextIndex
    this.#nextIndex = Math.max(this.#nextIndex, index + 1)
    if (NOT_TEXT.test(event.type) || ('choice' in event && (event.choice ?? 0) > 0)) this.#isText = false
    return index === event.index ? event : { ...event, index }
  }

  /**
   * What another model can go on with after this failure; `undefined` where none can: nothing was said yet, it was more
   * than text, or the failure would be the same again.
   */
  beginning(failure: Failure): Beginning | undefined {
    if (
      !this.#isText ||
      this.#text === '' ||
      failure.code === 'aborted' ||
      !mayFailOver(createError(failure))
    )
      return undefined
    return { text: this.#before.text + this.#text, nextIndex: this.#nextIndex }
  }
}

const NOTHING: Beginning = { text: '', nextIndex: 0 }

/** What another model could not go on with. */
const NOT_TEXT = /^(tool-call|part|refusal)/

/** The request for the rest of an answer. Providers take no white space at the end of what they are to go on with. */
export function withBeginning(request: ChatRequest, text: string): ChatRequest {
  const beginning = {
    role: 'assistant' as const,
    content: [{ type: 'text' as const, text: text.trimEnd() }],
    prefix: true,
  }
  return { ...request, messages: [...request.messages, beginning] }
}
