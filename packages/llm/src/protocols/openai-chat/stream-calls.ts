import type { JsonObject } from '../../types/json.ts'
import type { EventWriter } from '../event-writer.ts'
import { argumentsText, countOf, objectOf, parseJson, stringOf, textOf } from '../wire.ts'
import { customOf, signatureOf, toolCallsOf } from './answer.ts'

interface OpenCall {
  key: string
  id: string | undefined
  name: string | undefined
  /** The arguments so far. */
  text: string
  begun: boolean
}

/**
 * Sorts the pieces of tool calls. A piece belongs to the call of its wire index, or to the last one where it has
 * none, unless it brings another id, or a name after the call's arguments are whole: some servers use one
 * index for two calls, others send neither index nor id.
 */
export class CallPieces {
  readonly #writer: EventWriter
  readonly #newId: () => string
  readonly #calls = new Map<string, OpenCall>()
  readonly #choices = new Set<number>()
  #count = 0

  constructor(writer: EventWriter, newId: () => string) {
    this.#writer = writer
    this.#newId = newId
  }

  /** Whether a choice has called any tool. */
  any(choice: number): boolean {
    return this.#choices.has(choice)
  }

  read(delta: JsonObject, choice: number): void {
    const pieces = toolCallsOf(delta)
    // Several calls without index in one chunk are several calls.
    pieces.forEach((piece, position) =>
      this.#readPiece(piece, choice, pieces.length > 1 ? position : undefined),
    )
    const legacy = objectOf(delta.function_call)
    if (pieces.length === 0 && legacy !== undefined)
      this.#readPiece({ index: 0, function: legacy }, choice, undefined)
  }

  #readPiece(piece: JsonObject, choice: number, position: number | undefined): void {
    const custom = customOf(piece)
    const callee = custom ?? objectOf(piece.function) ?? {}
    const id = textOf(piece.id)
    const name = textOf(callee.name)
    const text = custom === undefined ? argumentsText(callee.arguments) : (stringOf(custom.input) ?? '')
    const place =
      countOf(piece.index) ?? (id === undefined ? (position ?? this.#lastPlaceOf(choice)) : `id ${id}`)
    const slot = `${choice}:${place}`
    let call = this.#calls.get(slot)
    if (call === undefined || isAnother(call, id, name, text)) {
      call = { key: `${slot}#${this.#count++}`, id, name: undefined, text: '', begun: false }
      // Moved to the end, so that pieces without a place find it.
      this.#calls.delete(slot)
      this.#calls.set(slot, call)
    }
    call.id ??= id
    call.name ??= name
    if (!call.begun && (call.name !== undefined || text !== '')) {
      call.begun = true
      this.#choices.add(choice)
      this.#writer.toolStart(call.key, {
        id: call.id ?? `call_${this.#newId()}`,
        name: call.name ?? '',
        ...(choice === 0 ? {} : { choice }),
        ...(custom === undefined ? {} : { custom: true }),
      })
    }
    call.text += text
    this.#writer.toolDelta(call.key, text)
    const signature = signatureOf(piece)
    if (signature !== undefined) this.#writer.toolSignature(call.key, signature)
  }

  #lastPlaceOf(choice: number): string {
    const start = `${choice}:`
    const slot = [...this.#calls.keys()].findLast((known) => known.startsWith(start))
    return slot?.slice(start.length) ?? '0'
  }
}

function isAnother(call: OpenCall, id: string | undefined, name: string | undefined, text: string): boolean {
  if (name === undefined || call.name === undefined) return false
  if (id !== undefined && call.id !== undefined) return id !== call.id
  if (id !== undefined) return false
  const whole = call.text.trim() === '' || objectOf(parseJson(call.text)) !== undefined
  return whole && (name !== call.name || (call.text.trim() !== '' && text.trim() !== ''))
}
