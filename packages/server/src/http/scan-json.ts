import { isUtf8 } from 'node:buffer'
import { BodyError } from './body-error.ts'
import { JsonScanner, type KeyWatch, type RootMember } from './json-scanner.ts'
import { decodeString } from './json-string.ts'

/** Byte offsets of a value in the body, end exclusive. */
export interface Span {
  start: number
  end: number
}

export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null'

export interface ScanLimits {
  /** Objects and arrays inside one another, the root included. Default 64. */
  maxDepth?: number | undefined
  /** Members of all objects together. Default 100,000. */
  maxKeys?: number | undefined
  /**
   * For providers' answers: what JSON.parse accepts is accepted (invalid UTF-8, lone surrogates,
   * `__proto__`, and duplicate keys, where the last one counts). The other limits stay.
   */
  lenient?: boolean | undefined
  /** Names whose presence anywhere is told by `sawWatched`. */
  watch?: KeyWatch | undefined
}

/** The members of a JSON object as places in its bytes; nothing is built until it is asked for. */
export interface JsonScan {
  /** From the root's `{` to its `}`; a byte order mark and white space lie outside. */
  readonly root: Span
  /** Members of the root. */
  readonly size: number
  /** Whether a name of `ScanLimits.watch` stands anywhere in the body. */
  readonly sawWatched: boolean
  /** Names of the root's members, in order. */
  keys(): string[]
  has(key: string): boolean
  span(key: string): Span | undefined
  kind(key: string): JsonKind | undefined
  /** Decoded; undefined when absent or not a string. */
  string(key: string): string | undefined
  boolean(key: string): boolean | undefined
  number(key: string): number | undefined
  /** Members of an object or elements of an array; 0 for anything else. */
  count(key: string): number
  /** `JSON.parse` of that value alone; undefined when absent. */
  json(key: string): unknown
}

const MAX_DEPTH = 64
const MAX_KEYS = 100_000

/**
 * Checks a JSON object from end to end in one pass and notes where its members lie.
 * Accepts what `JSON.parse` accepts, and a byte order mark, less what two readers could understand
 * differently: see `BodyErrorCode`. Throws BodyError.
 */
export function scanJson(body: Buffer, limits: ScanLimits = {}): JsonScan {
  const lenient = limits.lenient === true
  if (!lenient && !isUtf8(body)) {
    throw new BodyError('invalid_encoding', 'The request body is not valid UTF-8.')
  }
  const scanner = new JsonScanner(
    body,
    limits.maxDepth ?? MAX_DEPTH,
    limits.maxKeys ?? MAX_KEYS,
    lenient,
    limits.watch,
  )
  const root = scanner.run()
  return new Scan(body, root, scanner.members, scanner.sawWatched)
}

class Scan implements JsonScan {
  readonly root: Span
  readonly size: number
  readonly sawWatched: boolean
  readonly #body: Buffer
  readonly #members: RootMember[]
  #keys: string[] | undefined

  constructor(body: Buffer, root: Span, members: RootMember[], sawWatched: boolean) {
    this.sawWatched = sawWatched
    this.#body = body
    this.root = root
    this.#members = members
    this.size = members.length
  }

  keys(): string[] {
    return (this.#keys ??= this.#members.map((member) =>
      decodeString(this.#body, member.keyStart, member.keyEnd),
    ))
  }

  has(key: string): boolean {
    return this.#find(key) !== undefined
  }

  span(key: string): Span | undefined {
    const member = this.#find(key)
    return member && { start: member.start, end: member.end }
  }

  kind(key: string): JsonKind | undefined {
    const member = this.#find(key)
    return member && kindOf(this.#body[member.start])
  }

  string(key: string): string | undefined {
    const member = this.#find(key)
    if (member === undefined || this.#body[member.start] !== 0x22) return undefined
    return decodeString(this.#body, member.start + 1, member.end - 1)
  }

  boolean(key: string): boolean | undefined {
    const member = this.#find(key)
    if (member === undefined || kindOf(this.#body[member.start]) !== 'boolean') return undefined
    return this.#body[member.start] === 0x74
  }

  number(key: string): number | undefined {
    const member = this.#find(key)
    if (member === undefined || kindOf(this.#body[member.start]) !== 'number') return undefined
    return Number(this.#body.toString('latin1', member.start, member.end))
  }

  count(key: string): number {
    return this.#find(key)?.count ?? 0
  }

  json(key: string): unknown {
    const member = this.#find(key)
    return member && (JSON.parse(this.#body.toString('utf8', member.start, member.end)) as unknown)
  }

  /** The last of that name, as JSON.parse has it. */
  #find(key: string): RootMember | undefined {
    for (let index = this.#members.length - 1; index >= 0; index -= 1) {
      const member = this.#members[index]
      if (member !== undefined && isKey(this.#body, member, key)) return member
    }
    return undefined
  }
}

function isKey(body: Buffer, member: RootMember, key: string): boolean {
  const length = member.keyEnd - member.keyStart
  // A name takes at least as many bytes as code units, whatever its script and escapes.
  if (length < key.length) return false
  for (let index = 0; index < length; index += 1) {
    const byte = body[member.keyStart + index] ?? 0
    if (byte === 0x5c || byte > 0x7f) return decodeString(body, member.keyStart, member.keyEnd) === key
    if (byte !== key.charCodeAt(index)) return false
  }
  return true
}

function kindOf(first: number | undefined): JsonKind {
  switch (first) {
    case 0x7b:
      return 'object'
    case 0x5b:
      return 'array'
    case 0x22:
      return 'string'
    case 0x74:
    case 0x66:
      return 'boolean'
    case 0x6e:
      return 'null'
    default:
      return 'number'
  }
}
