import type { JsonObject } from '../../types/json.ts'
import type { Annotation } from '../../types/message.ts'
import { countOf, objectOf, objectsOf, arrayOf, textOf } from '../wire.ts'

/** The sources of a candidate's text, each stretch of text once for every source it relies on. */
export function parseCitations(candidate: JsonObject, text: string): Annotation[] {
  return [
    ...groundingOf(objectOf(candidate.groundingMetadata), text),
    ...citationsOf(objectOf(candidate.citationMetadata), text),
  ]
}

function groundingOf(grounding: JsonObject | undefined, text: string): Annotation[] {
  if (grounding === undefined) return []
  const chunks = objectsOf(grounding.groundingChunks)
  const cited = new Set<number>()
  const annotations: Annotation[] = []
  for (const support of objectsOf(grounding.groundingSupports)) {
    const segment = objectOf(support.segment) ?? {}
    for (const index of arrayOf(support.groundingChunkIndices)) {
      const chunk = typeof index === 'number' ? chunks[index] : undefined
      const annotation = chunk === undefined ? undefined : sourceOf(chunk)
      if (annotation === undefined || typeof index !== 'number') continue
      cited.add(index)
      annotations.push({ ...annotation, ...spanOf(segment, text), citedText: textOf(segment.text) })
    }
  }
  for (const [index, chunk] of chunks.entries()) {
    const annotation = cited.has(index) ? undefined : sourceOf(chunk)
    if (annotation !== undefined) annotations.push(annotation)
  }
  return annotations
}

/** A source: a page or a place has an address, a document of the caller's own may have none. */
function sourceOf(chunk: JsonObject): Annotation | undefined {
  const page = objectOf(chunk.web) ?? objectOf(chunk.maps) ?? objectOf(chunk.image)
  const context = objectOf(chunk.retrievedContext)
  const place = page ?? context
  if (place === undefined) return undefined
  const url = textOf(place.uri) ?? textOf(place.sourceUri)
  const title = textOf(place.title)
  if (url !== undefined) return { type: 'url-citation', url, title, raw: chunk }
  if (context === undefined) return undefined
  return {
    type: 'document-citation',
    documentId: textOf(context.documentName) ?? textOf(context.fileSearchStore),
    title,
    raw: chunk,
  }
}

function citationsOf(metadata: JsonObject | undefined, text: string): Annotation[] {
  const rows = [...objectsOf(metadata?.citationSources), ...objectsOf(metadata?.citations)]
  return rows.flatMap((row): Annotation[] => {
    const url = textOf(row.uri)
    return url === undefined
      ? []
      : [{ type: 'url-citation', url, title: textOf(row.title), ...spanOf(row, text), raw: row }]
  })
}

/** Gemini counts bytes of UTF-8 and leaves a start of 0 out; we count characters. */
function spanOf(segment: JsonObject, text: string): { startIndex?: number; endIndex?: number } {
  const end = countOf(segment.endIndex)
  if (end === undefined) return {}
  return {
    startIndex: charactersIn(text, countOf(segment.startIndex) ?? 0),
    endIndex: charactersIn(text, end),
  }
}

function charactersIn(text: string, bytes: number): number {
  let seen = 0
  let characters = 0
  for (const point of text) {
    if (seen >= bytes) break
    const code = point.codePointAt(0) ?? 0
    seen += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
    characters += point.length
  }
  return characters
}

/** Sources of an answer from elsewhere, as grounding metadata for Gemini's clients. */
export function renderGrounding(annotations: readonly Annotation[], text: string): JsonObject | undefined {
  if (annotations.length === 0) return undefined
  const chunks: JsonObject[] = []
  const supports: JsonObject[] = []
  const known = new Map<string, number>()
  for (const annotation of annotations) {
    const place =
      annotation.type === 'url-citation'
        ? {
            web: {
              uri: annotation.url,
              ...(annotation.title === undefined ? {} : { title: annotation.title }),
            },
          }
        : { retrievedContext: { title: annotation.title ?? annotation.documentId ?? '' } }
    const key = JSON.stringify(place)
    const index = known.get(key) ?? chunks.push(place) - 1
    known.set(key, index)
    if (annotation.endIndex === undefined) continue
    const startIndex = annotation.startIndex ?? 0
    supports.push({
      segment: {
        startIndex: bytesIn(text.slice(0, startIndex)),
        endIndex: bytesIn(text.slice(0, annotation.endIndex)),
        text: annotation.citedText ?? text.slice(startIndex, annotation.endIndex),
      },
      groundingChunkIndices: [index],
    })
  }
  return { groundingChunks: chunks, ...(supports.length > 0 ? { groundingSupports: supports } : {}) }
}

function bytesIn(text: string): number {
  return new TextEncoder().encode(text).length
}
