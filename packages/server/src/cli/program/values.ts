import { InvalidArgumentError } from 'commander'

/** Readers for what stands behind a flag. */

export function parsePort(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('Expected a port from 0 to 65535.')
  return port
}

export function parseNumber(text: string): number {
  const number = Number(text)
  if (text.trim() === '' || !Number.isFinite(number) || number < 0)
    throw new InvalidArgumentError('Expected a number that is not negative.')
  return number
}

/** A JSON object; the example is said when it is none. */
export function parseObject(example: string): (text: string) => Record<string, unknown> {
  return (text) => {
    try {
      const value: unknown = JSON.parse(text)
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
    } catch {
      // Said below.
    }
    throw new InvalidArgumentError(`Expected a JSON object, for example ${example}.`)
  }
}
