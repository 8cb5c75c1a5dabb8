import { parseFailure } from '../openai-chat/failure.ts'
import type { RerankProtocol } from '../protocol.ts'
import { parseRerankAnswer } from '../rerank-answer.ts'
import { compact } from '../wire.ts'

/** `/rerank` beside OpenAI's paths: Jina's, which vLLM, Infinity, Together, Fireworks, OpenRouter and others serve too. */
export const jinaRerankProtocol: RerankProtocol = {
  id: 'jina-rerank',
  params: new Set(['max_tokens_per_doc', 'max_chunks_per_doc']),
  renderRequest: ({ query, texts, topN, maxTokensPerDoc, maxChunksPerDoc, extra }, { model }) => ({
    path: '/rerank',
    body: {
      ...extra,
      ...compact({
        model,
        query,
        documents: [...texts],
        top_n: topN,
        max_tokens_per_doc: maxTokensPerDoc,
        max_chunks_per_doc: maxChunksPerDoc,
        // Some send them by themselves; they are put into the answer from the request.
        return_documents: false,
      }),
    },
  }),
  parseAnswer: parseRerankAnswer,
  parseFailure,
}
