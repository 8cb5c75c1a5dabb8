import type { JsonObject } from '../../types/json.ts'
import type { Annotation } from '../../types/message.ts'
import { compact, textOf } from '../wire.ts'

const OWN_TYPES: ReadonlySet<string> = new Set([
  'web_search_result_location',
  'search_result_location',
  'char_location',
  'page_location',
  'content_block_location',
])

/** Where in the answer's text the cited block stands. */
export interface TextRange {
  startIndex: number
  endIndex: number
}

/** Reads one member of `citations`. */
export function parseCitation(citation: JsonObject, range?: TextRange): Annotation {
  const citedText = textOf(citation.cited_text)
  const source = textOf(citation.url) ?? textOf(citation.source)
  if (source !== undefined && (citation.url !== undefined || /^https?:\/\//.test(source)))
    return {
      type: 'url-citation',
      url: source,
      title: textOf(citation.title),
      citedText,
      ...range,
      raw: citation,
    }
  return {
    type: 'document-citation',
    documentId: textOf(citation.file_id) ?? source,
    title: textOf(citation.document_title) ?? textOf(citation.title),
    citedText,
    ...range,
    raw: citation,
  }
}

/** The citation as Anthropic sent it; another provider's source is nothing that it could check. */
export function renderSentCitation(annotation: Annotation): JsonObject | undefined {
  const { raw } = annotation
  return raw !== undefined && OWN_TYPES.has(textOf(raw.type) ?? '') ? raw : undefined
}

/** A citation for a client of this wire, whoever answered. */
export function renderCitation(annotation: Annotation): JsonObject {
  const sent = renderSentCitation(annotation)
  if (sent !== undefined) return sent
  if (annotation.type === 'url-citation')
    return {
      type: 'web_search_result_location',
      url: annotation.url,
      title: annotation.title ?? null,
      cited_text: annotation.citedText ?? '',
      encrypted_index: '',
    }
  return compact({
    type: 'char_location',
    cited_text: annotation.citedText ?? '',
    document_index: 0,
    document_title: annotation.title ?? null,
    start_char_index: 0,
    end_char_index: 0,
    file_id: annotation.documentId ?? null,
  })
}
