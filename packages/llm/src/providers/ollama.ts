import { bearer } from '../auth/bearer.ts'
import { ollamaEmbeddingsProtocol } from '../protocols/ollama-embeddings/index.ts'
import { ollamaProtocol } from '../protocols/ollama/index.ts'
import { openaiChatProtocol } from '../protocols/openai-chat/index.ts'
import { openaiEmbeddingsProtocol } from '../protocols/openai-embeddings/index.ts'
import type { Target } from '../types/provider.ts'
import type { Provider } from './provider.ts'
import { defineProvider } from './provider.ts'

/**
 * A local server, or the cloud at https://ollama.com with a key. An address that ends in `/v1` means its surface in
 * OpenAI's form.
 */
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
    chat: (target) => ({ protocol: isOpenai(target) ? openaiChatProtocol : ollamaProtocol }),
    embeddings: (target) => ({
      protocol: isOpenai(target) ? openaiEmbeddingsProtocol : ollamaEmbeddingsProtocol,
    }),
  },
  modelQuirks: [{ match: /gpt-oss/, quirks: { modelFamily: 'openai' } }],
})

function isOpenai({ apiBase }: Target): boolean {
  return apiBase !== undefined && /\/v1(\/chat\/completions|\/embeddings)?\/*$/.test(apiBase)
}
