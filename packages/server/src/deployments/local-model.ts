import type {
  Answer,
  ChatRequest,
  EmbeddingAnswer,
  EmbeddingRequest,
  RerankAnswer,
  RerankRequest,
  TranscriptionAnswer,
  TranscriptionRequest,
  Rates,
  StreamEvent,
} from '@switchyard/llm/kit'

/**
 * A model that answers inside this process, without a network: `model: <id>/<name>` in the configuration
 * reaches it. Deterministic, so that its answers can be tested.
 */
export interface LocalModel {
  /** Its provider id. */
  id: string
  /** What it costs where the configuration does not say: zero is a price, none is unknown. */
  rates: Rates
  answer: (request: ChatRequest, context: LocalContext) => Answer
  /** The same answer in pieces. */
  stream: (request: ChatRequest, context: LocalContext) => Iterable<StreamEvent>
  embed: (request: EmbeddingRequest, context: LocalContext) => EmbeddingAnswer
  rank: (request: RerankRequest, context: LocalContext) => RerankAnswer
  listen: (request: TranscriptionRequest, context: LocalContext) => TranscriptionAnswer
}

export interface LocalContext {
  /** The name behind the id. */
  model: string
  newId: () => string
  nowMs: () => number
}
