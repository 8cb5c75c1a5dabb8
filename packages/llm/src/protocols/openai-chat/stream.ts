import { createFailure } from '../../errors.ts'
import type { Frame } from '../../http/frame.ts'
import type { Finish } from '../../types/answer.ts'
import type { Failure } from '../../types/failure.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import type { Usage } from '../../types/usage.ts'
import { EventWriter } from '../event-writer.ts'
import type { ParseContext, StreamParser } from '../protocol.ts'
import { arrayOf, countOf, objectOf, objectsOf, parseJson, stringOf, textOf } from '../wire.ts'
import {
  citationsOf,
  hasLogprobs,
  mediaOf,
  metadataOf,
  parseAnnotations,
  parseContentPart,
  parseFinish,
} from './answer.ts'
import { readEmbeddedFailure } from './embedded-failure.ts'
import { CallPieces } from './stream-calls.ts'
import { createThinkTagSplitter } from './think-tags.ts'
import { findUsage } from './usage.ts'

/** Reads a stream of `chat.completion.chunk`. */
export function createStreamParser(context: ParseContext): StreamParser {
  return new ChunkParser(context)
}

class ChunkParser implements StreamParser {
  readonly #context: ParseContext
  readonly #writer = new EventWriter()
  readonly #finishes: Finish[] = []
  readonly #calls: CallPieces
  #usage: Usage | undefined
  #model: string | undefined
  #serviceTier: string | undefined
  #sawDone = false
  #sawChoice = false
  /** The usage came in a chunk of its own, which stands at the end. */
  #sawTotals = false
  /** Choices that came as deltas: the growing `message` beside or after them says nothing new. */
  readonly #incremental = new Set<number>()
  #metadata: JsonObject | undefined
  #citations: JsonObject | undefined
  #thinking: ReturnType<typeof createThinkTagSplitter> | undefined

  constructor(context: ParseContext) {
    this.#context = context
    this.#calls = new CallPieces(this.#writer, context.newId)
    const tags = context.quirks.thinkTags
    if (tags !== undefined) this.#thinking = createThinkTagSplitter(tags)
  }

  push(frame: Frame): ReturnType<StreamParser['push']> {
    if (this.#writer.done) return []
    const data = frame.data.trim()
    if (data === '[DONE]') {
      this.#sawDone = true
      return []
    }
    const chunk = objectOf(parseJson(data))
    if (chunk === undefined) {
      if (frame.event === 'error') this.#writer.error(this.#namedFailure({ message: data }), this.#usage)
      else if (data !== '') this.#fail('invalid_response', 'sent a stream event that is not JSON')
      return this.#writer.take()
    }
    const failure = readEmbeddedFailure(chunk, this.#context)?.toFailure()
    this.#readChunk(chunk)
    if (failure !== undefined) this.#writer.error(failure, this.#usage)
    else if (frame.event === 'error') this.#writer.error(this.#namedFailure(chunk), this.#usage)
    return this.#writer.take()
  }

  end(): ReturnType<StreamParser['end']> {
    if (this.#writer.done) return []
    for (const piece of this.#thinking?.end() ?? []) this.#writeText(piece.text, piece.reasoning, 0)
    const finished = this.#finishes.length > 0 || ((this.#sawDone || this.#sawTotals) && this.#sawChoice)
    if (!finished) {
      this.#fail('stream_interrupted', 'the stream ended before the answer was complete')
      return this.#writer.take()
    }
    for (const citation of this.#citations === undefined ? [] : citationsOf(this.#citations))
      this.#writer.annotation(citation)
    const [first, ...others] = this.#finishes
    this.#writer.finish({
      ...(first ?? { reason: this.#calls.any(0) ? 'tool-calls' : 'stop' }),
      ...(others.length > 0 ? { otherChoices: others } : {}),
      ...(this.#usage === undefined ? {} : { usage: this.#usage }),
      ...(this.#model === undefined ? {} : { model: this.#model }),
      ...(this.#serviceTier === undefined ? {} : { serviceTier: this.#serviceTier }),
      ...(this.#metadata === undefined ? {} : { metadata: this.#metadata }),
    })
    return this.#writer.take()
  }

  #readChunk(chunk: JsonObject): void {
    const choices = objectsOf(chunk.choices)
    if (choices.length > 0 || (textOf(chunk.id) !== undefined && textOf(chunk.model) !== undefined))
      this.#writer.start({
        id: stringOf(chunk.id) ?? '',
        model: textOf(chunk.model) ?? '',
        createdS: countOf(chunk.created),
        serviceTier: textOf(chunk.service_tier),
        systemFingerprint: textOf(chunk.system_fingerprint),
      })
    this.#model = textOf(chunk.model) ?? this.#model
    this.#serviceTier = textOf(chunk.service_tier) ?? this.#serviceTier
    const usage = findUsage(chunk, this.#context.quirks)
    if (usage !== undefined) {
      this.#usage = usage
      if (choices.length === 0) this.#sawTotals = true
    }
    const metadata = metadataOf(chunk)
    if (metadata !== undefined) this.#metadata = { ...this.#metadata, ...metadata }
    if (Array.isArray(chunk.citations)) this.#citations = chunk
    for (const choice of choices) this.#readChoice(choice)
  }

  #readChoice(choice: JsonObject): void {
    this.#sawChoice = true
    const number = countOf(choice.index) ?? 0
    const delta = objectOf(choice.delta)
    const whole = objectOf(choice.message)
    if (delta !== undefined) {
      this.#incremental.add(number)
      this.#readDelta(delta, number)
    } else if (whole !== undefined && !this.#incremental.has(number)) this.#readDelta(whole, number)
    if (hasLogprobs(choice.logprobs))
      this.#writer.write({
        type: 'logprobs',
        ...(number === 0 ? {} : { choice: number }),
        logprobs: choice.logprobs,
      })
    if (textOf(choice.finish_reason) !== undefined) {
      while (this.#finishes.length < number) this.#finishes.push({ reason: 'other' })
      this.#finishes[number] = parseFinish(choice, this.#calls.any(number), this.#context)
    }
  }

  #readDelta(delta: JsonObject, choice: number): void {
    const reasoning = textOf(delta.reasoning_content) ?? textOf(delta.reasoning)
    const details = arrayOf(delta.reasoning_details)
    if (reasoning !== undefined) this.#writer.reasoning(reasoning, choice)
    if (details.length > 0) this.#writer.reasoningProof({ details }, choice)
    for (const block of objectsOf(delta.thinking_blocks)) this.#readThinkingBlock(block, choice)
    this.#readContent(delta.content, choice)
    const refusal = textOf(delta.refusal)
    if (refusal !== undefined) this.#writer.refusal(refusal, choice)
    for (const annotation of parseAnnotations(delta.annotations)) this.#writer.annotation(annotation, choice)
    for (const image of objectsOf(delta.images)) {
      const url = textOf(objectOf(image.image_url)?.url)
      if (url !== undefined) this.#writer.part({ type: 'image', source: mediaOf(url) }, choice)
    }
    const audio = objectOf(delta.audio)
    if (audio !== undefined) this.#readAudio(audio, choice)
    this.#calls.read(delta, choice)
  }

  #readThinkingBlock(block: JsonObject, choice: number): void {
    if (block.type === 'redacted_thinking') {
      const redacted = textOf(block.data)
      if (redacted !== undefined) this.#writer.reasoningProof({ redacted }, choice)
      return
    }
    const signature = textOf(block.signature)
    if (signature !== undefined) this.#writer.reasoningProof({ signature }, choice)
  }

  #readContent(content: Json | undefined, choice: number): void {
    if (typeof content === 'string') {
      if (content === '') return
      if (this.#thinking === undefined || choice !== 0) this.#writer.text(content, choice)
      else
        for (const piece of this.#thinking.push(content)) this.#writeText(piece.text, piece.reasoning, choice)
      return
    }
    for (const member of arrayOf(content)) {
      const part = parseContentPart(member)
      if (part?.type === 'text') this.#writer.text(part.text, choice)
      else if (part?.type === 'reasoning') {
        this.#writer.reasoning(part.text, choice)
        if (part.signature !== undefined) this.#writer.reasoningProof({ signature: part.signature }, choice)
      } else if (part?.type === 'image') this.#writer.part(part, choice)
    }
  }

  #writeText(text: string, reasoning: boolean, choice: number): void {
    if (reasoning) this.#writer.reasoning(text, choice)
    else this.#writer.text(text, choice)
  }

  /** Sound comes in pieces of base64 with a transcript; each piece is a part of its own. */
  #readAudio(audio: JsonObject, choice: number): void {
    const data = textOf(audio.data)
    const transcript = textOf(audio.transcript)
    if (data === undefined && transcript === undefined && audio.expires_at === undefined) return
    this.#writer.part(
      {
        type: 'audio',
        source: { type: 'base64', mediaType: 'audio/*', data: data ?? '' },
        id: textOf(audio.id),
        transcript,
        expiresAtS: countOf(audio.expires_at),
      },
      choice,
    )
  }

  #fail(code: Failure['code'], what: string): void {
    const { provider, model } = this.#context
    this.#writer.error(createFailure({ code, message: `${provider}: ${what}`, provider, model }), this.#usage)
  }

  /** The failure of an event that only its name tells to be one. */
  #namedFailure(body: JsonObject): Failure {
    const { provider, model } = this.#context
    const failure = readEmbeddedFailure({ object: 'error', ...body }, this.#context)?.toFailure()
    return (
      failure ??
      createFailure({
        code: 'bad_gateway',
        message: `${provider}: the stream ended with an error`,
        provider,
        model,
      })
    )
  }
}
