import type { CallRecord } from '../callbacks/record.ts'
import type { ClientCore } from './core.ts'
import type { CallDeployment } from './deployment.ts'
import { ROUTING_FIELDS, withoutPlace } from './options.ts'
import { createPending } from './pending.ts'
import { isAnswerStream } from './stream.ts'

type Params = Readonly<Record<string, unknown>>

/** Sends copies of a call that was answered to the `silent_model`s of the deployment that answered it. */
export type Mirror = (deployment: CallDeployment, params: Params, record: CallRecord) => void

/** Makes a call of this kind by a core of its own. */
export type AskShadow = (
  core: ClientCore,
  callType: CallRecord['callType'],
  params: Params,
) => Promise<object>

/** Copies under way at once; more are not made. */
const MAX_SHADOWS = 64

/**
 * Copies are calls of their own, with a record, callbacks and budgets, that nobody waits for and whose answers are
 * dropped. They keep no caller waiting: limits do not count them. They are neither answered by the cache nor copied again.
 */
export function createMirror(core: ClientCore, ask: AskShadow): Mirror {
  let underWay = 0
  const askOne = async (callType: CallRecord['callType'], params: Params): Promise<void> => {
    const own: ClientCore = { ...core, isShadow: true, pending: createPending() }
    try {
      const answer = await ask(own, callType, params)
      if (isAnswerStream(answer)) await drain(answer.events)
    } catch {
      // Its callbacks have been told.
    }
    await own.pending.flush()
    underWay--
  }
  return ({ silentModels = [] }, params, { callType, metadata, traceId }) => {
    // Only who made the response before this one can go on with it.
    if (params['previous_response_id'] !== undefined) return
    for (const model of silentModels) {
      if (underWay >= MAX_SHADOWS) return
      underWay++
      const copy: Params = {
        ...params,
        ...withoutPlace(params),
        ...Object.fromEntries(ROUTING_FIELDS.map((name) => [name, undefined])),
        max_cost: params['max_cost'],
        disable_fallbacks: true,
        signal: undefined,
        litellm_trace_id: traceId,
        metadata: { ...metadata, is_silent_experiment: true },
        model,
      }
      core.pending.add(askOne(callType, copy))
    }
  }
}

async function drain(events: AsyncIterable<unknown>): Promise<void> {
  const reading = events[Symbol.asyncIterator]()
  while ((await reading.next()).done !== true);
}
