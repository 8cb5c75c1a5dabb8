import { roomForFigures } from '../figures.ts'
import type { SampleWindow } from '../state.ts'
import { leastWithRoom } from '../strategy.ts'
import type { Candidate, Strategy } from '../strategy.ts'

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
    const { args, nowMs, stream } = context
    const window = {
      count: args.max_latency_list_size ?? DEFAULT_SAMPLES,
      ageMs: (args.ttl ?? DEFAULT_AGE_S) * 1000,
    }
    const latencies = roomForFigures(candidates.length)
    for (let index = 0; index < candidates.length; index++)
      latencies[index] = latencyOf(candidates[index] as Candidate, stream, nowMs, window)
    const quickest = leastWithRoom(candidates, latencies, context)
    const buffer = args.lowest_latency_buffer ?? 0
    if (quickest === undefined || buffer <= 0) return quickest
    const good = latencyOf(quickest, stream, nowMs, window) * (1 + buffer)
    return leastWithRoom(candidates, latencies, context, good)
  },
}

function latencyOf({ state }: Candidate, stream: boolean, nowMs: number, window: SampleWindow): number {
  const firstToken = stream ? state.firstToken(nowMs, window) : undefined
  return firstToken ?? state.latency(nowMs, window) ?? 0
}
