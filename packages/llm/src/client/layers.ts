import type { Callback, HookCall } from '../callbacks/callback.ts'
import { listenersOf, notify } from '../callbacks/notify.ts'
import type { Listeners } from '../callbacks/notify.ts'
import type { CallRecord, CallType } from '../callbacks/record.ts'
import { createError, isSwitchyardError } from '../errors.ts'
import type { Pass } from '../limit/limiter.ts'
import type { StreamEvent } from '../types/event.ts'
import type { Failure } from '../types/failure.ts'
import type { ClientCore } from './core.ts'
import { inputTokensOf, outputTokensOf } from './estimate.ts'
import { limiterOf } from './limits.ts'
import type { CallOptions } from './options.ts'
import { splitOptions } from './options.ts'
import { callCost, sumOfCosts, tierOf } from './price.ts'
import { configured } from './settings.ts'
import { reserve } from './spend.ts'
import type { PriceList, Settle } from './spend.ts'
import { isAnswerStream } from './stream.ts'
import type { AnswerStream } from './stream.ts'
import type { CallWatch } from './watch.ts'

/** A call without anything around it. */
export type BareCall<Params extends object> = (
  params: Params,
  watch: CallWatch,
) => Promise<object | AnswerStream<unknown>>

/** Puts around a call what is the same for all of them: hooks, limits and budgets, and callbacks once it is over. */
export function layered<Params extends object>(
  core: ClientCore,
  callType: CallType,
  bare: BareCall<Params>,
  prices: PriceList,
): (params: Params) => Promise<object> {
  return async (given) => {
    const listeners = listenersOf(configured(), core.settings)
    const watch = openWatch(core, callType, given)
    const { record } = watch
    const { hooks } = listeners
    const open: Open = {}
    const end = (error?: unknown): void => {
      // What a callback or a budget has been told is not told again.
      if (record.endMs !== undefined) return
      close(core, listeners, record, open, error)
      watch.onOver?.()
    }
    try {
      const params = await hookedInput(given, hooks, record)
      if (params !== given) describe(record, params)
      watch.event = hookedEvents(hooks, record)
      watch.onStreamEnd = ({ error }) => end(error)
      open.pass = await enterLimit(core, params)
      open.settle = await reserve(core, record, { ...params } as Record<string, unknown>, prices)
      const result = await bare(params, watch)
      if (isAnswerStream(result)) return result
      record.response = await hookedOutput(result, hooks, record)
      end()
      return record.response
    } catch (error) {
      end(error)
      throw error
    }
  }
}

/** What a call holds while it is under way. */
interface Open {
  pass?: Pass | undefined
  settle?: Settle
}

async function enterLimit(core: ClientCore, params: CallOptions): Promise<Pass | undefined> {
  const limiter = limiterOf(core)
  if (limiter === undefined) return undefined
  const fields = { ...params }
  return limiter.enter(inputTokensOf(fields) + (outputTokensOf(fields) ?? 0), params.signal)
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

/** Ends the record, gives back what is held, and tells everyone. */
function close(
  core: ClientCore,
  listeners: Listeners,
  record: CallRecord,
  { pass, settle }: Open,
  error: unknown,
): void {
  const { usage, rates } = record
  record.endMs = core.world.nowMs()
  if (error !== undefined) record.failure = failureOf(error)
  if (usage !== undefined && rates !== undefined)
    record.cost = sumOfCosts([...(record.brokenCosts ?? []), callCost(usage, rates, tierOf(record))])
  pass?.leave(usage === undefined ? 0 : usage.inputTokens + usage.outputTokens)
  if (settle !== undefined)
    core.pending.add(settle().catch((problem: unknown) => listeners.onError(problem, 'budget_manager')))
  const thrown = error instanceof Error ? error : record.failure && createError(record.failure)
  core.pending.add(notify(listeners, record, thrown))
}

function failureOf(error: unknown): Failure {
  if (isSwitchyardError(error)) return error.toFailure()
  const message = error instanceof Error ? error.message : String(error)
  return createError({ code: 'internal', message, retryable: false }).toFailure()
}
