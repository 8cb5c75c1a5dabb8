import { codeOfStatus, createFailure } from '../../errors.ts'
import type { Frame } from '../../http/frame.ts'
import type { Finish } from '../../types/answer.ts'
import type { Failure } from '../../types/failure.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import type { Usage } from '../../types/usage.ts'
import { EventWriter } from '../event-writer.ts'
import type { ParseContext, StreamParser } from '../protocol.ts'
import { argumentsText, arrayOf, countOf, numberOf, objectOf, objectsOf, parseJson, stringOf, textOf } from '../wire.ts'
import { citationsOf, mediaOf, parseAnnotations, parseContentPart, parseFinish, signatureOf } from './answer.ts'
import { codeOf, readWords } from './failure.ts'
import { createThinkTagSplitter } from './think-tags.ts'
import { parseUsage } from './usage.ts'

/** Reads a stream of `chat.completion.chunk`. */
export function createStreamParser(context: ParseContext): StreamParser {
  return new ChunkParser(context)
}

interface OpenCall {
  key: string
  id: string | undefined
}

class ChunkParser implements StreamParser {
  readonly #context: ParseContext
  readonly #writer = new EventWriter()
  readonly #finishes: Finish[] = []
  /** Which call of each choice and wire index is being written. */
  readonly #calls = new Map<string, OpenCall>()
  #callCount = 0
  #hasCalls = new Set<number>()
  #usage: Usage | undefined
  #model: string | undefined
  #serviceTier: string | undefined
  #sawDone = false
  #sawChoice = false
  #citations: JsonObject | undefined
  #thinking: ReturnType<typeof createThinkTagSplitter> | undefined

  constructor(context: ParseContext) {
    this.#context = context
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
      if (data !== '') this.#fail('invalid_response', 'sent a stream event that is not JSON')
      return this.#writer.take()
    }
    if (frame.event === 'error' || (chunk.error !== undefined && chunk.error !== null)) {
      this.#readChunk(chunk)
      this.#writer.error(this.#failureOf(chunk), this.#usage)
      return this.#writer.take()
    }
    this.#readChunk(chunk)
    return this.#writer.take()
  }

  end(): ReturnType<StreamParser['end']> {
    if (this.#writer.done) return []
    for (const piece of this.#thinking?.end() ?? []) this.#writeText(piece.text, piece.reasoning, 0)
    const finished = this.#finishes.length > 0 || (this.#sawDone && this.#sawChoice)
    if (!finished) {
      this.#fail('stream_interrupted', 'the stream ended before the answer was complete')
      return this.#writer.take()
    }
    for (const citation of this.#citations === undefined ? [] : citationsOf(this.#citations))
      this.#writer.annotation(citation)
    const [first, ...others] = this.#finishes
    this.#writer.finish({
      ...(first ?? { reason: this.#hasCalls.has(0) ? 'tool-calls' : 'stop' }),
      ...(others.length > 0 ? { otherChoices: others } : {}),
      ...(this.#usage === undefined ? {} : { usage: this.#usage }),
      ...(this.#model === undefined ? {} : { model: this.#model }),
      ...(this.#serviceTier === undefined ? {} : { serviceTier: this.#serviceTier }),
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
    this.#usage =
      parseUsage(chunk.usage, this.#context.quirks) ??
      parseUsage(objectOf(chunk.x_groq)?.usage, this.#context.quirks) ??
      this.#usage
    if (Array.isArray(chunk.citations)) this.#citations = chunk
    for (const choice of choices) this.#readChoice(choice)
  }

  #readChoice(choice: JsonObject): void {
    this.#sawChoice = true
    const number = countOf(choice.index) ?? 0
    const delta = objectOf(choice.delta) ?? objectOf(choice.message)
    if (delta !== undefined) this.#readDelta(delta, number)
    if (choice.logprobs !== undefined && choice.logprobs !== null)
      this.#writer.write({
        type: 'logprobs',
        ...(number === 0 ? {} : { choice: number }),
        logprobs: choice.logprobs,
      })
    if (textOf(choice.finish_reason) !== undefined) {
      while (this.#finishes.length < number) this.#finishes.push({ reason: 'other' })
      this.#finishes[number] = parseFinish(choice, this.#hasCalls.has(number), this.#context)
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
    for (const call of objectsOf(delta.tool_calls)) this.#readToolCall(call, choice)
    const legacy = objectOf(delta.function_call)
    if (legacy !== undefined) this.#readToolCall({ index: 0, function: legacy }, choice)
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
      else for (const piece of this.#thinking.push(content)) this.#writeText(piece.text, piece.reasoning, choice)
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

  /**
   * A piece of a call belongs to the call of its wire index, unless it brings another id or a name
   * where the call already has one: some servers use one index for two calls, others send no index.
   */
  #readToolCall(call: JsonObject, choice: number): void {
    const custom = objectOf(call.custom)
    const callee = objectOf(call.function) ?? custom ?? {}
    const id = textOf(call.id)
    const name = textOf(callee.name)
    const slot = `${choice}:${countOf(call.index) ?? (id === undefined ? this.#lastSlotOf(choice) : `id-${id}`)}`
    const open = this.#calls.get(slot)
    const another =
      open === undefined ? true : id !== undefined && open.id !== undefined && id !== open.id && name !== undefined
    let key = open?.key
    if (another) {
      if (name === undefined && open === undefined && id === undefined) return
      key = `${slot}#${this.#callCount++}`
      this.#calls.set(slot, { key, id })
      this.#hasCalls.add(choice)
      this.#writer.toolStart(key, {
        id: id ?? `call_${this.#context.newId()}`,
        name: name ?? '',
        ...(choice === 0 ? {} : { choice }),
        ...(custom === undefined ? {} : { custom: true }),
      })
    }
    if (key === undefined) return
    this.#writer.toolDelta(key, custom === undefined ? argumentsText(callee.arguments) : (stringOf(custom.input) ?? ''))
    const signature = signatureOf(call)
    if (signature !== undefined) this.#writer.toolSignature(key, signature)
  }

  #lastSlotOf(choice: number): string {
    const slots = [...this.#calls.keys()].filter((slot) => slot.startsWith(`${choice}:`))
    return slots.at(-1)?.slice(`${choice}:`.length) ?? '0'
  }

  #fail(code: Failure['code'], what: string): void {
    const { provider, model } = this.#context
    this.#writer.error(createFailure({ code, message: `${provider}: ${what}`, provider, model }), this.#usage)
  }

  #failureOf(chunk: JsonObject): Failure {
    const words = readWords(chunk)
    const error = objectOf(chunk.error)
    const status = numberOf(error?.code) ?? numberOf(error?.status_code) ?? 500
    const valid = status >= 400 && status < 600 ? status : 500
    return createFailure({
      code: codeOf(valid, words) ?? codeOfStatus(valid),
      message: `${this.#context.provider}: ${words.message === '' ? 'the stream ended with an error' : words.message}`,
      provider: this.#context.provider,
      model: this.#context.model,
      providerCode: words.code ?? words.type,
      providerBody: chunk,
    })
  }
}
