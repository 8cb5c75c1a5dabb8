import type { Callback, HookCall } from '../callbacks/callback.ts'
import { listenersOf, notify } from '../callbacks/notify.ts'
import type { Listeners } from '../callbacks/notify.ts'
import type { CallRecord, CallType } from '../callbacks/record.ts'
import { createError, isSwitchyardError } from '../errors.ts'
import type { StreamEvent } from '../types/event.ts'
import type { ClientCore } from './core.ts'
import { splitOptions } from './options.ts'
import { callCost } from './price.ts'
import { configured } from './settings.ts'
import type { AnswerStream } from './stream.ts'
import type { CallWatch } from './watch.ts'

/** A call without anything around it. */
export type BareCall<Params extends object> = (
  params: Params,
  watch: CallWatch,
) => Promise<object | AnswerStream<unknown>>

/** Puts around a call what is the same for all of them: hooks before and after, and callbacks once it is over. */
export function layered<Params extends object>(
  core: ClientCore,
  callType: CallType,
  bare: BareCall<Params>,
): (params: Params) => Promise<object> {
  return async (given) => {
    const listeners = listenersOf(configured(), core.settings)
    const watch = openWatch(core, callType, given)
    const { record } = watch
    const { hooks } = listeners
    try {
      const params = await hookedInput(given, hooks, record)
      describe(record, params)
      watch.event = hookedEvents(hooks, record)
      watch.onStreamEnd = ({ error }) => close(core, listeners, watch, error)
      const result = await bare(params, watch)
      if (isStream(result)) return result
      record.response = await hookedOutput(result, hooks, record)
      close(core, listeners, watch)
      return record.response
    } catch (error) {
      close(core, listeners, watch, error)
      throw error
    }
  }
}

function isStream(result: object): result is AnswerStream<unknown> {
  return Symbol.asyncIterator in result
}

/** Begins the record of a call. */
export function openWatch({ world }: ClientCore, callType: CallType, params: object): CallWatch {
  const id = world.newId()
  const record: CallRecord = {
    id,
    traceId: id,
    callType,
    stream: false,
    model: '',
    request: {},
    metadata: {},
    startMs: world.nowMs(),
    attempts: [],
  }
  describe(record, params)
  return { record, place: {}, patient: false }
}

/** Keys and addresses stay out of records: only the request itself goes in. */
function describe(record: CallRecord, params: object): void {
  const { rest } = splitOptions(params)
  const { metadata, litellm_metadata: more, litellm_trace_id: trace, ...request } = rest
  record.metadata = { ...objectOf(more), ...objectOf(metadata) }
  record.request = request
  record.model = String(request['model'] ?? '')
  record.stream = request['stream'] === true
  const traceId = trace ?? record.metadata['trace_id']
  if (typeof traceId === 'string') record.traceId = traceId
}

function objectOf(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {}
}

async function hookedInput<Params extends object>(
  params: Params,
  hooks: readonly Callback[],
  record: CallRecord,
): Promise<Params> {
  let current: object = params
  for (const hook of hooks) current = (await hook.input?.({ ...current }, hookCall(record))) ?? current
  // A hook works on every kind of call; the call itself checks what comes back, as it checks what a caller gives.
  return current as Params
}

async function hookedOutput(answer: object, hooks: readonly Callback[], record: CallRecord): Promise<object> {
  let current = answer
  for (const hook of hooks) current = (await hook.output?.(current, hookCall(record))) ?? current
  return current
}

function hookedEvents(hooks: readonly Callback[], record: CallRecord): CallWatch['event'] {
  const watching = hooks.flatMap((hook) => hook.event?.bind(hook) ?? [])
  if (watching.length === 0) return undefined
  const call = hookCall(record)
  return (event) => {
    let current: StreamEvent = event
    for (const change of watching) {
      const changed = change(current, call)
      if (changed === null) return null
      current = changed ?? current
    }
    return current
  }
}

function hookCall({ id, traceId, callType, metadata }: CallRecord): HookCall {
  return { id, trace_id: traceId, call_type: callType, metadata }
}

/** Ends the record and tells everyone. */
function close(core: ClientCore, listeners: Listeners, watch: CallWatch, error?: unknown): void {
  const { record, rates } = watch
  record.endMs = core.world.nowMs()
  if (error !== undefined)
    record.failure = isSwitchyardError(error)
      ? error.toFailure()
      : createError({
          code: 'internal',
          message: error instanceof Error ? error.message : String(error),
          retryable: false,
        }).toFailure()
  const tier = record.request['service_tier']
  if (record.usage !== undefined && rates !== undefined)
    record.cost = callCost(record.usage, rates, typeof tier === 'string' ? tier : undefined)
  const thrown = error instanceof Error ? error : record.failure && createError(record.failure)
  core.pending.add(notify(listeners, record, thrown))
}
