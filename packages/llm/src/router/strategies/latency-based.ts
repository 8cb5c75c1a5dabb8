import type { SampleWindow } from '../state.ts'
import { hasRoom, leastWithRoom, nextDrawn } from '../strategy.ts'
import type { Candidate, Figure, PickContext, Strategy } from '../strategy.ts'

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
    const { args } = context
    const latencyOf = latencyWithin({
      count: args.max_latency_list_size ?? DEFAULT_SAMPLES,
      ageMs: (args.ttl ?? DEFAULT_AGE_S) * 1000,
    })
    const quickest = leastWithRoom(candidates, latencyOf, context)
    const buffer = args.lowest_latency_buffer ?? 0
    if (quickest === undefined || buffer <= 0) return quickest
    return oneWithin(latencyOf(quickest, context) * (1 + buffer), candidates, latencyOf, context)
  },
}

function latencyWithin(window: SampleWindow): Figure {
  return ({ state }, { stream, nowMs }) => {
    const firstToken = stream ? state.firstToken(nowMs, window) : undefined
    return firstToken ?? state.latency(nowMs, window) ?? 0
  }
}

/** Any of those that are quick enough and have room. */
function oneWithin<Deployment extends Candidate>(
  bound: number,
  candidates: readonly Deployment[],
  latencyOf: Figure,
  context: PickContext,
): Deployment | undefined {
  let found: Deployment | undefined
  let count = 0
  let next = 1
  for (const candidate of candidates) {
    if (latencyOf(candidate, context) > bound || !hasRoom(candidate, context)) continue
    if (++count < next) continue
    found = candidate
    next = nextDrawn(count, context.random())
  }
  return found
}
