import { roomForFigures } from '../figures.ts'
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
  const tokens = roomForFigures(candidates.length)
  for (let index = 0; index < candidates.length; index++)
    tokens[index] = (candidates[index] as Deployment).state.tokens(context.nowMs)
  return leastWithRoom(candidates, tokens, context)
}
