import type { LlmOperation } from './routes/routes.ts'

/** LiteLLM's words for kinds of calls, as its logs have them. */
export const CALL_TYPES: Readonly<Record<LlmOperation, string>> = {
  chat: 'acompletion',
  completions: 'atext_completion',
  embeddings: 'aembedding',
  rerank: 'arerank',
  transcription: 'atranscription',
  responses: 'aresponses',
  messages: 'anthropic_messages',
  'generate-content': 'agenerate_content',
}
