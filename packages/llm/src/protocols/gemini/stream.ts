import { createFailure } from '../../errors.ts'
import type { Frame } from '../../http/frame.ts'
import type { StreamEvent } from '../../types/event.ts'
import type { Finish } from '../../types/answer.ts'
import type { FailureCode } from '../../types/failure.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import type { Usage } from '../../types/usage.ts'
import { EventWriter } from '../event-writer.ts'
import type { ParseContext, StreamParser } from '../protocol.ts'
import { countOf, objectOf, objectsOf, parseJson, stringOf, textOf } from '../wire.ts'
import { parseCreated } from './answer.ts'
import { parseCitations } from './citations.ts'
import { parseError } from './failure.ts'
import { parseBlock, parseFinish } from './finish.ts'
import { parseLogprobs } from './logprobs.ts'
import { parseMedia } from './media.ts'
import { countSearches, parseMetadata } from './metadata.ts'
import { PartialArguments } from './partial-arguments.ts'
import { parseServerPart } from './parts.ts'
import { parseUsage } from './usage.ts'

/** Reads a stream of `GenerateContentResponse`, whether it came as SSE or as a JSON array. */
export function createStreamParser(context: ParseContext): StreamParser {
  return new ResponseParser(context)
}

interface CandidateState {
  text: string
  finishReason: string | undefined
  calls: number
  /** The call whose arguments come in pieces. */
  open: { key: string; writer: PartialArguments } | undefined
  citations: JsonObject
}

class ResponseParser implements StreamParser {
  readonly #context: ParseContext
  readonly #writer = new EventWriter()
  readonly #candidates = new Map<number, CandidateState>()
  #metadata: JsonObject = {}
  #usage: Usage | undefined
  #model: string | undefined
  #block: string | undefined
  /** Vertex counts tokens in its last response only, so counts after responses without them mark the end. */
  #sawUncounted = false
  #lastCounted = false

  constructor(context: ParseContext) {
    this.#context = context
  }

  push(frame: Frame): StreamEvent[] {
    const data = frame.data.trim()
    if (this.#writer.done || data === '' || data === '[DONE]') return []
    const value = parseJson(data)
    if (value === undefined) this.#fail('invalid_response', 'sent a stream event that is not JSON')
    else this.#read(value)
    return this.#writer.take()
  }

  end(): StreamEvent[] {
    if (this.#writer.done) return []
    const finished = [...this.#candidates.values()].some((candidate) => candidate.finishReason !== undefined)
    if (!finished && this.#block === undefined && !(this.#sawUncounted && this.#lastCounted)) {
      this.#fail('stream_interrupted', 'the stream ended before the answer did')
      return this.#writer.take()
    }
    const finishes = this.#finishAll()
    const usage = countSearches(this.#usage, this.#metadata)
    const [first, ...others] = finishes
    this.#writer.finish({
      ...(first ?? { reason: 'other' }),
      ...(others.length > 0 ? { otherChoices: others } : {}),
      ...(usage === undefined ? {} : { usage }),
      ...(usage?.serviceTier === undefined ? {} : { serviceTier: usage.serviceTier }),
      ...(this.#model === undefined ? {} : { model: this.#model }),
      ...(Object.keys(this.#metadata).length > 0 ? { metadata: this.#metadata } : {}),
    })
    return this.#writer.take()
  }

  #read(value: Json): void {
    for (const response of Array.isArray(value) ? objectsOf(value) : [objectOf(value) ?? {}]) {
      if (objectOf(response.error) !== undefined) {
        this.#writer.error(createFailure(parseError(response, this.#context)), this.#usage)
        return
      }
      this.#readResponse(response)
    }
  }

  #readResponse(response: JsonObject): void {
    const createdS = parseCreated(response)
    this.#model = textOf(response.modelVersion) ?? this.#model
    this.#writer.start({
      id: textOf(response.responseId) ?? '',
      model: this.#model ?? '',
      ...(createdS === undefined ? {} : { createdS }),
    })
    const usage = parseUsage(response.usageMetadata)
    this.#lastCounted = usage !== undefined
    if (usage === undefined) this.#sawUncounted = true
    this.#usage = usage ?? this.#usage
    this.#block = textOf(objectOf(response.promptFeedback)?.blockReason) ?? this.#block
    const candidates = objectsOf(response.candidates)
    const first = candidates.find((candidate) => (countOf(candidate.index) ?? 0) === 0)
    this.#metadata = { ...this.#metadata, ...parseMetadata(response, first) }
    for (const [position, candidate] of candidates.entries())
      this.#readCandidate(candidate, countOf(candidate.index) ?? position)
  }

  #readCandidate(candidate: JsonObject, choice: number): void {
    const state = this.#stateOf(choice)
    for (const part of objectsOf(objectOf(candidate.content)?.parts)) this.#readPart(part, choice, state)
    const { groundingMetadata, citationMetadata } = parseMetadata({}, candidate)
    if (groundingMetadata !== undefined) state.citations.groundingMetadata = groundingMetadata
    if (citationMetadata !== undefined) state.citations.citationMetadata = citationMetadata
    const logprobs = parseLogprobs(candidate.logprobsResult)
    if (logprobs !== undefined)
      this.#writer.write({ type: 'logprobs', ...(choice === 0 ? {} : { choice }), logprobs })
    state.finishReason = textOf(candidate.finishReason) ?? state.finishReason
  }

  #stateOf(choice: number): CandidateState {
    let state = this.#candidates.get(choice)
    if (state === undefined) {
      state = { text: '', finishReason: undefined, calls: 0, open: undefined, citations: {} }
      this.#candidates.set(choice, state)
    }
    return state
  }

  #readPart(part: JsonObject, choice: number, state: CandidateState): void {
    const signature = textOf(part.thoughtSignature)
    const call = objectOf(part.functionCall)
    if (call !== undefined) return this.#readCall(call, signature, choice, state)
    this.#endCall(state)
    const whole = parseServerPart(part) ?? parseMedia(part)
    if (whole !== undefined) return this.#writer.part(whole, choice)
    const text = stringOf(part.text) ?? ''
    if (text === '' && signature === undefined) return
    if (part.thought === true) {
      this.#writer.reasoning(text, choice)
      if (signature === undefined) return
      this.#writer.reasoningProof({ signature }, choice)
      this.#writer.endRunning(choice)
      return
    }
    state.text += text
    this.#writer.text(text, choice)
    if (signature !== undefined) this.#writer.endRunning(choice, signature)
  }

  /** A call comes whole, or begins with its name and goes on without one until `willContinue` is gone. */
  #readCall(call: JsonObject, signature: string | undefined, choice: number, state: CandidateState): void {
    const name = textOf(call.name)
    if (name !== undefined) {
      this.#endCall(state)
      const key = `${choice}:${state.calls++}`
      const id = textOf(call.id) ?? `call_${this.#context.newId()}`
      this.#writer.toolStart(key, { id, name, ...(choice === 0 ? {} : { choice }) })
      state.open = { key, writer: new PartialArguments() }
    }
    if (state.open === undefined) return
    const { key, writer } = state.open
    if (signature !== undefined) this.#writer.toolSignature(key, signature)
    const whole = objectOf(call.args)
    if (name !== undefined && whole !== undefined && call.willContinue !== true) {
      this.#writer.toolDelta(key, JSON.stringify(whole))
      this.#writer.toolEnd(key)
      state.open = undefined
      return
    }
    this.#writer.toolDelta(key, writer.write(objectsOf(call.partialArgs)))
    if (call.willContinue !== true) this.#endCall(state)
  }

  #endCall(state: CandidateState): void {
    if (state.open === undefined) return
    this.#writer.toolDelta(state.open.key, state.open.writer.end())
    this.#writer.toolEnd(state.open.key)
    state.open = undefined
  }

  /** Ends all candidates and adds their sources, which only the whole text can place. */
  #finishAll(): Finish[] {
    const finishes: Finish[] = []
    const last = Math.max(0, ...this.#candidates.keys())
    for (let choice = 0; choice <= last; choice++) {
      const state = this.#stateOf(choice)
      this.#endCall(state)
      for (const annotation of parseCitations(state.citations, state.text))
        this.#writer.annotation(annotation, choice)
      const blocked = this.#block !== undefined && state.finishReason === undefined
      finishes.push(
        blocked ? parseBlock(this.#block ?? '') : parseFinish(state.finishReason, state.calls > 0),
      )
    }
    return finishes
  }

  #fail(code: FailureCode, what: string): void {
    const { provider, model } = this.#context
    this.#writer.error(createFailure({ code, message: `${provider}: ${what}`, provider, model }), this.#usage)
  }
}
