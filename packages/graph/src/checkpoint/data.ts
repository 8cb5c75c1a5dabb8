import type { Commit } from './checkpointer.ts'
import { saverFailure } from './failures.ts'

/** Levels of nesting that a value may have. More is a cycle, or a mistake. */
export const MAX_DEPTH = 500

/** How a saver keeps instances of a class that it does not know: as data, under a tag. */
export interface Codec<Value extends object = object> {
  /** Names the class in what is stored. Choose one and keep it. */
  readonly tag: string
  /** Whether a value is an instance of it. */
  readonly test: (value: object) => boolean
  /** The data that an instance stands for. */
  readonly encode: (value: Value) => unknown
  /** The instance that data stands for. The data may be anything: check it. */
  readonly decode: (data: unknown) => unknown
}

/** What an object is to a saver. */
export type ObjectKind =
  | 'record'
  | 'array'
  | 'date'
  | 'map'
  | 'set'
  | 'bytes'
  | 'error'
  | 'regexp'
  | 'url'
  | 'langchain'
  | 'other'

const KINDS: Readonly<Record<string, ObjectKind>> = {
  '[object Date]': 'date',
  '[object Map]': 'map',
  '[object Set]': 'set',
  '[object ArrayBuffer]': 'bytes',
  '[object Error]': 'error',
  '[object RegExp]': 'regexp',
}

const dataClasses = new WeakMap<object, boolean>()

/**
 * Whether instances of a prototype are nothing but their fields: no method and no accessor could be missed when they
 * come back as plain objects.
 */
function isDataPrototype(prototype: object): boolean {
  const known = dataClasses.get(prototype)
  if (known !== undefined) return known
  const parent = Object.getPrototypeOf(prototype) as object | null
  const isRoot = parent === null && Object.hasOwn(prototype, 'isPrototypeOf')
  const answer =
    isRoot ||
    (Reflect.ownKeys(prototype).every((key) => key === 'constructor') &&
      (parent === null || isDataPrototype(parent)))
  dataClasses.set(prototype, answer)
  return answer
}

/** Says what an object is, also when it comes from another realm. */
export function kindOf(value: object): ObjectKind {
  if (Array.isArray(value)) return 'array'
  const prototype = Object.getPrototypeOf(value) as object | null
  if (prototype === null || prototype === Object.prototype) return 'record'
  if (ArrayBuffer.isView(value)) return isBytesName(viewName(value)) ? 'bytes' : 'other'
  const kind = KINDS[Object.prototype.toString.call(value)]
  if (kind !== undefined) return kind
  if (value instanceof Error) return 'error'
  if (value instanceof URL) return 'url'
  if (isLangChain(value)) return 'langchain'
  // A `Send` and its kind are recognised by this field, whatever class they have.
  if (typeof (value as { lg_name?: unknown }).lg_name === 'string') return 'record'
  return isDataPrototype(prototype) ? 'record' : 'other'
}

/** Whether an object is an instance of one of LangChain's classes that write themselves as data. */
function isLangChain(value: object): value is { toJSON: () => unknown } {
  const { lc_namespace: namespace, toJSON } = value as { lc_namespace?: unknown; toJSON?: unknown }
  return Array.isArray(namespace) && typeof toJSON === 'function'
}

/** Thrown on the way: the place is looked for afterwards, so that nothing is spent on it while all is well. */
export class Unstorable extends Error {}

/** What keeps a value from being stored, or `undefined`. Looks at the value itself, not at what it holds. */
function fault(value: unknown, codecs: readonly Codec[]): string | undefined {
  if (typeof value === 'function') return value.name === '' ? 'a function' : `the function ${value.name}`
  if (typeof value === 'symbol') return 'a symbol'
  if (typeof value !== 'object' || value === null) return undefined
  if (codecs.some((codec) => codec.test(value)) || kindOf(value) !== 'other') return undefined
  const name = (value.constructor as { name?: unknown } | undefined)?.name
  return typeof name === 'string' && name !== '' ? `an instance of ${name}` : 'an instance of a class'
}

/** What a value holds, with the way to each part. */
function partsOf(value: object): Iterable<readonly [string, unknown]> {
  switch (kindOf(value)) {
    case 'array':
      return (value as unknown[]).map((item, index) => [`[${index}]`, item] as const)
    case 'map':
      return [...(value as Map<unknown, unknown>)].flatMap(([key, item], index) => [
        [`<key ${index}>`, key] as const,
        [`.get(${typeof key === 'string' ? JSON.stringify(key) : String(index)})`, item] as const,
      ])
    case 'set':
      return [...(value as Set<unknown>)].map((item, index) => [`<item ${index}>`, item] as const)
    case 'bytes':
    case 'date':
    case 'url':
    case 'regexp':
      return []
    default:
      return Object.entries(value).map(
        ([key, item]) =>
          [/^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`, item] as const,
      )
  }
}

/** The first part that cannot be stored: where it is, and what. */
function locate(
  value: unknown,
  path: string,
  codecs: readonly Codec[],
  above: readonly object[],
): { path: string; what: string; isKey?: true } | undefined {
  const what = fault(value, codecs)
  if (what !== undefined) return { path, what }
  if (typeof value !== 'object' || value === null) return undefined
  const codec = codecs.find((candidate) => candidate.test(value))
  if (codec !== undefined) return locate(codec.encode(value), path, codecs, above)
  if (above.includes(value)) return { path, what: 'an object that contains itself' }
  if (above.length >= MAX_DEPTH) return { path, what: `more than ${MAX_DEPTH} levels of nesting` }
  if (kindOf(value) === 'record' && Object.hasOwn(value, '__proto__'))
    return { path: `${path}["__proto__"]`, what: 'a key named "__proto__"', isKey: true }
  const inside = [...above, value]
  for (const [step, part] of partsOf(value)) {
    const found = locate(part, path + step, codecs, inside)
    if (found !== undefined) return found
  }
  return undefined
}

/** The error for a value that could not be stored. `path` names the value, for example its state key. */
export function unstorable(value: unknown, path: string, codecs: readonly Codec[], cause: unknown): Error {
  const found = locate(value, path, codecs, [])
  if (found === undefined)
    return saverFailure('state_not_serializable', `The value of "${path}" cannot be stored.`, cause)
  if (found.isKey === true)
    return saverFailure('invalid_state_key', `The state holds ${found.what} at ${found.path}.`)
  return saverFailure(
    'state_not_serializable',
    `The state holds ${found.what} at ${found.path}, which cannot be stored.`,
  )
}

/** Makes a deep copy of a value, or throws `state_not_serializable` with the way to what is no data. */
export type Copy = <Value>(value: Value, path: string) => Value

/** A copier of the values that every saver accepts. What it accepts, the other savers can write down. */
export function dataCopier(codecs: readonly Codec[] = []): Copy {
  return <Value>(value: Value, path: string): Value => {
    const type = typeof value
    if ((type !== 'object' || value === null) && type !== 'function' && type !== 'symbol') return value
    try {
      return copied(value, 0, codecs) as Value
    } catch (error) {
      if (error instanceof Unstorable || error instanceof RangeError)
        throw unstorable(value, path, codecs, error)
      throw error
    }
  }
}

// The functions below are no closures, so that what the engine learns about them serves every saver.

function copied(value: unknown, depth: number, codecs: readonly Codec[]): unknown {
  if (typeof value !== 'object' || value === null) {
    if (typeof value === 'function' || typeof value === 'symbol') throw new Unstorable()
    return value
  }
  if (depth > MAX_DEPTH) throw new Unstorable()
  if (Array.isArray(value)) return copiedItems(value, depth, codecs)
  if (Object.getPrototypeOf(value) === Object.prototype) return copyFields({ ...value }, depth, codecs)
  return copiedObject(value, depth, codecs)
}

function copiedItems(items: readonly unknown[], depth: number, codecs: readonly Codec[]): unknown[] {
  const copies: unknown[] = []
  for (const item of items) copies.push(copied(item, depth + 1, codecs))
  return copies
}

/** Replaces each field by its copy, in an object that is a copy already. */
function copyFields(
  fields: Record<string, unknown>,
  depth: number,
  codecs: readonly Codec[],
): Record<string, unknown> {
  for (const key in fields) {
    const field = fields[key]
    const type = typeof field
    if (key === '__proto__' || type === 'function' || type === 'symbol') throw new Unstorable()
    if (type === 'object' && field !== null) fields[key] = copied(field, depth + 1, codecs)
  }
  return fields
}

function copiedObject(value: object, depth: number, codecs: readonly Codec[]): unknown {
  const inner = (part: unknown): unknown => copied(part, depth + 1, codecs)
  const codec = codecs.find((candidate) => candidate.test(value))
  if (codec !== undefined) return codec.decode(inner(codec.encode(value)))
  const kind = kindOf(value)
  switch (kind) {
    case 'array':
    case 'other':
      throw new Unstorable()
    case 'record':
      return copyFields({ ...value }, depth, codecs)
    case 'langchain': {
      // In memory an instance can stay one: its prototype is at hand.
      const prototype = Object.getPrototypeOf(value) as object
      return copyFields(
        Object.assign(Object.create(prototype) as Record<string, unknown>, value),
        depth,
        codecs,
      )
    }
    case 'map':
      return new Map([...(value as Map<unknown, unknown>)].map(([key, item]) => [inner(key), inner(item)]))
    case 'set':
      return new Set([...(value as Set<unknown>)].map(inner))
    case 'error':
      return errorOf(errorParts(value as Error, inner))
    default:
      return copiedLeaf(kind, value)
  }
}

/** A commit that shares nothing with its caller, for savers that have to wait before they can write it down. */
export function copiedCommit(commit: Commit, copy: Copy): Commit {
  return {
    ...commit,
    metadata: copy(commit.metadata, 'metadata'),
    changes: commit.changes.map((change) =>
      change.type === 'cleared' ? change : { ...change, value: copy(change.value, change.channel) as never },
    ),
    writes: commit.writes?.map((task) => ({
      ...task,
      writes: task.writes.map(([channel, value]) => [channel, copy(value, channel)]),
    })),
  }
}

/** Copies what holds no other values. */
function copiedLeaf(kind: 'date' | 'bytes' | 'regexp' | 'url', value: object): object {
  switch (kind) {
    case 'date':
      return new Date((value as Date).getTime())
    case 'regexp':
      return new RegExp((value as RegExp).source, (value as RegExp).flags)
    case 'url':
      return new URL((value as URL).href)
    case 'bytes':
      return bytesNamed(bytesName(value), viewed(value).slice().buffer)
  }
}

/** The parts of an error that are kept. Its stack is not: it names files of the machine it was thrown on. */
export interface ErrorParts {
  name: string
  message: string
  cause?: unknown
  fields?: Record<string, unknown>
}

/** Takes an error apart. A cause or field that cannot be stored is dropped: an error is a report, not state. */
export function errorParts(error: Error, keep: (part: unknown) => unknown): ErrorParts {
  const parts: ErrorParts = { name: String(error.name), message: String(error.message) }
  if (error.cause !== undefined) {
    const cause = kept(error.cause, keep)
    if (cause !== undefined) parts.cause = cause.value
  }
  const fields: Record<string, unknown> = {}
  for (const [key, field] of Object.entries(error)) {
    if (key === 'name' || key === 'message' || key === 'cause' || key === '__proto__') continue
    const copied = kept(field, keep)
    if (copied !== undefined) fields[key] = copied.value
  }
  if (Object.keys(fields).length > 0) parts.fields = fields
  return parts
}

function kept(value: unknown, keep: (part: unknown) => unknown): { value: unknown } | undefined {
  try {
    return { value: keep(value) }
  } catch (error) {
    if (error instanceof Unstorable) return undefined
    throw error
  }
}

/** An error of the base class: which class it had is told by its name. */
export function errorOf(parts: ErrorParts): Error {
  const error = new Error(parts.message, 'cause' in parts ? { cause: parts.cause } : undefined)
  Object.defineProperty(error, 'name', { value: parts.name, configurable: true, writable: true })
  Object.defineProperty(error, 'stack', {
    value: `${parts.name}: ${parts.message}`,
    configurable: true,
    writable: true,
  })
  for (const [key, field] of Object.entries(parts.fields ?? {}))
    Object.defineProperty(error, key, { value: field, configurable: true, writable: true, enumerable: true })
  return error
}

type TypedArray = new (buffer: ArrayBuffer) => object

const VIEWS = {
  Uint8Array,
  Int8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
} as const satisfies Readonly<Record<string, TypedArray>>

/** The views and buffers of bytes that are kept. */
export type BytesName =
  | 'ArrayBuffer'
  | 'Uint8Array'
  | 'Int8Array'
  | 'Uint8ClampedArray'
  | 'Int16Array'
  | 'Uint16Array'
  | 'Int32Array'
  | 'Uint32Array'
  | 'Float32Array'
  | 'Float64Array'
  | 'BigInt64Array'
  | 'BigUint64Array'

/** What a view says it is; a `Buffer` says `Uint8Array`. */
function viewName(view: ArrayBufferView): unknown {
  return Symbol.toStringTag in view ? view[Symbol.toStringTag] : undefined
}

/** The name under which bytes are kept. */
export function bytesName(value: object): BytesName {
  const name = ArrayBuffer.isView(value) ? viewName(value) : 'ArrayBuffer'
  return isBytesName(name) ? name : 'Uint8Array'
}

/** Whether a name is one of bytes that are kept. */
export function isBytesName(name: unknown): name is BytesName {
  return name === 'ArrayBuffer' || (typeof name === 'string' && Object.hasOwn(VIEWS, name))
}

/** Bytes as the view of a name. */
export function bytesNamed(name: BytesName, buffer: ArrayBuffer): object {
  return name === 'ArrayBuffer' ? buffer : new VIEWS[name](buffer)
}

/** The bytes that a view or buffer covers. */
export function viewed(value: object): Uint8Array<ArrayBuffer> {
  return ArrayBuffer.isView(value)
    ? new Uint8Array(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength)
    : new Uint8Array(value as ArrayBuffer)
}
