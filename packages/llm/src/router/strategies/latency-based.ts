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
    const latency = (candidate: Candidate): number => latencyOf(candidate, context, window)
    const isOpen = (candidate: Candidate): boolean => hasRoom(candidate, context)
    const quickest = leastOf(candidates, latency, random, isOpen)
    const buffer = args.lowest_latency_buffer ?? 0
    if (quickest === undefined || buffer <= 0) return quickest
    const bound = latency(quickest) * (1 + buffer)
    return leastOf(
      candidates,
      () => 0,
      random,
      (candidate) => latency(candidate) <= bound && isOpen(candidate),
    )
  },
}

function latencyOf({ state }: Candidate, { stream, nowMs }: PickContext, window: SampleWindow): number {
  const firstToken = stream ? state.firstToken(nowMs, window) : undefined
  return firstToken ?? state.latency(nowMs, window) ?? 0
}
