import type { FinishEvent, StartEvent, StreamEvent } from '../../types/event.ts'
import type { JsonObject } from '../../types/json.ts'
import type { OpaquePart } from '../../types/message.ts'
import type { Usage } from '../../types/usage.ts'
import type { AnswerContext, StreamRenderer } from '../protocol.ts'
import { objectOf } from '../wire.ts'
import { parseMetadata } from './answer.ts'
import { renderCitation } from './citations.ts'
import { messageId } from './client-answer.ts'
import { renderError, renderErrorEvent } from './client-failure.ts'
import { renderStopReason } from './finish.ts'
import { renderUsage } from './usage.ts'

/** Writes events as a client of `/v1/messages` reads them. */
export function createStreamRenderer(context: AnswerContext): StreamRenderer {
  return new MessageRenderer(context)
}

/**
 * A block of the answer. It is announced with its first content, so that a block without any is never written,
 * and it waits for its turn while another one is open: this wire has one block at a time.
 */
interface Block {
  /** The block as it is announced. */
  head: JsonObject
  /** To be announced even if nothing follows. */
  whole: boolean
  opened: boolean
  ended: boolean
  deltas: JsonObject[]
}

class MessageRenderer implements StreamRenderer {
  readonly #context: AnswerContext
  readonly #blocks = new Map<number, Block>()
  /** Calls whose arguments are free text. */
  readonly #freeText = new Set<number>()
  /** Blocks that have not been written to their end, the open one first. */
  #queue: Block[] = []
  #written = 0
  #text = ''
  #usage: Usage | undefined

  constructor(context: AnswerContext) {
    this.#context = context
  }

  push(event: StreamEvent): string {
    this.#read(event)
    const text = this.#text
    this.#text = ''
    return text
  }

  #read(event: StreamEvent): void {
    switch (event.type) {
      case 'start':
        return this.#startMessage(event)
      case 'text-start':
      case 'refusal-start':
        return this.#begin(event.index, event.choice, { type: 'text', text: '' })
      case 'reasoning-start':
        return this.#begin(event.index, event.choice, { type: 'thinking', thinking: '', signature: '' })
      case 'tool-call-start': {
        const fields = event.dialect?.protocol === 'anthropic-messages' ? event.dialect.fields : {}
        const head = { type: 'tool_use', id: event.id, name: event.name, input: {}, ...fields }
        this.#begin(event.index, event.choice, head)
        this.#open(event.index)
        if (event.custom === true) this.#beginFreeText(event.index)
        return
      }
      case 'text-delta':
      case 'refusal-delta':
        return this.#add(event.index, { type: 'text_delta', text: event.text })
      case 'reasoning-delta':
        return this.#add(event.index, { type: 'thinking_delta', thinking: event.text })
      case 'tool-call-delta':
        return this.#addArguments(event.index, event.arguments)
      case 'annotation':
        return this.#add(event.index, { type: 'citations_delta', citation: renderCitation(event.annotation) })
      case 'reasoning-end':
        return this.#endReasoning(event)
      case 'tool-call-end':
        if (this.#freeText.has(event.index)) this.#addJson(event.index, '"}')
        return this.#end(event.index)
      case 'text-end':
      case 'refusal-end':
        return this.#end(event.index)
      case 'part':
        return this.#writePart(event)
      case 'finish':
        return this.#finish(event)
      case 'error':
        this.#text += renderErrorEvent(renderError(event.failure))
        return
      default:
    }
  }

  /** Tools that take free text have no form here: their text becomes the `input` of an object. */
  #beginFreeText(index: number): void {
    this.#freeText.add(index)
    this.#addJson(index, '{"input":"')
  }

  #addArguments(index: number, text: string): void {
    this.#addJson(index, this.#freeText.has(index) ? JSON.stringify(text).slice(1, -1) : text)
  }

  #addJson(index: number, text: string): void {
    this.#add(index, { type: 'input_json_delta', partial_json: text })
  }

  #startMessage(event: StartEvent): void {
    this.#usage = event.usage
    this.#send('message_start', {
      message: {
        id: messageId(this.#context.id),
        type: 'message',
        role: 'assistant',
        model: this.#context.model,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: renderUsage(event.usage),
      },
    })
  }

  #begin(index: number, choice: number | undefined, head: JsonObject): void {
    // This wire has one answer a call.
    if ((choice ?? 0) !== 0) return
    const block: Block = { head, whole: false, opened: false, ended: false, deltas: [] }
    this.#blocks.set(index, block)
    this.#queue.push(block)
  }

  #add(index: number, delta: JsonObject): void {
    const block = this.#blocks.get(index)
    if (block === undefined || block.ended) return
    block.deltas.push(delta)
    this.#flush()
  }

  /** Announces a block even if nothing follows. */
  #open(index: number): void {
    const block = this.#blocks.get(index)
    if (block === undefined) return
    block.whole = true
    this.#flush()
  }

  #end(index: number): void {
    const block = this.#blocks.get(index)
    if (block === undefined) return
    block.ended = true
    this.#flush()
  }

  #endReasoning(event: Extract<StreamEvent, { type: 'reasoning-end' }>): void {
    const block = this.#blocks.get(event.index)
    if (block === undefined) return
    if (event.redacted !== undefined && !block.opened && block.deltas.length === 0) {
      block.head = { type: 'redacted_thinking', data: event.redacted }
      this.#open(event.index)
    } else if (event.signature !== undefined)
      block.deltas.push({ type: 'signature_delta', signature: event.signature })
    this.#end(event.index)
  }

  #writePart({ index, choice, part }: Extract<StreamEvent, { type: 'part' }>): void {
    if (part.type === 'opaque' && part.protocol === 'anthropic-messages')
      this.#writeOpaque(index, choice, part)
    else if (part.type === 'audio' && part.transcript !== undefined) {
      this.#begin(index, choice, { type: 'text', text: '' })
      this.#add(index, { type: 'text_delta', text: part.transcript })
      this.#end(index)
    }
  }

  /** Clients gather the input of a call and the text of a compaction from deltas, as Anthropic sends them. */
  #writeOpaque(index: number, choice: number | undefined, { kind, raw }: OpaquePart): void {
    const input = kind.endsWith('tool_use') ? objectOf(raw.input) : undefined
    const summary = kind === 'compaction' && typeof raw.content === 'string' ? raw.content : undefined
    const head =
      input === undefined ? (summary === undefined ? raw : { ...raw, content: null }) : { ...raw, input: {} }
    this.#begin(index, choice, head)
    this.#open(index)
    if (input !== undefined)
      this.#add(index, { type: 'input_json_delta', partial_json: JSON.stringify(input) })
    if (summary !== undefined) this.#add(index, { type: 'compaction_delta', content: summary })
    this.#end(index)
  }

  /** Writes what can be written: the open block as far as it came, then the next ones that have ended. */
  #flush(): void {
    for (let block = this.#queue[0]; block !== undefined; block = this.#queue[0]) {
      if (block.whole || block.deltas.length > 0) this.#announce(block)
      for (const delta of block.deltas) this.#send('content_block_delta', { index: this.#written, delta })
      block.deltas = []
      if (!block.ended) return
      if (block.opened) {
        this.#send('content_block_stop', { index: this.#written })
        this.#written++
      }
      this.#queue.shift()
    }
  }

  #announce(block: Block): void {
    if (block.opened) return
    block.opened = true
    this.#send('content_block_start', { index: this.#written, content_block: block.head })
  }

  #finish(event: FinishEvent): void {
    const { container, context_management, input_transformations, stop_details } =
      parseMetadata(event.metadata ?? {}) ?? {}
    const delta: JsonObject = {
      stop_reason: renderStopReason(event),
      stop_sequence: event.stopSequence ?? null,
      ...(stop_details === undefined ? {} : { stop_details }),
      ...(container === undefined ? {} : { container }),
    }
    this.#send('message_delta', {
      delta,
      usage: renderUsage(event.usage ?? this.#usage),
      ...(context_management === undefined ? {} : { context_management }),
      ...(input_transformations === undefined ? {} : { input_transformations }),
    })
    this.#send('message_stop', {})
  }

  #send(type: string, fields: JsonObject): void {
    this.#text += `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`
  }
}
