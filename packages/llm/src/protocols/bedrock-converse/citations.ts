import type { JsonObject } from '../../types/json.ts'
import type { Annotation } from '../../types/message.ts'
import { countOf, objectOf, objectsOf, textOf } from '../wire.ts'

/** Reads one citation: a web page, or a place in a document of the request. */
export function parseCitation(raw: JsonObject): Annotation {
  const location = objectOf(raw['location'])
  const title = textOf(raw['title'])
  const sourceText = objectsOf(raw['sourceContent'])
    .map((piece) => textOf(piece['text']) ?? '')
    .join('')
  const citedText = sourceText === '' ? undefined : sourceText
  const web = objectOf(location?.['web'])
  const url = textOf(web?.['url'])
  if (url !== undefined)
    return { type: 'url-citation', url, title: title ?? textOf(web?.['domain']), citedText, raw }
  const [place] = Object.values(location ?? {})
  const index = countOf(objectOf(place)?.['documentIndex'])
  return {
    type: 'document-citation',
    documentId: index === undefined ? textOf(raw['source']) : String(index),
    title,
    citedText,
    raw,
  }
}
