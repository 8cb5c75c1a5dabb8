import type { Frame } from '../../http/frame.ts'
import type { StreamEvent } from '../../types/event.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import { EventWriter } from '../event-writer.ts'
import type { ParseContext, StreamParser } from '../protocol.ts'
import { argumentsText, arrayOf, countOf, objectOf, objectsOf, parseJson, stringOf, textOf } from '../wire.ts'
import { parseAnnotation } from './annotations.ts'
import { createdOf, parseFinish, parseMetadata, tierOf } from './answer.ts'
import { failureOfError, interrupted } from './failure.ts'
import { isCall, messageHead, parseCall, parseItem, parseReasoning, reasoningHead } from './items.ts'
import { parseProof, providerItemId } from './proof.ts'
import { parseUsage } from './usage.ts'

/** Reads the events of a streamed response. */
export function createStreamParser(context: ParseContext): StreamParser {
  return new ResponseParser(context)
}

/**
 * An item of the output as far as it came. Items are told apart by their place in the output: some services
 * give one item another id in every event.
 */
interface OpenItem {
  type: string
  /** The item as it was announced. */
  head: JsonObject
  /** Texts and arguments that were written, by kind and place in the item. */
  written: Map<string, string>
  /** Sources that were written, by place in the item. */
  sources: Map<number, number>
  begun: boolean
  done: boolean
}

class ResponseParser implements StreamParser {
  readonly #context: ParseContext
  readonly #writer = new EventWriter()
  readonly #items = new Map<number, OpenItem>()
  /** Which text of which item is being written. */
  #running = ''
  #hasCalls = false
  #sawDone = false

  constructor(context: ParseContext) {
    this.#context = context
  }

  push(frame: Frame): StreamEvent[] {
    if (this.#writer.done) return []
    const data = frame.data.trim()
    if (data === '[DONE]') {
      this.#sawDone = true
      return []
    }
    const event = objectOf(parseJson(data))
    if (event !== undefined) this.#read(event, frame.event)
    else this.#readBroken(frame)
    return this.#writer.take()
  }

  end(): StreamEvent[] {
    if (this.#writer.done) return []
    if (this.#sawDone && this.#items.size > 0) this.#finish({ status: 'completed' })
    else this.#writer.error(interrupted(this.#context))
    return this.#writer.take()
  }

  /** An event that is not valid JSON is skipped; that the response is complete is worth knowing even so. */
  #readBroken(frame: Frame): void {
    const type = frame.event ?? /^\{"type": ?"([\w.]+)"/.exec(frame.data)?.[1]
    if (type === 'response.completed') this.#finish({ status: 'completed' })
  }

  #read(event: JsonObject, name: string | undefined): void {
    const type = textOf(event.type) ?? name ?? ''
    const response = objectOf(event.response)
    switch (type) {
      case 'response.created':
      case 'response.queued':
      case 'response.in_progress':
        if (response !== undefined) this.#start(response)
        return
      case 'response.completed':
      case 'response.incomplete':
      case 'response.cancelled':
        return this.#finish(response ?? { status: type.slice('response.'.length) })
      case 'response.failed':
        return this.#writer.error(failureOfError(response?.error, this.#context), parseUsage(response?.usage))
      case 'error':
        return this.#writer.error(failureOfError(event, this.#context))
      default:
        if (type === '' && objectOf(event.error) !== undefined)
          return this.#writer.error(failureOfError(event, this.#context))
        return this.#readItemEvent(type, event)
    }
  }

  #start(response: JsonObject): void {
    this.#writer.start({
      id: stringOf(response.id) ?? '',
      model: stringOf(response.model) ?? '',
      ...createdOf(response),
      ...tierOf(response),
    })
  }

  #readItemEvent(type: string, event: JsonObject): void {
    const index = countOf(event.output_index)
    if (index === undefined) return
    this.#start({})
    const place = countOf(event.content_index) ?? countOf(event.summary_index) ?? 0
    const part = objectOf(event.part)
    switch (type) {
      case 'response.output_item.added':
        return this.#add(index, objectOf(event.item))
      case 'response.output_item.done':
        return this.#complete(index, objectOf(event.item))
      case 'response.output_text.delta':
        this.#text(index, place, event.delta)
        return this.#logprobs(event.logprobs)
      case 'response.output_text.done':
        return this.#rest(index, 'text', place, event.text)
      case 'response.refusal.delta':
        return this.#refusal(index, place, event.delta)
      case 'response.refusal.done':
        return this.#rest(index, 'refusal', place, event.refusal)
      case 'response.output_text.annotation.added':
        return this.#annotation(index, place, event.annotation)
      case 'response.content_part.added':
      case 'response.reasoning_part.added':
      case 'response.reasoning_summary_part.added':
        return this.#addPart(index, place, part)
      case 'response.content_part.done':
        return part === undefined ? undefined : this.#completeContent(index, place, part)
      case 'response.reasoning_summary_text.delta':
        return this.#reasoning(index, 'summary', place, event.delta)
      case 'response.reasoning_summary_text.done':
        return this.#rest(index, 'summary', place, event.text)
      case 'response.reasoning_text.delta':
        return this.#reasoning(index, 'content', place, event.delta)
      case 'response.reasoning_text.done':
        return this.#rest(index, 'content', place, event.text)
      case 'response.function_call_arguments.delta':
      case 'response.custom_tool_call_input.delta':
        return this.#arguments(index, stringOf(event.delta) ?? '')
      case 'response.function_call_arguments.done':
        return this.#rest(index, 'arguments', 0, argumentsText(event.arguments))
      case 'response.custom_tool_call_input.done':
        return this.#rest(index, 'arguments', 0, event.input)
      default:
    }
  }

  #item(index: number, type: string): OpenItem {
    let item = this.#items.get(index)
    if (item === undefined) {
      item = { type, head: { type }, written: new Map(), sources: new Map(), begun: false, done: false }
      this.#items.set(index, item)
    }
    return item
  }

  #add(index: number, head: JsonObject | undefined): void {
    if (head === undefined) return
    const item = this.#item(index, stringOf(head.type) ?? '')
    item.head = head
    if (isCall(head, this.#context) && textOf(head.call_id) !== undefined && textOf(head.name) !== undefined)
      this.#beginCall(index, item, head)
  }

  /** Remembers the place of a text that has not begun. */
  #addPart(index: number, place: number, part: JsonObject | undefined): void {
    const kind = kindOf(part)
    const item = this.#items.get(index)
    if (kind !== undefined && item !== undefined) grow(item, `${kind}:${place}`, '')
  }

  #beginCall(index: number, item: OpenItem, head: JsonObject): void {
    if (item.begun) return
    item.begun = true
    this.#hasCalls = true
    this.#running = ''
    const { type: _type, arguments: _arguments, ...call } = parseCall(head, this.#context)
    this.#writer.toolStart(index, call)
  }

  #arguments(index: number, delta: string): void {
    const item = this.#item(index, 'function_call')
    if (item.done || !isCall(item.head, this.#context)) return
    if (!item.begun) this.#beginCall(index, item, item.head)
    grow(item, 'arguments:0', delta)
    this.#writer.toolDelta(index, delta)
  }

  /** Makes a text or thinking of this item the one that is written. */
  #run(index: number, item: OpenItem, key: string, kind: 'text' | 'summary' | 'content'): void {
    const name = `${index}:${key}`
    if (this.#running === name) return
    this.#running = name
    item.begun = true
    if (kind === 'text') {
      const dialect = messageHead(item.head)
      this.#writer.begin('text', dialect === undefined ? {} : { dialect })
      return
    }
    const itemId = providerItemId(textOf(item.head.id))
    const dialect = reasoningHead(item.head, kind)
    this.#writer.begin('reasoning', {
      ...(itemId === undefined ? {} : { itemId }),
      ...(dialect === undefined ? {} : { dialect }),
    })
    if (itemId !== undefined) this.#writer.reasoningProof({ itemId })
  }

  #text(index: number, place: number, delta: Json | undefined): void {
    const item = this.#item(index, 'message')
    const text = stringOf(delta)
    if (text === undefined || item.done) return
    this.#run(index, item, `text:${place}`, 'text')
    grow(item, `text:${place}`, text)
    this.#writer.text(text)
  }

  #refusal(index: number, place: number, delta: Json | undefined): void {
    const item = this.#item(index, 'message')
    const text = stringOf(delta)
    if (text === undefined || item.done) return
    this.#running = ''
    item.begun = true
    grow(item, `refusal:${place}`, text)
    this.#writer.refusal(text)
  }

  #reasoning(index: number, kind: 'summary' | 'content', place: number, delta: Json | undefined): void {
    const item = this.#item(index, 'reasoning')
    const text = stringOf(delta)
    if (text === undefined || item.done) return
    this.#run(index, item, `${kind}:${place}`, kind)
    grow(item, `${kind}:${place}`, text)
    this.#writer.reasoning(text)
  }

  /** A whole text: what of it did not come as deltas is written now. */
  #rest(index: number, kind: string, place: number, whole: Json | undefined): void {
    const text = stringOf(whole)
    if (text === undefined) return
    const written = this.#items.get(index)?.written.get(`${kind}:${place}`)
    if (written !== undefined && (!text.startsWith(written) || text === written)) return
    const rest = text.slice(written?.length ?? 0)
    if (rest === '' && kind !== 'text') return
    if (kind === 'text') this.#text(index, place, rest)
    else if (kind === 'refusal') this.#refusal(index, place, rest)
    else if (kind === 'arguments') this.#arguments(index, rest)
    else this.#reasoning(index, kind === 'content' ? 'content' : 'summary', place, rest)
  }

  #annotation(index: number, place: number, value: Json | undefined): void {
    const raw = objectOf(value)
    const annotation = raw === undefined ? undefined : parseAnnotation(raw)
    const item = this.#item(index, 'message')
    item.sources.set(place, (item.sources.get(place) ?? 0) + 1)
    if (annotation === undefined) return
    this.#run(index, item, `text:${place}`, 'text')
    this.#writer.annotation(annotation)
  }

  #logprobs(value: Json | undefined): void {
    const content = arrayOf(value)
    if (content.length > 0) this.#writer.write({ type: 'logprobs', logprobs: { content, refusal: null } })
  }

  #completeContent(index: number, place: number, part: JsonObject): void {
    const kind = kindOf(part) ?? 'text'
    this.#rest(index, kind, place, kind === 'refusal' ? part.refusal : part.text)
    if (kind !== 'text') return
    const annotations = arrayOf(part.annotations)
    for (const annotation of annotations.slice(this.#items.get(index)?.sources.get(place) ?? 0))
      this.#annotation(index, place, annotation)
  }

  /** An item is whole: writes what of it did not come before. */
  #complete(index: number, whole: JsonObject | undefined): void {
    if (whole === undefined) return
    const item = this.#item(index, stringOf(whole.type) ?? '')
    if (item.done) return
    const head = item.begun ? item.head : whole
    item.head = { ...whole, ...head }
    if (isCall(whole, this.#context)) {
      this.#beginCall(index, item, whole)
      this.#rest(
        index,
        'arguments',
        0,
        whole.type === 'function_call' ? argumentsText(whole.arguments) : whole.input,
      )
      this.#writer.toolEnd(index)
    } else if (whole.type === 'message') {
      this.#completeParts(index, item, objectsOf(whole.content))
      if (!item.begun) this.#text(index, 0, '')
    } else if (whole.type === 'reasoning') this.#completeReasoning(index, item, whole)
    else {
      this.#running = ''
      for (const part of parseItem(whole, this.#context))
        if (part.type === 'opaque' || part.type === 'image') this.#writer.part(part)
    }
    item.done = true
  }

  /** The texts of a whole item stand in the order of those that came, whose places may have gaps. */
  #completeParts(index: number, item: OpenItem, parts: readonly JsonObject[]): void {
    const seen = new Map<string, number>()
    for (const part of parts) {
      const kind = kindOf(part) ?? 'text'
      const count = seen.get(kind) ?? 0
      seen.set(kind, count + 1)
      this.#completeContent(index, placeOf(item, kind, count), part)
    }
  }

  #completeReasoning(index: number, item: OpenItem, whole: JsonObject): void {
    this.#completeParts(index, item, [...objectsOf(whole.summary), ...objectsOf(whole.content)])
    const encrypted = textOf(whole.encrypted_content)
    if (encrypted === undefined && item.begun) return
    if (!this.#running.startsWith(`${index}:`)) this.#run(index, item, 'proof', 'summary')
    const { itemId } = parseReasoning(item.head)[0] ?? {}
    const proof = parseProof(encrypted)
    this.#writer.reasoningProof({
      ...(itemId === undefined ? {} : { itemId }),
      ...(proof ?? (encrypted === undefined ? {} : { encrypted })),
    })
  }

  #finish(response: JsonObject): void {
    this.#start(response)
    this.#completeFrom(objectsOf(response.output))
    const usage = parseUsage(response.usage)
    const metadata = parseMetadata(response)
    const model = textOf(response.model)
    this.#writer.finish({
      ...parseFinish(response, this.#hasCalls),
      ...(usage === undefined ? {} : { usage }),
      ...(model === undefined ? {} : { model }),
      ...tierOf(response),
      ...(metadata === undefined ? {} : { metadata }),
    })
  }

  /** Servers that leave out the events of items tell them at the end; others repeat what is known. */
  #completeFrom(output: readonly JsonObject[]): void {
    const none = this.#items.size === 0
    output.forEach((whole, index) => {
      const item = this.#items.get(index)
      if (none || (item !== undefined && !item.done && item.type === whole.type)) this.#complete(index, whole)
    })
  }
}

const KINDS: Readonly<Record<string, string>> = {
  output_text: 'text',
  text: 'text',
  refusal: 'refusal',
  reasoning_text: 'content',
  summary_text: 'summary',
}

function kindOf(part: JsonObject | undefined): string | undefined {
  return KINDS[stringOf(part?.type) ?? '']
}

/** The place at which the text of a kind came that is the `count`th of its kind; the next free one if none did. */
function placeOf(item: OpenItem, kind: string, count: number): number {
  const places = [...item.written.keys()]
    .filter((key) => key.startsWith(`${kind}:`))
    .map((key) => Number(key.slice(kind.length + 1)))
    .sort((left, right) => left - right)
  return places[count] ?? (places.at(-1) ?? -1) + 1 + count - places.length
}

function grow(item: OpenItem, key: string, text: string): void {
  item.written.set(key, (item.written.get(key) ?? '') + text)
}
