import { parseFailure } from '../cohere/failure.ts'
import type { RerankProtocol } from '../protocol.ts'
import { parseRerankAnswer } from '../rerank-answer.ts'
import { compact } from '../wire.ts'

/** Cohere's rerank, version 2. It takes texts and gives none back. */
export const cohereRerankProtocol: RerankProtocol = {
  id: 'cohere-rerank',
  params: new Set(['max_tokens_per_doc']),
  renderRequest: ({ query, texts, topN, maxTokensPerDoc, extra }, { model }) => ({
    path: '/v2/rerank',
    body: {
      ...extra,
      ...compact({
        model,
        query,
        documents: [...texts],
        top_n: topN,
        max_tokens_per_doc: maxTokensPerDoc,
      }),
    },
  }),
  parseAnswer: parseRerankAnswer,
  parseFailure,
}

/** The first version, as Azure's deployments of Cohere serve it. */
export const cohereV1RerankProtocol: RerankProtocol = {
  id: 'cohere-v1-rerank',
  params: new Set(['max_chunks_per_doc']),
  renderRequest: ({ query, texts, topN, maxChunksPerDoc, extra }, { model }) => ({
    path: '/v1/rerank',
    body: {
      ...extra,
      ...compact({
        model,
        query,
        documents: [...texts],
        top_n: topN,
        max_chunks_per_doc: maxChunksPerDoc,
        return_documents: false,
      }),
    },
  }),
  parseAnswer: parseRerankAnswer,
  parseFailure,
}
