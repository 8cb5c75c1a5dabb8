import type { FinishEvent, ReasoningEndEvent, StreamEvent, ToolCallStartEvent } from '../../types/event.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import type { AnswerPart, OpaquePart } from '../../types/message.ts'
import type { AnswerContext, StreamRenderer } from '../protocol.ts'
import { arrayOf, objectOf } from '../wire.ts'
import { renderAnnotation } from './annotations.ts'
import { renderEnd, renderResponse, responseId } from './client-answer.ts'
import type { ResponseState } from './client-answer.ts'
import { frameEvent, renderErrorEvent, renderResponseError } from './client-failure.ts'
import {
  callItem,
  callProofItem,
  messageItem,
  reasoningItem,
  renderItems,
  takesImage,
} from './client-items.ts'
import { fieldsOf } from './dialect.ts'
import { renderProof } from './proof.ts'

/** An item of `output` that is being written. */
interface OutputItem {
  index: number
  /** The item as it will be when it is complete. */
  item: JsonObject
  done: boolean
}

/** A text, thinking or call that is being written, and where. */
interface Block {
  output: OutputItem
  kind: 'text' | 'refusal' | 'summary' | 'content' | 'call'
  /** Place of a text in its item; known when it begins. */
  place: number | undefined
  text: string
  annotations: JsonObject[]
  logprobs: Json[]
  ended: boolean
}

/** Turns events into the events of a streamed response, each complete with its place and number. */
export class ResponseRenderer {
  readonly #context: AnswerContext
  readonly #id: string
  readonly #outputs: OutputItem[] = []
  readonly #blocks = new Map<number, Block>()
  /** The message or thinking that the next text may belong to. */
  #joinable: { output: OutputItem; itemId: Json | undefined } | undefined
  #image: OpaquePart | undefined
  #events: JsonObject[] = []
  #sequence = 0
  #createdS: number
  #serviceTier: string | undefined
  #lastText: Block | undefined

  constructor(context: AnswerContext) {
    this.#context = context
    this.#id = responseId(context.id)
    this.#createdS = context.createdS
  }

  push(event: StreamEvent): JsonObject[] {
    this.#read(event)
    const events = this.#events
    this.#events = []
    return events
  }

  #read(event: StreamEvent): void {
    if ('choice' in event && (event.choice ?? 0) !== 0) return
    switch (event.type) {
      case 'start':
        this.#createdS = event.createdS ?? this.#createdS
        this.#serviceTier = event.serviceTier
        this.#sendResponse('response.created', { status: 'in_progress' })
        return this.#sendResponse('response.in_progress', { status: 'in_progress' })
      case 'text-start':
      case 'refusal-start':
        return this.#startText(event)
      case 'reasoning-start':
        return this.#startReasoning(event)
      case 'tool-call-start':
        return this.#startCall(event)
      case 'text-delta':
      case 'refusal-delta':
      case 'reasoning-delta':
        return this.#addText(event.index, event.text)
      case 'tool-call-delta':
        return this.#addArguments(event.index, event.arguments)
      case 'annotation':
        return this.#annotate(event.index, renderAnnotation(event.annotation))
      case 'logprobs':
        return this.#addLogprobs(event.logprobs)
      case 'text-end':
      case 'refusal-end':
        return this.#endText(event.index)
      case 'reasoning-end':
        return this.#endReasoning(event)
      case 'tool-call-end':
        this.#endCall(event.index)
        return event.signature === undefined ? undefined : this.#proveCall(event.index, event.signature)
      case 'part':
        return this.#writePart(event.part)
      case 'finish':
        return this.#finish(event)
      case 'error':
        this.#closeAll()
        this.#send(renderErrorEvent(event.failure, this.#sequence))
        this.#sendResponse('response.failed', {
          status: 'failed',
          error: renderResponseError(event.failure),
          usage: event.usage,
        })
    }
  }

  // Items

  #open(make: (place: number) => JsonObject, head: JsonObject): OutputItem {
    this.#closeJoinable()
    this.#flushImage()
    const index = this.#outputs.length
    const output: OutputItem = { index, item: make(index), done: false }
    this.#outputs.push(output)
    this.#send({ type: 'response.output_item.added', output_index: index, item: { ...output.item, ...head } })
    return output
  }

  #complete(output: OutputItem): void {
    if (output.done) return
    output.done = true
    this.#send({ type: 'response.output_item.done', output_index: output.index, item: output.item })
  }

  /** A message or thinking stays open while texts of its own may follow. */
  #closeJoinable(): void {
    const output = this.#joinable?.output
    this.#joinable = undefined
    if (output !== undefined && !this.#isBusy(output)) this.#complete(output)
  }

  #isBusy(output: OutputItem): boolean {
    for (const block of this.#blocks.values()) if (block.output === output && !block.ended) return true
    return false
  }

  #begin(index: number, output: OutputItem, kind: Block['kind']): Block {
    const block: Block = {
      output,
      kind,
      place: undefined,
      text: '',
      annotations: [],
      logprobs: [],
      ended: false,
    }
    this.#blocks.set(index, block)
    return block
  }

  // Texts

  #startText(event: Extract<StreamEvent, { type: 'text-start' | 'refusal-start' }>): void {
    const dialect = event.type === 'text-start' ? event.dialect : undefined
    const itemId = event.type === 'text-start' ? fieldsOf(dialect).id : this.#joinable?.itemId
    const known = this.#joinable
    const joins = known?.output.item.type === 'message' && known.itemId === itemId
    const output = joins
      ? known.output
      : this.#open((place) => ({ ...messageItem(dialect, this.#id, place), content: [] }), {
          status: 'in_progress',
        })
    this.#joinable = { output, itemId }
    const block = this.#begin(event.index, output, event.type === 'text-start' ? 'text' : 'refusal')
    this.#lastText = block
    this.#beginPart(block)
  }

  #startReasoning(event: Extract<StreamEvent, { type: 'reasoning-start' }>): void {
    const { itemId, dialect } = event
    const known = this.#joinable
    const joins = itemId !== undefined && known?.output.item.type === 'reasoning' && known.itemId === itemId
    const output = joins
      ? known.output
      : this.#open((place) => reasoningItem(itemId, dialect, this.#id, place), {})
    this.#joinable = { output, itemId }
    this.#begin(event.index, output, fieldsOf(dialect).kind === 'content' ? 'content' : 'summary')
  }

  /** Announces a text in its item. */
  #beginPart(block: Block): void {
    const list = listOf(block)
    block.place = list.length
    list.push(partOf(block))
    if (block.kind === 'summary')
      this.#sendAt(block, 'response.reasoning_summary_part.added', { part: partOf(block) })
    else this.#sendAt(block, 'response.content_part.added', { part: partOf(block) })
  }

  #addText(index: number, text: string): void {
    const block = this.#blocks.get(index)
    if (block === undefined || block.ended || text === '') return
    if (block.place === undefined) this.#beginPart(block)
    block.text += text
    const logprobs = block.kind === 'text' ? { logprobs: [] } : {}
    this.#sendAt(block, `response.${WORDS[block.kind]}.delta`, { delta: text, ...logprobs })
  }

  #annotate(index: number, annotation: JsonObject): void {
    const block = this.#blocks.get(index)
    if (block === undefined || block.kind !== 'text') return
    const place = block.annotations.push(annotation) - 1
    this.#update(block)
    if (block.output.done) return
    this.#sendAt(block, 'response.output_text.annotation.added', { annotation_index: place, annotation })
  }

  #addLogprobs(logprobs: Json): void {
    const content = arrayOf(objectOf(logprobs)?.content)
    this.#lastText?.logprobs.push(...content)
    if (this.#lastText !== undefined) this.#update(this.#lastText)
  }

  #update(block: Block): void {
    if (block.place !== undefined) listOf(block)[block.place] = partOf(block)
  }

  #endText(index: number): void {
    const block = this.#blocks.get(index)
    if (block === undefined || block.ended) return
    this.#endPart(block)
    if (this.#joinable?.output !== block.output && !this.#isBusy(block.output)) this.#complete(block.output)
  }

  #endPart(block: Block): void {
    block.ended = true
    if (block.place === undefined) return
    this.#update(block)
    const logprobs = block.kind === 'text' ? { logprobs: block.logprobs } : {}
    const field = block.kind === 'refusal' ? 'refusal' : 'text'
    this.#sendAt(block, `response.${WORDS[block.kind]}.done`, { [field]: block.text, ...logprobs })
    const type =
      block.kind === 'summary' ? 'response.reasoning_summary_part.done' : 'response.content_part.done'
    this.#sendAt(block, type, { part: partOf(block) })
  }

  #endReasoning(event: ReasoningEndEvent): void {
    const block = this.#blocks.get(event.index)
    if (block === undefined || block.ended) return
    this.#endPart(block)
    const encrypted = event.encrypted ?? renderProof(event)
    if (encrypted !== undefined) block.output.item.encrypted_content = encrypted
    const { itemId } = this.#joinable ?? {}
    if (this.#joinable?.output !== block.output) this.#complete(block.output)
    else if (itemId === undefined || encrypted !== undefined) this.#closeJoinable()
  }

  // Calls

  #startCall(event: ToolCallStartEvent): void {
    const { type: _type, index, choice: _choice, ...call } = event
    const output = this.#open((place) => callItem(call, this.#id, place), { status: 'in_progress' })
    this.#begin(index, output, 'call')
  }

  #addArguments(index: number, text: string): void {
    const block = this.#blocks.get(index)
    if (block === undefined || block.ended || text === '') return
    block.text += text
    const { index: output_index, item } = block.output
    this.#send({ type: `${callWord(item)}.delta`, item_id: item.id, output_index, delta: text })
  }

  #endCall(index: number): void {
    const block = this.#blocks.get(index)
    if (block === undefined || block.ended) return
    const { index: output_index, item } = block.output
    const field = item.type === 'custom_tool_call' ? 'input' : 'arguments'
    if (block.text === '' && field === 'arguments') this.#addArguments(index, '{}')
    block.ended = true
    item[field] = block.text
    const name = field === 'arguments' ? { name: item.name } : {}
    this.#send({
      type: `${callWord(item)}.done`,
      item_id: item.id,
      output_index,
      ...name,
      [field]: block.text,
    })
    this.#complete(block.output)
  }

  #proveCall(index: number, signature: string): void {
    const id = this.#blocks.get(index)?.output.item.call_id
    if (typeof id !== 'string') return
    this.#complete(this.#open((place) => callProofItem(id, signature, this.#id, place), {}))
  }

  // Parts that come whole

  #writePart(part: AnswerPart): void {
    if (
      part.type === 'opaque' &&
      part.raw.type === 'image_generation_call' &&
      part.raw.result === undefined
    ) {
      this.#closeJoinable()
      this.#flushImage()
      this.#image = part
      return
    }
    const call = this.#image
    this.#image = undefined
    if (call !== undefined && takesImage(call, part)) return this.#writeItems([call, part])
    if (call !== undefined) this.#writeItems([call])
    this.#writeItems([part])
  }

  #flushImage(): void {
    const call = this.#image
    this.#image = undefined
    if (call !== undefined) this.#writeItems([call])
  }

  #writeItems(parts: AnswerPart[]): void {
    const [item] = renderItems(parts, this.#id, { start: this.#outputs.length })
    if (item !== undefined) this.#complete(this.#open(() => item, {}))
  }

  // The end

  #closeAll(): void {
    this.#flushImage()
    for (const [index, block] of this.#blocks) {
      if (block.ended) continue
      if (block.kind === 'call') this.#endCall(index)
      else this.#endPart(block)
    }
    this.#joinable = undefined
    for (const output of this.#outputs) this.#complete(output)
  }

  #finish(event: FinishEvent): void {
    this.#closeAll()
    this.#serviceTier = event.serviceTier ?? this.#serviceTier
    const end = renderEnd(event)
    this.#sendResponse(ENDS[end.status] ?? 'response.completed', {
      ...end,
      usage: event.usage,
      metadata: event.metadata,
    })
  }

  #sendResponse(type: string, state: Partial<ResponseState> & { status: string }): void {
    const response = renderResponse(this.#context, {
      createdS: this.#createdS,
      completedS: Math.max(this.#createdS, this.#context.createdS),
      output: this.#outputs.map(({ item }) => item),
      serviceTier: this.#serviceTier,
      ...state,
    })
    this.#send({ type, response })
  }

  /** An event about a text, with its place. */
  #sendAt(block: Block, type: string, fields: JsonObject): void {
    const { index: output_index, item } = block.output
    const place = block.kind === 'summary' ? 'summary_index' : 'content_index'
    this.#send({ type, item_id: item.id, output_index, [place]: block.place ?? 0, ...fields })
  }

  #send(event: JsonObject): void {
    const { type, item, response, ...fields } = event
    // What is sent must not change when the item grows.
    const copies = {
      ...(item === undefined ? {} : { item: structuredClone(item) }),
      ...(response === undefined ? {} : { response: structuredClone(response) }),
    }
    this.#events.push({ type, sequence_number: this.#sequence++, ...fields, ...copies })
  }
}

const WORDS: Readonly<Record<Block['kind'], string>> = {
  text: 'output_text',
  refusal: 'refusal',
  summary: 'reasoning_summary_text',
  content: 'reasoning_text',
  call: 'function_call_arguments',
}

const ENDS: Readonly<Record<string, string>> = {
  completed: 'response.completed',
  incomplete: 'response.incomplete',
  failed: 'response.failed',
}

function callWord(item: JsonObject): string {
  return item.type === 'custom_tool_call'
    ? 'response.custom_tool_call_input'
    : 'response.function_call_arguments'
}

/** The list of its item that a text stands in. */
function listOf(block: Block): Json[] {
  const field = block.kind === 'summary' ? 'summary' : 'content'
  const { item } = block.output
  const known = item[field]
  if (Array.isArray(known)) return known
  const list: Json[] = []
  item[field] = list
  return list
}

/** A text as far as it has come. */
function partOf({ kind, text, annotations, logprobs }: Block): JsonObject {
  switch (kind) {
    case 'refusal':
      return { type: 'refusal', refusal: text }
    case 'summary':
      return { type: 'summary_text', text }
    case 'content':
      return { type: 'reasoning_text', text }
    default:
      return { type: 'output_text', text, annotations: [...annotations], logprobs: [...logprobs] }
  }
}

/** Writes events as a client of `/responses` reads them. */
export function createStreamRenderer(context: AnswerContext): StreamRenderer {
  const renderer = new ResponseRenderer(context)
  return { push: (event) => renderer.push(event).map(frameEvent).join('') }
}
