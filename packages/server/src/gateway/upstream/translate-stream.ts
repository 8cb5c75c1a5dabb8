import { createError, createFrameReader, StreamFollower } from '@switchyard/llm/kit'
import type {
  AnswerContext,
  Beginning,
  ChatDialect,
  ChatProtocol,
  Failure,
  FailureCode,
  ParseContext,
  StreamEvent,
  StreamRenderer,
} from '@switchyard/llm/kit'
import type { Handover, StreamConverter, StreamFacts } from './stream-converter.ts'

interface TranslateInput {
  protocol: ChatProtocol
  parse: ParseContext
  dialect: ChatDialect
  /** What the answer is written with, once the provider has told its id and model. */
  contextOf: (start: { id: string; model: string }) => AnswerContext
  requestId: string
  /** A text that breaks off is left open, for another stream to go on with. */
  leavesOpen?: boolean | undefined
  /** What it goes on with. */
  before?: Handover | undefined
}

/** A converter that also takes events which are there already. */
export interface Translator extends StreamConverter {
  renderAll: (events: readonly StreamEvent[]) => string
}

/** Reads a provider's stream as events and writes them in the client's format. */
export function translateStream(input: TranslateInput): Translator {
  return new Translation(input)
}

class Translation implements Translator {
  readonly #input: TranslateInput
  readonly #reader: ReturnType<typeof createFrameReader>
  readonly #parser: ReturnType<ChatProtocol['createStreamParser']>
  #renderer: StreamRenderer | undefined
  #texts: string[] = []
  readonly #follower: StreamFollower
  /** What another stream can go on with. */
  #beginning: Beginning | undefined
  opened = false
  done = false
  readonly facts: StreamFacts = { deliveredText: () => this.#texts.join('') }

  get complete(): boolean {
    return this.done
  }

  constructor(input: TranslateInput) {
    this.#input = input
    this.#reader = createFrameReader(input.protocol.framing)
    this.#parser = input.protocol.createStreamParser(input.parse)
    const { before } = input
    this.#follower = new StreamFollower(before)
    if (before === undefined) return
    this.#renderer = before.renderer
    this.facts.id = before.id
  }

  handover(): Handover | undefined {
    const renderer = this.#renderer
    if (this.#beginning === undefined || renderer === undefined) return undefined
    return { ...this.#beginning, renderer, id: this.facts.id }
  }

  push(chunk: Buffer): string {
    if (this.done) return ''
    let text = ''
    try {
      for (const frame of this.#reader.push(chunk)) text += this.renderAll(this.#parser.push(frame))
    } catch (error) {
      text += this.fail(unreadable(error, this.#input.parse))
    }
    return text
  }

  end(): string {
    if (this.done) return ''
    let text = ''
    try {
      for (const frame of this.#reader.end())
        text += this.renderAll(this.#parser.push(frame).map(asInterruption))
    } catch (error) {
      return text + this.fail(unreadable(error, this.#input.parse))
    }
    return text + this.renderAll(this.#parser.end())
  }

  fail(failure: Failure): string {
    if (this.done) return ''
    return this.renderAll(
      this.#parser.end().map((event) => (event.type === 'error' ? { ...event, failure } : event)),
    )
  }

  renderAll(events: readonly StreamEvent[]): string {
    let text = ''
    for (const event of events) text += this.#render(event)
    return text
  }

  #createRenderer(start: { id: string; model: string }): StreamRenderer {
    const { dialect, contextOf } = this.#input
    const context = contextOf(start)
    this.facts.id = context.id
    return dialect.createStreamRenderer(context)
  }

  #render(event: StreamEvent): string {
    if (this.done) return ''
    const { dialect, requestId } = this.#input
    this.#renderer ??= this.#createRenderer(event.type === 'start' ? event : { id: '', model: '' })
    switch (event.type) {
      case 'start':
        this.facts.model = event.model === '' ? undefined : event.model
        this.facts.usage = event.usage
        if (this.#input.before !== undefined) return ''
        break
      case 'error':
        this.done = true
        this.facts.usage = event.usage ?? this.facts.usage
        this.facts.failure = inClientsWords(event.failure)
        if (this.#input.leavesOpen === true) this.#beginning = this.#follower.beginning(event.failure)
        if (this.#beginning !== undefined) return ''
        return dialect.renderStreamFailure(this.facts.failure, { requestId })
      case 'finish':
        this.opened = true
        this.done = true
        this.facts.usage = event.usage ?? this.facts.usage
        this.facts.model = event.model ?? this.facts.model
        break
      case 'text-delta':
      case 'reasoning-delta':
      case 'refusal-delta':
        this.opened = true
        this.#texts.push(event.text)
        break
      case 'tool-call-delta':
        this.#texts.push(event.arguments)
        break
      case 'tool-call-start':
      case 'part':
        this.opened = true
    }
    return this.#renderer.push(this.#follower.place(event))
  }
}

function unreadable(error: unknown, { provider, model }: ParseContext): Failure {
  return {
    code: 'invalid_response',
    status: 502,
    reason: 'upstream_invalid_sse',
    message: `${provider}: sent a stream that cannot be read: ${error instanceof Error ? error.message : 'unknown error'}`,
    retryable: true,
    provider,
    model,
  }
}

/** A last event that cannot be read was cut in its middle: the stream was interrupted. */
function asInterruption(event: StreamEvent): StreamEvent {
  if (event.type !== 'error' || event.failure.code !== 'invalid_response') return event
  const { provider, model } = event.failure
  const failure = createError({
    code: 'stream_interrupted',
    message: `${provider}: the stream ended in the middle of an event`,
    provider,
    model,
  })
  return { ...event, failure: failure.toFailure() }
}

/** A provider's failure inside a stream, with our word for it. */
export function inClientsWords(failure: Failure): Failure {
  const reason = failure.reason ?? REASONS[failure.code]
  return reason === undefined ? failure : { ...failure, reason }
}

const REASONS: Partial<Record<FailureCode, string>> = {
  stream_interrupted: 'upstream_stream_interrupted',
  invalid_response: 'upstream_invalid_response',
}
