import { bearer } from '../auth/bearer.ts'
import { cohereEmbeddingsProtocol } from '../protocols/cohere-embeddings/index.ts'
import { cohereRerankProtocol } from '../protocols/cohere-rerank/index.ts'
import { cohereProtocol } from '../protocols/cohere/index.ts'
import type { UrlParts } from '../types/provider.ts'
import type { Provider } from './provider.ts'
import { defineProvider } from './provider.ts'

export const cohere: Provider = defineProvider({
  id: 'cohere',
  name: 'Cohere',
  baseUrl: 'https://api.cohere.com',
  baseUrlEnv: ['COHERE_API_BASE'],
  keyEnv: ['COHERE_API_KEY', 'CO_API_KEY'],
  auth: bearer(),
  aliases: ['cohere_chat'],
  hosts: ['api.cohere.com', 'api.cohere.ai'],
  speaks: {
    chat: { protocol: cohereProtocol, url: cohereUrl },
    embeddings: { protocol: cohereEmbeddingsProtocol, url: cohereUrl },
    rerank: { protocol: cohereRerankProtocol, url: cohereUrl },
  },
})

/** An address may be given with its version (`…/v1`, `…/v2`) or as the whole endpoint. */
function cohereUrl({ base, path }: UrlParts): string {
  return base.endsWith(path) ? base : `${base.replace(/\/v[12]$/, '')}${path}`
}
