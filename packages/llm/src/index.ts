import { createClient } from './client/client.ts'
import type { Client } from './client/client.ts'

const client: Client = createClient()

/**
 * One chat call to any model, in OpenAI's shape.
 *
 * @example
 * const answer = await completion({ model: 'anthropic/claude-sonnet-5', messages: [{ role: 'user', content: 'Hello' }] })
 * console.log(answer.choices[0]?.message.content)
 *
 * @throws {SwitchyardError} with `status`, `retryable` and the provider's own words.
 */
export const completion: Client['completion'] = client.completion
/** One call to a model that completes text: its own `/completions`, or its chat. */
export const textCompletion: Client['textCompletion'] = client.textCompletion
/** Vectors for texts, in OpenAI's shape. */
export const embedding: Client['embedding'] = client.embedding
/** One call in the shape of OpenAI's Responses API, to any model. */
export const responses: Client['responses'] = client.responses
/** Documents in the order of how well each answers a query, in Cohere's shape. */
export const rerank: Client['rerank'] = client.rerank
/** What was said in a recording, in OpenAI's shape. */
export const transcription: Client['transcription'] = client.transcription

/** Many calls, so many at once. */
export const batchCompletion: Client['batchCompletion'] = client.batchCompletion
/** Several models at once: the first that answers wins. */
export const batchCompletionModels: Client['batchCompletionModels'] = client.batchCompletionModels
/** Several models at once, all answers. */
export const batchCompletionModelsAllResponses: Client['batchCompletionModelsAllResponses'] =
  client.batchCompletionModelsAllResponses
/** Resolves when the callbacks of every call so far of the functions above have ended. */
export const flush: Client['flush'] = client.flush

export { createCache } from './client/client-cache.ts'
export type { CacheOptions, ClientCache } from './client/client-cache.ts'
export { createClient } from './client/client.ts'
export type { Client, ClientOptions } from './client/client.ts'
export type { BatchFunctions, BatchOptions, BatchParams, ModelsParams } from './client/batch.ts'
export type { Calls } from './client/calls.ts'
export { Router } from './client/router.ts'
export type {
  AliasOption,
  DeploymentOptions,
  LitellmParams,
  RouterSettings,
} from './client/router-options.ts'
export { configure } from './client/settings.ts'
export { currentCost } from './client/purse.ts'
export { BudgetManager } from './budget/budget-manager.ts'
export type { BudgetManagerOptions, CostUpdate, NewBudget } from './budget/budget-manager.ts'
export { fileStorage, memoryStorage } from './budget/storage.ts'
export type { BudgetStorage } from './budget/storage.ts'
export type { LimitOptions } from './limit/limiter.ts'
export type { ClientSettings } from './client/settings.ts'
export type {
  Callback,
  CallbackArguments,
  CallbackFunction,
  CallbackResponse,
  HookCall,
} from './callbacks/callback.ts'
export { jsonlTrace } from './callbacks/jsonl-trace.ts'
export type { JsonlTraceOptions, TraceLine } from './callbacks/jsonl-trace.ts'
export type { StandardLoggingPayload } from './callbacks/payload.ts'
export type { CompletionParams, CompletionStream } from './client/completion.ts'
export type { EmbeddingParams } from './client/embedding.ts'
export type { CacheOfCall, CallOptions, ClientWorld } from './client/options.ts'
export type { RerankParams } from './client/rerank.ts'
export type { ResponsesParams, ResponsesStream } from './client/responses.ts'
export type { AnswerStream } from './client/stream.ts'
export type { AudioInput } from './client/audio.ts'
export type { TranscriptionParams } from './client/transcription.ts'
export type { TextCompletionParams } from './client/text-completion.ts'
export { getLlmProvider, validateEnvironment } from './client/provider-info.ts'
export { tokenCounter } from './client/token-counter.ts'
export {
  completionCost,
  costPerToken,
  getModelInfo,
  InvalidModelEntryError,
  registerModel,
  supports,
} from './catalog/index.ts'
export type { CompletionCostInput, CostPair, CostPerTokenInput, EntryFinding } from './catalog/index.ts'
export {
  supportsAudioInput,
  supportsAudioOutput,
  supportsFunctionCalling,
  supportsParallelFunctionCalling,
  supportsPdfInput,
  supportsPromptCaching,
  supportsReasoning,
  supportsResponseSchema,
  supportsSystemMessages,
  supportsToolChoice,
  supportsVision,
  supportsWebSearch,
} from './client/supports.ts'
export * from './errors.ts'
export type { RouteExplanation, RoutingRedis, Strategy } from './router/index.ts'
export { bearer, headerKey } from './auth/index.ts'
export type { HeaderKeyOptions } from './auth/index.ts'
export { openaiChatProtocol } from './protocols/openai-chat/index.ts'
export { providers } from './providers/index.ts'
export { defineProvider } from './providers/provider.ts'
export type { Provider } from './providers/provider.ts'
export type { StreamEvent } from './types/event.ts'
export type { ModelInfo } from './types/model.ts'
export type * from './types/openai.ts'
export type * from './types/openai-responses.ts'
export type { RerankResponse, RerankResult } from './types/rerank.ts'
export type {
  TranscriptFormat,
  Transcription,
  TranscriptSegment,
  TranscriptUsage,
  TranscriptWord,
} from './types/transcription.ts'
export type { Usage } from './types/usage.ts'
