import { anthropicDialect, anthropicProtocol, anthropicRelay } from './anthropic-messages/index.ts'
import { geminiDialect, geminiProtocol, geminiRelay } from './gemini/index.ts'
import { openaiChatDialect, openaiChatProtocol, openaiChatRelay } from './openai-chat/index.ts'
import { openaiCompletionsDialect } from './openai-completions/client.ts'
import { openaiCompletionsProtocol } from './openai-completions/index.ts'
import {
  openaiResponsesDialect,
  openaiResponsesProtocol,
  openaiResponsesRelay,
} from './openai-responses/index.ts'
import type { ChatDialect, ChatProtocol, RelayReader } from './protocol.ts'

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

/** The same formats the other way round: how to read what a client was given. */
export const formats: Readonly<Record<DialectId, ChatProtocol>> = {
  'openai-chat': openaiChatProtocol,
  'openai-completions': openaiCompletionsProtocol,
  'openai-responses': openaiResponsesProtocol,
  'anthropic-messages': anthropicProtocol,
  gemini: geminiProtocol,
}
