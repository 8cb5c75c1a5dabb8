import type { SampleWindow } from '../state.ts'
import { hasRoom, leastOf } from '../strategy.ts'
import type { Candidate, PickContext, Strategy } from '../strategy.ts'

/** LiteLLM's figures. */
const DEFAULT_SAMPLES = 10
const DEFAULT_AGE_S = 3_600

/**
 * The quickest: by what a token took in the last answers, for streams by what their first token took. Whoever has
 * not been asked yet counts as the quickest. Within `lowest_latency_buffer` of the quickest, each is as likely.
 */
export const latencyBased: Strategy = {
  id: 'latency-based-routing',
  pick: (candidates, context) => {
    const { args, random } = context
    const window = {
      count: args.max_latency_list_size ?? DEFAULT_SAMPLES,
      ageMs: (args.ttl ?? DEFAULT_AGE_S) * 1000,
    }
    let lowest = Number.POSITIVE_INFINITY
    for (const candidate of candidates) {
      const latency = latencyOf(candidate, context, window)
      if (latency < lowest && hasRoom(candidate, context)) lowest = latency
    }
    const bound = lowest * (1 + (args.lowest_latency_buffer ?? 0))
    const isQuick = (candidate: Candidate): boolean =>
      latencyOf(candidate, context, window) <= bound && hasRoom(candidate, context)
    return leastOf(candidates, (candidate) => (isQuick(candidate) ? 0 : undefined), random)
  },
}

function latencyOf({ state }: Candidate, { stream, nowMs }: PickContext, window: SampleWindow): number {
  const firstToken = stream ? state.firstToken(nowMs, window) : undefined
  return firstToken ?? state.latency(nowMs, window) ?? 0
}
