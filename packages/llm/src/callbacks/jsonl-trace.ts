import type { Callback } from './callback.ts'
import type { StandardLoggingPayload } from './payload.ts'

/** One line of a trace. Every key is in every line, so that DuckDB reads a file as one table. */
export interface TraceLine {
  /** When the call began, as ISO 8601. */
  time: string
  run_id: string
  trace_id: string
  call_type: string
  status: 'success' | 'failure'
  /** The model that answered, or that was asked last. */
  model: string
  provider: string
  model_group: string | null
  stream: boolean
  latency_s: number
  /** Seconds to the first token of a stream. */
  ttft_s: number | null
  /** `null`: the model has no known price. */
  cost_usd: number | null
  prompt_tokens: number
  completion_tokens: number
  total_tokens: number
  /** How many providers were asked; 0 when the answer came from a cache or the call was refused before. */
  attempts: number
  tried: readonly {
    model: string
    provider: string
    latency_s: number
    status: number
    error: string | null
  }[]
  cache_hit: boolean
  user: string | null
  error: string | null
  metadata: Readonly<Record<string, unknown>>
  messages?: unknown
  response?: unknown
}

export interface JsonlTraceOptions {
  /** Write what was asked and answered as well (default: figures only). */
  content?: boolean
  /** Appends text to the file, now; for runtimes without `node:fs`, and tests. */
  append?: (path: string, text: string) => void
}

/**
 * Appends one line of JSON per call to a file: model, latency, cost, tokens, attempts, trace id. Each line is handed to
 * the operating system whole before the call's caller goes on, so that a process that ends loses none. The file may be
 * moved away at any time. A file that cannot be written is reported as any callback's failure and breaks no call.
 *
 * @example configure({ callbacks: [jsonlTrace('traces.jsonl')] })
 */
export function jsonlTrace(path: string, options: JsonlTraceOptions = {}): Callback {
  const append = options.append ?? appendToFile
  const write = (payload: StandardLoggingPayload): void =>
    append(path, `${JSON.stringify(traceLine(payload, options.content ?? false))}\n`)
  return { name: `jsonlTrace(${path})`, success: write, failure: write }
}

/** A payload as a line's content. Pure. */
function traceLine(payload: StandardLoggingPayload, content: boolean): TraceLine {
  const { attempts } = payload.hidden_params
  return {
    time: new Date(payload.startTime * 1000).toISOString(),
    run_id: payload.id,
    trace_id: payload.trace_id,
    call_type: payload.call_type,
    status: payload.status,
    model: payload.model,
    provider: payload.custom_llm_provider,
    model_group: payload.model_group,
    stream: payload.stream,
    latency_s: payload.response_time,
    ttft_s: payload.stream ? round(payload.completionStartTime - payload.startTime) : null,
    cost_usd: payload.response_cost,
    prompt_tokens: payload.prompt_tokens,
    completion_tokens: payload.completion_tokens,
    total_tokens: payload.total_tokens,
    attempts: attempts.length,
    tried: attempts.map(({ model, provider, response_time, status, error }) => ({
      model,
      provider,
      latency_s: response_time,
      status,
      error,
    })),
    cache_hit: payload.cache_hit,
    user: payload.end_user === '' ? null : payload.end_user,
    error: payload.error_str,
    metadata: payload.metadata,
    ...(content ? { messages: payload.messages, response: payload.response } : {}),
  }
}

/** Differences of epoch seconds carry float dust below the microsecond. */
function round(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6
}

/** Loaded only when used: the package also runs where there is no `node:fs`. */
function appendToFile(path: string, text: string): void {
  const fs = globalThis.process?.getBuiltinModule?.('node:fs')
  if (fs === undefined) throw new Error('jsonlTrace needs node:fs, or its append option')
  fs.appendFileSync(path, text)
}
