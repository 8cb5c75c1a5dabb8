import { DURATION_FORM, parseDuration } from '../policy/duration.ts'

/** A row of one of LiteLLM's tables, as PostgreSQL writes it in JSON. */
export type LitellmRow = Readonly<Record<string, unknown>>

export type JsonMap = Readonly<Record<string, unknown>>

/**
 * Reads the columns of one row, whichever release wrote it: a column that is missing is as good as empty. What is in
 * a form that nobody understands is left out and told, and so is what nobody asked for.
 */
export class Columns {
  readonly #row: LitellmRow
  readonly #read = new Set<string>()
  readonly #problems: string[] = []

  constructor(row: LitellmRow) {
    this.#row = row
  }

  /** What is wrong with single fields; the row is usable without them. */
  get problems(): readonly string[] {
    return this.#problems
  }

  /** Columns that say something and that nobody read. */
  get unread(): readonly string[] {
    return Object.keys(this.#row).filter((name) => !this.#read.has(name) && saysSomething(this.#row[name]))
  }

  text(name: string): string | undefined {
    return this.#as(name, 'a text', (value) => (typeof value === 'string' ? value : undefined))
  }

  /** US dollars. */
  usd(name: string): number | undefined {
    return this.#as(name, 'an amount that is not negative', (value) => (isAmount(value) ? value : undefined))
  }

  count(name: string): number | undefined {
    return this.#as(name, 'a whole number', (value) =>
      isAmount(value) && Number.isSafeInteger(value) ? value : undefined,
    )
  }

  flag(name: string): boolean | undefined {
    return this.#as(name, 'true or false', (value) => (typeof value === 'boolean' ? value : undefined))
  }

  duration(name: string): string | undefined {
    return this.#as(name, DURATION_FORM, durationOf)
  }

  /** Unix time. PostgreSQL gives LiteLLM's times without a zone: they are UTC. */
  timeMs(name: string): number | undefined {
    return this.#as(name, 'a time', (value) => {
      const text = String(value)
      const timeMs = Date.parse(/(?:Z|[+-]\d{2}:?\d{2})$/.test(text) ? text : `${text}Z`)
      return Number.isNaN(timeMs) ? undefined : timeMs
    })
  }

  texts(name: string): readonly string[] | undefined {
    return this.#as(name, 'a list of texts', (value) => {
      const list = decoded(value)
      return Array.isArray(list) && list.every((entry) => typeof entry === 'string') ? list : undefined
    })
  }

  list(name: string): readonly unknown[] | undefined {
    return this.#as(name, 'a list', (value) => {
      const list = decoded(value)
      return Array.isArray(list) ? list : undefined
    })
  }

  map(name: string): JsonMap | undefined {
    return this.#as(name, 'an object', (value) => {
      const map = decoded(value)
      return isMap(map) ? map : undefined
    })
  }

  /** An object whose values are texts. */
  names(name: string): Readonly<Record<string, string>> | undefined {
    return this.#as(name, 'an object of texts', (value) => {
      const map = decoded(value)
      return isMap(map) && Object.values(map).every((text) => typeof text === 'string')
        ? (map as Record<string, string>)
        : undefined
    })
  }

  /** Takes note of a field that cannot be taken over. */
  refuse(name: string, why: string): void {
    this.#problems.push(`${name}: ${why}`)
  }

  #as<T>(name: string, expected: string, read: (value: unknown) => T | undefined): T | undefined {
    this.#read.add(name)
    const value = this.#row[name]
    if (isEmpty(value)) return undefined
    const found = read(value)
    if (found === undefined) this.refuse(name, `expected ${expected}`)
    return found
  }
}

export function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isAmount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

export function durationOf(value: unknown): string | undefined {
  return typeof value === 'string' && parseDuration(value) !== undefined ? value : undefined
}

/** What LiteLLM writes where nothing is set. */
function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === '{}' || value === '[]') return true
  return typeof value === 'object' && Object.keys(value).length === 0
}

/** A count of nothing and a flag that is down say nothing either, where nobody asks for them. */
function saysSomething(value: unknown): boolean {
  return !isEmpty(value) && value !== false && value !== 0
}

/** Some releases wrote JSON into JSON columns as a text. */
function decoded(value: unknown): unknown {
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}
