import type { SwitchyardError } from '../errors.ts'
import type { Frame } from '../http/frame.ts'
import type { Framing } from '../http/framing.ts'
import type { Answer } from '../types/answer.ts'
import type { EmbeddingAnswer, EmbeddingRequest } from '../types/embedding.ts'
import type { StreamEvent } from '../types/event.ts'
import type { Failure } from '../types/failure.ts'
import type { Json, JsonObject } from '../types/json.ts'
import type { ProtocolId } from '../types/protocol.ts'
import type { Quirks } from '../types/quirks.ts'
import type { ChatRequest, RequestParam } from '../types/request.ts'
import type { RerankAnswer, RerankRequest } from '../types/rerank.ts'
import type { AudioFile, TranscriptionAnswer, TranscriptionRequest } from '../types/transcription.ts'
import type { Usage } from '../types/usage.ts'

/** What a protocol may know about the service and the model it writes for. */
export interface RenderContext {
  /** The model as it goes on the wire. */
  model: string
  quirks: Quirks
  /** The model's own output bound, where the catalogue knows it. */
  maxOutputTokens?: number | undefined
  /** Makes an id for something the wire demands one for. */
  newId: () => string
}

/** What a protocol may know while it reads an answer. */
export interface ParseContext {
  provider: string
  model: string
  quirks: Quirks
  newId: () => string
}

/** A request as a wire: what to append to the address and what to send. */
export interface WireRequest {
  /** With a leading slash; may hold a query. */
  path: string
  headers?: Record<string, string> | undefined
  body: JsonObject
}

/** A provider's HTTP answer that is not a success. */
export interface WireFailure {
  status: number
  headers: Readonly<Record<string, string>>
  /** Parsed JSON where the body is JSON, else its text. */
  body: Json
}

/** Turns the frames of a stream into events. Never throws: a failure is an `error` event. */
export interface StreamParser {
  push: (frame: Frame) => StreamEvent[]
  /** The body ended. Closes what is open: `finish` when the answer is whole, `error` when it was cut. */
  end: () => StreamEvent[]
}

/**
 * A wire format for chat, as a provider's dialect: how to ask in it and how to read what comes back.
 * Both halves are pure. `openai-chat` is the one to read first.
 */
export interface ChatProtocol {
  id: ProtocolId
  /** Settings this wire can carry; the others are refused or dropped before `renderRequest`. */
  params: ReadonlySet<RequestParam>
  framing: Framing
  /** Headers of every call in this format. */
  headers?: Readonly<Record<string, string>> | undefined
  renderRequest: (request: ChatRequest, context: RenderContext) => WireRequest
  /** Reads a whole answer. Throws `SwitchyardError` when the body is none. */
  parseAnswer: (body: Json, context: ParseContext) => Answer
  createStreamParser: (context: ParseContext) => StreamParser
  parseFailure: (failure: WireFailure, context: ParseContext) => SwitchyardError
}

/** What a dialect may know while it writes an answer to its client. */
export interface AnswerContext {
  /** The id the client gets. */
  id: string
  /** The model name the client gets. */
  model: string
  createdS: number
  /** The request being answered: some formats echo parts of it. */
  request: ChatRequest
}

/** Writes a stream in a client's dialect. */
export interface StreamRenderer {
  /** Text to send for one event, `''` when there is none. After `finish` or `error` the stream is complete. */
  push: (event: StreamEvent) => string
}

/** A wire format for chat, as a client's dialect: how to read what clients ask and to answer them in it. */
export interface ChatDialect {
  id: ProtocolId
  /** Content type of its streams. */
  streamType: string
  /** Reads and checks a client's request. Throws a `bad_request` with the field's path in `param`. */
  parseRequest: (body: JsonObject) => ChatRequest
  /** What an id of another format is in this one; left out: the same. */
  answerId?: (id: string) => string
  renderAnswer: (answer: Answer, context: AnswerContext) => JsonObject
  createStreamRenderer: (context: AnswerContext) => StreamRenderer
  /** The body of an answer with an error status. */
  renderFailure: (failure: Failure, context: { requestId: string }) => JsonObject
  /** An error inside a stream: the last thing the client gets. */
  renderStreamFailure: (failure: Failure, context: { requestId: string }) => string
}

/**
 * Reads usage and the end of an answer from bytes that are relayed unchanged, for clients and
 * providers that speak the same format.
 */
export interface RelayReader {
  /** Members of a whole answer that `read` looks at; the others may be left out of what it is given. */
  facts: readonly string[]
  /** The list without which a body is no answer. */
  answer?: string | undefined
  /**
   * Takes one parsed frame, or a whole body. `known` is what earlier frames of the same answer told, for formats
   * that tell the usage in pieces.
   */
  read: (body: Json, context: ParseContext, known?: RelayFacts) => RelayFacts
}

export interface RelayFacts {
  usage?: Usage | undefined
  model?: string | undefined
  id?: string | undefined
  /** What only its maker can read and its client sends back: `encrypted_content` of OpenAI's responses. */
  sealed?: readonly string[] | undefined
  /** The answer is whole: its finish reason or closing event was seen. */
  finished?: boolean | undefined
  failure?: Failure | undefined
}

/** How a provider is asked how many tokens a chat request's input is, without answering it. */
export interface CountProtocol {
  id: ProtocolId
  headers?: Readonly<Record<string, string>> | undefined
  renderRequest: (request: ChatRequest, context: RenderContext) => WireRequest
  /** Input tokens. Throws `invalid_response` when the answer holds no count. */
  parseAnswer: (body: Json, context: ParseContext) => number
  parseFailure: (failure: WireFailure, context: ParseContext) => SwitchyardError
}

/** A wire format for embeddings, as a provider's dialect. */
export interface EmbeddingProtocol {
  id: string
  params: ReadonlySet<'dimensions' | 'encoding_format' | 'user' | 'input_type'>
  /** How many inputs one call may hold; more are split into several calls. */
  maxInputs?: number | undefined
  renderRequest: (request: EmbeddingRequest, context: RenderContext) => WireRequest
  parseAnswer: (body: Json, context: ParseContext) => EmbeddingAnswer
  parseFailure: (failure: WireFailure, context: ParseContext) => SwitchyardError
}

/** A wire format for rerank, as a provider's dialect. */
export interface RerankProtocol {
  id: string
  /** Bounds of what is read of a document that this wire can carry; the others are refused or dropped. */
  params: ReadonlySet<'max_tokens_per_doc' | 'max_chunks_per_doc'>
  renderRequest: (request: RerankRequest, context: RenderContext) => WireRequest
  /** Rankings in any order, of all documents or of the best. Throws `invalid_response` when the body has none. */
  parseAnswer: (body: Json, context: ParseContext) => RerankAnswer
  parseFailure: (failure: WireFailure, context: ParseContext) => SwitchyardError
}

/** What a request that carries a recording is sent as. */
export type WireUpload =
  /** A multipart form: lists as `name[]`, objects as `name[key]`, the recording last, as `file`. */
  | { type: 'form'; fields: JsonObject; file: AudioFile }
  /** The recording alone. */
  | { type: 'bytes'; file: AudioFile }

/** A wire format for transcription, as a provider's dialect. */
export interface TranscriptionProtocol {
  id: string
  /** Settings this wire can carry; the others are refused or dropped. */
  params: ReadonlySet<'prompt' | 'temperature'>
  renderRequest: (request: TranscriptionRequest, context: RenderContext) => { path: string; body: WireUpload }
  /** Reads the body, which need not be JSON. Throws `invalid_response` when it is no transcript. */
  parseAnswer: (body: string, context: ParseContext) => TranscriptionAnswer
  parseFailure: (failure: WireFailure, context: ParseContext) => SwitchyardError
}
