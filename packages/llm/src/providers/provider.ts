import type {
  ChatProtocol,
  CountProtocol,
  EmbeddingProtocol,
  RerankProtocol,
  TranscriptionProtocol,
} from '../protocols/protocol.ts'
import type { ProviderDeclaration, Target, UrlParts } from '../types/provider.ts'
import type { JsonObject } from '../types/json.ts'

/** One wire format as a service offers it. */
export interface Surface<Protocol> {
  protocol: Protocol
  /** Builds the address when it is more than base + path (Azure, Vertex). */
  url?: ((parts: UrlParts) => string) | undefined
  /** Last change to the body before it is sent to the address (Vertex Claude: version in, model out). */
  body?: ((body: JsonObject, target: Target, url: string) => JsonObject) | undefined
}

/** What a service speaks for each kind of call. A function chooses by the model's name. */
export interface Speaks {
  chat?: Surface<ChatProtocol> | ((target: Target) => Surface<ChatProtocol>) | undefined
  /** Native `responses`, for callers of that API; chat is bridged where it is missing. */
  responses?: Surface<ChatProtocol> | ((target: Target) => Surface<ChatProtocol> | undefined) | undefined
  /** Native Anthropic `messages`, for callers of that API; chat is bridged where it is missing. */
  messages?: Surface<ChatProtocol> | undefined
  completions?: Surface<ChatProtocol> | undefined
  /** Counting of a chat request's input tokens; where it is missing they are estimated. */
  counting?: Surface<CountProtocol> | ((target: Target) => Surface<CountProtocol> | undefined) | undefined
  embeddings?: Surface<EmbeddingProtocol> | ((target: Target) => Surface<EmbeddingProtocol>) | undefined
  rerank?: Surface<RerankProtocol> | undefined
  transcription?: Surface<TranscriptionProtocol> | undefined
}

/**
 * A provider: an address, a way to sign, what it speaks, how it differs.
 *
 * @example
 * export const groq = defineProvider({
 *   id: 'groq',
 *   name: 'Groq',
 *   baseUrl: 'https://api.groq.com/openai/v1',
 *   keyEnv: ['GROQ_API_KEY'],
 *   auth: bearer(),
 *   speaks: { chat: { protocol: openaiChat } },
 * })
 */
export type Provider = ProviderDeclaration<Speaks>

export function defineProvider(declaration: Provider): Provider {
  return declaration
}
