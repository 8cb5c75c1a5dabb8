import type { JsonObject } from '../../types/json.ts'
import type { Annotation } from '../../types/message.ts'
import { countOf, objectOf, objectsOf, textOf } from '../wire.ts'

/** Whether a citation belongs to the answer's text rather than to a plan or a thought. */
export function citesText(citation: JsonObject): boolean {
  const type = textOf(citation['type'])
  return type === undefined || type === 'TEXT_CONTENT'
}

/** One annotation for each source that the passage relies on. */
export function parseCitation(citation: JsonObject): Annotation[] {
  const place = { startIndex: countOf(citation['start']), endIndex: countOf(citation['end']) }
  const sources = objectsOf(citation['sources'])
  if (sources.length === 0) return [{ type: 'document-citation', ...place, raw: citation }]
  return sources.map((source): Annotation => {
    const document = objectOf(source['document'])
    const title = textOf(document?.['title'])
    const url = textOf(document?.['url'])
    if (url !== undefined) return { type: 'url-citation', url, title, ...place, raw: citation }
    return { type: 'document-citation', documentId: textOf(source['id']), title, ...place, raw: citation }
  })
}
