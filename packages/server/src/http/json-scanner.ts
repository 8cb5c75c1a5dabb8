import { BodyError } from './body-error.ts'
import { decodeString, hexDigit, skipPlain, skipPrintable, wordsOf } from './json-string.ts'

/** Where a member of the root object lies: its name between the quotes, then its value. */
export interface RootMember {
  keyStart: number
  keyEnd: number
  /** Of the name, as `KnownNames` has it. */
  keyHash: number
  start: number
  end: number
  /** Members or elements of the value. */
  count: number
}

/** Names of an object seen so far are compared one by one up to here; beyond, a Set is cheaper. */
const FEW_KEYS = 16
/** Bytes of a string looked at one by one before anything quicker pays. */
const SHORT_STRING = 16
/** Bytes looked at word by word before a native search pays. */
const WORDWISE = 256
const LONGEST_PATH = 200
const PROTO = '__proto__'
const PROTO_HASH = hashBytes(Buffer.from(PROTO))

/** Names of the objects that are open at the moment: hash, start, end each. Used within one run only. */
const openKeys: number[] = []

/** Names to look out for, as the scanner compares them. A name of the same hash counts, too: that is rare and harmless. */
export type KeyWatch = ReadonlySet<number>

export function watchKeys(names: readonly string[]): KeyWatch {
  return new Set(names.map((name) => hashBytes(Buffer.from(name))))
}

/** Names that are likely to come, by their hash: a name that is met again needs no new string. */
export type KnownNames = ReadonlyMap<number, string>

export function knownNames(names: Iterable<string>): KnownNames {
  return new Map([...names].map((name) => [hashBytes(Buffer.from(name)), name]))
}

/** One run over the bytes of one JSON object. Throws BodyError at the first thing that is wrong. */
export class JsonScanner {
  readonly members: RootMember[] = []
  readonly #body: Buffer
  readonly #maxDepth: number
  readonly #maxKeys: number
  readonly #lenient: boolean
  readonly #watch: KeyWatch | undefined
  /** Whether one of the watched names has been met, at any depth. */
  sawWatched = false
  /** Per depth, where we are: offset of the name in an object, -1 - index in an array. */
  readonly #place: number[] = [0]
  #keys = 0
  /** Members of the value that was read last. */
  #count = 0
  /** Of the name that was read last: equal for equal names however they are escaped. */
  #hash = 0
  /** End of `openKeys`. */
  #top = 0
  /** Offset of the next quote and backslash, as far as they were searched for; -1 before that. */
  #quote = -1
  #backslash = -1
  #words: Int32Array | undefined

  constructor(body: Buffer, maxDepth: number, maxKeys: number, lenient: boolean, watch?: KeyWatch) {
    this.#watch = watch
    this.#body = body
    this.#maxDepth = maxDepth
    this.#maxKeys = maxKeys
    this.#lenient = lenient
  }

  run(): { start: number; end: number } {
    const body = this.#body
    const bom = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0
    const start = this.#space(bom)
    if (start >= body.length) throw new BodyError('invalid_body', 'The request body is empty.')
    const end = this.#value(start, 0)
    const rest = this.#space(end)
    if (rest < body.length) this.#refuse(rest)
    if (body[start] !== 0x7b) throw new BodyError('invalid_body', 'The request body must be a JSON object.')
    return { start, end }
  }

  /** Reads the value that starts at `at`; answers its end. */
  #value(at: number, depth: number): number {
    switch (this.#body[at]) {
      case 0x22:
        return this.#string(at + 1) + 1
      case 0x7b:
        return this.#object(at + 1, depth + 1)
      case 0x5b:
        return this.#array(at + 1, depth + 1)
      case 0x74:
        return this.#literal(at, 'true')
      case 0x66:
        return this.#literal(at, 'false')
      case 0x6e:
        return this.#literal(at, 'null')
      default:
        return this.#number(at)
    }
  }

  #object(inside: number, depth: number): number {
    const body = this.#body
    const base = this.#top
    let names: Set<string> | undefined
    let count = 0
    if (depth > this.#maxDepth) this.#tooDeep(inside - 1)
    let at = this.#space(inside)
    if (body[at] === 0x7d) {
      this.#count = 0
      return at + 1
    }
    for (;;) {
      if (body[at] !== 0x22) this.#refuse(at)
      const keyStart = at + 1
      const keyEnd = this.#key(keyStart)
      this.#place[depth] = keyStart
      this.#keys += 1
      if (this.#keys > this.#maxKeys) this.#tooManyKeys()
      if (this.#watch?.has(this.#hash) === true) this.sawWatched = true
      if (!this.#lenient) names = this.#name(keyStart, keyEnd, base, names, depth)

      at = this.#space(keyEnd + 1)
      if (body[at] !== 0x3a) this.#refuse(at)
      const start = this.#space(at + 1)
      const keyHash = this.#hash
      this.#count = 0
      const end = this.#value(start, depth)
      if (depth === 1) this.members.push({ keyStart, keyEnd, keyHash, start, end, count: this.#count })
      count += 1

      at = this.#space(end)
      const next = body[at]
      if (next === 0x7d) break
      if (next !== 0x2c) this.#refuse(at)
      at = this.#space(at + 1)
    }
    this.#top = base
    this.#count = count
    return at + 1
  }

  #array(inside: number, depth: number): number {
    const body = this.#body
    let count = 0
    if (depth > this.#maxDepth) this.#tooDeep(inside - 1)
    let at = this.#space(inside)
    if (body[at] === 0x5d) {
      this.#count = 0
      return at + 1
    }
    for (;;) {
      this.#place[depth] = -1 - count
      at = this.#space(this.#value(at, depth))
      count += 1
      const next = body[at]
      if (next === 0x5d) break
      if (next !== 0x2c) this.#refuse(at)
      at = this.#space(at + 1)
    }
    this.#count = count
    return at + 1
  }

  /** Reads a name from behind its opening quote; answers where the closing one is. */
  #key(start: number): number {
    const body = this.#body
    let hash = 0
    for (let at = start; ; at += 1) {
      const byte = body[at] ?? 0
      if (byte === 0x22) {
        this.#hash = hash
        return at
      }
      if (byte === 0x5c) break
      if (byte < 0x20) this.#refuse(at)
      hash = (Math.imul(hash, 31) + byte) | 0
    }
    const end = this.#string(start)
    this.#hash = hashBytes(Buffer.from(decodeString(body, start, end)))
    return end
  }

  /** Notes a name of the object whose names start at `base`; answers the Set once there are many. */
  #name(start: number, end: number, base: number, names: Set<string> | undefined, depth: number) {
    const body = this.#body
    const hash = this.#hash
    if (hash === PROTO_HASH && decodeString(body, start, end) === PROTO) {
      throw new BodyError('invalid_key', 'A member must not be called __proto__.', this.#path(depth))
    }
    if (names === undefined) {
      const top = this.#top
      for (let other = base; other < top; other += 3) {
        if (openKeys[other] !== hash) continue
        if (sameKey(body, openKeys[other + 1] ?? 0, openKeys[other + 2] ?? 0, start, end)) {
          this.#duplicate(depth)
        }
      }
      if (top - base < FEW_KEYS * 3) {
        openKeys[top] = hash
        openKeys[top + 1] = start
        openKeys[top + 2] = end
        this.#top = top + 3
        return undefined
      }
      names = new Set()
      for (let other = base; other < top; other += 3) {
        names.add(decodeString(body, openKeys[other + 1] ?? 0, openKeys[other + 2] ?? 0))
      }
    }
    const size = names.size
    if (names.add(decodeString(body, start, end)).size === size) this.#duplicate(depth)
    return names
  }

  /** Reads a string from behind its opening quote; answers where the closing one is. */
  #string(start: number): number {
    const body = this.#body
    const near = Math.min(start + SHORT_STRING, body.length)
    let at = start
    while (at < near) {
      const byte = body[at] ?? 0
      if (byte === 0x22) return at
      if (byte === 0x5c) at = this.#escape(at)
      else if (byte < 0x20) this.#refuse(at)
      else at += 1
    }
    return this.#longString(at)
  }

  /** By words while something is likely to come soon, then by native search, which costs more to call. */
  #longString(start: number): number {
    const body = this.#body
    const words = (this.#words ??= wordsOf(body))
    let at = start
    for (;;) {
      const limit = Math.min(at + WORDWISE, body.length)
      at = skipPlain(body, words, at, limit)
      if (at === limit) at = this.#searchSpecial(at, words)
      const byte = body[at]
      if (byte === 0x22) return at
      if (byte !== 0x5c) this.#refuse(at)
      at = this.#escape(at)
    }
  }

  /** Where the next quote or backslash is, or an earlier control character. */
  #searchSpecial(at: number, words: Int32Array): number {
    const body = this.#body
    if (this.#quote < at) this.#quote = indexOfByte(body, 0x22, at)
    if (this.#backslash < at) this.#backslash = indexOfByte(body, 0x5c, at)
    return skipPrintable(body, words, at, Math.min(this.#quote, this.#backslash))
  }

  /** Reads the escape whose backslash is at `at`, both halves of a surrogate pair; answers its end. */
  #escape(at: number): number {
    const body = this.#body
    switch (body[at + 1]) {
      case 0x22:
      case 0x5c:
      case 0x2f:
      case 0x62:
      case 0x66:
      case 0x6e:
      case 0x72:
      case 0x74:
        return at + 2
      case 0x75:
        break
      default:
        this.#refuse(at + 1)
    }
    const unit = this.#codeUnit(at)
    if (this.#lenient || unit < 0xd800 || unit > 0xdfff) return at + 6
    if (unit < 0xdc00 && body[at + 6] === 0x5c && body[at + 7] === 0x75) {
      const low = this.#codeUnit(at + 6)
      if (low >= 0xdc00 && low <= 0xdfff) return at + 12
    }
    throw new BodyError('invalid_unicode', `The request body has half a surrogate pair at byte ${at}.`)
  }

  #codeUnit(at: number): number {
    let unit = 0
    for (let index = at + 2; index < at + 6; index += 1) {
      const digit = hexDigit(this.#body[index])
      if (digit < 0) this.#refuse(index)
      unit = unit * 16 + digit
    }
    return unit
  }

  #number(start: number): number {
    const body = this.#body
    let at = body[start] === 0x2d ? start + 1 : start
    at = body[at] === 0x30 ? at + 1 : this.#digits(at)
    if (body[at] === 0x2e) at = this.#digits(at + 1)
    if (((body[at] ?? 0) | 0x20) === 0x65) {
      at += 1
      if (body[at] === 0x2b || body[at] === 0x2d) at += 1
      at = this.#digits(at)
    }
    return at
  }

  /** One digit or more. */
  #digits(start: number): number {
    let at = start
    while (isDigit(this.#body[at])) at += 1
    if (at === start) this.#refuse(at)
    return at
  }

  #literal(start: number, word: string): number {
    for (let index = 0; index < word.length; index += 1) {
      if (this.#body[start + index] !== word.charCodeAt(index)) this.#refuse(start + index)
    }
    return start + word.length
  }

  /** Skips white space. */
  #space(start: number): number {
    const body = this.#body
    let at = start
    for (;;) {
      const byte = body[at] ?? 0x21
      if (byte > 0x20 || (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) return at
      at += 1
    }
  }

  #refuse(at: number): never {
    const what = at < this.#body.length ? 'goes wrong at' : 'ends too early, at'
    throw new BodyError('invalid_json', `The request body is not valid JSON: it ${what} byte ${at}.`)
  }

  #tooDeep(at: number): never {
    throw new BodyError(
      'json_too_deep',
      `The request body is nested deeper than ${this.#maxDepth} levels, at byte ${at}.`,
    )
  }

  #tooManyKeys(): never {
    throw new BodyError('limit_exceeded', `The request body has more than ${this.#maxKeys} members.`)
  }

  #duplicate(depth: number): never {
    const path = this.#path(depth)
    throw new BodyError('duplicate_key', `The request body says ${path} twice.`, path)
  }

  /** Where we are: `messages[0].content`. */
  #path(depth: number): string {
    let path = ''
    for (const place of this.#place.slice(1, depth + 1)) {
      if (place < 0) path += `[${-1 - place}]`
      else path += (path && '.') + this.#nameAt(place)
    }
    return path.length > LONGEST_PATH ? `${path.slice(0, LONGEST_PATH)}…` : path
  }

  /** Goes back to a name already read, which what was searched ahead knows nothing of. */
  #nameAt(start: number): string {
    this.#quote = -1
    this.#backslash = -1
    return decodeString(this.#body, start, this.#string(start))
  }
}

/** Offset of the next such byte; the length where there is none. */
function indexOfByte(body: Buffer, byte: number, from: number): number {
  const found = body.indexOf(byte, from)
  return found < 0 ? body.length : found
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39
}

function hashBytes(bytes: Buffer): number {
  let hash = 0
  for (const byte of bytes) hash = (Math.imul(hash, 31) + byte) | 0
  return hash
}

/** Byte by byte, for names differ early; only escaped ones have to be decoded to be compared. */
function sameKey(body: Buffer, start: number, end: number, otherStart: number, otherEnd: number): boolean {
  const sameLength = end - start === otherEnd - otherStart
  let at = start
  if (sameLength) while (at < end && body[at] === body[otherStart + at - start]) at += 1
  if (sameLength && at === end) return true
  const escaped = includesBackslash(body, start, end) || includesBackslash(body, otherStart, otherEnd)
  return escaped && decodeString(body, start, end) === decodeString(body, otherStart, otherEnd)
}

function includesBackslash(body: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (body[at] === 0x5c) return true
  return false
}
