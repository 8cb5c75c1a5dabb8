/**
 * The parts a gateway is built from: how to find a target, write a call, read an answer, price it.
 * Applications want the functions of the package's main entry instead.
 */
export { findAwsKeys } from './auth/aws-credentials.ts'
export { findAwsRegion } from './auth/aws-sigv4.ts'
export {
  cacheKey,
  cachePolicy,
  cacheStores,
  createMemoryVectors,
  createRedisVectors,
  createResponseCache,
  FAILED_LEADERS,
  guardStore,
  mergeControls,
  operationOf,
  parseCacheControlHeader,
  parseCacheControls,
  questionOf,
  unitVector,
} from './cache/index.ts'
export type {
  CacheControls,
  CachedOperation,
  CacheEntry,
  CachePolicy,
  CacheRules,
  CacheStore,
  Flight,
  KeyParts,
  Outcome,
  ResponseCache,
  VectorIndex,
} from './cache/index.ts'
export { renderLitellmModel } from './catalog/litellm-format.ts'
export { createCatalog } from './catalog/lookup.ts'
export type { Catalog } from './catalog/lookup.ts'
export { cost } from './catalog/cost.ts'
export type { CostBreakdown } from './catalog/cost.ts'
export { formatUsd, picoUsdFromUsd, usdFromPicoUsd } from './catalog/money.ts'
export { mostSearchUnits } from './catalog/search-units.ts'
export { markCachePoints, parseCachePoints } from './client/cache-points.ts'
export type { CachePoint } from './client/cache-points.ts'
export { failureOfCall, failureOfCredentials, invalidResponse } from './client/failures.ts'
export { joinAnswers } from './client/embedding.ts'
export { OWN_SETTINGS } from './client/own-settings.ts'
export { mockAnswer } from './client/mock.ts'
export { countRequest } from './client/count-request.ts'
export { applyParamSupport, REQUEST_PARAMS } from './client/params.ts'
export type {
  PreparedCall,
  PreparedUpload,
  PrepareContext,
  PrepareRules,
  ChatOperation,
} from './client/prepare.ts'
export {
  chatSurfaceOf,
  countSurfaceOf,
  embeddingSurfaceOf,
  headersOf,
  prepareChat,
  prepareCount,
  prepareEmbedding,
  prepareRerank,
  prepareTranscription,
  rerankSurfaceOf,
  transcriptionSurfaceOf,
  signCall,
  urlOf,
  wireModelOf,
} from './client/prepare.ts'
export { quirksOf } from './client/quirks.ts'
export { estimateRerankUsage } from './client/rerank-usage.ts'
export { textOfRequest } from './client/request-text.ts'
export type { ResolvedTarget, TargetOptions } from './client/resolve.ts'
export { baseUrlOf, resolveTarget } from './client/resolve.ts'
export { createError, FAILURES, isSwitchyardError, SwitchyardError } from './errors.ts'
export { connectionFault } from './http/connection-fault.ts'
export { createFrameReader } from './http/framing.ts'
export { createSseEventSplitter } from './http/sse-split.ts'
export type { SseEventSplitter } from './http/sse-split.ts'
export { TransportError } from './http/transport-error.ts'
export { createUndiciTransport } from './http/undici-transport.ts'
export { defaultTimeouts } from './http/timeouts.ts'
export { collect, createCollector, eventsOf } from './protocols/collect.ts'
export type {
  AnswerContext,
  ChatDialect,
  ChatProtocol,
  CountProtocol,
  EmbeddingProtocol,
  ParseContext,
  RelayFacts,
  RelayReader,
  RerankProtocol,
  TranscriptionProtocol,
  StreamParser,
  StreamRenderer,
} from './protocols/protocol.ts'
export { parseCountTokensRequest, renderCountTokensAnswer } from './protocols/anthropic-messages/index.ts'
export { sealedIn } from './protocols/openai-responses/relay.ts'
export { parseJson } from './protocols/wire.ts'
export { scrub } from './protocols/scrub.ts'
export { parseEmbeddingRequest, renderEmbeddingAnswer } from './protocols/openai-embeddings/client.ts'
export { parseTranscriptionRequest, renderTranscription } from './protocols/openai-transcription/client.ts'
export { audioFile } from './client/audio.ts'
export { mostTranscriptionUsage, transcriptionUsage } from './client/transcription-usage.ts'
export { parseRerankRequest, renderRerankAnswer } from './protocols/cohere-rerank/client.ts'
export { parseUsage as parseOpenaiChatUsage } from './protocols/openai-chat/usage.ts'
export type { DialectId } from './protocols/index.ts'
export { dialects, formats, relays } from './protocols/index.ts'
export { providers } from './providers/index.ts'
export type { Provider, Surface } from './providers/provider.ts'
export { defineProvider } from './providers/provider.ts'
export type { ProviderRegistry } from './providers/registry.ts'
export type { CountableMessage, CountableTool, TokenCount } from './tokens/index.ts'
export { countTokens, estimateTokens, boundTokens } from './tokens/index.ts'
export * from './router/index.ts'
export type { Answer, AnswerChoice, Finish, FinishReason } from './types/answer.ts'
export type { AuthContext } from './types/auth.ts'
export type { EmbeddingAnswer, EmbeddingRequest } from './types/embedding.ts'
export type { StreamEvent } from './types/event.ts'
export type { Failure, FailureCode } from './types/failure.ts'
export type { Json, JsonObject } from './types/json.ts'
export type { Capability, ModelInfo, Rates } from './types/model.ts'
export type { ProtocolId } from './types/protocol.ts'
export type { Operation, Target } from './types/provider.ts'
export type { Quirks } from './types/quirks.ts'
export type { ChatRequest, Tool } from './types/request.ts'
export type { RerankAnswer, RerankRequest } from './types/rerank.ts'
export type {
  AudioFile,
  Transcription,
  TranscriptionAnswer,
  TranscriptionRequest,
} from './types/transcription.ts'
export type { Timeouts } from './types/transport.ts'
export type { Usage } from './types/usage.ts'
