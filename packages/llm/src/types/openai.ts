/**
 * OpenAI's wire types as this package returns them: assignable to those of the `openai` package, with
 * LiteLLM's fields beside them. A type test keeps that true.
 */

export interface ChatCompletion {
  id: string
  object: 'chat.completion'
  created: number
  model: string
  choices: ChatCompletionChoice[]
  usage?: CompletionUsage
  service_tier?: 'auto' | 'default' | 'flex' | 'scale' | 'priority'
  system_fingerprint?: string
}

export type FinishWord = 'stop' | 'length' | 'tool_calls' | 'content_filter'

export interface ChatCompletionChoice {
  index: number
  message: ChatCompletionMessage
  finish_reason: FinishWord
  logprobs: ChoiceLogprobs | null
}

export interface ChatCompletionMessage {
  role: 'assistant'
  content: string | null
  refusal: string | null
  tool_calls?: ChatCompletionToolCall[]
  annotations?: UrlCitation[]
  audio?: { id: string; data: string; transcript: string; expires_at: number } | null
  /** The model's thinking, whatever its provider calls it. */
  reasoning_content?: string
  /** Thinking with the proofs that Anthropic-like models want back in the next turn. */
  thinking_blocks?: ThinkingBlock[]
  /** OpenRouter's form of the same. */
  reasoning_details?: unknown[]
  images?: { type: 'image_url'; image_url: { url: string } }[]
  provider_specific_fields?: Record<string, unknown>
}

export type ThinkingBlock =
  | { type: 'thinking'; thinking: string; signature?: string }
  | { type: 'redacted_thinking'; data: string }

export interface UrlCitation {
  type: 'url_citation'
  url_citation: { url: string; title: string; start_index: number; end_index: number }
}

export type ChatCompletionToolCall =
  | {
      id: string
      type: 'function'
      function: { name: string; arguments: string }
      extra_content?: Record<string, unknown>
      provider_specific_fields?: Record<string, unknown>
    }
  | { id: string; type: 'custom'; custom: { name: string; input: string } }

export interface ChoiceLogprobs {
  content: TokenLogprob[] | null
  refusal: TokenLogprob[] | null
}

export interface TokenLogprob {
  token: string
  bytes: number[] | null
  logprob: number
  top_logprobs: { token: string; bytes: number[] | null; logprob: number }[]
}

export interface CompletionUsage {
  prompt_tokens: number
  completion_tokens: number
  total_tokens: number
  prompt_tokens_details?: {
    cached_tokens?: number
    audio_tokens?: number
    image_tokens?: number
    cache_creation_tokens?: number
  }
  completion_tokens_details?: {
    reasoning_tokens?: number
    audio_tokens?: number
    image_tokens?: number
    accepted_prediction_tokens?: number
    rejected_prediction_tokens?: number
  }
  cache_creation_input_tokens?: number
  cache_read_input_tokens?: number
}

export interface ChatCompletionChunk {
  id: string
  object: 'chat.completion.chunk'
  created: number
  model: string
  choices: ChatCompletionChunkChoice[]
  usage?: CompletionUsage | null
  service_tier?: 'auto' | 'default' | 'flex' | 'scale' | 'priority'
  system_fingerprint?: string
}

export interface ChatCompletionChunkChoice {
  index: number
  delta: ChatCompletionDelta
  finish_reason: FinishWord | null
  logprobs?: ChoiceLogprobs | null
}

export interface ChatCompletionDelta {
  role?: 'assistant'
  content?: string | null
  refusal?: string | null
  tool_calls?: {
    index: number
    id?: string
    type?: 'function'
    function?: { name?: string; arguments?: string }
  }[]
  reasoning_content?: string
  thinking_blocks?: ThinkingBlock[]
  annotations?: UrlCitation[]
}

export interface TextCompletion {
  id: string
  object: 'text_completion'
  created: number
  model: string
  choices: {
    index: number
    text: string
    finish_reason: 'stop' | 'length' | 'content_filter'
    logprobs: {
      text_offset?: number[]
      token_logprobs?: number[]
      tokens?: string[]
      top_logprobs?: Record<string, number>[]
    } | null
  }[]
  usage?: CompletionUsage
  system_fingerprint?: string
}

export interface EmbeddingResponse {
  object: 'list'
  model: string
  data: { object: 'embedding'; index: number; embedding: number[] }[]
  usage: { prompt_tokens: number; total_tokens: number }
}

/** A message as callers write it. */
export type MessageParam =
  | {
      role: 'system' | 'developer'
      content: string | readonly TextPartParam[]
      name?: string | undefined
      cache_control?: CacheControlParam | undefined
    }
  | {
      role: 'user'
      content: string | readonly UserPartParam[]
      name?: string | undefined
      cache_control?: CacheControlParam | undefined
    }
  | AssistantMessageParam
  | {
      role: 'tool'
      tool_call_id: string
      content: string | readonly UserPartParam[]
      name?: string | undefined
      cache_control?: CacheControlParam | undefined
    }
  | { role: 'function'; name: string; content: string | null }

export interface AssistantMessageParam {
  role: 'assistant'
  content?: string | null | readonly (TextPartParam | { type: 'refusal'; refusal: string })[] | undefined
  name?: string | undefined
  refusal?: string | null | undefined
  audio?: { id: string } | null | undefined
  tool_calls?: readonly ChatCompletionToolCall[] | undefined
  function_call?: { name: string; arguments: string } | null | undefined
  reasoning_content?: string | null | undefined
  thinking_blocks?: readonly ThinkingBlock[] | undefined
  reasoning_details?: readonly unknown[] | undefined
  provider_specific_fields?: Readonly<Record<string, unknown>> | undefined
  /** The message is a beginning that the model is to continue. */
  prefix?: boolean | undefined
}

export interface CacheControlParam {
  type: 'ephemeral'
  ttl?: '5m' | '1h' | undefined
}

export interface TextPartParam {
  type: 'text'
  text: string
  cache_control?: CacheControlParam | undefined
}

export type UserPartParam =
  | TextPartParam
  | {
      type: 'image_url'
      image_url: { url: string; detail?: string | undefined; format?: string | undefined }
      cache_control?: CacheControlParam | undefined
    }
  | { type: 'input_audio'; input_audio: { data: string; format: string } }
  | {
      type: 'file'
      file: {
        file_id?: string | undefined
        file_data?: string | undefined
        filename?: string | undefined
        format?: string | undefined
      }
      cache_control?: CacheControlParam | undefined
    }

export type ToolParam =
  | {
      type: 'function'
      function: {
        name: string
        description?: string | undefined
        parameters?: Readonly<Record<string, unknown>> | undefined
        strict?: boolean | null | undefined
      }
      cache_control?: CacheControlParam | undefined
    }
  | { type: 'custom'; custom: object }
  /** A tool that a provider runs itself. */
  | { type: string; [field: string]: unknown }

export type ToolChoiceParam =
  | 'auto'
  | 'none'
  | 'required'
  | { type: 'function'; function: { name: string } }
  | { type: 'custom'; custom: { name: string } }
  | { type: 'allowed_tools'; allowed_tools: object }

export type ResponseFormatParam =
  | { type: 'text' | 'json_object' }
  | {
      type: 'json_schema'
      json_schema: {
        name: string
        schema?: Readonly<Record<string, unknown>> | undefined
        strict?: boolean | null | undefined
        description?: string | undefined
      }
    }
