import { headerKey } from '../auth/header-key.ts'
import { geminiEmbeddingsProtocol } from '../protocols/gemini-embeddings/index.ts'
import { geminiProtocol } from '../protocols/gemini/index.ts'
import type { Provider } from './provider.ts'
import { defineProvider } from './provider.ts'

/**
 * How Gemini's generations differ, for AI Studio and Vertex alike. From 3 on models think by levels,
 * take media inside of tool results and refuse calls without a signature; the one given to calls that
 * came from elsewhere is Google's documented word for "do not check" (`skip_thought_signature_validator`) in base64.
 */
export const geminiModelQuirks: NonNullable<Provider['modelQuirks']> = [
  {
    match: /gemini-([3-9]|\d\d)/,
    quirks: {
      thinkingLevels: ['low', 'medium', 'high'],
      toolResultMedia: 'inside',
      unsignedCallSignature: 'c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=',
    },
  },
  { match: /gemini-3-pro/, quirks: { thinkingLevels: ['low', 'high'] } },
  { match: /gemini-([3-9]|\d\d).*flash/, quirks: { thinkingLevels: ['minimal', 'low', 'medium', 'high'] } },
]

export const gemini: Provider = defineProvider({
  id: 'gemini',
  name: 'Google AI Studio (Gemini)',
  baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
  baseUrlEnv: ['GEMINI_API_BASE'],
  keyEnv: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
  auth: headerKey('x-goog-api-key'),
  speaks: {
    chat: { protocol: geminiProtocol },
    embeddings: { protocol: geminiEmbeddingsProtocol },
  },
  modelQuirks: geminiModelQuirks,
})
