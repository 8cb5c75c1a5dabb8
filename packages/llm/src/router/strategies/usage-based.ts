import { leastWithRoom } from '../strategy.ts'
import type { Candidate, PickContext, Strategy } from '../strategy.ts'

/** The one that used the fewest tokens in this minute, among those whose own limits have room. */
export const usageBased: Strategy = { id: 'usage-based-routing', pick: pickByUsage }

/** LiteLLM's second one differs in how it counts, which is exact here for both. */
export const usageBasedV2: Strategy = { id: 'usage-based-routing-v2', pick: pickByUsage }

function pickByUsage<Deployment extends Candidate>(
  candidates: readonly Deployment[],
  context: PickContext,
): Deployment | undefined {
  return leastWithRoom(candidates, tokensOf, context)
}

function tokensOf({ state }: Candidate, { nowMs }: PickContext): number {
  return state.tokens(nowMs)
}
