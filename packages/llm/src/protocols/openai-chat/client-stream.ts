import type { Finish } from '../../types/answer.ts'
import type { FinishEvent, StreamEvent } from '../../types/event.ts'
import type { JsonObject } from '../../types/json.ts'
import type { AnswerContext, StreamRenderer } from '../protocol.ts'
import { compact, objectOf } from '../wire.ts'
import { renderAnnotation, renderAudio, renderSignature } from './client-answer.ts'
import { renderFinishReason } from './finish.ts'
import { renderReasoningFields } from './reasoning.ts'
import { urlOf } from './request.ts'
import { renderUsage } from './usage.ts'

/** Turns events into `chat.completion.chunk` objects; `text` frames them as server-sent events. */
export class ChunkRenderer {
  readonly #context: AnswerContext
  readonly #choiceOf = new Map<number, number>()
  readonly #toolIndex = new Map<number, { index: number; choice: number; custom: boolean }>()
  readonly #toolCounts = new Map<number, number>()
  readonly #withRole = new Set<number>()
  #fingerprint: string | undefined
  #serviceTier: string | undefined
  #createdS: number

  constructor(context: AnswerContext) {
    this.#context = context
    this.#createdS = context.createdS
  }

  /** The chunks of one event. An `error` event has none: it is for the caller to render. */
  push(event: StreamEvent): JsonObject[] {
    switch (event.type) {
      case 'start':
        this.#createdS = event.createdS ?? this.#createdS
        this.#fingerprint = event.systemFingerprint
        this.#serviceTier = event.serviceTier
        return [this.#chunk({ role: 'assistant', content: '' }, 0)]
      case 'text-start':
      case 'reasoning-start':
      case 'refusal-start':
        this.#choiceOf.set(event.index, event.choice ?? 0)
        return []
      case 'text-delta':
        return [this.#chunk({ content: event.text }, this.#choiceOf.get(event.index) ?? 0)]
      case 'reasoning-delta':
        return [this.#chunk({ reasoning_content: event.text }, this.#choiceOf.get(event.index) ?? 0)]
      case 'refusal-delta':
        return [this.#chunk({ refusal: event.text }, this.#choiceOf.get(event.index) ?? 0)]
      case 'reasoning-end':
        return this.#renderProof(event)
      case 'tool-call-start':
        return [this.#startTool(event)]
      case 'tool-call-delta':
        return this.#renderToolDelta(
          event.index,
          this.#toolIndex.get(event.index)?.custom === true
            ? { custom: { input: event.arguments } }
            : { function: { arguments: event.arguments } },
        )
      case 'tool-call-end':
        return event.signature === undefined
          ? []
          : this.#renderToolDelta(event.index, renderSignature(event.signature))
      case 'part':
        return this.#renderPart(event)
      case 'annotation':
        return [
          this.#chunk(
            { annotations: [renderAnnotation(event.annotation)] },
            this.#choiceOf.get(event.index) ?? 0,
          ),
        ]
      case 'logprobs':
        return [this.#chunk({}, event.choice ?? 0, undefined, event.logprobs)]
      case 'finish':
        return this.#renderFinish(event)
      default:
        return []
    }
  }

  #startTool(event: Extract<StreamEvent, { type: 'tool-call-start' }>): JsonObject {
    const choice = event.choice ?? 0
    const index = this.#toolCounts.get(choice) ?? 0
    this.#toolCounts.set(choice, index + 1)
    this.#toolIndex.set(event.index, { index, choice, custom: event.custom === true })
    const call: JsonObject =
      event.custom === true
        ? { index, id: event.id, type: 'custom', custom: { name: event.name, input: '' } }
        : { index, id: event.id, type: 'function', function: { name: event.name, arguments: '' } }
    return this.#chunk({ tool_calls: [call] }, choice)
  }

  #renderToolDelta(block: number, fields: JsonObject): JsonObject[] {
    const place = this.#toolIndex.get(block)
    if (place === undefined) return []
    return [this.#chunk({ tool_calls: [{ index: place.index, ...fields }] }, place.choice)]
  }

  #renderProof(event: Extract<StreamEvent, { type: 'reasoning-end' }>): JsonObject[] {
    const { type: _type, index, ...proof } = event
    const delta = renderReasoningFields([{ type: 'reasoning', text: '', ...proof }])
    const items =
      proof.itemId === undefined && proof.encrypted === undefined
        ? undefined
        : [compact({ id: proof.itemId, encrypted_content: proof.encrypted })]
    if (items !== undefined) delta.provider_specific_fields = { reasoning_items: items }
    return Object.keys(delta).length > 0 ? [this.#chunk(delta, this.#choiceOf.get(index) ?? 0)] : []
  }

  #renderPart(event: Extract<StreamEvent, { type: 'part' }>): JsonObject[] {
    const { part } = event
    const choice = event.choice ?? 0
    if (part.type === 'image' && part.source.type !== 'file-id')
      return [
        this.#chunk(
          { images: [{ type: 'image_url', index: 0, image_url: { url: urlOf(part.source) } }] },
          choice,
        ),
      ]
    if (part.type === 'audio') return [this.#chunk({ audio: objectOf(renderAudio(part)) ?? {} }, choice)]
    return []
  }

  #renderFinish(event: FinishEvent): JsonObject[] {
    const ends: Finish[] = [event, ...(event.otherChoices ?? [])]
    const chunks = ends.map((end, choice) => this.#chunk({}, choice, renderFinishReason(end.reason)))
    if (this.#context.request.includeUsage === true && event.usage !== undefined)
      chunks.push({ ...this.#envelope(), choices: [], usage: renderUsage(event.usage) })
    return chunks
  }

  #chunk(
    delta: JsonObject,
    choice: number,
    finishReason?: string,
    logprobs?: JsonObject[string],
  ): JsonObject {
    if (!this.#withRole.has(choice)) {
      this.#withRole.add(choice)
      delta = { role: 'assistant', ...delta }
    }
    return {
      ...this.#envelope(),
      choices: [{ index: choice, delta, logprobs: logprobs ?? null, finish_reason: finishReason ?? null }],
      ...(this.#context.request.includeUsage === true ? { usage: null } : {}),
    }
  }

  #envelope(): JsonObject {
    return compact({
      id: this.#context.id,
      object: 'chat.completion.chunk',
      created: this.#createdS,
      model: this.#context.model,
      service_tier: this.#serviceTier,
      system_fingerprint: this.#fingerprint,
    })
  }
}

/** Writes events as a client of `/chat/completions` reads them, `[DONE]` after the finish. */
export function createStreamRenderer(context: AnswerContext): StreamRenderer {
  const renderer = new ChunkRenderer(context)
  return {
    push: (event) => {
      let text = ''
      for (const chunk of renderer.push(event)) text += `data: ${JSON.stringify(chunk)}\n\n`
      return event.type === 'finish' ? `${text}data: [DONE]\n\n` : text
    },
  }
}
