/** What is kept under a key, and since when. Times are Unix milliseconds. */
export interface CacheEntry {
  readonly value: string
  readonly storedMs: number
  /** From then on it is as good as gone; left out: it stays until its room is needed. */
  readonly expiresMs?: number | undefined
}

/** Entries of another form are not read: a cache that forgets is safe, one that guesses is not. */
const VERSION = 'v1'

/** One line that tells the times, then the value as it is. */
export function encodeEntry({ value, storedMs, expiresMs }: CacheEntry): string {
  return `${VERSION} ${storedMs} ${expiresMs ?? '-'}\n${value}`
}

/** `undefined` for what is no entry of this form. */
export function decodeEntry(text: string): CacheEntry | undefined {
  const end = text.indexOf('\n')
  const [, stored, expires] = /^v1 (\d{1,16}) (\d{1,16}|-)$/.exec(text.slice(0, Math.max(0, end))) ?? []
  if (stored === undefined) return undefined
  const entry = { value: text.slice(end + 1), storedMs: Number(stored) }
  return expires === '-' ? entry : { ...entry, expiresMs: Number(expires) }
}

export function isOver({ expiresMs }: CacheEntry, nowMs: number): boolean {
  return expiresMs !== undefined && expiresMs <= nowMs
}
