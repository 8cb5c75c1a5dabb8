import type { EmbeddingAnswer } from '../../types/embedding.ts'
import type { Json } from '../../types/json.ts'
import { noVectors, requireText, vectorsOf } from '../embedding-answer.ts'
import { parseFailure } from '../ollama/failure.ts'
import type { EmbeddingProtocol, ParseContext } from '../protocol.ts'
import { compact, countOf, objectOf, textOf } from '../wire.ts'

const TOP_LEVEL_FIELDS: ReadonlySet<string> = new Set(['keep_alive', 'truncate'])

/** Ollama's `/api/embed`. Fields that it does not know itself are model options. */
export const ollamaEmbeddingsProtocol: EmbeddingProtocol = {
  id: 'ollama-embeddings',
  params: new Set(['dimensions', 'encoding_format']),
  renderRequest: (request, context) => {
    const { options, ...extra } = request.extra ?? {}
    const given = Object.entries(extra)
    const loose = Object.fromEntries(given.filter(([key]) => !TOP_LEVEL_FIELDS.has(key)))
    const modelOptions = { ...objectOf(options), ...loose }
    return {
      path: '/api/embed',
      body: compact({
        ...Object.fromEntries(given.filter(([key]) => TOP_LEVEL_FIELDS.has(key))),
        model: context.model,
        input: request.inputs.map(requireText),
        dimensions: request.dimensions,
        options: Object.keys(modelOptions).length > 0 ? modelOptions : undefined,
      }),
    }
  },
  parseAnswer,
  parseFailure,
}

function parseAnswer(body: Json, context: ParseContext): EmbeddingAnswer {
  const answer = objectOf(body)
  const embeddings = vectorsOf(answer?.['embeddings'])
  if (embeddings.length === 0) throw noVectors(context)
  const inputTokens = countOf(answer?.['prompt_eval_count'])
  return {
    model: textOf(answer?.['model']) ?? '',
    embeddings,
    usage:
      inputTokens === undefined
        ? undefined
        : {
            inputTokens,
            outputTokens: 0,
            totalTokens: inputTokens,
            source: 'provider',
            raw: { prompt_eval_count: inputTokens },
          },
  }
}
