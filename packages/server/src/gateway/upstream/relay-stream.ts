import { createError, invalidResponse, relays } from '@switchyard/llm/kit'
import type {
  ChatDialect,
  DialectId,
  Failure,
  Json,
  ParseContext,
  RelayFacts,
  RelayReader,
} from '@switchyard/llm/kit'
import { KeptEnds } from './kept-ends.ts'
import {
  bodyOf,
  boundaryOf,
  DONE_WORD,
  endsAnswer,
  eventsIn,
  saysSomething,
  startOfLast,
} from './sse-bytes.ts'
import type { StreamConverter, StreamFacts } from './stream-converter.ts'
import { inClientsWords } from './translate-stream.ts'

interface RelayInput {
  dialect: ChatDialect
  parse: ParseContext
  /** The usage we asked for is not for the client. */
  hidesUsage: boolean
  requestId: string
}

/** An event longer than this is none: the stream is given up. */
const MAX_EVENT_BYTES = 8 * 1024 * 1024
/** Part of `"error":` in every spelling; begins with a letter that is rare, so that searching is quick. */
const ERROR_MARK = Buffer.from('rror"')
/** Where the usage chunk of OpenAI's streams stands, counted from the end. */
const USAGE_WITHIN = 3
const BLANK_LINE = Buffer.from('\n\n')
const DONE = 'data: [DONE]\n\n'

/**
 * Passes a stream on in whole events, unchanged. Nothing is parsed on the way but the first events (is
 * there content yet?), errors, and the usage chunk that the client must not see; the rest is read from
 * the kept ends when the stream is over.
 */
export function relayStream(input: RelayInput): StreamConverter {
  return new Relay(input)
}

class Relay implements StreamConverter {
  readonly #input: RelayInput
  readonly #reader: RelayReader
  readonly #kept = new KeptEnds()
  #pending: Buffer[] = []
  #pendingBytes = 0
  #boundary: Buffer | undefined
  #hidden: Json | undefined
  /** What the kept ends say, until more is kept. */
  #read: RelayFacts | undefined
  opened = false
  done = false
  complete = false
  readonly facts: StreamFacts = { deliveredText: () => this.#kept.text(this.#boundary ?? BLANK_LINE) }

  constructor(input: RelayInput) {
    this.#input = input
    this.#reader = relays[input.dialect.id as DialectId]
  }

  push(chunk: Buffer): Buffer | string {
    if (this.done) return ''
    const whole = this.#takeWhole(chunk)
    if (whole !== undefined) return this.#pass(whole)
    return this.#pendingBytes > MAX_EVENT_BYTES ? this.fail(this.#tooLong()) : ''
  }

  end(): Buffer | string {
    if (this.done) return ''
    const last = this.#passRest()
    if (this.done) return last
    this.done = true
    const facts = this.#readFacts()
    if (facts.failure !== undefined || facts.finished !== true) {
      const failure = inClientsWords(facts.failure ?? this.#interrupted())
      this.facts.failure = failure
      return join(last, this.#renderFailure(failure))
    }
    this.opened = true
    return join(last, this.#closing())
  }

  fail(failure: Failure): string {
    if (this.done) return ''
    this.done = true
    const facts = this.#readFacts()
    if (facts.finished === true) {
      this.opened = true
      return this.#closing()
    }
    this.facts.failure = failure
    return this.#renderFailure(failure)
  }

  /** The bytes up to the last complete event; what follows waits for its end. */
  #takeWhole(chunk: Buffer): Buffer | undefined {
    const ends = chunk.includes(10) || chunk.includes(13)
    this.#pendingBytes += chunk.length
    if (!ends) {
      this.#pending.push(chunk)
      return undefined
    }
    const data = this.#pending.length === 0 ? chunk : Buffer.concat([...this.#pending, chunk])
    let at = this.#boundary === undefined ? -1 : data.lastIndexOf(this.#boundary)
    if (at < 0) {
      // The first blank line, or one of another kind than before: proxies add lines of their own.
      this.#boundary = boundaryOf(data) ?? this.#boundary
      at = this.#boundary === undefined ? -1 : data.lastIndexOf(this.#boundary)
    }
    if (at < 0 || this.#boundary === undefined) {
      this.#pending = [data]
      return undefined
    }
    const end = at + this.#boundary.length
    const rest = data.length - end
    this.#pending = rest > 0 ? [data.subarray(end)] : []
    this.#pendingBytes = rest
    return rest > 0 ? data.subarray(0, end) : data
  }

  /** A last event may lack its blank line; one that was cut in its middle is not for the client. */
  #passRest(): Buffer | string {
    if (this.#pending.length === 0) return ''
    const rest = Buffer.concat([...this.#pending, this.#boundary ?? BLANK_LINE])
    this.#pending = []
    return isWhole(rest.toString()) ? this.#pass(rest) : ''
  }

  #pass(whole: Buffer): Buffer | string {
    const boundary = this.#boundary ?? BLANK_LINE
    if (whole.includes(ERROR_MARK)) {
      const failed = this.#findFailure(whole, boundary)
      if (failed !== undefined) return failed
    }
    return this.#passWhole(whole, boundary)
  }

  #passWhole(whole: Buffer, boundary: Buffer): Buffer | string {
    this.#kept.add(whole)
    this.#read = undefined
    if (!this.opened) this.opened = this.#hasContent(whole, boundary)
    const passed = this.#input.hidesUsage ? this.#withoutUsage(whole, boundary) : whole
    if (endsAnswer(whole, boundary, this.#input.dialect.id)) {
      this.#readFacts()
      this.complete = true
    }
    return passed
  }

  #hasContent(whole: Buffer, boundary: Buffer): boolean {
    for (const event of eventsIn(whole, boundary))
      if (saysSomething(event, this.#input.dialect.id)) return true
    return false
  }

  /** Takes out the chunk that holds usage and no choice: one of the last of a stream. */
  #withoutUsage(whole: Buffer, boundary: Buffer): Buffer | string {
    const start = startOfLast(whole, boundary, USAGE_WITHIN)
    const end = whole.subarray(start)
    if (!/"choices"\s*:\s*\[\s*\]/.test(end.toString('latin1'))) return whole
    let text = ''
    let found = false
    for (const event of eventsIn(end, boundary)) {
      const body = bodyOf(event)
      if (isUsageChunk(body)) {
        this.#hidden = body
        found = true
      } else text += event
    }
    return found ? join(whole.subarray(0, start), text) : whole
  }

  /** Passes on what came before an error event, writes the error in our words, and ends. */
  #findFailure(whole: Buffer, boundary: Buffer): Buffer | string | undefined {
    let before = ''
    for (const event of eventsIn(whole, boundary)) {
      const body = bodyOf(event)
      const failure = body === undefined ? undefined : this.#reader.read(body, this.#input.parse, {}).failure
      if (failure === undefined) {
        before += event
        continue
      }
      const passed = before === '' ? '' : this.#passWhole(Buffer.from(before), boundary)
      this.#readFacts()
      this.done = true
      this.facts.failure = inClientsWords(failure)
      return join(passed, this.#renderFailure(this.facts.failure))
    }
    return undefined
  }

  #renderFailure(failure: Failure): string {
    const { dialect, requestId } = this.#input
    return dialect.renderStreamFailure(failure, { requestId })
  }

  /** OpenAI's clients wait for `[DONE]`; some servers never send it. */
  #closing(): string {
    const { id } = this.#input.dialect
    if (id !== 'openai-chat' && id !== 'openai-completions') return ''
    return this.#sawDone() ? '' : DONE
  }

  #sawDone(): boolean {
    return this.#kept.endsWith(DONE_WORD)
  }

  /** Mostly the ends tell all; where they do not, everything that was kept is read. */
  #readFacts(): RelayFacts {
    return (this.#read ??= this.#readKept())
  }

  #readKept(): RelayFacts {
    const boundary = this.#boundary ?? BLANK_LINE
    let facts = this.#factsOf(this.#kept.ends(boundary, this.#input.dialect.id === 'anthropic-messages'))
    if (facts.finished !== true || facts.usage === undefined) facts = this.#factsOf(this.#kept.all(boundary))
    if (this.#hidden !== undefined)
      facts = merge(facts, this.#reader.read(this.#hidden, this.#input.parse, facts))
    if (this.#sawDone() && facts.failure === undefined) facts.finished = true
    this.facts.usage = facts.usage
    this.facts.model = facts.model
    this.facts.id ??= facts.id
    this.facts.sealed = facts.sealed
    return facts
  }

  #factsOf(bodies: Iterable<Json>): RelayFacts {
    let facts: RelayFacts = {}
    for (const body of bodies) facts = merge(facts, this.#reader.read(body, this.#input.parse, facts))
    return facts
  }

  #interrupted(): Failure {
    const { provider, model } = this.#input.parse
    return createError({
      code: 'stream_interrupted',
      reason: 'upstream_stream_interrupted',
      message: `${provider}: the stream ended before the answer was complete`,
      provider,
      model,
    }).toFailure()
  }

  #tooLong(): Failure {
    const { provider, model } = this.#input.parse
    return invalidResponse('upstream_invalid_sse', `sent an event of more than ${MAX_EVENT_BYTES} bytes`, {
      provider,
      model,
    }).toFailure()
  }
}

/** Whether an event that lacks its end says all that it was to say. */
function isWhole(event: string): boolean {
  return event.includes(DONE_WORD) || bodyOf(event) !== undefined
}

function isUsageChunk(body: Json | undefined): body is Json {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return false
  const { choices, usage } = body
  return usage !== undefined && usage !== null && Array.isArray(choices) && choices.length === 0
}

function merge(known: RelayFacts, more: RelayFacts): RelayFacts {
  const merged: RelayFacts = { ...known }
  if (more.usage !== undefined) merged.usage = more.usage
  if (more.model !== undefined) merged.model = more.model
  if (more.id !== undefined) merged.id = more.id
  if (more.sealed !== undefined) merged.sealed = more.sealed
  if (more.finished !== undefined) merged.finished = more.finished
  if (more.failure !== undefined) merged.failure = more.failure
  return merged
}

function join(left: Buffer | string, right: string): Buffer | string {
  if (right === '') return left
  return typeof left === 'string' ? left + right : Buffer.concat([left, Buffer.from(right)])
}
