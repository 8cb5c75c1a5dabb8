import { bearer } from '../auth/bearer.ts'
import {
  voyageContextualEmbeddingsProtocol,
  voyageEmbeddingsProtocol,
  voyageMultimodalEmbeddingsProtocol,
} from '../protocols/voyage-embeddings/index.ts'
import { voyageRerankProtocol } from '../protocols/voyage-rerank/index.ts'
import type { Provider } from './provider.ts'
import { defineProvider } from './provider.ts'

/** Embeddings and rerank only; no chat. */
export const voyage: Provider = defineProvider({
  id: 'voyage',
  name: 'Voyage AI',
  baseUrl: 'https://api.voyageai.com/v1',
  baseUrlEnv: ['VOYAGE_API_BASE'],
  keyEnv: ['VOYAGE_API_KEY', 'VOYAGE_AI_API_KEY', 'VOYAGE_AI_TOKEN'],
  auth: bearer(),
  hosts: ['api.voyageai.com'],
  speaks: {
    embeddings: ({ model }) => {
      if (/multimodal/.test(model)) return { protocol: voyageMultimodalEmbeddingsProtocol }
      if (/context/.test(model)) return { protocol: voyageContextualEmbeddingsProtocol }
      return { protocol: voyageEmbeddingsProtocol }
    },
    rerank: { protocol: voyageRerankProtocol },
  },
})
