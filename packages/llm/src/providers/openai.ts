import { bearer } from '../auth/bearer.ts'
import { openaiChatProtocol } from '../protocols/openai-chat/index.ts'
import { openaiCompletionsProtocol } from '../protocols/openai-completions/index.ts'
import { openaiEmbeddingsProtocol } from '../protocols/openai-embeddings/index.ts'
import { openaiResponsesProtocol } from '../protocols/openai-responses/index.ts'
import { openaiTranscriptionProtocol } from '../protocols/openai-transcription/index.ts'
import type { Target } from '../types/provider.ts'
import type { Quirks } from '../types/quirks.ts'
import type { Provider, Speaks } from './provider.ts'
import { defineProvider } from './provider.ts'

/** Models that OpenAI serves on `/responses` only. */
const RESPONSES_ONLY = /^(o1-pro|o3-pro|codex|computer-use|gpt-5[\w.]*-(pro|codex))|deep-research/

const SAMPLING: NonNullable<Quirks['unsupported']> = [
  'temperature',
  'top_p',
  'presence_penalty',
  'frequency_penalty',
  'logprobs',
  'top_logprobs',
  'logit_bias',
]

/** Reasoning models: another name for the output bound, another role for instructions, no sampling. */
export const openaiModelQuirks: NonNullable<Provider['modelQuirks']> = [
  {
    match: /^(o[1-9](-|$)|gpt-5(?!.*chat))/,
    quirks: { maxTokensField: 'max_completion_tokens', systemRole: 'developer' },
  },
  { match: /^(o[1-9](-|$)|gpt-5(?![.\d]|.*chat))/, quirks: { unsupported: SAMPLING } },
  { match: /^gpt-5\.\d+(?!.*chat)/, quirks: { unsupportedWhileReasoning: SAMPLING } },
  // These two refuse both roles.
  { match: /^o1-(mini|preview)/, quirks: { systemRole: 'user' } },
  { match: /whisper/, quirks: { transcripts: 'verbose' } },
]

export const openai: Provider = defineProvider({
  id: 'openai',
  name: 'OpenAI',
  baseUrl: 'https://api.openai.com/v1',
  baseUrlEnv: ['OPENAI_BASE_URL', 'OPENAI_API_BASE'],
  keyEnv: ['OPENAI_API_KEY'],
  organizationEnv: ['OPENAI_ORGANIZATION', 'OPENAI_ORG_ID'],
  auth: bearer(),
  wireModel: (target) => target.model.replace(/^responses\//, ''),
  speaks: {
    chat: chatSurface,
    completions: { protocol: openaiCompletionsProtocol },
    responses: { protocol: openaiResponsesProtocol },
    embeddings: { protocol: openaiEmbeddingsProtocol },
    transcription: { protocol: openaiTranscriptionProtocol },
  },
  modelQuirks: openaiModelQuirks,
})

function chatSurface(target: Target): Exclude<Speaks['chat'], undefined | ((target: Target) => unknown)> {
  const responses = target.model.startsWith('responses/') || RESPONSES_ONLY.test(target.model)
  return { protocol: responses ? openaiResponsesProtocol : openaiChatProtocol }
}

/** Legacy models behind `/completions`, asked as if they could chat. */
export const textCompletionOpenai: Provider = defineProvider({
  id: 'text-completion-openai',
  name: 'OpenAI (legacy completions)',
  baseUrl: 'https://api.openai.com/v1',
  baseUrlEnv: ['OPENAI_BASE_URL', 'OPENAI_API_BASE'],
  keyEnv: ['OPENAI_API_KEY'],
  auth: bearer(),
  speaks: {
    chat: { protocol: openaiCompletionsProtocol },
    completions: { protocol: openaiCompletionsProtocol },
  },
})
