import { bearer } from '../auth/bearer.ts'
import { jinaRerankProtocol } from '../protocols/jina-rerank/index.ts'
import { openaiChatProtocol } from '../protocols/openai-chat/index.ts'
import { openaiCompletionsProtocol } from '../protocols/openai-completions/index.ts'
import { openaiEmbeddingsProtocol } from '../protocols/openai-embeddings/index.ts'
import { openaiResponsesProtocol } from '../protocols/openai-responses/index.ts'
import { openaiTranscriptionProtocol } from '../protocols/openai-transcription/index.ts'
import type { RerankProtocol, TranscriptionProtocol } from '../protocols/protocol.ts'
import type { Provider, Surface } from './provider.ts'
import { defineProvider } from './provider.ts'

export const JINA_RERANK: Surface<RerankProtocol> = { protocol: jinaRerankProtocol }
export const OPENAI_TRANSCRIPTION: Surface<TranscriptionProtocol> = { protocol: openaiTranscriptionProtocol }

/** What a row may say beyond the usual. */
export interface More extends Partial<Omit<Provider, 'id' | 'name' | 'baseUrl' | 'keyEnv' | 'speaks'>> {
  /** It ranks documents, by this wire. */
  rerank?: Surface<RerankProtocol>
  /** It offers `/responses` of its own. */
  responses?: boolean
  /** It listens to recordings, by this wire. */
  transcription?: Surface<TranscriptionProtocol>
}

/**
 * A service that speaks OpenAI's formats under an address and a key of its own. The variable of the address is
 * `<ID>_API_BASE` unless the row names others.
 */
export function service(
  id: string,
  name: string,
  baseUrl: string | undefined,
  keyEnv: string | readonly string[],
  { responses = false, transcription, rerank, ...more }: More = {},
): Provider {
  return defineProvider({
    id,
    name,
    baseUrl,
    baseUrlEnv: [`${id.toUpperCase().replaceAll(/\W/g, '_')}_API_BASE`],
    keyEnv: typeof keyEnv === 'string' ? [keyEnv] : keyEnv,
    auth: bearer({ optional: more.keyOptional }),
    speaks: {
      chat: { protocol: openaiChatProtocol },
      completions: { protocol: openaiCompletionsProtocol },
      embeddings: { protocol: openaiEmbeddingsProtocol },
      ...(responses ? { responses: { protocol: openaiResponsesProtocol } } : {}),
      ...(rerank === undefined ? {} : { rerank }),
      ...(transcription === undefined ? {} : { transcription }),
    },
    ...more,
  })
}
