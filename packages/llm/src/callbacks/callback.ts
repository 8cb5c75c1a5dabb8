import type { StreamEvent } from '../types/event.ts'
import type { StandardLoggingPayload } from './payload.ts'
import type { CallType } from './record.ts'

/** What a hook is told about the call it may change. */
export interface HookCall {
  id: string
  trace_id: string
  call_type: CallType
  metadata: Readonly<Record<string, unknown>>
}

type Awaitable<Value> = Value | Promise<Value>

/**
 * Watches calls, or changes them.
 *
 * `success` and `failure` watch: once per call, when it is over, with LiteLLM's standard payload. What they throw is
 * reported and forgotten. `input`, `output` and `event` are part of the call: they may return something else than they
 * got, nothing leaves it as it is, and what they throw is the call's failure, so that a filter that breaks lets nothing
 * through.
 *
 * @example
 * const noNames: Callback = { input: (params) => ({ ...params, messages: withoutNames(params['messages']) }) }
 */
export interface Callback {
  /** Named in reports about it. */
  name?: string
  /** Before anything else: may change or refuse the request. */
  input?: (
    params: Readonly<Record<string, unknown>>,
    call: HookCall,
  ) => Awaitable<Readonly<Record<string, unknown>> | void>
  /** May change a whole answer, in OpenAI's shape. */
  output?: (answer: object, call: HookCall) => Awaitable<object | void>
  /** May change each event of a stream; `null` leaves it out. */
  event?: (event: StreamEvent, call: HookCall) => StreamEvent | null | void
  success?: (payload: StandardLoggingPayload) => Awaitable<void>
  failure?: (payload: StandardLoggingPayload) => Awaitable<void>
}

/** What LiteLLM's function callbacks get first: the request, and what is known about the call. */
export interface CallbackArguments {
  model: string
  messages?: unknown
  input?: unknown
  stream: boolean
  user?: unknown
  call_type: CallType
  litellm_call_id: string
  litellm_trace_id: string
  custom_llm_provider: string
  /** USD; `null`: the model has no known price. */
  response_cost: number | null
  cache_hit: boolean
  litellm_params: { metadata: Readonly<Record<string, unknown>>; api_base: string }
  optional_params: Readonly<Record<string, unknown>>
  standard_logging_object: StandardLoggingPayload
  /** The failure, where there is one. */
  exception?: Error
}

/** LiteLLM's function callback. `response` is OpenAI-shaped; `undefined` where the call failed. */
export type CallbackFunction = (
  kwargs: CallbackArguments,
  response: CallbackResponse | undefined,
  startTime: Date,
  endTime: Date,
) => Awaitable<void>

/** An answer as callbacks see it: of whichever call it is. */
export interface CallbackResponse {
  usage?: { prompt_tokens?: number; completion_tokens?: number; total_tokens?: number }
  [field: string]: unknown
}

/** Who is told about calls. */
export interface CallbackSettings {
  /** Told of every call; objects may change it as well. */
  callbacks?: readonly (Callback | CallbackFunction)[] | undefined
  success_callback?: readonly (Callback | CallbackFunction)[] | undefined
  failure_callback?: readonly (Callback | CallbackFunction)[] | undefined
  /** What a callback threw; the default warns once for each callback. */
  onCallbackError?: ((error: unknown, name: string) => void) | undefined
}
