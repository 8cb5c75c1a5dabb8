import type { JsonScan, Span } from './scan-json.ts'

export interface Edit {
  span: Span
  /** JSON text to stand there instead. */
  text: string
}

/** The body with the given places rewritten, copied once. The spans must not overlap; their order is free. */
export function splice(body: Buffer, edits: readonly Edit[]): Buffer {
  const ordered =
    edits.length > 1 ? edits.toSorted((left, right) => left.span.start - right.span.start) : edits
  let length = body.length
  let last = 0
  for (const { span, text } of ordered) {
    if (span.start < last || span.end < span.start || span.end > body.length) {
      throw new RangeError('Edits of a body must lie inside it and must not overlap.')
    }
    length += Buffer.byteLength(text) - (span.end - span.start)
    last = span.end
  }
  const result = Buffer.allocUnsafe(length)
  let read = 0
  let written = 0
  for (const { span, text } of ordered) {
    written += body.copy(result, written, read, span.start)
    written += result.write(text, written)
    read = span.end
  }
  body.copy(result, written, read)
  return result
}

/** The body with another value for a member of the root object, which must be there. */
export function replaceValue(body: Buffer, scan: JsonScan, key: string, jsonText: string): Buffer {
  const span = scan.span(key)
  if (span === undefined) throw new RangeError(`The body has no member ${key} to replace.`)
  return splice(body, [{ span, text: jsonText }])
}

/** The body with one member more in the root object, first in line; it must not be there yet. */
export function insertMember(body: Buffer, scan: JsonScan, key: string, jsonText: string): Buffer {
  return splice(body, [insertion(scan, { [key]: jsonText })])
}

/**
 * The edit that adds members (names and their JSON text) to the root object, for a `splice` that does
 * more than that. None of them may be there yet; one insertion to a splice.
 */
export function insertion(scan: JsonScan, members: Readonly<Record<string, string>>): Edit {
  let text = ''
  for (const [key, jsonText] of Object.entries(members)) {
    if (scan.has(key)) throw new RangeError(`The body has a member ${key} already.`)
    text += `${text && ','}${JSON.stringify(key)}:${jsonText}`
  }
  const at = scan.root.start + 1
  return { span: { start: at, end: at }, text: text !== '' && scan.size > 0 ? `${text},` : text }
}
