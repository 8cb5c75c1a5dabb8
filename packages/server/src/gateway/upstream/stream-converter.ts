import type { Beginning, Failure, StreamRenderer, Usage } from '@switchyard/llm/kit'

/** What a stream told, once it is over. */
export interface StreamFacts {
  usage?: Usage | undefined
  /** The model that answered, as the provider names it. */
  model?: string | undefined
  /** The answer's own id. */
  id?: string | undefined
  failure?: Failure | undefined
  /** What only its maker can read, and its client sends back. */
  sealed?: readonly string[] | undefined
  /** What the answer said, as far as it is known: for estimates where no usage came. */
  deliveredText: () => string
}

/** Turns what a provider sends into what the client gets. Never throws. */
export interface StreamConverter {
  /** Bytes or text for the client; empty when there is nothing yet. */
  push: (chunk: Buffer) => Buffer | string
  /** The provider's body ended cleanly. */
  end: () => Buffer | string
  /** The exchange broke: what the client gets last. An answer whose end was seen is whole all the same. */
  fail: (failure: Failure) => string
  /** Whether any content has come: from here on the answer belongs to this provider. */
  readonly opened: boolean
  /** Whether nothing more will come, whatever the provider still sends. */
  readonly done: boolean
  /**
   * Whether what was given out so far is a whole answer to its client, though more may come. The facts are those
   * of the whole answer then.
   */
  readonly complete: boolean
  readonly facts: StreamFacts
  /** What another stream needs to go on where this one broke, if it may: then its client has not heard of the failure. */
  readonly handover?: (() => Handover | undefined) | undefined
}

/** A client's stream that is not over yet. */
export interface Handover extends Beginning {
  readonly renderer: StreamRenderer
  /** The answer's own id. */
  readonly id: string | undefined
}
