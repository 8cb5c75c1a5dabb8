import { BadRequestError } from '../errors.ts'
import type { Json, JsonObject } from '../types/json.ts'
import { picoUsdFromUsd } from './money.ts'

/** One thing wrong with an entry: `path` is where (`my-model.input_cost_per_token`). */
export interface EntryFinding {
  path: string
  message: string
}

/** An entry in LiteLLM's format that cannot be right. `findings` has every fault, not only the first. */
export class InvalidModelEntryError extends BadRequestError {
  override name: string = 'InvalidModelEntryError'
  readonly findings: readonly EntryFinding[]

  constructor(findings: readonly EntryFinding[]) {
    super({
      code: 'bad_request',
      message: findings.map(({ path, message }) => `${path}: ${message}`).join('; '),
      param: findings[0]?.path,
      reason: 'invalid_value',
    })
    this.findings = findings
  }
}

/** Takes typed fields out of an entry; a field of the wrong type is reported and reads as absent. */
export interface EntryReader {
  text(key: string): string | undefined
  flag(key: string): boolean | undefined
  count(key: string): number | undefined
  /** An amount of USD, as pico-USD. */
  price(key: string): bigint | undefined
  report(key: string, message: string): undefined
  /** Reads an object inside the entry; `key` goes into the path. */
  at(key: string, inner: JsonObject): EntryReader
}

export function createEntryReader(entry: JsonObject, path: string, findings: EntryFinding[]): EntryReader {
  const report = (key: string, message: string): undefined => {
    findings.push({ path: path === '' ? key : `${path}.${key}`, message })
    return undefined
  }
  return {
    report,
    at: (key, inner) => createEntryReader(inner, path === '' ? key : `${path}.${key}`, findings),
    text(key) {
      const value = entry[key] ?? undefined
      if (value === undefined || typeof value === 'string') return value
      return report(key, `must be text, is ${describeJson(value)}`)
    },
    flag(key) {
      const value = entry[key] ?? undefined
      if (value === undefined || typeof value === 'boolean') return value
      return report(key, `must be true or false, is ${describeJson(value)}`)
    },
    count(key) {
      const value = entry[key] ?? undefined
      if (value === undefined) return undefined
      const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
      if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0) return number
      return report(key, `must be a whole number that is not negative, is ${describeJson(value)}`)
    },
    price(key) {
      const value = entry[key] ?? undefined
      if (value === undefined) return undefined
      const picoUsd = tryPicoUsd(value)
      if (picoUsd !== undefined && picoUsd >= 0n) return picoUsd
      return report(key, `must be a price in USD that is not negative, is ${describeJson(value)}`)
    },
  }
}

function tryPicoUsd(value: Json): bigint | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined
  try {
    return picoUsdFromUsd(value)
  } catch {
    return undefined
  }
}

export function describeJson(value: Json): string {
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : (JSON.stringify(value) ?? String(value))
}

export function isJsonObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
