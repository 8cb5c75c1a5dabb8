import { hash } from 'node:crypto'

/** Keys of requests that were asked before, by their bytes: writing a body in canonical form costs more than the rest of a hit. */
export interface KnownKeys {
  /** @param place everything but the body that bears on the key. */
  readonly keyOf: (place: string, body: Buffer, make: () => string) => string
}

const MAX_KEYS = 1_000
/** Longer bodies are remembered by their hash. */
const MAX_TEXT_BYTES = 2 * 1024

export function createKnownKeys(): KnownKeys {
  const keys = new Map<string, string>()
  return {
    keyOf: (place, body, make) => {
      const text = body.length <= MAX_TEXT_BYTES ? body.toString('latin1') : hash('sha256', body, 'base64')
      const name = `${place}\n${body.length} ${text}`
      const known = keys.get(name)
      if (known !== undefined) return known
      const key = make()
      if (keys.size >= MAX_KEYS) for (const oldest of keys.keys()) if (keys.delete(oldest)) break
      keys.set(name, key)
      return key
    },
  }
}
