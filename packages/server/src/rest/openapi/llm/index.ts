import type { LlmOperation } from '../../../gateway/routes/routes.ts'
import { chat } from './chat.ts'
import { completions } from './completions.ts'
import type { LlmDescription } from './description.ts'
import { embeddings } from './embeddings.ts'
import { generateContent } from './generate-content.ts'
import { messages } from './messages.ts'
import { rerank } from './rerank.ts'
import { responses } from './responses.ts'
import { transcription } from './transcription.ts'

/** What a reader is told of each operation of the fast lane. */
export const llmDescriptions: Readonly<Record<LlmOperation, LlmDescription>> = {
  chat,
  completions,
  responses,
  messages,
  embeddings,
  rerank,
  transcription,
  'generate-content': generateContent,
}
