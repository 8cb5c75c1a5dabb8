import { leastOf } from '../strategy.ts'
import type { Candidate, Strategy } from '../strategy.ts'

/** The one with the fewest requests under way. */
export const leastBusy: Strategy = {
  id: 'least-busy',
  pick: (candidates, context) => leastOf(candidates, inFlightOf, context),
}

function inFlightOf({ state }: Candidate): number {
  return state.inFlight
}
