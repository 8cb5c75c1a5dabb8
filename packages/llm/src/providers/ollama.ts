import { bearer } from '../auth/bearer.ts'
import { ollamaEmbeddingsProtocol } from '../protocols/ollama-embeddings/index.ts'
import { ollamaProtocol } from '../protocols/ollama/index.ts'
import type { Provider } from './provider.ts'
import { defineProvider } from './provider.ts'

/** A local server, or the cloud at https://ollama.com with a key. */
export const ollama: Provider = defineProvider({
  id: 'ollama',
  name: 'Ollama',
  baseUrl: 'http://localhost:11434',
  baseUrlEnv: ['OLLAMA_API_BASE'],
  keyEnv: ['OLLAMA_API_KEY'],
  keyOptional: true,
  auth: bearer({ optional: true }),
  aliases: ['ollama_chat'],
  hosts: ['ollama.com'],
  speaks: {
    chat: { protocol: ollamaProtocol },
    embeddings: { protocol: ollamaEmbeddingsProtocol },
  },
  modelQuirks: [{ match: /gpt-oss/, quirks: { modelFamily: 'openai' } }],
})
