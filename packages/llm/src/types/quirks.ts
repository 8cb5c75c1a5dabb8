import type { RequestParam } from './request.ts'

/**
 * How a service or a model differs from its wire format's usual reading, as data. Protocols read these
 * fields; nothing reads a provider's name. Each field names the service that needed it first.
 */
export interface Quirks {
  /**
   * `deviant`: answers differ from the format's own (reasoning under another name, usage elsewhere, other finish
   * words, content lists), so a gateway must read and write them anew for its clients instead of relaying them.
   */
  answers?: 'standard' | 'deviant' | undefined
  /** Field that bounds the output. OpenAI's reasoning models refuse `max_tokens`; older servers know only it. */
  maxTokensField?: 'max_tokens' | 'max_completion_tokens' | undefined
  /** `unasked`: usage comes in the stream by itself and `stream_options` is refused (Mistral). */
  streamUsage?: 'option' | 'unasked' | undefined
  /** The reported output count leaves reasoning out (xAI chat). */
  reasoningOutsideOutput?: boolean | undefined
  /** Content must be a string, not a list of parts (DeepSeek, PublicAI). */
  flattenContent?: boolean | undefined
  /** Word for "must call some tool" (Mistral: `any`; some know no such thing). */
  toolChoiceRequired?: 'required' | 'any' | 'unsupported' | undefined
  /** Mistral calls it `random_seed`. */
  seedField?: 'seed' | 'random_seed' | undefined
  /** Role of instructions (`developer` for OpenAI's reasoning models, `user` for those that refuse both). */
  systemRole?: 'system' | 'developer' | 'user' | undefined
  /**
   * `json-object`: schemas are refused, so the schema goes into the instructions (DeepSeek). Left out, the wire
   * decides: Anthropic's asks through a forced tool, which every model takes, unless a model says `native`.
   */
  jsonSchema?: 'native' | 'json-object' | undefined
  /** Name of the reasoning text in messages sent back; `drop`: the service refuses it. */
  reasoningEcho?:
    | 'reasoning_content'
    /** Only in turns that called tools; it is refused in others (DeepSeek). */
    | 'reasoning_content-with-calls'
    | 'reasoning'
    | 'reasoning_details'
    /** Text, and blocks with proofs, as we and LiteLLM answer them. */
    | 'thinking_blocks'
    | 'thinking-part'
    | 'drop'
    | undefined
  /** How a wanted effort is said: OpenAI `reasoning_effort`, OpenRouter `reasoning: {effort}`, z.ai and Volcengine `thinking: {type}`, Alibaba `enable_thinking`. */
  reasoningRequest?:
    | 'reasoning_effort'
    | 'reasoning-object'
    | 'thinking-type'
    | 'enable-thinking'
    | 'anthropic-thinking'
    | undefined
  /**
   * `adaptive`: the model takes an effort and decides itself how long to think (Claude since 4.6).
   * `adaptive-only`: it refuses token budgets (Claude since Opus 4.7).
   */
  thinkingMode?: 'budget' | 'adaptive' | 'adaptive-only' | undefined
  /** Temperature and top-p are refused together; the temperature is kept (Claude since Opus 4.1). */
  temperatureOrTopP?: boolean | undefined
  /** Reasoning stands in the text between these tags (R1 on many hosts). */
  thinkTags?: { open: string; close: string } | undefined
  /** Tool call ids must be nine letters or digits (older Mistral models). */
  shortToolCallIds?: boolean | undefined
  /** System first, then strictly alternating user and assistant turns (Perplexity). */
  alternatingRoles?: boolean | undefined
  /** Put before a model name that lacks it (Fireworks: `accounts/fireworks/models/`). */
  modelPrefix?: string | undefined
  /** `name` of system, user and assistant messages is refused (Groq, Mistral). */
  dropNames?: boolean | undefined
  /** Greatest temperature; a higher one is sent as this (Moonshot: 1). */
  maxTemperature?: number | undefined
  /** Path of chat calls when it is not the protocol's own (Writer: `/chat`). */
  chatPath?: string | undefined
  /** Settings the service refuses altogether. */
  unsupported?: readonly RequestParam[] | undefined
  /** Settings refused while the model reasons, which it does only when an effort is wanted (GPT-5.1 and later). */
  unsupportedWhileReasoning?: readonly RequestParam[] | undefined
  /** Finish words beyond the protocol's own (Together: `eos` → stop). */
  finishReasons?: Readonly<Record<string, 'stop' | 'length' | 'tool-calls' | 'content-filter'>> | undefined
  /**
   * Whose settings the model takes, where one wire carries many vendors': the names of top-k and thinking in
   * Bedrock's `additionalModelRequestFields`, levels of `think` at Ollama.
   */
  modelFamily?: 'anthropic' | 'nova' | 'nova-2' | 'openai' | 'qwen' | 'cohere' | undefined
  /** Output bound to send when the caller gives none, for wires that require one (Anthropic). */
  defaultMaxTokens?: number | undefined
  /** Levels of thinking the model takes instead of a token budget, lowest first (Gemini 3). */
  thinkingLevels?: readonly ('minimal' | 'low' | 'medium' | 'high')[] | undefined
  /** `inside`: media that a tool returned stand in its result (Gemini 3); else they follow as parts of the same turn. */
  toolResultMedia?: 'inside' | 'beside' | undefined
  /** Put as signature on calls that came from elsewhere, where the model refuses unsigned ones (Gemini 3). */
  unsignedCallSignature?: string | undefined
  /** What packed (base64) vectors are made of: 32-bit floats, or signed bytes (Perplexity). */
  embeddingBytes?: 'float32' | 'int8' | undefined
  /** Calls of custom tools are those of tools that the provider runs itself (xAI's searches on `/responses`). */
  customCallsAreOwn?: boolean | undefined
  /**
   * How transcripts are asked for: `plain` as JSON, with times only where these are wanted (the usual; OpenAI's models
   * since GPT-4o have none), `verbose` always with times, which tell the length that is billed (Groq, Whisper), `unnamed`
   * where no form is to be named (Mistral).
   */
  transcripts?: 'plain' | 'verbose' | 'unnamed' | undefined
  /** Shorter recordings are billed as this long (Groq: 10 s). */
  leastAudioMs?: number | undefined
  /** What vectors are for, sent when the caller does not say and the service insists (NVIDIA NIM). */
  embeddingInputType?: string | undefined
  /** Fields every request body gets unless it has them already. */
  extraBody?: Readonly<Record<string, string | number | boolean>> | undefined
}
