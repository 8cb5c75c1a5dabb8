import type { Json, JsonObject } from '../../types/json.ts'
import type { Annotation } from '../../types/message.ts'
import { compact, countOf, objectOf, objectsOf, textOf } from '../wire.ts'

const OWN_TYPES: ReadonlySet<string> = new Set([
  'url_citation',
  'file_citation',
  'container_file_citation',
  'file_path',
])

export function parseAnnotations(value: Json | undefined): Annotation[] {
  return objectsOf(value).flatMap((annotation) => parseAnnotation(annotation) ?? [])
}

/** Reads one source of a text; some services nest it as chat completions do. */
export function parseAnnotation(annotation: JsonObject): Annotation | undefined {
  const { type } = annotation
  if (type === 'url_citation') {
    const citation = objectOf(annotation.url_citation) ?? annotation
    const url = textOf(citation.url)
    if (url === undefined) return undefined
    return {
      type: 'url-citation',
      url,
      title: textOf(citation.title),
      startIndex: countOf(citation.start_index),
      endIndex: countOf(citation.end_index),
    }
  }
  if (typeof type !== 'string' || !OWN_TYPES.has(type)) return undefined
  return {
    type: 'document-citation',
    documentId: textOf(annotation.file_id),
    title: textOf(annotation.filename),
    startIndex: countOf(annotation.start_index),
    endIndex: countOf(annotation.end_index),
    raw: annotation,
  }
}

/** Writes a source; a document of another wire is told as a file. */
export function renderAnnotation(annotation: Annotation): JsonObject {
  const { raw } = annotation
  if (raw !== undefined && typeof raw.type === 'string' && OWN_TYPES.has(raw.type)) return raw
  if (annotation.type === 'url-citation')
    return {
      type: 'url_citation',
      url: annotation.url,
      title: annotation.title ?? '',
      start_index: annotation.startIndex ?? 0,
      end_index: annotation.endIndex ?? 0,
    }
  return compact({
    type: 'file_citation',
    file_id: annotation.documentId ?? '',
    filename: annotation.title ?? '',
    index: annotation.endIndex ?? 0,
  })
}
