import type { Json, JsonObject } from './json.ts'
import type { CacheControl, DialectFields, Message } from './message.ts'
import type { ProtocolId } from './protocol.ts'

/** A chat call, free of any wire format. Fields that the caller did not give are left out. */
export interface ChatRequest {
  /** The model as the caller named it; the provider's own name comes from the target. */
  model: string
  messages: Message[]
  stream: boolean
  /** The caller wants usage in the stream (`stream_options.include_usage`). */
  includeUsage?: boolean | undefined

  tools?: Tool[] | undefined
  toolChoice?: ToolChoice | undefined
  parallelToolCalls?: boolean | undefined
  responseFormat?: ResponseFormat | undefined
  reasoning?: ReasoningOptions | undefined

  /** Upper bound of output tokens, reasoning included. */
  maxTokens?: number | undefined
  temperature?: number | undefined
  topP?: number | undefined
  topK?: number | undefined
  stop?: string[] | undefined
  seed?: number | undefined
  n?: number | undefined
  presencePenalty?: number | undefined
  frequencyPenalty?: number | undefined
  logitBias?: Record<string, number> | undefined
  logprobs?: boolean | undefined
  topLogprobs?: number | undefined

  /** The end user on whose behalf the call is made. */
  user?: string | undefined
  verbosity?: 'low' | 'medium' | 'high' | undefined
  serviceTier?: string | undefined
  modalities?: string[] | undefined
  /** Voice and format of spoken answers, as OpenAI's `audio`. */
  audio?: JsonObject | undefined
  prediction?: JsonObject | undefined
  /** OpenAI's `web_search_options`. */
  webSearch?: JsonObject | undefined
  store?: boolean | undefined
  /** The provider's own metadata field (OpenAI `metadata`), not ours. */
  metadata?: JsonObject | undefined
  safetyIdentifier?: string | undefined
  promptCacheKey?: string | undefined

  /** Fields that no vocabulary of ours knows: forwarded untouched, whatever the provider speaks. */
  extra?: JsonObject | undefined
  /** Fields that mean something in one protocol only: rendered again by that protocol, dropped by all others. */
  dialect?: DialectFields | undefined
  /** Names a field whose value has no meaning outside the client's own protocol, so that no bridge can serve the call. */
  nativeOnly?: string | undefined
}

export type Tool = FunctionTool | NativeTool

export interface FunctionTool {
  type: 'function'
  name: string
  description?: string | undefined
  /** JSON Schema of the arguments. Left out: no arguments. */
  parameters?: JsonObject | undefined
  strict?: boolean | undefined
  cacheControl?: CacheControl | undefined
  dialect?: DialectFields | undefined
}

/** A tool the provider runs itself, or one in a form only its protocol knows (custom grammar, computer use). */
export interface NativeTool {
  type: 'native'
  protocol: ProtocolId
  raw: JsonObject
}

export type ToolChoice =
  | { type: 'auto' | 'none' | 'required' }
  | { type: 'tool'; name: string }
  | { type: 'native'; protocol: ProtocolId; raw: Json }

export type ResponseFormat =
  | { type: 'text' }
  | { type: 'json' }
  | {
      type: 'json-schema'
      name: string
      schema: JsonObject
      strict?: boolean | undefined
      description?: string | undefined
    }

export type ReasoningEffort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max'

/** How much a model should think. Callers give an effort or a budget; each protocol renders what its wire has. */
export interface ReasoningOptions {
  effort?: ReasoningEffort | undefined
  budgetTokens?: number | undefined
  /** `adaptive`: the model decides (Anthropic). */
  mode?: 'enabled' | 'disabled' | 'adaptive' | undefined
  /** Whether and how thinking is shown: OpenAI `summary`, Gemini `includeThoughts`. */
  summary?: string | undefined
}

/** Names of the settings that a provider or a model may not take; OpenAI's spelling, as callers know them. */
export type RequestParam =
  | 'tools'
  | 'tool_choice'
  | 'parallel_tool_calls'
  | 'response_format'
  | 'reasoning_effort'
  | 'thinking'
  | 'max_tokens'
  | 'temperature'
  | 'top_p'
  | 'top_k'
  | 'stop'
  | 'seed'
  | 'n'
  | 'presence_penalty'
  | 'frequency_penalty'
  | 'logit_bias'
  | 'logprobs'
  | 'top_logprobs'
  | 'user'
  | 'verbosity'
  | 'service_tier'
  | 'modalities'
  | 'audio'
  | 'prediction'
  | 'web_search_options'
  | 'store'
  | 'metadata'
  | 'safety_identifier'
  | 'prompt_cache_key'
