import { hasRoom } from '../strategy.ts'
import type { Strategy } from '../strategy.ts'

/** What a token of an unknown price counts as: LiteLLM's 5 US dollars, for input and output each. */
const UNKNOWN_PICO_USD = 10_000_000_000_000n

/** The cheapest among those whose own limits have room; the first of equals. */
export const costBased: Strategy = {
  id: 'cost-based-routing',
  pick: (candidates, context) => {
    let lowest: bigint | undefined
    let found
    for (const candidate of candidates) {
      const price = candidate.tokenPrice?.(context.nowMs) ?? UNKNOWN_PICO_USD
      if ((lowest !== undefined && price >= lowest) || !hasRoom(candidate, context)) continue
      lowest = price
      found = candidate
    }
    return found
  },
}
