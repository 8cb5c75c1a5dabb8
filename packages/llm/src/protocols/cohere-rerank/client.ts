import { createError } from '../../errors.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import type { RerankAnswer, RerankRequest, RerankResponse, RerankResult } from '../../types/rerank.ts'
import type { Usage } from '../../types/usage.ts'
import {
  invalid,
  missing,
  optionalArray,
  optionalBoolean,
  optionalNumber,
  requiredArray,
  requiredString,
  restOf,
} from '../check.ts'
import { objectOf } from '../wire.ts'

const KNOWN = new Set([
  'model',
  'query',
  'documents',
  'top_n',
  'return_documents',
  'rank_fields',
  'max_tokens_per_doc',
  'max_chunks_per_doc',
])

/** Reads a `/rerank` body in Cohere's shape, either version. */
export function parseRerankRequest(body: JsonObject): RerankRequest {
  const model = requiredString(body, 'model')
  if (model === '') throw missing('model')
  const given = requiredArray(body, 'documents')
  if (given.length === 0) throw invalid('documents', 'at least one document', given)
  const fields = optionalArray(body, 'rank_fields')?.map((field, index) => {
    if (typeof field !== 'string') throw invalid(`rank_fields[${index}]`, 'a string', field)
    return field
  })
  const documents = given.map(readDocument)
  return {
    model,
    query: requiredString(body, 'query'),
    documents,
    texts: documents.map((document, index) => textOfDocument(document, fields, `documents[${index}]`)),
    topN: optionalNumber(body, 'top_n', { min: 1, integer: true }),
    returnDocuments: optionalBoolean(body, 'return_documents'),
    maxTokensPerDoc: optionalNumber(body, 'max_tokens_per_doc', { min: 1, integer: true }),
    maxChunksPerDoc: optionalNumber(body, 'max_chunks_per_doc', { min: 1, integer: true }),
    extra: restOf(body, KNOWN),
  }
}

function readDocument(document: Json, index: number): string | JsonObject {
  if (typeof document === 'string') return document
  const object = objectOf(document)
  if (object === undefined) throw invalid(`documents[${index}]`, 'a string or an object', document)
  return object
}

/** An object's `text`; the fields that were named, or all of them, one a line, as Cohere wants them written. */
function textOfDocument(
  document: string | JsonObject,
  fields: readonly string[] | undefined,
  path: string,
): string {
  if (typeof document === 'string') return document
  if (fields === undefined && typeof document['text'] === 'string') return document['text']
  const lines = (fields ?? Object.keys(document)).flatMap((field) => {
    const value = document[field]
    if (value === undefined || value === null) return []
    return [`${field}: ${typeof value === 'string' ? value : JSON.stringify(value)}`]
  })
  if (lines.length === 0) {
    const wanted = fields === undefined ? 'text' : fields.join(', ')
    throw createError({
      code: 'bad_request',
      reason: 'invalid_value',
      message: `Invalid value for '${path}': it has none of the fields that are ranked (${wanted}).`,
      param: path,
    })
  }
  return lines.join('\n')
}

/** The best documents first, as many as were wanted; a place that no document has is left out. */
function best({ rankings }: RerankAnswer, { texts, topN }: RerankRequest): RerankAnswer['rankings'] {
  return rankings
    .filter(({ index }) => index < texts.length)
    .toSorted((left, right) => right.score - left.score)
    .slice(0, topN)
}

/** Writes a `/rerank` answer in Cohere's shape. */
export function renderRerankAnswer(
  answer: RerankAnswer,
  request: RerankRequest,
  newId: () => string,
): RerankResponse {
  return {
    id: answer.id === '' ? `rerank-${newId()}` : answer.id,
    results: best(answer, request).map(({ index, score }) => ({
      index,
      relevance_score: score,
      ...(request.returnDocuments === true && { document: documentOf(request.documents[index]) }),
    })),
    meta: metaOf(answer.usage),
  }
}

function documentOf(document: string | JsonObject | undefined): NonNullable<RerankResult['document']> {
  return typeof document === 'string' ? { text: document } : { ...document }
}

function metaOf(usage: Usage | undefined): RerankResponse['meta'] {
  if (usage === undefined) return {}
  const { inputTokens, outputTokens, searchUnits, totalTokens } = usage
  return {
    billed_units:
      searchUnits === undefined
        ? { total_tokens: totalTokens ?? inputTokens + outputTokens }
        : { search_units: searchUnits },
    ...(inputTokens + outputTokens > 0 && {
      tokens: { input_tokens: inputTokens, output_tokens: outputTokens },
    }),
  }
}
