import { requireApiKey } from '../auth/api-key.ts'
import { geminiEmbeddingsProtocol } from '../protocols/gemini-embeddings/index.ts'
import { geminiCounting, geminiProtocol } from '../protocols/gemini/index.ts'
import { openaiChatProtocol } from '../protocols/openai-chat/index.ts'
import { openaiEmbeddingsProtocol } from '../protocols/openai-embeddings/index.ts'
import type { AuthScheme } from '../types/auth.ts'
import type { Target } from '../types/provider.ts'
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

/** The key goes into Google's own header, on the surface in OpenAI's form it is a bearer's. */
const googleKey: AuthScheme = {
  id: 'google-key',
  authorize({ url }, credentials): Record<string, string> {
    const key = requireApiKey(credentials)
    return url.includes('/openai/') ? { authorization: `Bearer ${key}` } : { 'x-goog-api-key': key }
  },
}

/** Google AI Studio. An address that ends in `/openai` means its surface in OpenAI's form. */
export const gemini: Provider = defineProvider({
  id: 'gemini',
  name: 'Google AI Studio (Gemini)',
  baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
  baseUrlEnv: ['GEMINI_API_BASE'],
  keyEnv: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
  auth: googleKey,
  speaks: {
    chat: (target) => ({ protocol: isOpenai(target) ? openaiChatProtocol : geminiProtocol }),
    counting: (target) => (isOpenai(target) ? undefined : { protocol: geminiCounting }),
    embeddings: (target) => ({
      protocol: isOpenai(target) ? openaiEmbeddingsProtocol : geminiEmbeddingsProtocol,
    }),
  },
  modelQuirks: geminiModelQuirks,
})

function isOpenai({ apiBase }: Target): boolean {
  return apiBase !== undefined && /\/openai(\/chat\/completions|\/embeddings)?\/*$/.test(apiBase)
}
