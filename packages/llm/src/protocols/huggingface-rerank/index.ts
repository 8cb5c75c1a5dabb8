import { parseFailure } from '../openai-chat/failure.ts'
import type { RerankProtocol } from '../protocol.ts'
import { rankingsOf } from '../rerank-answer.ts'

/** `/rerank` of Hugging Face's Text Embeddings Inference: one model a server, all documents ranked, no usage. */
export const huggingfaceRerankProtocol: RerankProtocol = {
  id: 'huggingface-rerank',
  params: new Set(),
  renderRequest: ({ query, texts, extra }) => ({
    path: '/rerank',
    body: { ...extra, query, texts: [...texts] },
  }),
  parseAnswer: (body, context) => ({
    id: '',
    model: '',
    rankings: rankingsOf(body, context, { score: 'score' }),
  }),
  parseFailure,
}
