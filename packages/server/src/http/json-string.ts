/** Decodes what stands between the quotes of a JSON string that has been checked. */
export function decodeString(body: Buffer, start: number, end: number): string {
  const text = body.toString('utf8', start, end)
  return text.includes('\\') ? (JSON.parse(`"${text}"`) as string) : text
}

/** Offset of the first quote, backslash or control character in a range; its end where there is none. */
export function skipPlain(body: Buffer, words: Int32Array, start: number, end: number): number {
  const shift = body.byteOffset & 3
  let at = start
  while (at < end && ((at + shift) & 3) !== 0) {
    if (isSpecial(body[at])) return at
    at += 1
  }
  let word = (at + shift) >> 2
  const pastWords = (end + shift) >> 2
  for (; word < pastWords; word += 1) {
    const bytes = words[word] ?? 0
    const quotes = bytes ^ 0x22222222
    const backslashes = bytes ^ 0x5c5c5c5c
    const special =
      ((bytes - 0x20202020) & ~bytes) |
      ((quotes - 0x01010101) & ~quotes) |
      ((backslashes - 0x01010101) & ~backslashes)
    if ((special & 0x80808080) !== 0) break
  }
  for (at = Math.max(at, (word << 2) - shift); at < end; at += 1) if (isSpecial(body[at])) return at
  return end
}

/**
 * Offset of the first control character in a range; its end where there is none. No native search
 * knows ranges of values, and a regular expression takes three times as long.
 */
export function skipPrintable(body: Buffer, words: Int32Array, start: number, end: number): number {
  const shift = body.byteOffset & 3
  let at = start
  while (at < end && ((at + shift) & 3) !== 0) {
    if (isControl(body[at])) return at
    at += 1
  }
  let word = (at + shift) >> 2
  const lastFour = ((end + shift) >> 2) - 4
  for (; word <= lastFour; word += 4) {
    const a = words[word] ?? 0
    const b = words[word + 1] ?? 0
    const c = words[word + 2] ?? 0
    const d = words[word + 3] ?? 0
    // Subtracting 0x20 from a byte below 0x20 borrows into its top bit, which it did not have before.
    const controls =
      ((a - 0x20202020) & ~a) | ((b - 0x20202020) & ~b) | ((c - 0x20202020) & ~c) | ((d - 0x20202020) & ~d)
    if ((controls & 0x80808080) !== 0) break
  }
  for (at = Math.max(at, (word << 2) - shift); at < end; at += 1) if (isControl(body[at])) return at
  return end
}

/**
 * The memory of a body as words of four bytes, for the two above. They lie on four-byte borders of the
 * underlying memory, so the first and the last may lie partly outside the body.
 */
export function wordsOf(body: Buffer): Int32Array {
  const offset = body.byteOffset & ~3
  return new Int32Array(body.buffer, offset, (body.byteOffset + body.length - offset) >> 2)
}

function isControl(byte: number | undefined): boolean {
  return byte !== undefined && byte < 0x20
}

function isSpecial(byte: number | undefined): boolean {
  return byte !== undefined && (byte === 0x22 || byte === 0x5c || byte < 0x20)
}

/** Value of a hexadecimal digit, or -1. */
export function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}
