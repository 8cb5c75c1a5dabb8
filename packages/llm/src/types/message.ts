import type { Json, JsonObject } from './json.ts'
import type { ProtocolId } from './protocol.ts'

/** One turn of a conversation. The role decides which parts it can hold. */
export type Message = SystemMessage | UserMessage | AssistantMessage | ToolMessage

/** What means something in one protocol only: rendered again by that protocol, dropped by all others. */
export interface DialectFields {
  protocol: ProtocolId
  fields: JsonObject
}

/** Instructions. `developer` is OpenAI's newer name for the same rank. */
export interface SystemMessage {
  role: 'system' | 'developer'
  content: TextPart[]
  name?: string | undefined
  dialect?: DialectFields | undefined
}

export interface UserMessage {
  role: 'user'
  content: UserPart[]
  name?: string | undefined
  dialect?: DialectFields | undefined
}

/** What a model said. The same parts that an `Answer` is made of, in the order they were said. */
export interface AssistantMessage {
  role: 'assistant'
  content: AnswerPart[]
  name?: string | undefined
  /** The message is a beginning that the model is to continue (Mistral `prefix`, Anthropic prefill). */
  prefix?: boolean | undefined
}

/** The result of one tool call. */
export interface ToolMessage {
  role: 'tool'
  toolCallId: string
  /** Name of the tool, where the client's protocol gives it or an earlier call in the conversation tells. */
  toolName?: string | undefined
  content: ToolResultPart[]
  isError?: boolean | undefined
  cacheControl?: CacheControl | undefined
  dialect?: DialectFields | undefined
}

export type UserPart = TextPart | ImagePart | AudioPart | FilePart
export type ToolResultPart = TextPart | ImagePart | FilePart

/** What an answer is made of. */
export type AnswerPart =
  | TextPart
  | ReasoningPart
  | ToolCallPart
  | RefusalPart
  | ImagePart
  | AudioPart
  | FilePart
  | OpaquePart

/** Marks the end of a prefix that the provider should cache. */
export interface CacheControl {
  ttl?: '5m' | '1h' | undefined
}

export interface TextPart {
  type: 'text'
  text: string
  annotations?: Annotation[] | undefined
  cacheControl?: CacheControl | undefined
  /** Gemini's `thoughtSignature` of a text part; returned unchanged. */
  signature?: string | undefined
  /** What the wire's message says beside its text (OpenAI Responses: id and phase). */
  dialect?: DialectFields | undefined
}

/** Where the bytes of an image, a sound or a document are. */
export type MediaSource =
  | { type: 'base64'; mediaType: string; data: string }
  | { type: 'url'; url: string; mediaType?: string | undefined }
  | { type: 'file-id'; id: string; mediaType?: string | undefined }

export interface ImagePart {
  type: 'image'
  source: MediaSource
  detail?: 'auto' | 'low' | 'high' | undefined
  cacheControl?: CacheControl | undefined
  signature?: string | undefined
}

export interface AudioPart {
  type: 'audio'
  source: MediaSource
  /** Id under which the provider keeps an answer's sound, to refer to it in a later turn. */
  id?: string | undefined
  transcript?: string | undefined
  expiresAtS?: number | undefined
}

/** A document or any other file (PDF, text, video). */
export interface FilePart {
  type: 'file'
  source: MediaSource
  name?: string | undefined
  /** Text the provider should know about the document (Anthropic `context`). */
  context?: string | undefined
  /** Ask the provider to cite from it. */
  citations?: boolean | undefined
  cacheControl?: CacheControl | undefined
}

/**
 * A model's thinking. `text` may be empty where the provider shows none; the other fields are the
 * provider's own proof of it, which must come back unchanged in a later turn.
 */
export interface ReasoningPart {
  type: 'reasoning'
  text: string
  /** Anthropic and Bedrock `signature`, Gemini `thoughtSignature`. */
  signature?: string | undefined
  /** Anthropic `redacted_thinking.data`, Bedrock `redactedContent`. */
  redacted?: string | undefined
  /** OpenAI Responses: id of the reasoning item. */
  itemId?: string | undefined
  /** OpenAI Responses: `encrypted_content` of the reasoning item. */
  encrypted?: string | undefined
  /** OpenRouter `reasoning_details`, as sent. */
  details?: Json[] | undefined
  dialect?: DialectFields | undefined
}

export interface ToolCallPart {
  type: 'tool-call'
  /** Never empty: where a provider sends none, the protocol makes one. */
  id: string
  name: string
  /** The arguments as JSON text, as the model wrote them: perhaps empty, perhaps not valid. */
  arguments: string
  /** Gemini `thoughtSignature` of the call; returned unchanged. */
  signature?: string | undefined
  /** OpenAI Responses: id of the item, beside the call's own id. */
  itemId?: string | undefined
  /** OpenAI custom tools take free text instead of JSON. */
  custom?: boolean | undefined
  dialect?: DialectFields | undefined
}

export interface RefusalPart {
  type: 'refusal'
  text: string
}

/**
 * A block that only its own protocol understands: calls of tools that the provider runs itself and
 * their results, compaction, context edits. Carried so that a later turn can return it unchanged;
 * rendered by no other protocol.
 */
export interface OpaquePart {
  type: 'opaque'
  protocol: ProtocolId
  /** What it is, for logs and counts: the wire's own type name, e.g. `server_tool_use`. */
  kind: string
  raw: JsonObject
}

/** A source that a piece of text relies on. */
export type Annotation =
  | {
      type: 'url-citation'
      url: string
      title?: string | undefined
      /** Characters of the answer's text that the source supports. */
      startIndex?: number | undefined
      endIndex?: number | undefined
      citedText?: string | undefined
      raw?: JsonObject | undefined
    }
  | {
      type: 'document-citation'
      documentId?: string | undefined
      title?: string | undefined
      citedText?: string | undefined
      startIndex?: number | undefined
      endIndex?: number | undefined
      raw?: JsonObject | undefined
    }
