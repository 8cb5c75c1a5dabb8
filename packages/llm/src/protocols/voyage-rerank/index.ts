import type { RerankProtocol } from '../protocol.ts'
import { parseRerankAnswer } from '../rerank-answer.ts'
import { parseFailure } from '../voyage-embeddings/failure.ts'
import { compact } from '../wire.ts'

/** Voyage's `/rerank`. */
export const voyageRerankProtocol: RerankProtocol = {
  id: 'voyage-rerank',
  params: new Set(),
  renderRequest: ({ query, texts, topN, extra }, { model }) => ({
    path: '/rerank',
    body: { ...extra, ...compact({ model, query, documents: [...texts], top_k: topN }) },
  }),
  parseAnswer: parseRerankAnswer,
  parseFailure,
}
