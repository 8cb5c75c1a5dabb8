import {
  bytesName,
  bytesNamed,
  errorOf,
  errorParts,
  isBytesName,
  kindOf,
  MAX_DEPTH,
  Unstorable,
  unstorable,
  viewed,
} from './data.ts'
import type { Codec, ErrorParts } from './data.ts'
import { saverFailure } from './failures.ts'
import { plainFromLangChain } from './langchain.ts'

/** The key that marks what JSON has no form for. Objects of users that hold it are escaped. */
const TAG = '$type'
/** First character of a text that holds tags. No JSON begins with it. */
const TAGGED = '~'
/** First character of a text that a cipher closed. */
const SEALED = '!'

/** Keeps what is stored from being read or changed. Both ways are synchronous; `aesCipher` is one. */
export interface Cipher {
  seal(text: string): string
  /** Throws for what it did not seal. */
  open(sealed: string): string
}

export interface SerdeOptions {
  /** Classes of your own. Without one, an instance of a class with methods cannot be stored. */
  readonly codecs?: readonly Codec[] | undefined
  /** What is given back for the stored form of LangChain's instances; plain messages unless given. */
  readonly revive?: ((data: unknown) => unknown) | undefined
  readonly cipher?: Cipher | undefined
}

/** Values as texts and back. */
export interface Serde {
  /**
   * @param path names the value in errors, for example its state key
   * @throws state_not_serializable with the way to what is no data
   */
  encode(value: unknown, path: string): string
  /** @throws checkpoint_corrupt for a text that `encode` did not make */
  decode(text: string): unknown
}

/**
 * Writes values as JSON, and with tags what JSON has no form for: `undefined`, `NaN`, infinities, `-0`, bigints, dates,
 * maps, sets, bytes, errors, regular expressions and URLs. The set is closed: nothing that is stored can name a class
 * to be made or a function to be called.
 */
export function dataSerde(options: SerdeOptions = {}): Serde {
  const { codecs = [], revive = plainFromLangChain, cipher } = options

  function tagged(value: unknown, depth: number): unknown {
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return value
      case 'number':
        return Number.isFinite(value) && !Object.is(value, -0)
          ? value
          : { [TAG]: 'number', value: Object.is(value, -0) ? '-0' : String(value) }
      case 'undefined':
        return { [TAG]: 'undefined' }
      case 'bigint':
        return { [TAG]: 'bigint', value: value.toString() }
      case 'object':
        return value === null ? null : taggedObject(value, depth)
      default:
        throw new Unstorable()
    }
  }

  function taggedObject(value: object, depth: number): unknown {
    if (depth > MAX_DEPTH) throw new Unstorable()
    const inner = (part: unknown): unknown => tagged(part, depth + 1)
    const codec = codecs.find((candidate) => candidate.test(value))
    if (codec !== undefined) return { [TAG]: 'codec', name: codec.tag, value: inner(codec.encode(value)) }
    switch (kindOf(value)) {
      case 'array':
        return Array.from(value as unknown[], inner)
      case 'record':
        return taggedRecord(value as Record<string, unknown>, inner)
      case 'date': {
        const time = (value as Date).getTime()
        return { [TAG]: 'date', value: Number.isNaN(time) ? null : time }
      }
      case 'map':
        return { [TAG]: 'map', value: [...(value as Map<unknown, unknown>)].map((entry) => entry.map(inner)) }
      case 'set':
        return { [TAG]: 'set', value: [...(value as Set<unknown>)].map(inner) }
      case 'bytes':
        return { [TAG]: 'bytes', name: bytesName(value), value: toBase64(viewed(value)) }
      case 'error': {
        const parts: ErrorParts = errorParts(value as Error, inner)
        return { [TAG]: 'error', ...parts }
      }
      case 'regexp':
        return { [TAG]: 'regexp', value: (value as RegExp).source, flags: (value as RegExp).flags }
      case 'url':
        return { [TAG]: 'url', value: (value as URL).href }
      case 'langchain':
        return { [TAG]: 'langchain', value: inner((value as { toJSON: () => unknown }).toJSON()) }
      case 'other':
        throw new Unstorable()
    }
  }

  function taggedRecord(record: Record<string, unknown>, inner: (part: unknown) => unknown): object {
    const fields: Record<string, unknown> = {}
    for (const key of Object.keys(record)) {
      if (key === '__proto__') throw new Unstorable()
      fields[key] = inner(record[key])
    }
    return Object.hasOwn(fields, TAG) ? { [TAG]: 'escaped', value: fields } : fields
  }

  function write(value: unknown): string {
    return isJson(value, 0) ? JSON.stringify(value) : TAGGED + JSON.stringify(tagged(value, 0))
  }

  /** Replaces tagged objects by what they stand for, inside a value that was just read and that nobody else has. */
  function revived(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value
    const fields = value as Record<string, unknown>
    return !Array.isArray(fields) && Object.hasOwn(fields, TAG) ? meant(fields) : reviveParts(fields)
  }

  function reviveParts(fields: Record<string, unknown>): unknown {
    for (const key of Object.keys(fields)) {
      const part = fields[key]
      if (typeof part === 'object' && part !== null) fields[key] = revived(part)
    }
    return fields
  }

  function meant(fields: Record<string, unknown>): unknown {
    const { value } = fields
    switch (fields[TAG]) {
      case 'undefined':
        return undefined
      case 'number':
        return Number(text(value))
      case 'bigint':
        return BigInt(text(value))
      case 'date':
        return new Date(value === null ? Number.NaN : Number(value))
      case 'map':
        return new Map(list(value).map((entry) => list(revived(entry)) as [unknown, unknown]))
      case 'set':
        return new Set(list(revived(value)))
      case 'bytes':
        if (!isBytesName(fields['name'])) throw new TypeError('unknown kind of bytes')
        return bytesNamed(fields['name'], fromBase64(text(value)))
      case 'error':
        return revivedError(fields)
      case 'regexp':
        return new RegExp(text(value), text(fields['flags']))
      case 'url':
        return new URL(text(value))
      case 'escaped':
        return reviveParts(record(value))
      case 'langchain':
        return revive(revived(value))
      case 'codec': {
        const codec = codecs.find(({ tag }) => tag === fields['name'])
        if (codec === undefined)
          throw new TypeError(
            `it needs the codec "${String(fields['name'])}", which this saver was not given`,
          )
        return codec.decode(revived(value))
      }
      default:
        throw new TypeError(`unknown tag ${JSON.stringify(fields[TAG])}`)
    }
  }

  function revivedError(fields: Record<string, unknown>): Error {
    const parts: ErrorParts = { name: text(fields['name']), message: text(fields['message']) }
    if ('cause' in fields) parts.cause = revived(fields['cause'])
    if ('fields' in fields) parts.fields = reviveParts(record(fields['fields'])) as Record<string, unknown>
    return errorOf(parts)
  }

  function read(written: string): unknown {
    const isTagged = written.startsWith(TAGGED)
    const value: unknown = JSON.parse(isTagged ? written.slice(1) : written)
    // What we write has no such key; `JSON.parse` would make it an own one, a trap for whoever copies the object. Nor do
    // we write letters as numbers, under which the key could hide.
    if (/__proto__|\\u00[2-7]/.test(written)) refusePrototypes(value)
    return isTagged ? revived(value) : value
  }

  return {
    encode(value, path) {
      try {
        const written = write(value)
        return cipher === undefined ? written : SEALED + cipher.seal(written)
      } catch (error) {
        if (error instanceof Unstorable || error instanceof RangeError)
          throw unstorable(value, path, codecs, error)
        throw error
      }
    },
    decode(stored) {
      try {
        const isSealed = stored.startsWith(SEALED)
        if (isSealed && cipher === undefined) throw new TypeError('it is encrypted and no cipher was given')
        // With a cipher only what it sealed is believed: else whoever can write to the store could leave it out.
        if (!isSealed && cipher !== undefined) throw new TypeError('it is not encrypted')
        return read(isSealed && cipher !== undefined ? cipher.open(stored.slice(1)) : stored)
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        throw saverFailure('checkpoint_corrupt', `A stored value cannot be read: ${reason}.`, error)
      }
    },
  }
}

/** Whether JSON gives a value back as it is, so that it needs no tags. */
function isJson(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
    case 'object':
      break
    default:
      return false
  }
  if (value === null) return true
  if (depth > MAX_DEPTH) throw new Unstorable()
  if (Array.isArray(value)) {
    for (const item of value) if (!isJson(item, depth + 1)) return false
    return true
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return false
  for (const key in value) {
    if (key === TAG || key === '__proto__') return false
    if (!isJson((value as Record<string, unknown>)[key], depth + 1)) return false
  }
  return true
}

function refusePrototypes(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  if (Object.hasOwn(value, '__proto__')) throw new TypeError('it has a key named "__proto__"')
  for (const part of Object.values(value)) refusePrototypes(part)
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('a text was expected')
  return value
}

function list(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new TypeError('a list was expected')
  return value as unknown[]
}

function record(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TypeError('an object was expected')
  return value as Record<string, unknown>
}

function toBase64(bytes: Uint8Array): string {
  let binary = ''
  for (let start = 0; start < bytes.length; start += 0x80_00)
    binary += String.fromCharCode(...bytes.subarray(start, start + 0x80_00))
  return btoa(binary)
}

function fromBase64(encoded: string): ArrayBuffer {
  const binary = atob(encoded)
  const bytes = new Uint8Array(binary.length)
  for (let index = 0; index < binary.length; index += 1) bytes[index] = binary.charCodeAt(index)
  return bytes.buffer
}
