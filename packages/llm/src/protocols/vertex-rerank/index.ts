import { parseFailure } from '../gemini/failure.ts'
import type { RerankProtocol } from '../protocol.ts'
import { noRankings } from '../rerank-answer.ts'
import { compact, numberOf, objectOf, objectsOf, textOf } from '../wire.ts'

/** Google's ranking API (Discovery Engine). A document is known by its id, which is its place in the request. */
export const vertexRerankProtocol: RerankProtocol = {
  id: 'vertex-rerank',
  params: new Set(),
  renderRequest: ({ query, texts, topN, extra }, { model }) => ({
    path: '/rankingConfigs/default_ranking_config:rank',
    body: {
      ...extra,
      ...compact({
        model,
        query,
        records: texts.map((content, index) => ({ id: String(index), content })),
        topN,
        ignoreRecordDetailsInResponse: true,
      }),
    },
  }),
  parseAnswer: (body, context) => {
    const rankings = objectsOf(objectOf(body)?.['records']).flatMap(({ id, score }) => {
      const index = Number(textOf(id))
      const value = numberOf(score)
      return Number.isInteger(index) && value !== undefined ? [{ index, score: value }] : []
    })
    if (rankings.length === 0) throw noRankings(context)
    return { id: '', model: '', rankings }
  },
  parseFailure,
}
