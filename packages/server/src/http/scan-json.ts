import { isUtf8 } from 'node:buffer'
import { BodyError } from './body-error.ts'
import { JsonScanner, type KeyWatch, type KnownNames, type RootMember } from './json-scanner.ts'
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
  /** Names that the root's members are likely to have. */
  names?: KnownNames | undefined
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
  keys(): readonly string[]
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
  /** `JSON.parse` of an object that has only the members of these names. */
  pick(keys: ReadonlySet<string>): Record<string, unknown>
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
  return new Scan(body, root, scanner.members, scanner.sawWatched, limits.names)
}

class Scan implements JsonScan {
  readonly root: Span
  readonly size: number
  readonly sawWatched: boolean
  readonly #body: Buffer
  readonly #members: RootMember[]
  /** Of the members, in their order. */
  readonly #keys: string[]

  constructor(
    body: Buffer,
    root: Span,
    members: RootMember[],
    sawWatched: boolean,
    names: KnownNames | undefined,
  ) {
    this.sawWatched = sawWatched
    this.#body = body
    this.root = root
    this.#members = members
    this.size = members.length
    this.#keys = members.map((member) => nameOf(body, member, names))
  }

  keys(): readonly string[] {
    return this.#keys
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
    return member && parseValue(this.#body, member)
  }

  pick(keys: ReadonlySet<string>): Record<string, unknown> {
    const picked: Record<string, unknown> = {}
    for (let index = 0; index < this.size; index += 1) {
      const key = this.#keys[index]
      const member = this.#members[index]
      if (key !== undefined && member !== undefined && keys.has(key))
        picked[key] = parseValue(this.#body, member)
    }
    return picked
  }

  /** The last of that name, as JSON.parse has it. */
  #find(key: string): RootMember | undefined {
    return this.#members[this.#keys.lastIndexOf(key)]
  }
}

function nameOf(body: Buffer, member: RootMember, names: KnownNames | undefined): string {
  const { keyStart, keyEnd } = member
  const likely = names?.get(member.keyHash)
  if (likely !== undefined && isAscii(body, keyStart, keyEnd, likely)) return likely
  return decodeString(body, keyStart, keyEnd)
}

/** Whether the bytes are these ASCII characters. */
function isAscii(body: Buffer, start: number, end: number, text: string): boolean {
  if (end - start !== text.length) return false
  for (let index = 0; index < text.length; index += 1)
    if (body[start + index] !== text.charCodeAt(index)) return false
  return true
}

/** The parser is for what has parts: calling it costs more than reading a word. */
function parseValue(body: Buffer, { start, end }: RootMember): unknown {
  switch (kindOf(body[start])) {
    case 'string':
      return decodeString(body, start + 1, end - 1)
    case 'null':
      return null
    case 'boolean':
      return body[start] === 0x74
    default:
      return JSON.parse(body.toString('utf8', start, end)) as unknown
  }
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
