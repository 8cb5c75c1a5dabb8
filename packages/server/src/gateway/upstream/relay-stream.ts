import { createError, parseJson, relays } from '@switchyard/llm/kit'
import type { ChatDialect, DialectId, Failure, Json, ParseContext, RelayFacts, RelayReader } from '@switchyard/llm/kit'
import { inClientsWords } from './translate-stream.ts'
import type { StreamConverter, StreamFacts } from './stream-converter.ts'

interface RelayInput {
  dialect: ChatDialect
  parse: ParseContext
  /** The usage we asked for is not for the client. */
  hidesUsage: boolean
  requestId: string
}

/** Bytes of the end of a stream that are kept, to be read when it is over: usage and finish stand there. */
const TAIL_BYTES = 16 * 1024
/** Bytes of its beginning: Anthropic tells the input's usage there. */
const HEAD_BYTES = 8 * 1024
/** An event longer than this is no event. */
const MAX_EVENT_BYTES = 8 * 1024 * 1024

const LF2 = Buffer.from('\n\n')
const CRLF2 = Buffer.from('\r\n\r\n')
const EMPTY_CHOICES = [Buffer.from('"choices":[]'), Buffer.from('"choices": []')]
const ERROR_MARKS = [Buffer.from('"error":{'), Buffer.from('"error": {'), Buffer.from('event: error'), Buffer.from('event:error')]
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
  #pending: Buffer[] = []
  #pendingBytes = 0
  #boundary: Buffer | undefined
  #head: Buffer[] = []
  #headBytes = 0
  #tail: Buffer[] = []
  #tailBytes = 0
  #totalBytes = 0
  #hidden: Json | undefined
  opened = false
  done = false
  readonly facts: StreamFacts = { deliveredText: () => this.#deliveredText() }

  constructor(input: RelayInput) {
    this.#input = input
    this.#reader = relays[input.dialect.id as DialectId]
  }

  push(chunk: Buffer): Buffer | string {
    if (this.done) return ''
    const whole = this.#takeWhole(chunk)
    return whole === undefined ? '' : this.#pass(whole)
  }

  end(): Buffer | string {
    if (this.done) return ''
    // A last event may lack its blank line.
    const rest = this.#pendingBytes > 0 ? Buffer.concat([...this.#pending, LF2]) : undefined
    this.#pending = []
    const last = rest === undefined ? '' : this.#pass(rest)
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
    this.#pendingBytes += chunk.length
    if (this.#pendingBytes > MAX_EVENT_BYTES && chunk.indexOf(10) < 0) {
      this.#pending = []
      this.#pendingBytes = 0
      return undefined
    }
    const data = this.#pending.length === 0 ? chunk : chunk.indexOf(10) < 0 ? undefined : Buffer.concat([...this.#pending, chunk])
    if (data === undefined) {
      this.#pending.push(chunk)
      return undefined
    }
    this.#boundary ??= boundaryOf(data)
    const at = this.#boundary === undefined ? -1 : data.lastIndexOf(this.#boundary)
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

  #pass(whole: Buffer): Buffer | string {
    let out: Buffer | string = whole
    if (includesAny(whole, ERROR_MARKS)) {
      const failed = this.#findFailure(whole)
      if (failed !== undefined) return failed
    }
    if (this.#input.hidesUsage && includesAny(whole, EMPTY_CHOICES)) out = this.#withoutUsage(whole)
    this.#keep(whole)
    if (!this.opened) this.opened = hasContent(whole, this.#input.dialect.id)
    return out
  }

  #keep(whole: Buffer): void {
    this.#totalBytes += whole.length
    if (this.#headBytes < HEAD_BYTES) {
      this.#head.push(whole)
      this.#headBytes += whole.length
    }
    this.#tail.push(whole)
    this.#tailBytes += whole.length
    for (let first = this.#tail[0]; first !== undefined && this.#tailBytes - first.length >= TAIL_BYTES; first = this.#tail[0]) {
      this.#tailBytes -= first.length
      this.#tail.shift()
    }
  }

  /** Takes out chunks that hold usage and no choice. */
  #withoutUsage(whole: Buffer): string {
    let text = ''
    for (const event of eventsOf(whole)) {
      const data = dataOf(event)
      const body = data === undefined ? undefined : (parseJson(data) as { choices?: unknown[]; usage?: unknown } | undefined)
      if (body?.usage != null && Array.isArray(body.choices) && body.choices.length === 0) {
        this.#hidden = body as Json
        continue
      }
      text += event
    }
    return text
  }

  /** Passes on what came before an error event, writes the error in our words, and ends. */
  #findFailure(whole: Buffer): string | undefined {
    let before = ''
    for (const event of eventsOf(whole)) {
      const data = dataOf(event)
      const body = data === undefined ? undefined : parseJson(data)
      const failure = body === undefined ? undefined : this.#reader.read(body, this.#input.parse, {}).failure
      if (failure === undefined) {
        before += event
        continue
      }
      if (before !== '') this.#keep(Buffer.from(before))
      if (!this.opened) this.opened = before !== '' && hasContent(Buffer.from(before), this.#input.dialect.id)
      this.#readFacts()
      this.done = true
      this.facts.failure = inClientsWords(failure)
      return before + this.#renderFailure(this.facts.failure)
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
    return this.#tail.at(-1)?.includes('[DONE]') === true ? '' : DONE
  }

  #readFacts(): RelayFacts {
    let facts: RelayFacts = {}
    const add = (body: Json): void => {
      facts = merge(facts, this.#reader.read(body, this.#input.parse, facts))
    }
    for (const body of this.#keptBodies()) add(body)
    if (this.#hidden !== undefined) add(this.#hidden)
    if (this.#tail.at(-1)?.includes('[DONE]') === true && facts.failure === undefined) facts.finished = true
    this.facts.usage = facts.usage
    this.facts.model = facts.model
    return facts
  }

  /** The events of the kept beginning and end, each once. */
  *#keptBodies(): Generator<Json> {
    const kept = new Set([...this.#head, ...this.#tail])
    for (const piece of kept)
      for (const event of eventsOf(piece)) {
        const data = dataOf(event)
        const body = data === undefined ? undefined : parseJson(data)
        if (body !== undefined) yield body
      }
  }

  /** What the answer said: exact where all of it is kept, else as much text as the kept end makes likely. */
  #deliveredText(): string {
    const text = [...this.#keptBodies()].map((body) => textIn(body)).join('')
    let keptBytes = 0
    for (const piece of new Set([...this.#head, ...this.#tail])) keptBytes += piece.length
    if (keptBytes >= this.#totalBytes || keptBytes === 0) return text
    return text.repeat(Math.ceil(this.#totalBytes / keptBytes)).slice(0, Math.ceil((text.length * this.#totalBytes) / keptBytes))
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
}

/** Which blank line ends events here; known with the first one. */
function boundaryOf(data: Buffer): Buffer | undefined {
  if (data.includes(CRLF2)) return CRLF2
  return data.includes(LF2) ? LF2 : undefined
}

function includesAny(data: Buffer, marks: readonly Buffer[]): boolean {
  for (const mark of marks) if (data.indexOf(mark) >= 0) return true
  return false
}

/** The events of whole bytes, each with its blank line. */
function eventsOf(whole: Buffer): string[] {
  return whole.toString().split(/(?<=\r?\n\r?\n)/)
}

/** The data of one event: its lines joined. */
function dataOf(event: string): string | undefined {
  const lines: string[] = []
  for (const line of event.split(/\r?\n/)) if (line.startsWith('data:')) lines.push(line.slice(5).trimStart())
  return lines.length === 0 ? undefined : lines.join('\n')
}

/** Events before an answer says anything: who speaks, that it begins, that the line is alive. */
const OPENINGS = new Set(['message_start', 'ping', 'response.created', 'response.in_progress', 'response.queued'])

function hasContent(whole: Buffer, dialect: string): boolean {
  return eventsOf(whole).some((event) => {
    const data = dataOf(event)
    if (data === undefined) return false
    const body = parseJson(data) as
      | { type?: string; choices?: { delta?: Record<string, unknown>; finish_reason?: unknown; text?: string }[] }
      | undefined
    if (body === undefined) return data === '[DONE]'
    if (dialect !== 'openai-chat' && dialect !== 'openai-completions') return !OPENINGS.has(body.type ?? '')
    return (body.choices ?? []).some(
      ({ delta, finish_reason: reason, text }) =>
        reason != null ||
        (text !== undefined && text !== '') ||
        Object.entries(delta ?? {}).some(([key, value]) => key !== 'role' && value !== '' && value !== null),
    )
  })
}

/** Text in the deltas of any of the formats. */
function textIn(body: Json): string {
  if (typeof body !== 'object' || body === null) return ''
  if (Array.isArray(body)) return body.map(textIn).join('')
  return Object.entries(body)
    .map(([key, value]) => {
      if (value === undefined) return ''
      if (typeof value === 'string') return TEXT_FIELDS.has(key) ? value : ''
      return CONTAINERS.has(key) ? textIn(value) : ''
    })
    .join('')
}

const TEXT_FIELDS = new Set(['content', 'reasoning_content', 'reasoning', 'text', 'thinking', 'partial_json', 'arguments', 'delta', 'refusal'])
const CONTAINERS = new Set(['choices', 'delta', 'tool_calls', 'function', 'candidates', 'parts', 'content'])

function merge(known: RelayFacts, more: RelayFacts): RelayFacts {
  const merged: RelayFacts = { ...known }
  if (more.usage !== undefined) merged.usage = more.usage
  if (more.model !== undefined) merged.model = more.model
  if (more.id !== undefined) merged.id = more.id
  if (more.finished !== undefined) merged.finished = more.finished
  if (more.failure !== undefined) merged.failure = more.failure
  return merged
}

function join(left: Buffer | string, right: string): Buffer | string {
  if (right === '') return left
  return typeof left === 'string' ? left + right : Buffer.concat([left, Buffer.from(right)])
}
