import type { JsonObject } from '../../types/json.ts'
import { parseFailure } from '../bedrock-converse/failure.ts'
import type { RerankProtocol } from '../protocol.ts'
import { rankingsOf } from '../rerank-answer.ts'
import { compact, objectOf, textOf } from '../wire.ts'

/** More are told in pages. */
const MOST_RESULTS = 1_000

/** `Rerank` of Bedrock's agents runtime. Its answers tell no usage; it bills a query with up to a hundred documents. */
export const bedrockRerankProtocol: RerankProtocol = {
  id: 'bedrock-rerank',
  params: new Set(),
  renderRequest: ({ query, texts, topN, extra }, { model }) => ({
    path: '/rerank',
    body: {
      queries: [{ type: 'TEXT', textQuery: { text: query } }],
      sources: texts.map((text) => ({
        type: 'INLINE',
        inlineDocumentSource: { type: 'TEXT', textDocument: { text } },
      })),
      rerankingConfiguration: configurationOf(
        compact({
          numberOfResults: Math.min(topN ?? MOST_RESULTS, texts.length, MOST_RESULTS),
          modelConfiguration: compact({ modelArn: model, additionalModelRequestFields: extra }),
        }),
      ),
    },
  }),
  parseAnswer: (body, context) => ({
    id: '',
    model: '',
    rankings: rankingsOf(objectOf(body)?.['results'], context, { score: 'relevanceScore' }),
  }),
  parseFailure,
}

function configurationOf(bedrockRerankingConfiguration: JsonObject): JsonObject {
  return { type: 'BEDROCK_RERANKING_MODEL', bedrockRerankingConfiguration }
}

/** The same request with its model as an ARN, which this API alone wants, and which names a region. */
export function withModelArn(body: JsonObject, region: string): JsonObject {
  const configuration = objectOf(objectOf(body['rerankingConfiguration'])?.['bedrockRerankingConfiguration'])
  const place = objectOf(configuration?.['modelConfiguration'])
  const model = textOf(place?.['modelArn'])
  if (model === undefined || model.startsWith('arn:')) return body
  const modelArn = `arn:aws:bedrock:${region}::foundation-model/${model}`
  return {
    ...body,
    rerankingConfiguration: configurationOf({ ...configuration, modelConfiguration: { ...place, modelArn } }),
  }
}
