import { z } from 'zod'

/** Which keys a section knows, and which of them only wait for their feature. */
export interface SectionKeys {
  active: readonly string[]
  /** Recognised and kept; the loader says that they are not active yet. */
  accepted: readonly string[]
}

// Every helper takes `null` too: a key with nothing behind it counts as not set, as in LiteLLM.
type Optional<T> = z.ZodType<T | null | undefined>

/** Yes or no; the spellings of environment variables and of YAML 1.1 count too. */
export function flag(): Optional<boolean> {
  return z
    .union(
      [z.boolean(), z.string().regex(/^(true|false|yes|no|on|off|1|0)$/i, 'expected true or false')],
      'expected true or false',
    )
    .transform((value) => (typeof value === 'boolean' ? value : /^(true|yes|on|1)$/i.test(value)))
    .nullish()
}

interface NumberBounds {
  min?: number
  /** The least value itself is not allowed. */
  above?: number
  whole?: boolean
}

/** A number, also as a text of digits (`os.environ/RPM` gives a text; some parsers read `1e-6` as one). */
export function amount(bounds: NumberBounds = {}): Optional<number> {
  const expected = describeNumber(bounds)
  return z
    .union(
      [z.number(), z.string().regex(/^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i, `expected ${expected}`)],
      `expected ${expected}`,
    )
    .transform(Number)
    .refine((value) => fits(value, bounds), `expected ${expected}`)
    .nullish()
}

function describeNumber(bounds: NumberBounds): string {
  const kind = bounds.whole === true ? 'a whole number' : 'a number'
  if (bounds.above !== undefined) return `${kind} above ${bounds.above}`
  return bounds.min === undefined ? kind : `${kind}, at least ${bounds.min}`
}

function fits(value: number, bounds: NumberBounds): boolean {
  if (!Number.isFinite(value) || (bounds.whole === true && !Number.isSafeInteger(value))) return false
  return value >= (bounds.min ?? -Infinity) && value > (bounds.above ?? -Infinity)
}

/** How many: 0, 1, 2 … */
export function count(): Optional<number> {
  return amount({ min: 0, whole: true })
}

/** Seconds, above 0. */
export function seconds(): Optional<number> {
  return amount({ above: 0 })
}

export function text(): Optional<string> {
  return z.string('expected a text').nullish()
}

/** A text that must be there and must not be empty. */
export function requiredText(): z.ZodType<string> {
  return z
    .string({ error: (issue) => (issue.input == null ? 'is required' : 'expected a text') })
    .refine((value) => value.trim() !== '', 'must not be empty')
}

/** An `http://` or `https://` address. Empty counts as not set. */
export function address(): Optional<string> {
  return z
    .string('expected an address')
    .refine(
      (value) => value === '' || isHttpAddress(value),
      'expected an address that starts with http:// or https://',
    )
    .nullish()
}

function isHttpAddress(value: string): boolean {
  if (!/^https?:\/\//i.test(value) || !URL.canParse(value)) return false
  return new URL(value).hostname !== ''
}

/** `30d`, `monthly` … */
export function duration(): Optional<string> {
  return z
    .string('expected a text')
    .regex(
      /^([1-9]\d{0,5}(s|m|h|d|w|mo)|hourly|daily|weekly|monthly)$/,
      'expected a count and a unit, such as 30d, or hourly, daily, weekly or monthly',
    )
    .nullish()
}

export function texts(): Optional<string[]> {
  return z.array(z.string('expected a text'), 'expected a list of texts').nullish()
}

/** One text or a list of them; always a list afterwards. */
export function oneOrMore(): Optional<string[]> {
  return z
    .union([z.string(), z.array(z.string())], 'expected a text or a list of texts')
    .transform((value) => (typeof value === 'string' ? [value] : value))
    .nullish()
}

/** Where a page comes from, as browsers say it: a scheme and a host, and nothing after it. */
export const ORIGIN: RegExp = /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#*,A-Z]+$/

export function choice(options: readonly string[]): Optional<string> {
  return z.enum(options, `expected one of ${options.join(', ')}`).nullish()
}

/** A map with any content. */
export function anyMap(): Optional<Record<string, unknown>> {
  return z.record(z.string(), z.unknown(), 'expected a map').nullish()
}

/** A list with any content. */
export function anyList(): Optional<unknown[]> {
  return z.array(z.unknown(), 'expected a list').nullish()
}

/** Something whose form is checked by the feature that reads it. */
export function anything(): z.ZodType<unknown> {
  return z.unknown().optional()
}

/** Header names and values as HTTP allows them; numbers become texts. */
export function headers(): Optional<Record<string, string>> {
  const value = z
    .union(
      [
        z.string().regex(/^[\t\u0020-\u007e\u0080-\u00ff]*$/, 'expected a header value on one line'),
        z.number(),
        z.boolean(),
      ],
      'expected a header value on one line',
    )
    .transform(String)
  const name = z.string().regex(/^[!#$%&'*+.^_`|~\w-]+$/, 'is not a valid header name')
  return z.record(name, value, 'expected a map of headers').nullish()
}

type Shape = Readonly<Record<string, z.ZodType>>

/** Which keys two groups of fields make known. */
export function sectionKeys(active: Shape, accepted: Shape): SectionKeys {
  return { active: Object.keys(active), accepted: Object.keys(accepted) }
}
