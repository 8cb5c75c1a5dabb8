import { createFailure } from '../../errors.ts'
import type { Frame } from '../../http/frame.ts'
import type { StreamEvent } from '../../types/event.ts'
import type { Failure } from '../../types/failure.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import { EventWriter } from '../event-writer.ts'
import type { ParseContext, StreamParser } from '../protocol.ts'
import { argumentsText, arrayOf, countOf, objectOf, objectsOf, parseJson, stringOf, textOf } from '../wire.ts'
import { callDialect, parseMetadata } from './answer.ts'
import { parseCitation } from './citations.ts'
import { failureOfBody } from './failure.ts'
import { parseFinish } from './finish.ts'
import { JSON_ANSWER_TOOL } from './json-answer.ts'
import { mergeUsage, parseUsage } from './usage.ts'

/** Reads the events of a streamed message. */
export function createStreamParser(context: ParseContext): StreamParser {
  return new MessageParser(context)
}

/** A block while it arrives. What is not told in deltas waits here until the block ends. */
type OpenBlock =
  | { kind: 'text'; startIndex: number; citations: JsonObject[] }
  | { kind: 'reasoning' }
  | { kind: 'json-answer'; input: Json | undefined; empty: boolean }
  | { kind: 'tool-call'; key: string; input: Json | undefined; empty: boolean }
  | { kind: 'opaque'; raw: JsonObject; input: string }

class MessageParser implements StreamParser {
  readonly #context: ParseContext
  readonly #writer = new EventWriter()
  readonly #blocks = new Map<number, OpenBlock>()
  #id: string | undefined
  #usage: JsonObject | undefined
  #metadata: JsonObject | undefined
  #stopReason: Json | undefined
  #stopSequence: Json | undefined
  #textLength = 0
  #calls = 0
  #jsonAnswers = 0

  constructor(context: ParseContext) {
    this.#context = context
  }

  push(frame: Frame): StreamEvent[] {
    if (this.#writer.done) return []
    const data = frame.data.trim()
    if (data === '' || data === '[DONE]') return []
    const event = objectOf(parseJson(data))
    if (event === undefined) this.#fail('invalid_response', 'sent a stream event that is not JSON.')
    else
      this.#read(event, stringOf(event.type) ?? (objectOf(event.error) === undefined ? frame.event : 'error'))
    return this.#writer.take()
  }

  end(): StreamEvent[] {
    if (this.#writer.done) return []
    if (textOf(this.#stopReason) !== undefined) this.#finish()
    else this.#fail('stream_interrupted', 'the stream ended before the answer was complete.')
    return this.#writer.take()
  }

  #read(event: JsonObject, type: string | undefined): void {
    switch (type) {
      case 'message_start':
        return this.#startMessage(objectOf(event.message) ?? {})
      case 'content_block_start':
        return this.#startBlock(countOf(event.index) ?? 0, objectOf(event.content_block) ?? {})
      case 'content_block_delta':
        return this.#readDelta(countOf(event.index) ?? 0, objectOf(event.delta) ?? {})
      case 'content_block_stop':
        return this.#endBlock(countOf(event.index) ?? 0)
      case 'message_delta':
        return this.#readMessageDelta(event)
      case 'message_stop':
        return this.#finish()
      case 'error':
        return this.#writer.error(createFailure(failureOfBody(event, this.#context)), parseUsage(this.#usage))
      default:
    }
  }

  /** A second start of the same message is a repetition; one of another message means two answers in one stream. */
  #startMessage(message: JsonObject): void {
    const id = stringOf(message.id) ?? ''
    if (this.#id !== undefined && this.#id !== id)
      return this.#fail('invalid_response', 'began another message before the first one ended.')
    this.#id = id
    this.#usage = mergeUsage(this.#usage, message.usage)
    this.#metadata = parseMetadata(this.#metadata ?? {}, message)
    const usage = parseUsage(this.#usage)
    const serviceTier = textOf(this.#usage?.service_tier)
    this.#writer.start({
      id,
      model: stringOf(message.model) ?? '',
      ...(usage === undefined ? {} : { usage }),
      ...(serviceTier === undefined ? {} : { serviceTier }),
    })
    // Some services of this wire send what they already have in the first event.
    arrayOf(message.content).forEach((value, index) => {
      const block = objectOf(value)
      if (block === undefined) return
      this.#startBlock(index, block)
      this.#endBlock(index)
    })
  }

  #startBlock(index: number, block: JsonObject): void {
    this.#endBlock(index)
    this.#writer.endRunning()
    switch (block.type) {
      case 'text': {
        const citations = objectsOf(block.citations)
        this.#blocks.set(index, { kind: 'text', startIndex: this.#textLength, citations })
        return this.#writeText(stringOf(block.text) ?? '')
      }
      case 'thinking': {
        this.#blocks.set(index, { kind: 'reasoning' })
        this.#writer.reasoning(stringOf(block.thinking) ?? '')
        const signature = textOf(block.signature)
        if (signature !== undefined) this.#writer.reasoningProof({ signature })
        return
      }
      case 'redacted_thinking':
        this.#blocks.set(index, { kind: 'reasoning' })
        return this.#writer.reasoningProof({ redacted: stringOf(block.data) ?? '' })
      case 'tool_use':
        return this.#startCall(index, block)
      default:
        this.#blocks.set(index, { kind: 'opaque', raw: { ...block }, input: '' })
    }
  }

  #startCall(index: number, block: JsonObject): void {
    this.#calls++
    if (block.name === JSON_ANSWER_TOOL) {
      this.#jsonAnswers++
      this.#blocks.set(index, { kind: 'json-answer', input: block.input, empty: true })
      return this.#writeText('')
    }
    const key = String(this.#calls)
    const dialect = callDialect(block)
    this.#blocks.set(index, { kind: 'tool-call', key, input: block.input, empty: true })
    this.#writer.toolStart(key, {
      id: textOf(block.id) ?? `toolu_${this.#context.newId()}`,
      name: stringOf(block.name) ?? '',
      ...(dialect === undefined ? {} : { dialect }),
    })
  }

  #readDelta(index: number, delta: JsonObject): void {
    const block = this.#blocks.get(index) ?? this.#supposeBlock(index, delta)
    switch (block?.kind) {
      case 'text': {
        const citation = objectOf(delta.citation)
        if (citation !== undefined) block.citations.push(citation)
        return this.#writeText(stringOf(delta.text) ?? '')
      }
      case 'reasoning': {
        this.#writer.reasoning(stringOf(delta.thinking) ?? '')
        const signature = textOf(delta.signature)
        if (signature !== undefined) this.#writer.reasoningProof({ signature })
        return
      }
      case 'json-answer': {
        const text = stringOf(delta.partial_json) ?? ''
        if (text !== '') block.empty = false
        return this.#writeText(text)
      }
      case 'tool-call': {
        const text = stringOf(delta.partial_json) ?? ''
        if (text !== '') block.empty = false
        return this.#writer.toolDelta(block.key, text)
      }
      case 'opaque':
        return readOpaqueDelta(block, delta)
      default:
    }
  }

  /** The block that a delta without a start must belong to: some services leave the start out. */
  #supposeBlock(index: number, delta: JsonObject): OpenBlock | undefined {
    if (delta.type === 'text_delta') this.#startBlock(index, { type: 'text' })
    else if (delta.type === 'thinking_delta') this.#startBlock(index, { type: 'thinking' })
    return this.#blocks.get(index)
  }

  #endBlock(index: number): void {
    const block = this.#blocks.get(index)
    if (block === undefined) return
    this.#blocks.delete(index)
    switch (block.kind) {
      case 'text': {
        const range = { startIndex: block.startIndex, endIndex: this.#textLength }
        for (const citation of block.citations) this.#writer.annotation(parseCitation(citation, range))
        return this.#writer.endRunning()
      }
      case 'reasoning':
        return this.#writer.endRunning()
      case 'json-answer':
        if (block.empty) this.#writeText(inputText(block.input))
        return this.#writer.endRunning()
      case 'tool-call':
        if (block.empty) this.#writer.toolDelta(block.key, inputText(block.input))
        return this.#writer.toolEnd(block.key)
      case 'opaque': {
        const input = block.input === '' ? undefined : parseJson(block.input)
        const raw = input === undefined ? block.raw : { ...block.raw, input }
        const kind = stringOf(raw.type) ?? 'unknown'
        return this.#writer.part({ type: 'opaque', protocol: 'anthropic-messages', kind, raw })
      }
    }
  }

  #writeText(text: string): void {
    this.#textLength += text.length
    this.#writer.text(text)
  }

  #readMessageDelta(event: JsonObject): void {
    const delta = objectOf(event.delta) ?? {}
    this.#stopReason = delta.stop_reason ?? this.#stopReason
    this.#stopSequence = delta.stop_sequence ?? this.#stopSequence
    this.#usage = mergeUsage(this.#usage, event.usage)
    this.#metadata = parseMetadata(this.#metadata ?? {}, delta, event)
  }

  #finish(): void {
    for (const index of this.#blocks.keys()) this.#endBlock(index)
    const usage = parseUsage(this.#usage)
    const serviceTier = textOf(this.#usage?.service_tier)
    this.#writer.finish({
      ...parseFinish(
        {
          stopReason: this.#stopReason,
          stopSequence: this.#stopSequence,
          jsonAnswer: this.#calls > 0 && this.#jsonAnswers === this.#calls,
        },
        this.#context.quirks,
      ),
      ...(usage === undefined ? {} : { usage }),
      ...(serviceTier === undefined ? {} : { serviceTier }),
      ...(this.#metadata === undefined ? {} : { metadata: this.#metadata }),
    })
  }

  #fail(code: Failure['code'], what: string): void {
    const { provider, model } = this.#context
    const failure = createFailure({ code, message: `${provider}: ${what}`, provider, model })
    this.#writer.error(failure, parseUsage(this.#usage))
  }
}

/** Input that came whole with the start of its block; deltas, where there are any, replace it. */
function inputText(input: Json | undefined): string {
  const text = argumentsText(input)
  return text === '' ? '{}' : text
}

/** Adds a delta to a block that we only carry: texts grow, anything else is set. */
function readOpaqueDelta(block: Extract<OpenBlock, { kind: 'opaque' }>, delta: JsonObject): void {
  for (const key in delta) {
    const value = delta[key]
    if (key === 'type' || value === undefined || value === null) continue
    if (key === 'partial_json') block.input += stringOf(value) ?? ''
    else {
      const known = block.raw[key]
      block.raw[key] = typeof known === 'string' && typeof value === 'string' ? known + value : value
    }
  }
}
