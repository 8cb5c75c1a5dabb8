import { createError } from '../errors.ts'
import type {
  Callback,
  CallbackArguments,
  CallbackFunction,
  CallbackResponse,
  CallbackSettings,
} from './callback.ts'
import { standardPayload } from './payload.ts'
import type { StandardLoggingPayload } from './payload.ts'
import type { CallRecord } from './record.ts'

/** Who is told of a call that succeeded and of one that failed, and who may change calls. */
export interface Listeners {
  success: readonly (Callback | CallbackFunction)[]
  failure: readonly (Callback | CallbackFunction)[]
  hooks: readonly Callback[]
  onError: (error: unknown, name: string) => void
}

const warned = new WeakSet<object>()

/**
 * Puts settings of several places together, in their order.
 *
 * @throws `bad_request` for a callback that is neither a function nor an object (LiteLLM's names of services: none is called by its name).
 */
export function listenersOf(...settings: readonly CallbackSettings[]): Listeners {
  const list = (
    name: 'callbacks' | 'success_callback' | 'failure_callback',
  ): (Callback | CallbackFunction)[] =>
    settings.flatMap((part) => (part[name] ?? []).map((callback) => checked(callback, name)))
  const everything = list('callbacks')
  const success = [...list('success_callback'), ...everything]
  const failure = [...list('failure_callback'), ...everything]
  const objects = [...success, ...failure].filter((callback) => typeof callback === 'object')
  return {
    success,
    failure,
    hooks: [...new Set(objects)],
    onError: settings.findLast((part) => part.onCallbackError !== undefined)?.onCallbackError ?? warn,
  }
}

function checked(callback: Callback | CallbackFunction, setting: string): Callback | CallbackFunction {
  if (typeof callback === 'function' || (typeof callback === 'object' && callback !== null)) return callback
  throw createError({
    code: 'bad_request',
    message: `${setting}: '${String(callback)}' is no callback: services are not found by their names here. Give a function or an object { success, failure } that sends the payload there, or jsonlTrace(path) to write it to a file`,
    param: setting,
  })
}

function warn(error: unknown, name: string): void {
  console.warn(
    `switchyard: callback ${name} failed: ${error instanceof Error ? error.message : String(error)}`,
  )
}

/** Tells everyone that a call is over. Never throws; resolves when the last callback has ended. */
export async function notify(listeners: Listeners, record: CallRecord, error?: Error): Promise<void> {
  const succeeded = record.failure === undefined
  const told = succeeded ? listeners.success : listeners.failure
  if (told.length === 0) return
  const payload = standardPayload(record)
  await Promise.all(
    told.map(async (callback) => {
      try {
        if (typeof callback === 'function') await tell(callback, record, payload, error)
        else await (succeeded ? callback.success?.(payload) : callback.failure?.(payload))
      } catch (problem) {
        report(listeners, problem, callback)
      }
    }),
  )
}

function report({ onError }: Listeners, problem: unknown, callback: Callback | CallbackFunction): void {
  if (onError === warn) {
    if (warned.has(callback)) return
    warned.add(callback)
  }
  try {
    onError(problem, callback.name === undefined || callback.name === '' ? 'without a name' : callback.name)
  } catch (second) {
    warn(second, 'onCallbackError')
  }
}

function tell(
  callback: CallbackFunction,
  record: CallRecord,
  payload: StandardLoggingPayload,
  error: Error | undefined,
): void | Promise<void> {
  const { request } = record
  const kwargs: CallbackArguments = {
    ...request,
    model: payload.model,
    stream: record.stream,
    call_type: record.callType,
    litellm_call_id: record.id,
    litellm_trace_id: record.traceId,
    custom_llm_provider: payload.custom_llm_provider,
    response_cost: payload.response_cost,
    cache_hit: payload.cache_hit,
    litellm_params: { metadata: record.metadata, api_base: payload.api_base },
    optional_params: payload.model_parameters,
    standard_logging_object: payload,
    ...(error === undefined ? {} : { exception: error }),
  }
  const end = new Date(record.endMs ?? record.startMs)
  return callback(kwargs, record.response as CallbackResponse | undefined, new Date(record.startMs), end)
}
