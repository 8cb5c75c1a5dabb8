import { anthropicDialect, anthropicRelay } from './anthropic-messages/index.ts'
import { geminiDialect, geminiRelay } from './gemini/index.ts'
import { openaiChatDialect, openaiChatRelay } from './openai-chat/index.ts'
import { openaiCompletionsDialect } from './openai-completions/client.ts'
import { openaiResponsesDialect, openaiResponsesRelay } from './openai-responses/index.ts'
import type { ChatDialect, RelayReader } from './protocol.ts'

export type DialectId =
  | 'openai-chat'
  | 'openai-completions'
  | 'openai-responses'
  | 'anthropic-messages'
  | 'gemini'

/** Formats that clients may speak to us. */
export const dialects: Readonly<Record<DialectId, ChatDialect>> = {
  'openai-chat': openaiChatDialect,
  'openai-completions': openaiCompletionsDialect,
  'openai-responses': openaiResponsesDialect,
  'anthropic-messages': anthropicDialect,
  gemini: geminiDialect,
}

/** How to read usage out of what is relayed unchanged, for each format that clients and providers share. */
export const relays: Readonly<Record<DialectId, RelayReader>> = {
  'openai-chat': openaiChatRelay,
  'openai-completions': openaiChatRelay,
  'openai-responses': openaiResponsesRelay,
  'anthropic-messages': anthropicRelay,
  gemini: geminiRelay,
}
