import type { Json, JsonObject } from '../../types/json.ts'
import { booleanOf, numberOf, stringOf } from '../wire.ts'

type Step = string | number

interface Container {
  /** The way to it: the key or index under which its parent holds it. */
  step: Step | undefined
  kind: 'object' | 'array'
  /** The member being written last. */
  last: Step | undefined
}

/**
 * Writes the JSON text of a call's arguments from Gemini's `partialArgs`: values, or pieces of strings,
 * each with the JSON path where it belongs. Gemini reads them off the text its model writes, so they
 * come in the order of the text, and what each adds can be passed on at once.
 */
export class PartialArguments {
  readonly #open: Container[] = []
  /** Path of the string whose end has not come yet. */
  #string: string | undefined

  /** The text that a list of partial arguments adds. */
  write(pieces: readonly JsonObject[]): string {
    return pieces.map((piece) => this.#writePiece(piece)).join('')
  }

  /** Closes all that is open. An object without members is `{}`. */
  end(): string {
    if (this.#open.length === 0) return '{}'
    let text = this.#endString()
    while (this.#open.length > 0) text += this.#close()
    return text
  }

  #writePiece(piece: JsonObject): string {
    const path = stringOf(piece.jsonPath) ?? ''
    const value = valueOf(piece)
    if (value === undefined) return ''
    if (this.#string === path && typeof value === 'string') {
      const more = JSON.stringify(value).slice(1, -1)
      return piece.willContinue === true ? more : more + this.#endString()
    }
    let text = this.#endString() + this.#moveTo(parsePath(path))
    if (typeof value === 'string' && piece.willContinue === true) {
      this.#string = path
      text += JSON.stringify(value).slice(0, -1)
    } else text += JSON.stringify(value)
    return text
  }

  #endString(): string {
    if (this.#string === undefined) return ''
    this.#string = undefined
    return '"'
  }

  /** Closes what is left behind, opens what lies on the way, and writes the key of the value to come. */
  #moveTo(path: readonly Step[]): string {
    let text = ''
    if (this.#open.length === 0) text += this.#push(undefined, path[0])
    let shared = 1
    while (
      shared < this.#open.length &&
      shared < path.length &&
      this.#open[shared]?.step === path[shared - 1]
    )
      shared += 1
    while (this.#open.length > shared) text += this.#close()
    for (let depth = shared; depth < path.length; depth++) {
      text += this.#member(path[depth - 1])
      text += this.#push(path[depth - 1], path[depth])
    }
    return text + this.#member(path.at(-1))
  }

  #push(step: Step | undefined, member: Step | undefined): string {
    const kind = typeof member === 'number' ? 'array' : 'object'
    this.#open.push({ step, kind, last: undefined })
    return kind === 'array' ? '[' : '{'
  }

  #member(step: Step | undefined): string {
    const container = this.#open.at(-1)
    if (container === undefined || step === undefined) return ''
    const comma = container.last === undefined ? '' : ','
    container.last = step
    return container.kind === 'array' ? comma : `${comma}${JSON.stringify(String(step))}:`
  }

  #close(): string {
    return this.#open.pop()?.kind === 'array' ? ']' : '}'
  }
}

function valueOf(piece: JsonObject): Json | undefined {
  if ('nullValue' in piece) return null
  return stringOf(piece.stringValue) ?? numberOf(piece.numberValue) ?? booleanOf(piece.boolValue)
}

/** Cuts `$.a.b[0]['c d']` into its keys and indexes. */
export function parsePath(path: string): Step[] {
  const steps: Step[] = []
  const pattern = /\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]|\.?([^.[\]]+)/g
  for (const match of path.replace(/^\$/, '').matchAll(pattern)) {
    const [, index, single, double, plain] = match
    if (index !== undefined) steps.push(Number(index))
    else steps.push((single ?? double)?.replaceAll(/\\(.)/g, '$1') ?? plain ?? '')
  }
  return steps
}
