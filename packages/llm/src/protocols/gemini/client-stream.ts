import type { FinishEvent, StreamEvent } from '../../types/event.ts'
import type { JsonObject } from '../../types/json.ts'
import type { Annotation, AnswerPart, ToolCallPart } from '../../types/message.ts'
import type { AnswerContext, StreamRenderer } from '../protocol.ts'
import { compact } from '../wire.ts'
import { renderTime } from './client-answer.ts'
import { renderGrounding } from './citations.ts'
import { renderAnswerParts } from './contents.ts'
import { renderFinish } from './finish.ts'
import { renderLogprobs } from './logprobs.ts'
import { renderMetadata } from './metadata.ts'
import { renderUsage } from './usage.ts'

/** Writes events as the stream of `:streamGenerateContent?alt=sse`: one response each, no end mark. */
export function createStreamRenderer(context: AnswerContext): StreamRenderer {
  const renderer = new ResponseRenderer(context)
  return {
    push: (event) => {
      const response = renderer.push(event)
      return response === undefined ? '' : frame(response)
    },
  }
}

export function frame(response: JsonObject): string {
  return `data: ${JSON.stringify(response)}\r\n\r\n`
}

class ResponseRenderer {
  readonly #context: AnswerContext
  readonly #choices = new Map<number, number>()
  /** Calls go out whole: the clients of this wire know no pieces unless they ask for them. */
  readonly #calls = new Map<number, ToolCallPart>()
  readonly #texts = new Map<number, { text: string; annotations: Annotation[] }>()
  #createdS: number | undefined

  constructor(context: AnswerContext) {
    this.#context = context
  }

  push(event: StreamEvent): JsonObject | undefined {
    switch (event.type) {
      case 'start':
        this.#createdS = event.createdS
        return undefined
      case 'text-start':
      case 'reasoning-start':
      case 'refusal-start':
        this.#choices.set(event.index, event.choice ?? 0)
        return undefined
      case 'text-delta':
        this.#textOf(event.index).text += event.text
        return this.#part({ type: 'text', text: event.text }, event.index)
      case 'refusal-delta':
        return this.#part({ type: 'text', text: event.text }, event.index)
      case 'reasoning-delta':
        return this.#part({ type: 'reasoning', text: event.text }, event.index)
      case 'text-end':
        if (event.signature === undefined) return undefined
        return this.#part({ type: 'text', text: '', signature: event.signature }, event.index)
      case 'reasoning-end':
        if (event.signature === undefined) return undefined
        return this.#part({ type: 'reasoning', text: '', signature: event.signature }, event.index)
      case 'tool-call-start':
        this.#choices.set(event.index, event.choice ?? 0)
        this.#calls.set(event.index, { type: 'tool-call', id: event.id, name: event.name, arguments: '' })
        return undefined
      case 'tool-call-delta': {
        const call = this.#calls.get(event.index)
        if (call !== undefined) call.arguments += event.arguments
        return undefined
      }
      case 'tool-call-end': {
        const call = this.#calls.get(event.index)
        return call === undefined
          ? undefined
          : this.#part({ ...call, signature: event.signature }, event.index)
      }
      case 'part':
        this.#choices.set(event.index, event.choice ?? 0)
        return this.#part(event.part, event.index)
      case 'annotation':
        this.#textOf(event.index).annotations.push(event.annotation)
        return undefined
      case 'logprobs':
        return this.#response([
          compact({ index: event.choice ?? 0, logprobsResult: renderLogprobs(event.logprobs) }),
        ])
      case 'finish':
        return this.#renderFinish(event)
      default:
        return undefined
    }
  }

  /** Sources are told by choice: their places count over its whole text. */
  #textOf(block: number): { text: string; annotations: Annotation[] } {
    const choice = this.#choices.get(block) ?? 0
    let known = this.#texts.get(choice)
    if (known === undefined) {
      known = { text: '', annotations: [] }
      this.#texts.set(choice, known)
    }
    return known
  }

  #part(part: AnswerPart, block: number): JsonObject | undefined {
    const parts = renderAnswerParts([part], {})
    if (parts.length === 0) return undefined
    return this.#response([{ content: { role: 'model', parts }, index: this.#choices.get(block) ?? 0 }])
  }

  #renderFinish(event: FinishEvent): JsonObject {
    const { candidate, root } = renderMetadata(event.metadata)
    const ends = [event, ...(event.otherChoices ?? [])]
    const blocked = root.promptFeedback !== undefined && this.#choices.size === 0
    const candidates = ends.map((end, index) => {
      const said = this.#texts.get(index)
      return compact({
        content: { role: 'model', parts: [{ text: '' }] },
        finishReason: renderFinish(end),
        index,
        groundingMetadata: said === undefined ? undefined : renderGrounding(said.annotations, said.text),
        ...(index === 0 ? candidate : {}),
      })
    })
    return {
      ...root,
      ...this.#response(blocked ? undefined : candidates),
      ...(event.usage === undefined ? {} : { usageMetadata: renderUsage(event.usage) }),
    }
  }

  #response(candidates: JsonObject[] | undefined): JsonObject {
    return compact({
      candidates,
      modelVersion: this.#context.model,
      createTime: renderTime(this.#createdS),
      responseId: this.#context.id,
    })
  }
}
